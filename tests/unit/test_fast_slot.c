/*
 * What ntp-serve gives the program in the kernel: the slots and their ring.
 */
#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "core/packet/timestamp.h"
#include "ntp-net/serve/fast.h"
#include "tests/tap.h"

#define START_NS INT64_C(1795600000000000000) /* 2026-11-25 09:46:40 */
#define BOOT_NS	 (1000 * NS_PER_S)
#define RAW_NS	 (990 * NS_PER_S)

static const struct serve_state synced = { .clock = SERVE_SYNCED,
	.line.raw = { RAW_NS - NS_PER_S },
	.line.theta_ns = START_NS - RAW_NS,
	.root_delay_ns = 10 * NS_PER_MS,
	.root_dispersion_ns = 5 * NS_PER_MS,
	.reference = { START_NS - 20 * NS_PER_S },
	.stratum = 2,
	.leap = LEAP_INSERT,
	.refid = 0xc0000207 };

/* Readings 1/8 s apart in CLOCK_BOOTTIME. */
static struct fast_moment
moment(int64_t boot_ns, int64_t raw_ns)
{
	return (struct fast_moment){ .boot_ns = BOOT_NS + boot_ns,
		.raw_ns = RAW_NS + raw_ns,
		.real_ns = START_NS + boot_ns };
}

/* The time that the program computes: see put_time() in fast.bpf.c. */
static int64_t
told_ns(const struct fast_slot *slot, int64_t boot_ns)
{
	uint64_t since = (uint64_t)(BOOT_NS + boot_ns) - slot->boot_ns;
	struct ntp_ts ts = { slot->ntp +
		(since * slot->scale >> FAST_SCALE_BIT) };

	return ntp_ts_to_wall(ts, (struct wall){ START_NS }).ns - START_NS;
}

