/*
 * A recording replays to the same decisions: tested on randomly drawn
 * scenarios, in files that are large enough and in files that are not.  A
 * recording that was changed is noticed: flipped bits, missing ends, changed
 * packets.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/chance.h"
#include "tests/sim/jobs.h"
#include "tests/sim/replay.h"
#include "tests/sim/writers.h"
#include "tests/tap.h"

#define SEEDS	     60
#define BYTES_ENOUGH (16 << 20)
#define BYTES_FEW    (320 << 10) /* a snapshot fits into half of this */
#define FLIPS	     500
#define CUTS	     300
#define FORGED_MAX   (8 << 20)

static char folder[] = "/tmp/sim-replays-XXXXXX";
static char path[64], second[64];

/* Run a scenario in a process of its own, and record it. */
static void
record(uint64_t seed, uint64_t bytes)
{
	static struct scenario sc;
	struct result r;
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		chance_scenario(&sc, seed);
		writers_open(path, bytes);
		jobs_play(&sc, seed, -1, NULL, 1, &r);
		writers_close();
		_exit(r.done ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "scenario %llu is recorded", (unsigned long long)seed);
}

static int64_t
size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? (int64_t)st.st_size : -1;
}

/*
 * Replay from the beginning of each part, even one that continues another.  The
 * counts are added to *sum.
 */
static bool
replays(struct parts *p, struct replay_result *sum)
{
	struct replay_result r;
	bool same = true;

	memset(p, 0, sizeof(*p));
	reader_load(p, path);
	for (uint32_t i = 0; i < p->count; i++) {
		replay_run(p, i, NULL, 0, &r);
		sum->decisions += r.decisions;
		sum->answers += r.answers;
		if (!r.same)
			printf("# %s\n", r.why);
		same = same && r.same;
	}
	return same && p->count > 0 && p->wrong == NULL;
}

static void
test_scenarios(void)
{
	static struct parts parts;
	struct replay_result sum = { .same = true };
	uint32_t same = 0, snapshots = 0, begun = 0;
	bool kept = true;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint64_t bytes = seed % 2 == 0 ? BYTES_ENOUGH : BYTES_FEW;
		int64_t half = (int64_t)bytes / 2;

		record(seed, bytes);
		kept = kept && size_of(path) <= half && size_of(second) <= half;
		same += replays(&parts, &sum);
		for (uint32_t i = 0; i < parts.count; i++)
			snapshots += parts.part[i].head.snapshot;
		begun += parts.count > 0 && parts.part[0].head.snapshot != 0;
	}
	IS_I64(same, SEEDS, "scenarios that replay to the same decisions");
	OK(kept, "no file is larger than half of what was allowed");
	OK(snapshots > 0 && begun > 0,
	    "some went on in the other file (%u), some lost their start (%u)",
	    snapshots, begun);
	printf("# %llu decisions, %llu answers\n",
	    (unsigned long long)sum.decisions, (unsigned long long)sum.answers);
}

/* --- what is not as it was ------------------------------------------------ */

static struct bytes {
	uint8_t *p;
	size_t len;
} whole;

static void
read_whole(void)
{
	FILE *f = fopen(path, "rbe");

	whole.len = (size_t)size_of(path);
	whole.p = malloc(whole.len);
	if (f == NULL || whole.p == NULL ||
	    fread(whole.p, 1, whole.len, f) != whole.len)
		err(1, "%s", path);
	(void)fclose(f); /* it was only read */
}

/* Is a fault reported? */
static bool
is_blamed(const uint8_t *bytes, size_t len)
{
	static struct parts p;

	memset(&p, 0, sizeof(p));
	reader_scan(&p, "memory", bytes, len);
	for (uint32_t i = 0; i < p.count; i++)
		if (p.part[i].wrong != NULL)
			return true;
	return p.wrong != NULL;
}

static void
test_damage(void)
{
	uint64_t state = 1;
	int found = 0, cut = 0;

	for (int i = 0; i < FLIPS; i++) {
		size_t at;

		state = state * UINT64_C(6364136223846793005) + 1;
		at = (size_t)(state >> 20) % whole.len;
		whole.p[at] ^= (uint8_t)(1 << i % 8);
		found += is_blamed(whole.p, whole.len);
		whole.p[at] ^= (uint8_t)(1 << i % 8);
	}
	IS_I64(found, FLIPS, "flipped bits that are found");
	for (size_t i = 0; i < CUTS; i++)
		cut += is_blamed(whole.p, whole.len - 1 - i);
	OK(cut > CUTS * 9 / 10 && cut < CUTS,
	    "missing ends are found, but between two blocks (%d of %d)", cut,
	    CUTS);
	OK(!is_blamed(whole.p, whole.len), "and nothing else is");
}

