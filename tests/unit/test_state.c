/*
 * The state directory: what is saved is read back unchanged, older files are
 * understood, and damaged ones are refused.  And the known time from it.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "core/filter/drift.h"
#include "ntpd/kept/known_time.h"
#include "ntpd/kept/state.h"
#include "tests/tap.h"

#define KEPT INT64_C(1900000000123456789) /* 2030: after any build */
#define LEAP INT64_C(1893456000000000000) /* 2030-01-01 */
#define TEXT 4096
#define USER 54321

static struct state_dir dir;

/* Drop root's powers, which are not tested here. */
static void
become_user(void)
{
	if (getuid() == 0 && seteuid(USER) == -1)
		OK(0, "the test's own user");
}

static void
become_again(void)
{
	if (seteuid(getuid()) == -1)
		OK(0, "the test's own user again");
}

static void
put_bytes(const char *text, size_t len)
{
	int fd = openat(dir.fd, "clock", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, text, len) == -1)
		OK(0, "the test's own file");
	(void)close(fd); /* only a test's */
}

static void
put_file(const char *text)
{
	put_bytes(text, strlen(text));
}

static size_t
get_file(char text[TEXT])
{
	int fd = openat(dir.fd, "clock", O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, text, TEXT - 1);

	if (n < 0)
		OK(0, "the test's own file");
	(void)close(fd); /* only a test's */
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? 0 : (size_t)n;
}

/* A ledger whose numbers all differ. */
static struct ledger_kept
some_ledger(void)
{
	struct ledger_kept k = { .slot_ns = INT64_C(3600000000001),
		.slot = 77,
		.ahead_ns = INT64_MAX,
		.until_ns = 5,
		.anchor_sppm = -LEDGER_COLD_SPPM,
		.stable_sppm = LEDGER_COLD_SPPM,
		.stable_ns = 9,
		.flags = LEDGER_ANCHORED | LEDGER_STARTED };

	for (int i = 0; i < LEDGER_SLOTS; i++)
		k.used_ns[i] = INT64_MAX - i;
	return k;
}

static void
test_kept(void)
{
	struct state s, back;

	IS_I64(state_load(&dir, &s), 0, "no file: nothing is kept");
	IS_I64(s.time_ns, 0, "no time either");
	IS_I64(s.ledger.flags, 0, "and an empty ledger");
	OK(s.frozen[0] == '\0', "not frozen");
	s.drift_known = true;
	s.drift_q32 = -12345;
	s.drift_sigma_q32 = 67;
	s.time_ns = KEPT;
	s.leap_ns = LEAP;
	s.ledger = some_ledger();
	s.ledger.until_ns = clock_read_boot();
	memset(s.frozen, '!', sizeof(s.frozen) - 1);
	s.frozen[3] = ' ';
	IS_I64(state_save(&dir, &s), 0, "kept");
	IS_I64(state_load(&dir, &back), 0, "read again");
	OK(back.drift_known, "the drift is known");
	IS_I64(back.drift_q32, -12345, "drift");
	OK(back.drift_sigma_q32 >= 67 + DRIFT_AGAIN_SIGMA &&
		back.drift_sigma_q32 <= 67 + 2 * DRIFT_AGAIN_SIGMA,
	    "its sigma, somewhat more: %lld", (long long)back.drift_sigma_q32);
	IS_I64(back.time_ns, KEPT, "time");
	IS_I64(back.leap_ns, LEAP, "the last leap second");
	OK(memcmp(&back.ledger, &s.ledger, sizeof(s.ledger)) == 0,
	    "every number of the ledger");
	OK(strcmp(back.frozen, s.frozen) == 0, "why it is frozen");
	back.frozen[0] = '\0';
	OK(state_save(&dir, &back) == 0 && state_load(&dir, &back) == 0 &&
		back.frozen[0] == '\0',
	    "or that it is not");
	s.drift_known = false;
	OK(state_save(&dir, &s) == 0 && state_load(&dir, &back) == 0 &&
		!back.drift_known,
	    "a drift that is not known is not kept");
}

