/*
 * How often the servers of a name are queried, whatever they and DNS do.  For
 * any mix of good answers, kisses, silence and changing lists of addresses, a
 * name is queried no more often than a name with only good servers; and an
 * address that denies us its service is left alone.
 *
 * It runs ntp-net's table of sources as a whole, with names and timers.  The
 * test plays the time, the network and ntp-resolve.
 */
#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "core/packet/timestamp.h"
#include "ntp-net/poll/lookup.h"
#include "tests/tap.h"

#define DAY_S	    86400
#define SERVERS	    200 /* number of addresses */
#define ASKED_MAX   100000
#define THETA_NS    INT64_C(1800000000000000000)
#define WORLDS	    40 /* random runs */
#define FEW_QUERIES 3  /* queries after which a server turns bad */

enum bias_of {
	GOOD,
	SILENT,
	DENY,
	RSTR,
	RATE,
	INIT,  /* stratum 0, a kiss: it has no time */
	ALARM, /* stratum 16 */
	LOST,  /* every other query */
	TURNS, /* denies after a few good answers */
	LATE,  /* answers once all initial queries are lost */
	BIASES
};

/* Everything of one run. */
static struct world {
	struct table t;
	struct mono now;
	struct channel ours, theirs; /* to ntp-resolve, and its end */
	uint64_t random;
	uint64_t nonce;
	enum bias_of biases[SERVERS];
	uint32_t asked[SERVERS];    /* queries */
	int64_t denied_ns[SERVERS]; /* when it last denied; 0: never */
	uint32_t again;		    /* queries to one that had denied */
	int64_t at_ns[ASKED_MAX];   /* of all queries */
	uint32_t count;
	uint32_t lookups;
	uint32_t refused;     /* of these, bad answers */
	uint32_t first, list; /* addresses that DNS gives: first, number */
	bool dns_changes;
	bool dns_fails; /* now and then */
} w;

static uint32_t
chance(uint32_t n)
{
	w.random = w.random * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)(w.random >> 33) % n;
}

static void
begin(uint64_t seed, enum source_kind kind, uint32_t count, uint8_t min_log2)
{
	const struct msg_net_config c = { .max_distance_ns = NS_PER_S };
	const struct msg_net_commit k = { .sources = 1 };
	struct msg_net_source m = { .kind = (uint32_t)kind,
		.port = 123,
		.poll_min_log2 = min_log2,
		.poll_max_log2 = 10,
		.count = count,
		.name = "time.example" };
	int sv[2] = { -1, -1 };

	channel_close(&w.ours);
	channel_close(&w.theirs);
	memset(&w, 0, sizeof(w));
	w.random = seed;
	w.now.ns = 1000 * NS_PER_S;
	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv);
	w.ours = channel_none(PROC_NET, PROC_RESOLVE);
	w.theirs = channel_none(PROC_RESOLVE, PROC_NET);
	w.ours.fd = sv[0];
	w.theirs.fd = sv[1];
	memset(&w.t, 0, sizeof(w.t));
	table_begin(&w.t, 100);
	if (table_config(&w.t, &c) == -1 || table_line(&w.t, &m) == -1 ||
	    table_commit(&w.t, &k, w.now) == -1)
		printf("Bail out! configuration\n");
}

/* --- ntp-resolve ---------------------------------------------------------- */

static void
answer_lookup(uint32_t id)
{
	struct msg_resolved m = { .id = id };

	w.lookups++;
	if (w.dns_fails && chance(3) == 0) {
		m.error = EAI_AGAIN;
		w.refused += lookup_answer(&w.t, &m, w.now) == -1;
		return;
	}
	if (w.dns_changes)
		w.first = chance(SERVERS);
	for (; m.count < w.list && m.count < ADDRS_MAX; m.count++)
		m.addrs[m.count] = (struct msg_addr){ .family = 4,
			.addr = { 192, 0, 2,
			    (uint8_t)((w.first + m.count) % SERVERS) } };
	w.refused += lookup_answer(&w.t, &m, w.now) == -1;
}

static void
resolve(void)
{
	union msg m;
	int fd;

	lookup_ask(&w.t, &w.ours, w.now);
	while (msg_recv(&w.theirs, &m, &fd) == MSG_GOT)
		answer_lookup(m.resolve.id);
}

/* --- the network ---------------------------------------------------------- */