/* A change to the item of this number, among those of its kind. */
struct forgery {
	const char *what;
	enum item_kind kind;
	uint32_t number;
	void (*change)(struct item *it);
	const char *why; /* part of the message */
};

static void
change_stamp(struct item *it)
{
	it->u.datagram.bytes[NTP_PACKET_LEN - 5] ^= 1; /* 2^-8 s */
}

static void
change_received(struct item *it)
{
	it->u.datagram.stamp_ns += 1000;
}

static void
change_theta(struct item *it)
{
	it->u.answer.theta_ns++;
}

static void
change_state(struct item *it)
{
	it->u.decision.states[0] = STATE_DENIED;
}

static void
change_random(struct item *it)
{
	it->u.random ^= 1;
}

static void
change_kind(struct item *it)
{
	it->kind = ITEM_SENT;
	it->result = 0;
}

static void
change_nothing(struct item *it)
{
	(void)it;
}

static const struct forgery forgeries[] = {
	{ "nothing", ITEM_CLOCK, 3, change_nothing, "" },
	{ "a packet's transmit timestamp by one bit", ITEM_DATAGRAM, 40,
	    change_stamp, "it differs" },
	{ "the time of arrival by a microsecond", ITEM_DATAGRAM, 40,
	    change_received, "it differs" },
	{ "what came of an answer by a nanosecond", ITEM_ANSWER, 20,
	    change_theta, "theta" },
	{ "the state of a source", ITEM_DECISION, 30, change_state,
	    "agreement" },
	{ "a bit of the random number of a query", ITEM_RANDOM, 40,
	    change_random, "it differs" },
	{ "the kind of an item", ITEM_WAIT, 50, change_kind, "it waits" },
};

static void
append(struct bytes *b, const uint8_t *p, size_t len)
{
	if (b->len + len > FORGED_MAX)
		errx(1, "a forgery is too long");
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

/* Datagrams that exist, and the random numbers of queries. */
static bool
is_of_interest(const struct item *it)
{
	if (it->kind == ITEM_DATAGRAM)
		return it->result == 1;
	return it->kind != ITEM_RANDOM || it->width == sizeof(uint64_t);
}

/* Copy the first part with this change, and valid checksums. */
static void
forge(const struct forgery *f, const struct parts *from, struct bytes *to)
{
	static uint8_t buf[BLOCK_MAX + BLOCK_FRAME_MAX];
	static struct reader r;
	static struct codec codec;
	static struct item it;
	struct head head = from->part[0].head;
	uint64_t number = head.block;
	uint32_t seen = 0;
	uint8_t *frame;
	size_t len;

	memset(&codec, 0, sizeof(codec));
	codec_put_head(&head, buf);
	to->len = 0;
	append(to, buf, HEAD_LEN);
	reader_begin(&r, from, 0);
	while (reader_next(&r, &it) == 1) {
		if (it.kind == f->kind && is_of_interest(&it) &&
		    seen++ == f->number)
			f->change(&it);
		len = codec_put(&codec, &it, buf + 2);
		frame = codec_put_block(buf, len, number++, &len);
		append(to, frame, len);
	}
}

static void
test_forgeries(void)
{
	static struct parts from, to;
	struct bytes forged = { .p = malloc(FORGED_MAX) };
	struct replay_result r;

	if (forged.p == NULL)
		err(1, "malloc");
	reader_scan(&from, path, whole.p, whole.len);
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		const struct forgery *f = &forgeries[i];

		forge(f, &from, &forged);
		memset(&to, 0, sizeof(to));
		reader_scan(&to, "forged", forged.p, forged.len);
		replay_run(&to, 0, NULL, 0, &r);
		OK(to.count == 1 && to.part[0].wrong == NULL &&
			r.same == (f->why[0] == '\0') &&
			strstr(r.why, f->why) != NULL,
		    "changed: %s", f->what);
		if (r.same != (f->why[0] == '\0'))
			printf("# %s\n", r.why);
	}
	free(forged.p);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		err(1, "%s", folder);
	(void)snprintf(path, sizeof(path), "%s/record", folder);
	(void)snprintf(second, sizeof(second), "%s/record.1", folder);
	test_scenarios();
	record(2, BYTES_ENOUGH);
	read_whole();
	test_damage();
	test_forgeries();
	free(whole.p);
	if (unlink(path) == -1 || unlink(second) == -1 || rmdir(folder) == -1)
		err(1, "%s", folder);
	return DONE();
}