/* Another boot's clock is gone, and with it what was done to it. */
/* What may be written an hour later, and what may not. */
static void
test_take(void)
{
	struct state s = { .leap_ns = LEAP };
	struct msg_clock_state m = { .leap_before_ns = LEAP };
	struct ledger_kept k = { .slot_ns = NS_PER_S, .ahead_ns = 10 };

	s.ledger = k;
	memcpy(&m.ledger, &k, sizeof(m.ledger));
	OK(!state_take(&s, &m), "nothing new");
	k.ahead_ns = 0;
	k.used_ns[0] = 10;
	memcpy(&m.ledger, &k, sizeof(m.ledger));
	OK(!state_take(&s, &m), "used as it was set aside");
	k.used_ns[0] = 11;
	memcpy(&m.ledger, &k, sizeof(m.ledger));
	OK(state_take(&s, &m), "used while nobody was there");
	IS_I64(s.ledger.used_ns[0], 11, "and taken over");
	OK(!state_take(&s, &m), "which is written once");
	m.frozen[0] = 'x';
	OK(state_take(&s, &m), "a freeze");
	m.leap_before_ns++;
	OK(state_take(&s, &m), "a leap second");
	k.flags = LEDGER_STARTED;
	memcpy(&m.ledger, &k, sizeof(m.ledger));
	OK(state_take(&s, &m), "the first correction");
}

static void
test_other_boot(void)
{
	const struct ledger_kept want = { .flags = LEDGER_KNOWN,
		.anchor_sppm = -LEDGER_COLD_SPPM };
	struct state s, back;

	IS_I64(state_load(&dir, &s), 0, "what is there, for this boot's name");
	OK(strlen(s.boot_id) == 36, "this boot has a name: %s", s.boot_id);
	strcpy(s.boot_id, "0b0b0b0b-another-boot");
	s.drift_known = true;
	s.drift_q32 = 777;
	s.drift_sigma_q32 = 5;
	s.ledger = some_ledger();
	s.time_ns = KEPT;
	s.leap_ns = LEAP;
	strcpy(s.frozen, "a step");
	IS_I64(state_save(&dir, &s), 0, "another boot's");
	IS_I64(state_load(&dir, &back), 0, "is read");
	OK(memcmp(&back.ledger, &want, sizeof(want)) == 0,
	    "of its ledger the anchor is left alone");
	OK(back.frozen[0] == '\0', "it does not freeze this one");
	OK(back.drift_known && back.drift_q32 == 777, "drift");
	IS_I64(back.drift_sigma_q32, DRIFT_BOOT_SIGMA, "but not so sure");
	IS_I64(back.time_ns, KEPT, "time");
	IS_I64(back.leap_ns, LEAP, "and leap second stay");
	OK(strcmp(back.boot_id, s.boot_id) != 0, "under this boot's name");
	memset(&s.ledger, 0, sizeof(s.ledger));
	OK(state_save(&dir, &s) == 0 && state_load(&dir, &back) == 0,
	    "one that had no ledger");
	IS_I64(back.ledger.flags, LEDGER_KNOWN, "its drift is as good");
	IS_I64(back.ledger.anchor_sppm, 11856,
	    "777 * 2^-32 are 11856 * 2^-16 ppm");
	s.drift_q32 = 2147484 + 5; /* 500 ppm, and more */
	OK(state_save(&dir, &s) == 0 && state_load(&dir, &back) == 0 &&
		back.ledger.flags == 0 && back.ledger.anchor_sppm == 0,
	    "but not one over 500 ppm");
}