static void
spoil(struct packet *p, enum bias_of bias)
{
	static const uint32_t refid[BIASES] = { [DENY] = KISS_DENY,
		[RSTR] = KISS_RSTR,
		[RATE] = KISS_RATE,
		[INIT] = UINT32_C(0x494e4954) };

	if (bias == ALARM)
		p->stratum = 16;
	if (refid[bias] == 0)
		return;
	p->stratum = 0;
	p->leap = LEAP_UNKNOWN;
	p->refid = refid[bias];
}

/* A server's answer to a query, or none. */
static bool
server(uint32_t i, const uint8_t *query, uint8_t *buf)
{
	enum bias_of bias = w.biases[i];
	struct wall utc = { w.now.ns + THETA_NS };
	struct packet q,
	    p = { .version = 4,
		    .mode = MODE_SERVER,
		    .stratum = 2,
		    .precision_log2 = -20,
		    .root_dispersion = 10 };

	if (bias == TURNS)
		bias = w.asked[i] > FEW_QUERIES ? DENY : GOOD;
	if (bias == LATE)
		bias = w.asked[i] > SOURCE_BURST ? GOOD : SILENT;
	if (bias == SILENT || (bias == LOST && chance(2) == 0) ||
	    packet_parse(query, NTP_PACKET_LEN, &q) == -1)
		return false;
	p.origin = q.transmit;
	p.receive = p.transmit = ntp_ts_from_wall(utc);
	spoil(&p, bias);
	packet_format(&p, buf);
	if (p.refid == KISS_DENY || p.refid == KISS_RSTR)
		w.denied_ns[i] = w.now.ns;
	return true;
}

static void
ask(struct slot *s, const uint8_t *query)
{
	struct source_rx rx = { .at = { w.now.ns + NS_PER_MS } };
	uint8_t buf[NTP_PACKET_LEN];
	uint32_t i = s->addr.addr[3];
	struct source_out out;

	if (w.count < ASKED_MAX)
		w.at_ns[w.count++] = w.now.ns;
	w.asked[i]++;
	w.again += w.denied_ns[i] != 0;
	if (server(i, query, buf))
		(void)source_packet(&s->source, &rx, buf, sizeof(buf), &out);
}

static void
run_timers(void)
{
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		struct slot *s = &w.t.slots[i];
		struct source_bits bits = { .transmit = ++w.nonce,
			.interval = chance(UINT32_MAX) };
		struct source_out out;

		if (!s->used || source_deadline(&s->source).ns > w.now.ns)
			continue;
		source_timer(&s->source, w.now, &bits, &out);
		if (out.send)
			ask(s, out.packet);
	}
}

/* As ntp-net's loop does, for this many seconds. */
static void
run(int64_t seconds)
{
	int64_t end_ns = w.now.ns + seconds * NS_PER_S;

	while (w.now.ns < end_ns) {
		int64_t at, name;

		lookup_review(&w.t, w.now);
		resolve();
		at = table_deadline(&w.t).ns;
		name = lookup_deadline(&w.t, true).ns;
		at = name < at ? name : at;
		if (at < w.now.ns + NS_PER_MS)
			at = w.now.ns + NS_PER_MS;
		w.now.ns = at < end_ns ? at : end_ns;
		run_timers();
	}
}

/* --- what must hold ------------------------------------------------------- */

/*
 * The most queries in any stretch of time, minus what this many sources may
 * send in it: a burst each, and one in each of the shortest intervals.  It is 0
 * or less if all is well.
 */
static double
excess(uint32_t places, uint8_t min_log2)
{
	double most = -1e9, before = -1e9;

	for (uint32_t i = 0; i < w.count; i++) {
		double may =
		    (double)w.at_ns[i] / 1e9 / (1 << min_log2) * places;

		/* The best stretch that ends here begins at that maximum. */
		before = may - i > before ? may - i : before;
		if (i + 1 - may + before > most)
			most = i + 1 - may + before;
	}
	return most - places * (1.0 + POLL_AHEAD) - 1e-6;
}

static void
test_two_that_deny(void)
{
	begin(1, SOURCE_SERVER, 1, 6);
	w.biases[0] = DENY;
	w.biases[1] = RSTR;
	w.list = 2;
	run(DAY_S / 2);
	IS_I64(w.asked[0], 1, "two that deny us: the first is asked once");
	IS_I64(w.asked[1], 1, "and the second");
	OK(w.lookups < 110, "the name is looked up %u times in half a day",
	    w.lookups);
	w.biases[2] = GOOD;
	w.list = 3;
	run(1200);
	OK(w.asked[2] > 3, "a third that comes to be is used");
}

