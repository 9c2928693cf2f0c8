/*
 * The time for the program in the kernel, see fast.h.  Run by ntp-serve.  It
 * must never call bpf(2), nor write to a slot that may still be read.
 */
#include "ntp-net/serve/fast.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#define TRIES	      4
#define DAY_NS	      (86400 * NS_PER_S)
#define BETWEEN_NS    (2 * NS_PER_S) /* an older reading is too imprecise */
#define RATIO_PERCENT 12	     /* slew limit and tick at their limits */

_Static_assert(sizeof(struct fast_line) <= FAST_BYTES, "it is mapped so far");
_Static_assert(sizeof(struct fast_slot) == 64, "a cache line");
_Static_assert(FAST_HEADER + 24 == NTP_PACKET_LEN, "the timestamps follow");
/* In the program, since * scale fits in 64 bits. */
_Static_assert(
    (UINT64_MAX / ((UINT64_C(5) << 30) * 112 / 100)) > (uint64_t)FAST_VALID_NS,
    "no overflow in the kernel");

int
fast_map(struct fast *f, int fd)
{
	void *p =
	    mmap(NULL, FAST_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	*f = (struct fast){ .line = p };
	return 0;
}

/* Read all three clocks; the quickest of a few tries. */
static struct fast_moment
read_moment(struct timeline *tl)
{
	struct fast_moment best = { 0, 0, 0 };
	int64_t least_ns = INT64_MAX;

	(void)clock_read_pair(tl); /* accounts for a suspend */
	for (int i = 0; i < TRIES; i++) {
		int64_t before = clock_read_raw(tl);
		int64_t boot = clock_read_boot();
		int64_t after = clock_read_raw(tl);
		int64_t real = clock_read_real();
		int64_t boot_after = clock_read_boot();

		if (boot_after - boot >= least_ns)
			continue;
		least_ns = boot_after - boot;
		best.boot_ns = boot;
		best.raw_ns = before + (after - before) / 2;
		best.real_ns = real - least_ns / 2;
	}
	return best;
}

/*
 * The rate of UTC against CLOCK_BOOTTIME, in units of 2^-62 s per ns: the
 * line's rate against the raw clock, times the raw clock's against
 * CLOCK_BOOTTIME (which is steered like CLOCK_REALTIME) between the two
 * readings.  0: not known.
 */
static uint64_t
scale(const struct serve_state *st, const struct fast_moment *a,
    const struct fast_moment *b)
{
	const double unit = 4611686018427387904e-9; /* 2^62 in 1 ns */
	int64_t boot_ns = b->boot_ns - a->boot_ns;
	int64_t raw_ns = b->raw_ns - a->raw_ns;
	double ratio;

	if (st->clock == SERVE_LOCAL)
		return (uint64_t)unit; /* both are steered alike */
	if (a->boot_ns == 0 || boot_ns <= 0 || boot_ns > BETWEEN_NS)
		return 0;
	if (raw_ns - boot_ns > boot_ns * RATIO_PERCENT / 100 ||
	    boot_ns - raw_ns > boot_ns * RATIO_PERCENT / 100)
		return 0; /* one of the two has jumped */
	ratio = (double)raw_ns / (double)boot_ns;
	return (uint64_t)(unit * ratio *
	    (1.0 + (double)st->line.slope_q32 / (double)SLOPE_ONE));
}

/*
 * The header of answers to plain requests.  It is made once for all requests
 * until the slot expires, with the root dispersion at that time.
 */
static bool
make_header(const struct serve_state *st, const struct fast_moment *now,
    struct wall utc, struct serve_head *head)
{
	struct serve_now later = { .raw = { now->raw_ns + FAST_VALID_NS },
		.utc = utc };

	serve_prepare(head, st, &later);
	if (head->octets[0] >> 6 == LEAP_UNKNOWN)
		return false;
	head->octets[0] &= 0xc0; /* keep only the leap indicator */
	return true;
}

/* During a smear, served time runs faster or slower than UTC. */
static uint64_t
smeared(const struct serve_head *head, struct wall utc, uint64_t rate)
{
	struct wall later = { utc.ns + NS_PER_S };
	uint64_t second =
	    serve_departure(head, later).v - serve_departure(head, utc).v;

	if (head->smear.kind == LEAP_NONE || second >> 33 != 0)
		return rate; /* or the leap second is in between */
	return (uint64_t)((double)rate * ((double)second / 4294967296.0));
}

bool
fast_slot(const struct serve_state *st, const struct fast_moment *before,
    const struct fast_moment *now, int8_t precision_log2,
    struct fast_slot *slot)
{
	struct wall utc = { now->real_ns };
	int64_t left_ns = FAST_VALID_NS, day_ns = DAY_NS;
	struct serve_head head;
	uint64_t rate;

	memset(slot, 0, sizeof(*slot));
	if (st->clock == SERVE_UNSYNCED)
		return false;
	if (st->clock == SERVE_SYNCED)
		utc = serve_utc(st, (struct mono){ now->raw_ns });
	rate = scale(st, before, now);
	if (rate == 0 || utc.ns < 0 || !make_header(st, now, utc, &head))
		return false;
	head.octets[3] = (uint8_t)precision_log2;
	/* A leap second and its announcement end with the day. */
	if (head.octets[0] >> 6 == LEAP_DELETE)
		day_ns -= NS_PER_S;
	if (day_ns - utc.ns % DAY_NS < left_ns)
		left_ns = day_ns - utc.ns % DAY_NS;
	if (left_ns <= 0)
		return false; /* in a second that does not exist */
	*slot = (struct fast_slot){ .boot_ns = (uint64_t)now->boot_ns,
		.until_ns = (uint64_t)(now->boot_ns + left_ns),
		.ntp = serve_departure(&head, utc).v,
		.scale = smeared(&head, utc, rate) };
	memcpy(slot->header, head.octets, FAST_HEADER);
	return true;
}

/*
 * Fill the slot after the current one, then store its index.  The program reads
 * the index first.  It reads the slot's words after it, because their address
 * depends on the index.
 */
static void
publish(struct fast_line *line, const struct fast_slot *slot)
{
	uint32_t next = (line->current + 1) % FAST_SLOTS;

	line->slots[next] = *slot;
	atomic_thread_fence(memory_order_release);
	*(volatile uint32_t *)&line->current = next;
}

void
fast_update(struct fast *f, const struct serve_state *st, struct timeline *tl,
    int8_t precision_log2)
{
	struct fast_moment now = read_moment(tl);
	struct fast_slot slot;

	(void)fast_slot(st, &f->before, &now, precision_log2,
	    &slot); /* publish "do not answer", too */
	publish(f->line, &slot);
	f->before = now;
}