static void
test_rate(void)
{
	static const struct {
		int64_t raw_ns; /* in 125 ms of CLOCK_BOOTTIME */
		int64_t slope;
		const char *sentence;
	} cases[] = {
		{ 125000000, 0, "clocks that go alike" },
		{ 125062500, 0, "a kernel that slews by -500 ppm" },
		{ 124937500, 0, "a kernel that slews by +500 ppm" },
		{ 125000000, 429497, "a raw clock that is 100 ppm slow" },
		{ 125062500, -2147484, "both" },
		{ 137500000, 0, "a kernel that slews by 10 %" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fast_moment a = moment(0, 0);
		struct fast_moment b = moment(125000000, cases[i].raw_ns);
		struct serve_state st = synced;
		struct fast_slot slot;
		struct mono raw;

		st.line.slope_q32 = cases[i].slope;
		OK(fast_slot(&st, &a, &b, -20, &slot), "%s: known",
		    cases[i].sentence);
		for (int64_t ms = 125; ms < 1125; ms += 250) {
			raw.ns = RAW_NS + cases[i].raw_ns * ms / 125;
			NEAR(told_ns(&slot, ms * NS_PER_MS),
			    serve_utc(&st, raw).ns - START_NS, 5,
			    "%s: right at %d ms", cases[i].sentence, (int)ms);
		}
		IS_I64(slot.until_ns - slot.boot_ns, FAST_VALID_NS,
		    "for a second");
	}
}

static void
test_unknown(void)
{
	const struct fast_moment none = { 0, 0, 0 }, a = moment(0, 0);
	struct fast_moment b = moment(125000000, 125000000);
	struct serve_state st = synced;
	struct fast_slot slot;

	OK(!fast_slot(&st, &none, &b, -20, &slot) && slot.until_ns == 0,
	    "the first time the rate is not known");
	b = moment(3 * NS_PER_S, 3 * NS_PER_S);
	OK(!fast_slot(&st, &a, &b, -20, &slot) && slot.until_ns == 0,
	    "nor after a long while");
	b = moment(125000000, 525000000);
	OK(!fast_slot(&st, &a, &b, -20, &slot) && slot.until_ns == 0,
	    "nor after a leap of one of the clocks");
	b = moment(525000000, 125000000);
	OK(!fast_slot(&st, &a, &b, -20, &slot), "or the other");
	b = moment(0, 0);
	OK(!fast_slot(&st, &a, &b, -20, &slot), "nor at the same moment");
	b = moment(125000000, 125000000);
	st.root_dispersion_ns = 16 * NS_PER_S;
	OK(!fast_slot(&st, &a, &b, -20, &slot),
	    "what is too uncertain is not told");
	st.clock = SERVE_UNSYNCED;
	OK(!fast_slot(&st, &a, &b, -20, &slot), "nor what is not known");
}

/* The header is that of an answer; its dispersion is valid to the end. */
static void
test_header(void)
{
	const struct fast_moment a = moment(0, 0),
				 b = moment(125000000, 125000000);
	const uint8_t buf[NTP_PACKET_LEN] = { 0x23 };
	const struct wall utc = { START_NS + 125000000 };
	const struct serve_request rq = { .buf = buf,
		.len = sizeof(buf),
		.port = 1024,
		.receive = utc,
		.transmit = utc };
	const struct serve_now now = { .raw = { b.raw_ns + FAST_VALID_NS },
		.utc = utc,
		.precision_log2 = -20 };
	uint8_t want[NTP_PACKET_LEN], got[FAST_HEADER];
	struct serve_answer answer = { .octets = want };
	struct serve_head head;
	struct fast_slot slot;

	serve_prepare(&head, &synced, &now);
	OK(fast_slot(&synced, &a, &b, -20, &slot), "a slot");
	OK(serve_request(&head, &rq, &answer) == SERVE_ANSWER, "and an answer");
	memcpy(got, slot.header, sizeof(got));
	IS_I64(got[0], want[0] & 0xc0, "leap, and no version or mode");
	OK(memcmp(got + 1, want + 1, sizeof(got) - 1) == 0,
	    "the rest is that of an answer in a second");
}

/* Smeared: right at its moment, and at the smear's pace till the next. */
static void
test_smeared(void)
{
	const struct fast_moment a = moment(0, 0),
				 b = moment(125000000, 125000000);
	struct serve_state st = synced;
	struct fast_slot plain, slot;

	OK(fast_slot(&st, &a, &b, -20, &plain), "a slot");
	st.smears = true;
	st.smear = (struct smear){ .kind = LEAP_INSERT,
		/* the end of a month; of the smear's 24 h, 6 have passed */
		.leap = { START_NS + 125000000 + 21600 * NS_PER_S },
		.length_s = 86400 };
	OK(fast_slot(&st, &a, &b, -20, &slot), "one that is smeared");
	NEAR(told_ns(&slot, 125000000) - told_ns(&plain, 125000000), -249997106,
	    3, "a quarter of a second is held back");
	NEAR(told_ns(&slot, 1025000000) - told_ns(&plain, 1025000000),
	    -249997106 - 10416, 3, "0.9 s later 10.4 us more");
	IS_I64((((const uint8_t *)slot.header)[12]), 127,
	    "the reference ID says so");
}

/* A leap second, and its announcement, ends with the day. */
static void
test_midnight(void)
{
	const int64_t day_ns = 86400 * NS_PER_S;
	struct fast_moment a = moment(0, 0), b = moment(125000000, 125000000);
	struct serve_state st = synced;
	struct fast_slot slot;

	st.line.theta_ns += day_ns - START_NS % day_ns - 425 * NS_PER_MS;
	OK(fast_slot(&st, &a, &b, -20, &slot), "300 ms before midnight");
	IS_I64(slot.until_ns - slot.boot_ns, 300 * NS_PER_MS,
	    "nothing is said about the next day");
	st.leap = LEAP_DELETE;
	st.line.theta_ns += 5 * day_ns; /* the last day of the month */
	OK(!fast_slot(&st, &a, &b, -20, &slot),
	    "in a second that is deleted nothing is said");
	st.line.theta_ns -= NS_PER_S;
	OK(fast_slot(&st, &a, &b, -20, &slot) &&
		slot.until_ns - slot.boot_ns <= 300 * NS_PER_MS,
	    "and before it nothing about it");
}

static void
test_local(void)
{
	const struct fast_moment none = { 0, 0, 0 };
	const struct serve_state st = { .clock = SERVE_LOCAL, .stratum = 9 };
	struct fast_moment now = moment(0, 777);
	struct fast_slot slot;

	OK(fast_slot(&st, &none, &now, -20, &slot),
	    "the system's clock is served at once");
	NEAR(told_ns(&slot, 900 * NS_PER_MS), 900 * NS_PER_MS, 5,
	    "and goes like CLOCK_BOOTTIME");
	now.real_ns += 5 * NS_PER_S;
	OK(fast_slot(&st, &none, &now, -20, &slot), "after a step of it");
	NEAR(told_ns(&slot, 0), 5 * NS_PER_S, 5, "it is the new one");
}

/* The slot being written is never the current one. */
static void
test_ring(void)
{
	struct fast_line *line = mmap(NULL, FAST_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct serve_state st = { .clock = SERVE_LOCAL, .stratum = 9 };
	struct fast f = { .line = line };
	struct timeline tl = { 0 };
	int wrong = 0;

	for (uint32_t i = 0; i < 3 * FAST_SLOTS; i++) {
		struct fast_line before = *line;

		fast_update(&f, &st, &tl, -20);
		wrong += line->current != (before.current + 1) % FAST_SLOTS;
		for (uint32_t j = 0; j < FAST_SLOTS; j++)
			wrong += j != line->current &&
			    memcmp(&before.slots[j], &line->slots[j],
				sizeof(line->slots[j])) != 0;
		wrong += line->slots[line->current].until_ns == 0;
	}
	IS_I64(wrong, 0, "an update writes the next slot alone, and names it");
	OK(f.before.boot_ns > 0 && f.before.raw_ns > 0 && f.before.real_ns > 0,
	    "the moment is remembered");
	OK(fast_map(&f, -1) == -1, "a descriptor that is none");
}

int
main(void)
{
	test_rate();
	test_unknown();
	test_header();
	test_smeared();
	test_midnight();
	test_local();
	test_ring();
	return DONE();
}
