/*
 * Kernel timestamps on the raw time line, and a whole exchange with a server on
 * loopback, which the test plays.
 */
#include "ntp-net/poll/exchange.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/packet/packet.h"
#include "core/packet/timestamp.h"
#include "tests/tap.h"

#define RAW_NS	INT64_C(5000000000000)
#define REAL_NS INT64_C(1800000000000000000)

struct stamp {
	const char *what;
	int64_t stamp_ns;
	bool ok;
	int64_t raw_ns;
};

static const struct stamp stamps[] = {
	{ "the same moment", REAL_NS, true, RAW_NS },
	{ "a microsecond ago", REAL_NS - 1000, true, RAW_NS - 1000 },
	{ "just within a second", REAL_NS - NS_PER_S + 1, true,
	    RAW_NS - NS_PER_S + 1 },
	{ "a second ago", REAL_NS - NS_PER_S, false, 0 },
	{ "of the future by a nanosecond", REAL_NS + 1, false, 0 },
	{ "an hour ago", REAL_NS - 3600 * NS_PER_S, false, 0 },
	{ "the beginning of 1970", 0, false, 0 },
	{ "the least number", INT64_MIN, false, 0 },
	{ "the greatest number", INT64_MAX, false, 0 },
};

static void
test_stamps(void)
{
	const struct clock_pair pair = { .raw_ns = RAW_NS, .real_ns = REAL_NS };

	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		struct mono at = { -1 };

		OK(exchange_stamp_raw(&pair, stamps[i].stamp_ns, &at) ==
			stamps[i].ok,
		    "a stamp of %s is taken or not", stamps[i].what);
		IS_I64(at.ns, stamps[i].raw_ns, "%s: raw time", stamps[i].what);
	}
}

static int
server_socket(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&in, sizeof(in)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) == -1)
		return -1;
	*port = ntohs(in.sin_port);
	return fd;
}

/* Answer one query; returns its source port. */
static uint16_t
serve(int fd, size_t extra)
{
	uint8_t buf[DATAGRAM_MAX + 100] = { 0 };
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct packet q, a;
	struct clocks c = { .begun = true };
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	memset(&from, 0, sizeof(from));
	if (poll(&pfd, 1, 2000) != 1 ||
	    recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len) !=
		NTP_PACKET_LEN ||
	    packet_parse(buf, NTP_PACKET_LEN, &q) == -1)
		return 0;
	(void)clocks_read(&c);
	a = (struct packet){ .version = NTP_VERSION,
		.mode = MODE_SERVER,
		.stratum = 2,
		.precision_log2 = -20,
		.refid = 0x0a000001,
		.origin = q.transmit };
	a.receive = ntp_ts_from_wall((struct wall){ c.pair.real_ns });
	a.transmit = a.receive;
	a.reference =
	    ntp_ts_from_wall((struct wall){ c.pair.real_ns - NS_PER_S });
	packet_format(&a, buf);
	(void)sendto(
	    fd, buf, NTP_PACKET_LEN + extra, 0, (struct sockaddr *)&from, len);
	return ntohs(from.sin_port);
}

static void
wait_readable(const struct slot *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };

	(void)poll(&pfd, 1, 2000);
	(void)usleep(2000); /* POLLERR alone is the sent timestamp */
}

static struct slot *
start_loopback(struct table *t, uint16_t port, struct clocks *c)
{
	struct msg_addr a;

	memset(t, 0, sizeof(*t));
	table_begin(t, 100);
	t->end = 1;
	t->entries[0] =
	    (struct entry){ .used = true, .port = port, .poll_max_log2 = 4 };
	(void)addr_parse("127.0.0.1", &a);
	return table_start(t, 0, &a, clocks_read(c), 0);
}

static void
test_exchange(void)
{
	static struct table t;
	struct clocks c = { 0 };
	uint16_t port = 0, first, second;
	int fd = server_socket(&port);
	struct slot *s = start_loopback(&t, port, &c);
	struct mono before;

	before = clocks_read(&c);
	exchange_timer(&t, s, &c);
	OK(s->fd != -1 && s->source.query == QUERY_WAITING, "a query is out");
	first = serve(fd, 0);
	OK(first != 0, "it is a client's query of 48 octets");
	wait_readable(s);
	exchange_readable(&t, s, &c, false);
	OK(s->fd == -1 && s->source.query != QUERY_WAITING && s->fresh,
	    "its answer is used, and the socket closed");
	IS_I64(
	    estimator_count(&s->source.estimator), 1, "there is a measurement");
	OK(s->source.sent_at.ns >= before.ns &&
		s->source.delay_ns < 100 * NS_PER_MS,
	    "its times are on the raw time line (delay %lld ns)",
	    (long long)s->source.delay_ns);
	IS_I64(t.refids[0], 0, "a loopback address names nobody");
	s->source.next_query.ns = 0;
	exchange_timer(&t, s, &c);
	second = serve(fd, DATAGRAM_MAX);
	OK(second != 0 && second != first, "the next has another port");
	wait_readable(s);
	exchange_readable(&t, s, &c, false);
	IS_I64(s->source.verdicts[VERDICT_SHORT], 1,
	    "a datagram that does not fit is refused");
	OK(s->source.query == QUERY_WAITING && s->fd != -1,
	    "and the query goes on waiting");
	table_stop(s);
	(void)close(fd);
}