/* What may have changed since it was saved. */
static void
test_drift(void)
{
	static const struct {
		const char *name;
		int64_t sigma;
		int64_t age_ns;
		int64_t want;
	} t[] = {
		{ "at once", 9, 0, 9 + 429 },
		{ "half an hour later", 9, 1800 * NS_PER_S, 9 + 429 + 2147 },
		{ "ten hours later", 0, 36000 * NS_PER_S, 429 + 42950 },
		{ "three days later", 9, 259200 * NS_PER_S, DRIFT_BOOT_SIGMA },
		{ "ages later", 9, INT64_MAX, DRIFT_BOOT_SIGMA },
		{ "nobody knows when", 9, -1, DRIFT_BOOT_SIGMA },
		{ "it was not sure at all", 999999, 0, 999999 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		IS_I64(drift_of_this_boot(t[i].sigma, t[i].age_ns), t[i].want,
		    "%s", t[i].name);
	IS_I64(drift_of_other_boot(9), DRIFT_BOOT_SIGMA, "another boot");
	IS_I64(drift_of_other_boot(999999), 999999, "likewise");
}

/* No flipped bit and no truncation allows more to be done. */
static void
test_damage(void)
{
	char text[TEXT], hurt[TEXT];
	struct state s, back;
	int taken = 0, unsaid = 0;
	size_t len;

	IS_I64(state_load(&dir, &s), 0, "once more");
	s.ledger = some_ledger();
	s.time_ns = KEPT;
	strcpy(s.frozen, "a step of 5 s is over what is left of the budget");
	IS_I64(state_save(&dir, &s), 0, "a file to be damaged");
	len = get_file(text);
	OK(len > 500 && strncmp(text, "ntpd-state 3\n", 13) == 0,
	    "it has %zu octets", len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		memcpy(hurt, text, len + 1);
		hurt[bit / 8] = (char)(hurt[bit / 8] ^ (1 << bit % 8));
		put_bytes(hurt, len);
		if (state_load(&dir, &back) == 0)
			taken++;
		if (back.ledger.flags != 0 || back.frozen[0] != '\0' ||
		    back.time_ns != 0)
			unsaid++;
	}
	IS_I64(taken, 0, "no bit of it can flip");
	IS_I64(unsaid, 0, "and nothing is taken over of what is refused");
	taken = 0;
	for (size_t n = 1; n < len; n++) {
		put_bytes(text, n);
		taken += state_load(&dir, &back) == 0;
	}
	IS_I64(taken, 0, "no octet at its end can be lost");
	put_bytes(text, len);
	IS_I64(state_load(&dir, &back), 0, "the whole is read");
	OK(strcmp(back.frozen, s.frozen) == 0, "as it was");
	memcpy(hurt, text, len + 1);
	put_file(strcat(hurt, "\n"));
	IS_I64(state_load(&dir, &back), -1, "nothing may come after it");
}

static void
test_files(void)
{
	static const struct {
		const char *name, *text;
		int want;
		int64_t time_ns;
	} t[] = {
		{ "version 1",
		    "ntpd-state 1\ndrift 5 6\nbudget 0 0\nboot x\nend\n", 0,
		    0 },
		{ "version 2",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "1900000000123456789\nend\n",
		    0, KEPT },
		{ "version 2 without its time",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\nend\n", -1,
		    0 },
		{ "version 3, with what version 2 has",
		    "ntpd-state 3\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "1\nend\n",
		    -1, 0 },
		{ "version 4",
		    "ntpd-state 4\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "1\nend\n",
		    -1, 0 },
		{ "version 0",
		    "ntpd-state 0\ndrift 5 6\nbudget 0 0\nboot x\nend\n", -1,
		    0 },
		{ "a negative time",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "-1\nend\n",
		    -1, 0 },
		{ "a time of 2143, which nobody believes any more",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "5471586874944290909\nend\n",
		    0, 0 },
		{ "cut", "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime 19",
		    -1, 0 },
		{ "empty", "", -1, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct state s;

		put_file(t[i].text);
		IS_I64(state_load(&dir, &s), t[i].want, "file, %s", t[i].name);
		IS_I64(s.time_ns, t[i].time_ns, "file, %s: time", t[i].name);
		IS_I64(s.ledger.flags, t[i].want == 0 ? LEDGER_KNOWN : 0,
		    "file, %s: an anchor of its drift", t[i].name);
		IS_I64(s.ledger.anchor_sppm, t[i].want == 0 ? 76 : 0,
		    "file, %s: which is 5 * 2^-32", t[i].name);
		IS_I64(
		    s.ledger.slot_ns, 0, "file, %s: nothing used", t[i].name);
		OK(s.drift_known == (t[i].want == 0), "file, %s: drift",
		    t[i].name);
	}
}

/* Saved by a program that believed a date of 2143: the rest is valid. */
static void
test_wrong_dates(void)
{
	struct state s = { .drift_known = true,
		.drift_q32 = 5,
		.drift_sigma_q32 = 6,
		.time_ns = UTC_LAST_NS + 1,
		.leap_ns = UTC_LAST_NS + 1,
		.ledger = some_ledger() };
	struct state back;

	IS_I64(state_load(&dir, &back), -1, "the file before was broken");
	memcpy(s.boot_id, back.boot_id, sizeof(s.boot_id));
	IS_I64(state_save(&dir, &s), 0, "wrong dates: kept");
	IS_I64(state_load(&dir, &back), 0, "wrong dates: read again");
	IS_I64(back.time_ns, 0, "wrong dates: the time is not known");
	IS_I64(back.leap_ns, 0, "wrong dates: nor the last leap second");
	OK(memcmp(&back.ledger, &s.ledger, sizeof(s.ledger)) == 0 &&
		back.drift_q32 == 5,
	    "wrong dates: but what was used of the budget, and the drift");
	s.time_ns = s.leap_ns = UTC_LAST_NS;
	IS_I64(state_save(&dir, &s), 0, "the last moment that can be: kept");
	IS_I64(state_load(&dir, &back), 0, "the last moment: read again");
	OK(back.time_ns == UTC_LAST_NS && back.leap_ns == UTC_LAST_NS,
	    "the last moment: known");
}

static void
test_known(void)
{
	struct state s = { .time_ns = 0 };
	int64_t built_ns = known_time_ns(&s);

	OK(built_ns >= UTC_FIRST_NS,
	    "the sources are later than the earliest time");
	s.time_ns = built_ns - 1;
	IS_I64(known_time_ns(&s), built_ns, "an older time is not used");
	s.time_ns = KEPT;
	IS_I64(known_time_ns(&s), KEPT, "a newer one is");

	known_time_passed(&s, 0);
	known_time_passed(&s, -5);
	IS_I64(s.time_ns, KEPT, "no time has passed");
	known_time_passed(&s, 5);
	IS_I64(s.time_ns, KEPT + 5, "some time has");
	known_time_passed(&s, INT64_MAX);
	IS_I64(s.time_ns, KEPT + 5, "not more than there is");
	known_time_passed(&s, UTC_LAST_NS - KEPT - 5);
	IS_I64(s.time_ns, KEPT + 5, "nor up to the end of all");
	known_time_passed(&s, UTC_LAST_NS - KEPT - 6);
	IS_I64(s.time_ns, UTC_LAST_NS - 1, "but just before");
	s.time_ns = 0;
	known_time_passed(&s, 7);
	IS_I64(s.time_ns, built_ns + 7, "it begins with the sources");
}

/* Whether it can be saved at all. */
static void
test_open(const char *path)
{
	struct state_dir d;
	char sub[64], file[80];

	(void)snprintf(sub, sizeof(sub), "%s/new", path);
	(void)snprintf(file, sizeof(file), "%s/clock", path);
	IS_I64(state_open(&d, sub), 0, "a folder that is not there is made");
	(void)close(d.fd); /* only a test's */
	(void)rmdir(sub);
	put_file("");
	OK(state_open(&d, file) == -1 && errno == ENOTDIR && d.fd == -1,
	    "a file is refused");
	OK(state_open(&d, "/nonexistent/state") == -1 && d.fd == -1,
	    "and a folder in one that is not there");
	OK(mkdir(sub, 0555) == 0 && chmod(path, 0755) == 0, "no writing");
	become_user();
	OK(state_open(&d, sub) == -1 && errno == EACCES && d.fd == -1,
	    "one that cannot be written to is refused");
	become_again();
	(void)rmdir(sub);
}

/* A folder that others can write to must not hold a ledger. */
/* A folder that could not be written to for a while. */
static void
test_later(void)
{
	char a[] = "/tmp/state.XXXXXX", b[] = "/tmp/state.XXXXXX";
	struct state_dir first, spare, none = { .fd = -1 };
	struct state s, older;

	OK(mkdtemp(a) != NULL && mkdtemp(b) != NULL &&
		state_open(&first, a) == 0 && state_open(&spare, b) == 0,
	    "two folders");
	IS_I64(state_load_later(&first, &spare, &older), 0, "nothing in both");
	older.ledger.slot_ns = 1;
	older.ledger.until_ns = 100;
	s = older;
	s.ledger.until_ns = 200;
	(void)snprintf(s.frozen, sizeof(s.frozen), "later");
	IS_I64(state_save(&first, &older), 0, "the first has the older one");
	IS_I64(state_save(&spare, &s), 0, "the spare one has the later one");
	IS_I64(state_load_later(&first, &spare, &s), 0, "both are read");
	OK(s.ledger.until_ns == 200 && strcmp(s.frozen, "later") == 0,
	    "the later one counts");
	IS_I64(state_load_later(&spare, &first, &s), 0, "also the other way");
	OK(s.ledger.until_ns == 200, "whichever it is in");
	IS_I64(state_load_later(&first, &none, &s), 0, "without a spare one");
	OK(s.ledger.until_ns == 100 && s.frozen[0] == '\0', "the first");
	OK(unlinkat(first.fd, "clock", 0) == 0 &&
		unlinkat(spare.fd, "clock", 0) == 0 && rmdir(a) == 0 &&
		rmdir(b) == 0,
	    "nothing else was left in them");
	(void)close(first.fd); /* only a test's */
	(void)close(spare.fd);
}

static void
test_volatile(void)
{
	struct state_dir d;
	const char *path;
	struct stat st;
	bool made;

	become_user();
	made = state_open_volatile(&d, "/var/lib/ntpd", &path) == 0;
	OK(made && strncmp(path, "/dev/shm/ntpd-", 14) == 0,
	    "an ordinary user's is in memory: %s", path);
	OK(made && fstat(d.fd, &st) == 0 && st.st_uid == geteuid() &&
		(st.st_mode & 077) == 0,
	    "for nobody else");
	(void)close(d.fd); /* only a test's */
	(void)chmod(path, 0770);
	OK(state_open_volatile(&d, "/var/lib/ntpd", &path) == -1 &&
		errno == EPERM && d.fd == -1,
	    "not where the group may write");
	(void)chmod(path, 0702);
	OK(state_open_volatile(&d, "/var/lib/ntpd", &path) == -1 &&
		errno == EPERM,
	    "nor where all may");
	(void)chmod(path, 0500);
	OK(state_open_volatile(&d, "/var/lib/ntpd", &path) == -1 &&
		errno == EACCES,
	    "nor where we may not");
	(void)chmod(path, 0700);
	made = state_open_volatile(&d, "/var/lib/ntpd", &path) == 0;
	OK(made, "but as it was");
	(void)close(d.fd); /* only a test's */
	(void)rmdir(path);
	become_again();
	OK(symlink("/tmp", path) == 0, "somebody was there before");
	become_user();
	OK(state_open_volatile(&d, "/var/lib/ntpd", &path) == -1 && d.fd == -1,
	    "nor where a link leads");
	become_again();
	(void)unlink(path);
	OK(mkdir(path, 0755) == 0, "and made a folder of his own");
	if (getuid() == 0) {
		become_user();
		OK(state_open_volatile(&d, "/var/lib/ntpd", &path) == -1 &&
			errno == EPERM,
		    "nor where it is another's");
		become_again();
	}
	(void)rmdir(path);
}

int
main(void)
{
	char path[] = "/tmp/ntpd-state.XXXXXX";

	if (mkdtemp(path) == NULL || state_open(&dir, path) == -1)
		return 1;
	test_kept();
	test_take();
	test_other_boot();
	test_drift();
	test_damage();
	test_files();
	test_wrong_dates();
	test_open(path);
	test_later();
	test_volatile();
	test_known();
	(void)unlinkat(dir.fd, "clock", 0); /* what stays is in /tmp */
	(void)rmdir(path);
	return DONE();
}