static void
test_pool_that_denies(void)
{
	begin(2, SOURCE_POOL, 4, 6);
	for (uint32_t i = 0; i < 16; i++)
		w.biases[i] = DENY;
	w.list = 16;
	run(DAY_S / 2);
	IS_I64(w.count, 16, "a pool of 16 that deny us: each is asked once");
	OK(excess(4, 6) <= 0, "and not all of them at once");
}

/* A server without time is queried less, and replaced by one that has it. */
static void
test_pool_without_time(enum bias_of bias, const char *name)
{
	uint32_t given_up = bias == RATE ? PUT_OFF_QUERIES : QUIET_QUERIES;
	uint32_t good = 0;

	begin(3, SOURCE_POOL, 3, 0);
	for (uint32_t i = 0; i < 3; i++)
		w.biases[i] = bias;
	w.list = 6;
	run(bias == RATE ? 600 : 60);
	for (uint32_t i = 0; i < 3; i++)
		/* Or one more, which was sent before the eighth was over. */
		OK(w.asked[i] == given_up ||
			(bias == ALARM && w.asked[i] == given_up + 1),
		    "%s: a server is given up after %u queries", name,
		    given_up);
	for (uint32_t i = 3; i < 6; i++)
		good += w.asked[i] > 4;
	IS_I64(good, 3, "%s: three of the same name take their places", name);
	begin(4, SOURCE_SERVER, 1, 0);
	w.biases[0] = bias;
	w.list = 1;
	run(600);
	OK(w.count < (bias == RATE ? 12 : 200),
	    "%s: without another it is asked %u times in 600 s", name, w.count);
}

/* After a dead address the next one gets no burst. */
static void
test_dead_addresses(void)
{
	begin(5, SOURCE_SERVER, 1, 4);
	for (uint32_t i = 0; i < SERVERS; i++)
		w.biases[i] = SILENT;
	w.list = 8;
	run(3600);
	OK(excess(1, 4) <= 0, "dead addresses: one burst in all");
	OK(w.asked[7] > 0, "and each has its turn");
}

/* What was lost at the start is repeated, within the rate limit. */
static void
test_late_answers(void)
{
	begin(6, SOURCE_SERVER, 1, 5);
	w.biases[0] = LATE;
	w.list = 1;
	run(3600);
	OK(excess(1, 5) <= 0, "late answers: one burst in all");
	OK(w.count > SOURCE_BURST + 60, "and %u queries", w.count);
}

static void
test_chance(void)
{
	double most = -1e9;
	uint32_t again = 0, queries = 0, lookups = 0, refused = 0;
	uint64_t worst = 0;

	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		uint32_t kinds, places = 1 + (uint32_t)seed % 4;
		uint8_t min_log2 = (uint8_t)(seed % 7);
		double over;

		begin(seed, places == 1 ? SOURCE_SERVER : SOURCE_POOL, places,
		    min_log2);
		kinds = 1 + chance(BIASES);
		for (uint32_t i = 0; i < SERVERS; i++)
			w.biases[i] =
			    (enum bias_of)((chance(kinds) + seed) % BIASES);
		w.list = 1 + chance(ADDRS_MAX);
		w.dns_changes = chance(3) != 0;
		w.dns_fails = chance(2) != 0;
		run(INT64_C(600) << min_log2);
		over = excess(places, min_log2);
		if (over > most)
			worst = seed;
		most = over > most ? over : most;
		again += w.again;
		queries += w.count;
		lookups += w.lookups;
		refused += w.refused;
	}
	OK(queries > 10000 && lookups > 100,
	    "%u queries and %u look-ups in %d worlds", queries, lookups,
	    WORLDS);
	OK(most <= 0,
	    "no name is asked more often than the poll allows (seed %llu, %g)",
	    (unsigned long long)worst, most);
	IS_I64(again, 0, "nobody who denied us is asked again on that day");
	IS_I64(refused, 0, "and all answers of DNS were in order");
}

int
main(void)
{
	w.ours = channel_none(PROC_NET, PROC_RESOLVE);
	w.theirs = channel_none(PROC_RESOLVE, PROC_NET);
	test_two_that_deny();
	test_pool_that_denies();
	test_pool_without_time(INIT, "INIT");
	test_pool_without_time(ALARM, "stratum 16");
	test_pool_without_time(RATE, "RATE");
	test_dead_addresses();
	test_late_answers();
	test_chance();
	return DONE();
}