/* Around a leap second, answers are dropped. */
static void
test_quiet(void)
{
	static struct table t;
	struct clocks c = { 0 };
	uint16_t port = 0;
	int fd = server_socket(&port);
	struct slot *s = start_loopback(&t, port, &c);

	exchange_timer(&t, s, &c);
	OK(serve(fd, 0) != 0, "a query is answered");
	wait_readable(s);
	exchange_readable(&t, s, &c, true);
	IS_I64(s->source.received, 0, "in the quiet time nobody looks at it");
	OK(!s->fresh, "and nothing is learned");
	table_stop(s);
	(void)close(fd);
}

/* No server listens: an ICMP error has no effect. */
static void
test_refused(void)
{
	static struct table t;
	struct clocks c = { 0 };
	uint16_t port = 0;
	int fd = server_socket(&port);
	struct slot *s;

	(void)close(fd);
	s = start_loopback(&t, port, &c);
	exchange_timer(&t, s, &c);
	wait_readable(s);
	exchange_readable(&t, s, &c, false);
	OK(s->fd != -1 && s->source.query == QUERY_WAITING,
	    "a refusal leaves the query waiting");
	IS_I64(s->source.received, 0, "and counts as no answer");
	IS_I64(s->error, ECONNREFUSED, "but is kept, to be told");
	table_stop(s);
	IS_I64(s->fd, -1, "a stopped slot has no socket");
}

/* An address that no query is sent to on any network. */
static void
make_unreachable(struct slot *s)
{
	(void)addr_parse("255.255.255.255", &s->addr);
}

/* Without a route nothing is sent; once there is one, all is. */
static void
test_no_way(void)
{
	static struct table t;
	struct clocks c = { 0 };
	uint16_t port = 0;
	int fd = server_socket(&port);
	struct slot *s = start_loopback(&t, port, &c);
	struct mono now = clocks_read(&c);

	t.unknown = true;
	make_unreachable(s);
	IS_I64(table_probe_deadline(&t).ns, INT64_MAX,
	    "nothing is looked for while nothing has failed");
	exchange_timer(&t, s, &c);
	OK(s->fd == -1 && s->source.query != QUERY_WAITING &&
		s->source.sent == 0 && s->error != 0,
	    "a query that cannot leave: %s", exchange_error_str(s->error));
	OK(table_lacks_way(&t) && table_probe_deadline(&t).ns <= now.ns,
	    "a way is looked for");
	exchange_probe(&t, now);
	IS_I64(
	    table_probe_deadline(&t).ns, now.ns + URGENT_NS, "and soon again");
	t.config.flags = NET_NOTICES;
	IS_I64(table_probe_deadline(&t).ns, INT64_MAX,
	    "but not where the kernel tells");
	t.config.flags = 0;
	t.unknown = false;
	IS_I64(table_probe_deadline(&t).ns, INT64_MAX,
	    "nor where others know the time");
	t.unknown = true;
	s->source.next_query.ns = now.ns + 60 * NS_PER_S;
	(void)addr_parse("127.0.0.1", &s->addr);
	exchange_probe(&t, now);
	OK(s->fd == -1 && s->source.sent == 0, "a look sends nothing");
	OK(s->source.next_query.ns <= now.ns, "there is a way: it is used");
	IS_I64(t.probe.at.ns, now.ns + URGENT_NS,
	    "if no query leaves all the same, there is no hurry");
	exchange_timer(&t, s, &c);
	OK(serve(fd, 0) != 0 && s->error == 0, "a query has left");
	OK(!table_lacks_way(&t), "and nothing is looked for any more");
	table_stop(s);
	(void)close(fd);
}

/* Our own address is not queried on our own port, but on others. */
static void
test_self(void)
{
	static struct table t;
	struct clocks c = { 0 };
	uint16_t port = 0;
	int fd = server_socket(&port);
	struct slot *s = start_loopback(&t, port, &c);
	struct msg_net_listens m = {
		.count = 1, .addrs = { { .family = 4 } }, .ports = { port }
	};

	OK(table_listens(&t, &m) == 0, "this machine answers everywhere");
	exchange_timer(&t, s, &c);
	OK(s->self && s->fd == -1 && s->source.sent == 0,
	    "it does not ask itself");
	OK(s->source.next_query.ns >= clocks_read(&c).ns + 1000 * NS_PER_S,
	    "and looks again much later");
	IS_I64(table_configured(&t), 0, "it is not one of those that vote");
	m.ports[0] = port == 1 ? 2 : port - 1U;
	OK(table_listens(&t, &m) == 0, "it answers at another port");
	table_hurry(&t, clocks_read(&c));
	exchange_timer(&t, s, &c);
	OK(!s->self && s->source.sent == 1,
	    "then another program does at this one");
	table_stop(s);
	(void)close(fd);
}

static void
test_random(void)
{
	uint64_t a = exchange_random_nonce(NULL),
		 b = exchange_random_nonce(NULL);

	OK(a != 0 && b != 0 && a != b, "nonces are neither zero nor the same");
}

int
main(void)
{
	exchange_keep_stamps();
	test_stamps();
	test_random();
	test_exchange();
	test_quiet();
	test_refused();
	test_no_way();
	test_self();
	return DONE();
}
