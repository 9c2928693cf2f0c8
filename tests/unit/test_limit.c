/*
 * The clients of a server: which are over the rate, which stay in the table,
 * and what a flood of forged addresses can do.
 */
#include <string.h>

#include "core/serve/limit.h"
#include "tests/tap.h"

#define T0_NS  (1000 * NS_PER_S)
#define FORGED 1000000

static struct limit_client clients[LIMIT_CLIENTS];
static struct limit_set sets[LIMIT_SETS];
static struct limit limit;
static const struct siphash_key key = { 0x0706050403020100,
	0x0f0e0d0c0b0a0908 };

static uint64_t seed = 20261125;

static uint64_t
random64(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* An empty table; 1 request per interval and a burst; 0: no limit. */
static void
start(int64_t interval_ns, uint32_t burst)
{
	struct limit_rate rate = { interval_ns, burst };

	memset(clients, 0, sizeof(clients));
	memset(sets, 0, sizeof(sets));
	limit_init(&limit, key, clients, sets);
	if (limit_rate_ok(&rate))
		limit_set_rate(&limit, &rate);
	else
		OK(false, "a rate that is not ok");
}

static struct limit_address
ipv4(uint32_t addr)
{
	return (struct limit_address){ .prefix = addr, .family = LIMIT_IPV4 };
}

/* Random bits with neither a leak nor a kiss. */
#define NO_LUCK (random64() | 0xfff)

static enum limit_verdict
judge(struct limit_address who, int64_t now_ns, uint64_t random)
{
	limit_prefetch(&limit, &who);
	limit_prefetch_record(&limit, &who);
	return limit_judge(&limit, &who, now_ns, random);
}

static enum limit_verdict
ask(struct limit_address who, int64_t now_ns)
{
	return judge(who, now_ns, NO_LUCK);
}

static const struct limit_client *
find(struct limit_address who)
{
	const struct limit_client *found = NULL;

	for (size_t i = 0; i < LIMIT_CLIENTS; i++)
		if (clients[i].family == (uint8_t)who.family &&
		    clients[i].prefix == who.prefix)
			found = found == NULL ? &clients[i] : NULL;
	return found;
}

/* --- the hash ------------------------------------------------------------- */

static void
test_siphash(void)
{
	/* The octets 0 to 14 with the key of the octets 0 to 15: appendix A. */
	uint64_t h = siphash_words(key, (struct siphash_rounds){ 2, 4 },
	    0x0706050403020100, 0x0f0e0d0c0b0a0908);

	OK(h == UINT64_C(0xa129ca6149be45e5),
	    "SipHash-2-4 as in the paper's example");
}

/* --- who is known --------------------------------------------------------- */

static bool
known(struct limit_address who, int64_t now_ns)
{
	limit_prefetch(&limit, &who);
	return limit_is_known(&limit, &who, now_ns);
}

static void
test_known(void)
{
	struct limit_address a = ipv4(0xc0000201);

	start(0, 0);
	OK(!known(a, T0_NS), "who never came is not known");
	(void)ask(a, T0_NS);
	(void)ask(a, T0_NS + LIMIT_KNOWN_NS - 1);
	OK(!known(a, T0_NS + LIMIT_KNOWN_NS), "nor who came at once again");
	(void)ask(a, T0_NS + LIMIT_KNOWN_NS);
	OK(known(a, T0_NS + LIMIT_KNOWN_NS), "but who came after two seconds");
	OK(!known(ipv4(0xc0000202), T0_NS + LIMIT_KNOWN_NS), "and nobody else");
	OK(!known(a, T0_NS + 2 * LIMIT_FORGET_NS), "for some hours");
}

/* --- rates ---------------------------------------------------------------- */

static void
test_ranges(void)
{
	static const struct {
		struct limit_rate rate;
		bool ok;
		const char *what;
	} t[] = {
		{ { 0, 0 }, true, "none" },
		{ { 8 * NS_PER_S, 16 }, true, "1 per 8 s, burst 16" },
		{ { LIMIT_INTERVAL_MIN, 1 }, true, "the fastest" },
		{ { LIMIT_INTERVAL_MAX, LIMIT_BURST_MAX }, true,
		    "the slowest" },
		{ { LIMIT_INTERVAL_MIN - 1, 1 }, false, "too fast" },
		{ { LIMIT_INTERVAL_MAX + 1, 1 }, false, "too slow" },
		{ { -1, 1 }, false, "backwards" },
		{ { NS_PER_S, 0 }, false, "no burst" },
		{ { NS_PER_S, LIMIT_BURST_MAX + 1 }, false, "all burst" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		OK(limit_rate_ok(&t[i].rate) == t[i].ok, "a rate, %s: %s",
		    t[i].what, t[i].ok ? "ok" : "not ok");
}

/* How many of count requests, gap_ns apart, are answered. */
static unsigned int
answered(struct limit_address who, int64_t from_ns, int64_t gap_ns, int count)
{
	unsigned int n = 0;

	for (int i = 0; i < count; i++)
		n += ask(who, from_ns + i * gap_ns) == LIMIT_ANSWER;
	return n;
}

static void
test_bucket(void)
{
	const struct limit_address a = ipv4(0xc0000201), b = ipv4(0xc0000202);

	start(8 * NS_PER_S, 16);
	IS_I64(answered(a, T0_NS, 0, 100), 16, "a burst of 16 and no more");
	IS_I64(answered(b, T0_NS, 0, 100), 16, "another client has its own");
	IS_I64(answered(a, T0_NS + 8 * NS_PER_S - 1, 0, 9), 0,
	    "nothing before 8 s");
	IS_I64(answered(a, T0_NS + 8 * NS_PER_S, 0, 9), 1, "one at 8 s");
	IS_I64(answered(a, T0_NS + 80 * NS_PER_S, 0, 100), 9,
	    "72 s later, nine more");
	IS_I64(answered(a, T0_NS + 1000 * NS_PER_S, NS_PER_S, 800), 16 + 99,
	    "one each second for 800 s: the burst, and one each 8 s");
	IS_I64(answered(b, T0_NS + 1000 * NS_PER_S, 8 * NS_PER_S, 10000), 10000,
	    "who keeps to the rate is always answered");
	start(LIMIT_INTERVAL_MAX, LIMIT_BURST_MAX);
	IS_I64(answered(a, (INT64_C(1) << 60) - 1, 0, 2 * LIMIT_BURST_MAX),
	    LIMIT_BURST_MAX, "the largest numbers do not overflow");
	start(0, 0);
	IS_I64(answered(a, T0_NS, 0, 1000), 1000, "no rate: no limit");
	IS_I64(find(a) == NULL ? 0 : find(a)->answered, 1000,
	    "and the record is kept");
}

static void
test_change(void)
{
	const struct limit_address a = ipv4(0xc0000201);
	struct limit_rate fast = { NS_PER_S, 2 };

	start(LIMIT_INTERVAL_MAX, LIMIT_BURST_MAX);
	(void)answered(a, T0_NS, 0, LIMIT_BURST_MAX + 1);
	limit_set_rate(&limit, &fast);
	OK(ask(a, T0_NS) == LIMIT_DROP &&
		ask(a, T0_NS + NS_PER_S) == LIMIT_ANSWER &&
		ask(a, T0_NS + 1000 * NS_PER_S) == LIMIT_ANSWER,
	    "after a change of the rate the new one holds at once");
}

static void
test_random_clients(void)
{
	/* Against the simplest token bucket, in fractions of a token. */
	double tokens = 5, rate = 1 / 3.0;
	int64_t now_ns = T0_NS;
	int wrong = 0, near = 0;

	start(3 * NS_PER_S, 5);
	for (int i = 0; i < 200000; i++) {
		int64_t gap_ns = (int64_t)(random64() % 6000000000);
		bool want, got;

		now_ns += gap_ns;
		tokens = fmin(5, tokens + (double)gap_ns / 1e9 * rate);
		want = tokens >= 1;
		got = ask(ipv4(7), now_ns) == LIMIT_ANSWER;
		if (fabs(tokens - 1) < 1e-6)
			near++; /* rounding decides */
		else if (got != want)
			wrong++;
		if (got)
			tokens -= 1;
	}
	OK(wrong == 0 && near < 100,
	    "200000 requests at random: as a bucket of tokens (%d, %d)", wrong,
	    near);
}

/* --- over the rate -------------------------------------------------------- */

static void
test_over(void)
{
	const struct limit_address a = ipv4(0xc0000201);
	unsigned int leaks = 0, kisses = 0, drops = 0;
	const struct limit_client *c;
	int64_t last_ns = 0, least_ns = INT64_MAX;
	enum limit_verdict v;

	start(LIMIT_INTERVAL_MAX, 1);
	(void)ask(a, T0_NS);
	for (int i = 0; i < 160000; i++) { /* 160 s */
		int64_t now_ns = T0_NS + i * NS_PER_MS;

		v = judge(a, now_ns, random64());
		leaks += v == LIMIT_LEAK;
		drops += v == LIMIT_DROP;
		if (v != LIMIT_KISS)
			continue;
		if (kisses++ > 0 && now_ns - last_ns < least_ns)
			least_ns = now_ns - last_ns;
		last_ns = now_ns;
	}
	NEAR(leaks, 20000, 1000, "A-08 one in 8 is answered");
	OK(kisses >= 8 && kisses <= 10 && least_ns >= LIMIT_KISS_NS,
	    "S-15 few kisses: %u in 160 s", kisses);
	c = find(a);
	OK(c != NULL && c->answered == leaks + 1 &&
		c->dropped == drops + kisses && c->kisses == kisses &&
		c->first_ns == T0_NS &&
		c->last_ns == T0_NS + 159999 * NS_PER_MS,
	    "the record has counted all of it");
}

static void
test_kiss_is_rare(void)
{
	unsigned int kisses = 0;

	start(LIMIT_INTERVAL_MAX, 1);
	for (uint32_t i = 0; i < 16000; i++) {
		struct limit_address a = ipv4(i);

		(void)ask(a, T0_NS);
		kisses += judge(a, T0_NS, random64() | 1) == LIMIT_KISS;
	}
	NEAR(kisses, 1000, 150, "one in 16 of what is over the rate is a kiss");
}

/* --- the table ------------------------------------------------------------ */

static void
test_record(void)
{
	const struct limit_address a = ipv4(0x20010db8);
	struct limit_address six = { .prefix = 0x20010db8,
		.family = LIMIT_IPV6 };
	const struct limit_client *c;

	OK(sizeof(struct limit_client) == 64 && sizeof(struct limit_set) == 64,
	    "a cache line each");
	start(8 * NS_PER_S, 4);
	(void)answered(a, T0_NS, NS_PER_S, 6);
	(void)ask(six, T0_NS);
	c = find(a);
	OK(c != NULL && c->answered == 4 && c->dropped == 2 &&
		c->first_ns == T0_NS && c->last_ns == T0_NS + 5 * NS_PER_S &&
		c->kisses == 0 && c->owner % 2 == 0,
	    "a client's record");
	c = find(six);
	OK(c != NULL && c->answered == 1 && c->dropped == 0,
	    "the same number of the other family is another client");
	start(8 * NS_PER_S, 2);
	limit_prefetch(&limit, &six);
	OK(limit_deny(&limit, &six, T0_NS, NO_LUCK) == LIMIT_KISS &&
		limit_deny(&limit, &six, T0_NS, NO_LUCK) == LIMIT_KISS &&
		limit_deny(&limit, &six, T0_NS, NO_LUCK) == LIMIT_DROP,
	    "who is denied is told so at the rate of answers");
	c = find(six);
	OK(c != NULL && c->answered == 0 && c->dropped == 3 && c->kisses == 2,
	    "and his record has no answer");
}

/* All ask every 64 s, with a flood in between.  Returns the refused. */
static unsigned int
poll_all(uint32_t honest, int64_t from_ns, unsigned int rounds, uint32_t flood)
{
	unsigned int refused = 0;
	uint64_t forged = random64();

	for (unsigned int r = 0; r < rounds; r++) {
		int64_t now_ns = from_ns + r * 64 * NS_PER_S;

		for (uint32_t i = 0; i < honest; i++)
			refused += ask(ipv4(0x0a000000 + i), now_ns + i) !=
			    LIMIT_ANSWER;
		for (uint32_t i = 0; i < flood; i++) {
			struct limit_address f = { .prefix = forged++,
				.family = LIMIT_IPV6 };

			(void)ask(f, now_ns + NS_PER_S + i * 1000);
			if (i % 2 == 0) /* and some of them twice */
				(void)ask(f, now_ns + NS_PER_S + i * 1000);
		}
	}
	return refused;
}

static unsigned int
complete_records(uint32_t honest, uint64_t requests, int64_t first_ns)
{
	unsigned int kept = 0;

	for (size_t i = 0; i < LIMIT_CLIENTS; i++)
		kept += clients[i].family == 4 &&
		    clients[i].prefix - 0x0a000000 < honest &&
		    clients[i].answered == requests &&
		    clients[i].first_ns < first_ns + NS_PER_S;
	return kept;
}

static void
test_flood(void)
{
	unsigned int refused;

	start(8 * NS_PER_S, 16);
	refused = poll_all(1000, T0_NS, 2, 0);
	refused += poll_all(1000, T0_NS + 128 * NS_PER_S, 10, FORGED / 10);
	IS_I64(refused, 0,
	    "A-08 a million forged addresses: 1000 clients are all answered");
	IS_I64(complete_records(1000, 12, T0_NS), 1000,
	    "and the record of each is complete");
	refused = poll_all(1000, T0_NS + 1000 * NS_PER_S, 10, 0);
	IS_I64(refused, 0, "and afterwards too");
	/* Those not seen before the flood are not known, but ... */
	start(8 * NS_PER_S, 16);
	refused = poll_all(1000, T0_NS, 10, FORGED / 10);
	IS_I64(refused, 0, "nor is one refused that begins in the flood");
}

static void
test_crowd(void)
{
	unsigned int refused;

	start(8 * NS_PER_S, 16);
	refused = poll_all(2 * LIMIT_CLIENTS, T0_NS, 4, 0);
	IS_I64(refused, 0, "twice as many clients as places: none is refused");
	start(8 * NS_PER_S, 16);
	(void)poll_all(20000, T0_NS, 2, 0);
	(void)poll_all(20000, T0_NS + 128 * NS_PER_S, 2, FORGED / 2);
	OK(complete_records(20000, 4, T0_NS) >= 19700,
	    "of 20000 clients a flood leaves %u records whole",
	    complete_records(20000, 4, T0_NS));
}

/* How many IPv4 clients remain in the table after an IPv6 flood. */
static uint32_t
left_by_flood(int64_t now_ns)
{
	uint32_t left = 0;

	(void)poll_all(0, now_ns, 1, FORGED);
	for (size_t i = 0; i < LIMIT_CLIENTS; i++)
		left += clients[i].family == LIMIT_IPV4;
	return left;
}

/* A clock that goes backwards, which the table is not made for. */
static void
test_backwards(void)
{
	start(NS_PER_S, 16);
	for (int i = 0; i < 40; i++)
		(void)poll_all(LIMIT_CLIENTS,
		    T0_NS + (int64_t)(random64() % 20) * 1000 * NS_PER_S, 1, 0);
	IS_I64(poll_all(1000, T0_NS + 20000 * NS_PER_S, 10, 0), 0,
	    "after times at random it goes on as if nothing had been");
}

static void
test_kept(void)
{
	const int64_t later_ns = T0_NS + LIMIT_FORGET_NS + 500 * NS_PER_S;
	uint32_t left;

	start(0, 0);
	(void)poll_all(3 * LIMIT_CLIENTS, T0_NS, 20, 0);
	left = left_by_flood(T0_NS + 2000 * NS_PER_S);
	OK(left >= LIMIT_SETS * 5 && left <= LIMIT_SETS * LIMIT_KEPT,
	    "where very many ask in turn, some are known (%u)", left);
	start(0, 0);
	(void)poll_all(LIMIT_CLIENTS, T0_NS, 8, 0);
	left = left_by_flood(T0_NS + 600 * NS_PER_S);
	OK(left >= LIMIT_SETS * 5 && left <= LIMIT_SETS * LIMIT_KEPT,
	    "of as many as have room a flood leaves those kept (%u)", left);
	/* Clients that were seen once are evicted when others come. */
	start(0, 0);
	(void)poll_all(LIMIT_CLIENTS, T0_NS, 4, 0);
	for (int again = 0; again < 3; again++)
		for (uint32_t i = 0; i < LIMIT_CLIENTS / 2; i++)
			(void)ask(ipv4(0x0b000000 + i),
			    later_ns + again * 4 * NS_PER_S);
	(void)poll_all(LIMIT_CLIENTS, later_ns + 20 * NS_PER_S, 1, 0);
	OK(left_by_flood(later_ns + 100 * NS_PER_S) <= LIMIT_SETS * LIMIT_KEPT,
	    "and never more");
}

/* Regular clients that stop coming are evicted in the end. */
static void
test_forgotten(void)
{
	const int64_t later_ns = T0_NS + 2 * LIMIT_FORGET_NS;
	uint32_t kept = 0;

	start(0, 0);
	(void)poll_all(2 * LIMIT_CLIENTS, T0_NS, 2, 0);
	for (int again = 0; again < 3; again++)
		for (uint32_t i = 0; i < LIMIT_CLIENTS / 2; i++)
			(void)ask(ipv4(0x0b000000 + i),
			    later_ns + again * 64 * NS_PER_S + i);
	for (size_t i = 0; i < LIMIT_CLIENTS; i++)
		kept += clients[i].family == 4 && clients[i].answered == 3 &&
		    clients[i].prefix >= 0x0b000000;
	OK(kept > LIMIT_CLIENTS / 2 * 95 / 100,
	    "hours later the table is for new clients (%u of %d)", kept,
	    LIMIT_CLIENTS / 2);
}

/* With a known key, one could find addresses that share a set. */
static void
test_key(void)
{
	struct siphash_key other = { 1, 2 };
	size_t same = 0, used = 0, first[1000];

	start(0, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		(void)ask(ipv4(i), T0_NS);
		first[i] = (size_t)(find(ipv4(i)) - clients) / LIMIT_WAYS;
	}
	for (size_t i = 0; i < LIMIT_SETS; i++)
		for (int way = 0; way < LIMIT_WAYS; way++)
			if (sets[i].tag[way] != 0) {
				used++;
				break;
			}
	start(0, 0);
	limit_init(&limit, other, clients, sets);
	for (uint32_t i = 0; i < 1000; i++) {
		(void)ask(ipv4(i), T0_NS);
		same +=
		    (size_t)(find(ipv4(i)) - clients) / LIMIT_WAYS == first[i];
	}
	OK(used > 900 && same < 10,
	    "addresses are spread (%zu sets of 1000), by the key alone (%zu)",
	    used, same);
}

int
main(void)
{
	test_siphash();
	test_known();
	test_ranges();
	test_bucket();
	test_change();
	test_random_clients();
	test_over();
	test_kiss_is_rare();
	test_record();
	test_flood();
	test_crowd();
	test_kept();
	test_backwards();
	test_forgotten();
	test_key();
	return DONE();
}
