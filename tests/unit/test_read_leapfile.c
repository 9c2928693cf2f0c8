/*
 * How ntpd reads a leap second list: the hash, what is not a file, and what it
 * sends to ntp-net.
 */
#include <sys/stat.h>

#include <sha1.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/leapfile.h"
#include "tests/tap.h"

#define JAN_1972 INT64_C(2272060800) /* NTP seconds */
#define JULY_72	 INT64_C(2287785600)
#define JAN_2027 INT64_C(4007750400)
#define UNIX_S	 INT64_C(2208988800)

static char dir[] = "/tmp/test_leaps.XXXXXX";
static char path[sizeof(dir) + 16];
static char why[LEAPFILE_WHY_LEN];
static struct leapfile f;

/* A file with this many months from 1972 on, each a leap second. */
static void
make(int months, bool right)
{
	char digits[8192] = "39900000004023000000", hash[41];
	FILE *out = fopen(path, "w");
	size_t n = strlen(digits);

	if (out == NULL)
		abort();
	fprintf(out, "#$ 3990000000\n#@ 4023000000\n");
	for (int i = 0; i < months; i++) {
		/* January and July only, 182 and 184 days but in leap years */
		int year = 1972 + i / 2;
		int64_t at_s = JAN_1972 +
		    86400 * (365 * (year - 1972) + (year - 1972 + 3) / 4);

		if (i % 2 != 0)
			at_s += 86400 * (181 + (year % 4 == 0));
		fprintf(out, "%" PRId64 " %d\n", at_s, 10 + i);
		n += (size_t)snprintf(digits + n, sizeof(digits) - n,
		    "%" PRId64 "%d", at_s, 10 + i);
	}
	if (SHA1Data((const uint8_t *)digits, n, hash) == NULL)
		abort();
	if (!right)
		hash[0] = hash[0] == '0' ? '1' : '0';
	fprintf(out, "#h %.8s %.8s %.8s %.8s %.8s\n", hash, hash + 8, hash + 16,
	    hash + 24, hash + 32);
	if (fclose(out) != 0)
		abort();
}

static void
test_read(void)
{
	make(3, true);
	OK(leapfile_read(path, &f, why) == 0 && why[0] == '\0' && f.count == 3,
	    "a good file");
	make(3, false);
	OK(leapfile_read(path, &f, why) == -1 && strstr(why, "hash") != NULL &&
		f.count == 0,
	    "a wrong hash: %s", why);
	make(0, true);
	OK(leapfile_read(path, &f, why) == -1 && strstr(why, "missing") != NULL,
	    "no table: %s", why);
	if (truncate(path, 8) == -1)
		abort();
	OK(leapfile_read(path, &f, why) == -1 && strstr(why, "line 1") != NULL,
	    "a file that was cut: %s", why);
	if (truncate(path, LEAPFILE_BYTES_MAX + 1) == -1)
		abort();
	OK(leapfile_read(path, &f, why) == -1 && strstr(why, "long") != NULL,
	    "a file that is too long: %s", why);
	OK(leapfile_read("/nonexistent", &f, why) == -1 &&
		strstr(why, "No such file") != NULL,
	    "none at all: %s", why);
	OK(leapfile_read(dir, &f, why) == -1 && strstr(why, "regular") != NULL,
	    "a folder: %s", why);
	OK(leapfile_read("/dev/zero", &f, why) == -1 &&
		strstr(why, "regular") != NULL,
	    "a device: %s", why);
	if (unlink(path) == -1 || mkfifo(path, 0600) == -1)
		abort();
	OK(leapfile_read(path, &f, why) == -1 && strstr(why, "regular") != NULL,
	    "a pipe that nobody writes to: %s", why);
	if (unlink(path) == -1)
		abort();
}

static void
test_message(void)
{
	struct msg_leaps m;

	make(1, true);
	OK(leapfile_read(path, &f, why) == 0, "a file without a leap second");
	m = leapfile_message(&f, 0);
	OK(m.count == 0 && m.smear_s == 0 &&
		m.expiry_ns == (INT64_C(4023000000) - UNIX_S) * 1000000000,
	    "the first entry is none");
	make(2, true);
	OK(leapfile_read(path, &f, why) == 0, "one leap second");
	m = leapfile_message(&f, 7200);
	OK(m.count == 1 && m.smear_s == 7200 && m.kind[0] == 1 &&
		m.at_ns[0] == (JULY_72 - UNIX_S) * 1000000000,
	    "it is told");
	make(LEAPS_MAX + 1, true);
	OK(leapfile_read(path, &f, why) == 0, "as many as there is room for");
	m = leapfile_message(&f, 0);
	OK(m.count == LEAPS_MAX &&
		m.at_ns[0] == (JULY_72 - UNIX_S) * 1000000000,
	    "all of them");
	OK(leapfile_expired(&f, (struct wall){ m.expiry_ns }, why) &&
		strstr(why, "expired on 2027-06-26") != NULL,
	    "it expires: %s", why);
	OK(!leapfile_expired(&f, (struct wall){ m.expiry_ns - 1 }, why),
	    "and not before");
	make(111, true);
	OK(leapfile_read(path, &f, why) == 0 && f.count == 111, "many more");
	m = leapfile_message(&f, 0);
	OK(m.count == LEAPS_MAX && m.kind[LEAPS_MAX - 1] == 1 &&
		m.at_ns[LEAPS_MAX - 1] == (JAN_2027 - UNIX_S) * 1000000000,
	    "the last ones are told");
	if (unlink(path) == -1)
		abort();
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(path, sizeof(path), "%s/list", dir);
	test_read();
	test_message();
	if (rmdir(dir) == -1)
		abort();
	return DONE();
}
