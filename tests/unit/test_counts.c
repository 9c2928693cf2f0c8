/*
 * ntp-serve's counters in shared memory, and how ntp-observe reads them,
 * whoever wrote them.
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/observe/stats.h"
#include "tests/tap.h"

static const struct msg_addr any4 = { .family = 4 };
static const struct msg_addr local6 = {
	.family = 6, .scope = 2, .addr = { 0xfe, 0x80, [15] = 1 }
};

static int
make_file(void)
{
	int fd = memfd_create("counts", MFD_CLOEXEC);

	if (fd != -1 && ftruncate(fd, COUNTS_BYTES) == 0)
		return fd;
	return -1;
}

/* A file, mapped, and a reader of it as worker 1. */
static struct counts *
begin(struct stats *st)
{
	int fd = make_file();
	struct counts *c = fd == -1 ? NULL : counts_map(fd);

	stats_init(st);
	if (c == NULL || stats_take(st, 1, fd) == -1) {
		OK(false, "memory for counters");
		_exit(1);
	}
	counts_begin(c);
	return c;
}

static void
end(struct counts *c, struct stats *st)
{
	OK(munmap(c, COUNTS_BYTES) == 0 && close(st->fds[1]) == 0, "closed");
}

static int
count_sockets(const struct stats *st)
{
	struct msg_server_status m;
	int n = 0;

	for (uint64_t i = 0; i < STATS_SOCKETS; i++)
		n += stats_socket(st, i, &m);
	return n;
}

static void
test_count(void)
{
	struct counts_tally t = {
		{ [COUNT_RECEIVED] = 5, [COUNT_DENIED] = 2 }
	};
	struct msg_server_status m;
	struct stats st;
	struct counts *c = begin(&st);
	struct counts_socket *a, *b;

	IS_I64(count_sockets(&st), 0, "nothing is there at first");
	a = counts_listen(c, &any4, 123);
	b = counts_listen(c, &local6, 1123);
	OK(a != NULL && b != NULL && a != b, "two sockets, two places");
	counts_add(a, &t);
	OK(t.n[COUNT_RECEIVED] == 0 && t.n[COUNT_DENIED] == 0,
	    "a tally begins anew");
	counts_add(a, &t);
	t.n[COUNT_SEND_ERRORS] = UINT64_MAX;
	counts_add(b, &t);
	IS_I64(count_sockets(&st), 2, "both are read");
	OK(stats_socket(&st, COUNTS_SOCKETS, &m) && m.worker == 1 &&
		m.port == 123 && memcmp(&m.addr, &any4, sizeof(any4)) == 0,
	    "worker, address and port");
	OK(m.n[COUNT_RECEIVED] == 5 && m.n[COUNT_DENIED] == 2 &&
		m.n[COUNT_ANSWERED] == 0,
	    "what was counted, once");
	OK(stats_socket(&st, COUNTS_SOCKETS + 1, &m) && m.port == 1123 &&
		memcmp(&m.addr, &local6, sizeof(local6)) == 0 &&
		m.n[COUNT_SEND_ERRORS] == UINT64_MAX,
	    "the other one");
	end(c, &st);
}

static void
test_restart(void)
{
	struct counts_tally t = { { [COUNT_ANSWERED] = 7 } };
	struct counts_tally lost = { { 0 } };
	struct msg_server_status m;
	struct stats st;
	struct counts *c = begin(&st);
	struct counts_socket *a = counts_listen(c, &any4, 123);

	counts_add(a, &t);
	OK(counts_listen(c, &any4, 124) != a, "another port, another place");
	counts_begin(c);
	IS_I64(count_sockets(&st), 0, "a new process has no sockets yet");
	OK(counts_listen(c, &any4, 124) != NULL &&
		counts_listen(c, &any4, 123) == a,
	    "its sockets have the places that they had, in any order");
	OK(stats_socket(&st, COUNTS_SOCKETS, &m) && m.n[COUNT_ANSWERED] == 7,
	    "and the counters go on");
	counts_lost(a, &lost, 3);
	counts_lost(a, &lost, 3);
	IS_I64(lost.n[COUNT_LOST], 3, "what is lost is counted once");
	counts_begin(c);
	a = counts_listen(c, &any4, 123);
	counts_lost(a, &lost, 10);
	IS_I64(lost.n[COUNT_LOST], 10, "a new process knows what was counted");
	counts_lost(a, &lost, 2);
	IS_I64(lost.n[COUNT_LOST], 12, "a new socket begins with 0");
	end(c, &st);
}

/* Other addresses at each reload, until places must be reused. */
static void
test_reuse(void)
{
	struct counts_tally t;
	struct msg_server_status m;
	struct stats st;
	struct counts *c = begin(&st);

	for (uint16_t port = 1; port <= 3 * COUNTS_SOCKETS + 1; port++) {
		struct counts_socket *s;

		if (port % 7 == 1)
			counts_begin(c);
		s = counts_listen(c, &any4, port);
		memset(&t, 1, sizeof(t));
		if (s == NULL)
			break;
		counts_add(s, &t);
	}
	OK(counts_listen(c, &any4, 1000) != NULL, "there is always a place");
	IS_I64(count_sockets(&st), 7, "only what is in use is read");
	for (uint64_t i = 0; i < COUNTS_SOCKETS; i++)
		if (stats_socket(&st, COUNTS_SOCKETS + i, &m) && m.port == 1000)
			break;
	OK(m.port == 1000 && m.n[COUNT_RECEIVED] == 0,
	    "a place that was another's begins at zero");
	counts_begin(c);
	for (uint16_t port = 1; port <= COUNTS_SOCKETS; port++)
		if (counts_listen(c, &any4, (uint16_t)(port + 2000)) == NULL)
			OK(false, "place %u", port);
	OK(counts_listen(c, &any4, 1) == NULL, "all taken: no place");
	end(c, &st);
}

/* Values that no correct ntp-serve writes. */
static void
test_hostile_sockets(void)
{
	struct stats st;
	struct counts *c = begin(&st);
	struct counts_socket *s = counts_listen(c, &any4, 123);

	s->owner |= 1;
	IS_I64(count_sockets(&st), 0, "being replaced: not read");
	OK(counts_listen(c, &any4, 123) != s, "nor used again as it is");
	counts_begin(c);
	s = counts_listen(c, &any4, 123);
	s->port = 65536;
	IS_I64(count_sockets(&st), 0, "a port out of range");
	s->port = 0;
	IS_I64(count_sockets(&st), 0, "no port");
	s->port = 123;
	s->addr.family = 5;
	IS_I64(count_sockets(&st), 0, "an unknown family");
	s->addr.family = 4;
	s->listening = 2;
	IS_I64(count_sockets(&st), 0, "neither in use nor not");
	s->listening = 1;
	IS_I64(count_sockets(&st), 1, "a good one again");
	OK(stats_take(&st, WORKERS_MAX, dup(st.fds[1])) == -1,
	    "there is no such worker");
	OK(stats_take(&st, 1, dup(st.fds[1])) == 0 && count_sockets(&st) == 1,
	    "the same file once more is not taken twice");
	end(c, &st);
}

/* --- clients -------------------------------------------------------------- */

static struct limit_set sets[LIMIT_SETS];

static uint64_t
read_clients(struct stats *st, struct msg_client_status *last)
{
	struct stats_view view = { .count = 0 };
	struct msg_client_status m;
	uint64_t n = 0;

	memset(last, 0, sizeof(*last));
	for (uint64_t i = 0; i < STATS_CLIENTS; i++)
		if (stats_client(st, &view, i, &m)) {
			*last = m;
			n++;
		}
	return n;
}

static void
ask(struct limit *l, struct limit_address who, int64_t now_ns)
{
	limit_prefetch(l, &who);
	(void)limit_judge(l, &who, now_ns, 1);
}

static void
test_clients(void)
{
	const struct limit_address v4 = { .prefix = 0xc0000201,
		.family = LIMIT_IPV4 };
	const struct limit_address v6 = { .prefix = 0x20010db800010002,
		.family = LIMIT_IPV6 };
	const struct limit_address link = { .prefix = 0x1234,
		.family = LIMIT_LINK_LOCAL };
	struct msg_client_status m;
	struct timeline tl = { 0 };
	int64_t now_ns = clock_read_pair(&tl).raw_ns, late_ns;
	struct limit_rate rate = { .interval_ns = 86400 * NS_PER_S,
		.burst = 1 };
	struct limit l;
	struct stats st;
	struct counts *c = begin(&st);

	limit_init(&l, (struct siphash_key){ 1, 2 }, counts_clients(c), sets);
	limit_set_rate(&l, &rate);
	IS_I64(read_clients(&st, &m), 0, "no clients");
	ask(&l, v4, now_ns - 5 * NS_PER_S);
	for (int i = 0; i < 3; i++)
		ask(&l, v4, now_ns - NS_PER_S);
	IS_I64(read_clients(&st, &m), 1, "one client");
	late_ns = clock_read_pair(&tl).raw_ns - now_ns;
	OK(m.worker == 1 && m.bits == 32 && m.addr.family == 4 &&
		memcmp(m.addr.addr, "\xc0\0\2\1", 4) == 0,
	    "its worker and address");
	OK(m.answered == 1 && m.dropped == 3 && m.kisses == 1, "its requests");
	NEAR(m.first_ago_ns, 5e9, 1e9 + (double)late_ns, "when it came first");
	NEAR(m.last_ago_ns, 1e9, 1e9 + (double)late_ns, "and last");
	OK(m.known == 1 && m.first_ago_ns >= m.last_ago_ns, "it came again");
	memset(counts_clients(c), 0, COUNTS_CLIENTS_BYTES);
	ask(&l, v6, now_ns);
	OK(read_clients(&st, &m) == 1 && m.bits == 64 && m.addr.family == 6 &&
		memcmp(m.addr.addr, "\x20\1\xd\xb8\0\1\0\2\0\0\0\0\0\0\0",
		    16) == 0 &&
		m.known == 0,
	    "an IPv6 client is its first half");
	memset(counts_clients(c), 0, COUNTS_CLIENTS_BYTES);
	ask(&l, link, now_ns + 3600 * NS_PER_S);
	OK(read_clients(&st, &m) == 1 && m.bits == 128 &&
		memcmp(m.addr.addr, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\x12\x34",
		    16) == 0,
	    "one on a link is its second half");
	OK(m.first_ago_ns == 0 && m.last_ago_ns == 0,
	    "nobody came in the future");
	end(c, &st);
}

static void
test_many_clients(void)
{
	struct limit_client *list;
	struct msg_client_status m;
	struct stats st;
	struct counts *c = begin(&st);

	list = counts_clients(c);
	for (uint32_t i = 0; i < LIMIT_CLIENTS; i++)
		list[i] = (struct limit_client){ .prefix = i,
			.first_ns = 1,
			.last_ns = 1,
			.owner = 2,
			.family = LIMIT_IPV4 };
	IS_I64(read_clients(&st, &m), LIMIT_CLIENTS, "a full table");
	OK(m.addr.addr[2] == 0xff && m.addr.addr[3] == 0xff, "to its end");
	end(c, &st);
}

static void
test_hostile_clients(void)
{
	const struct limit_client good = { .prefix = 1,
		.first_ns = 1,
		.last_ns = 2,
		.owner = 2,
		.family = LIMIT_IPV4 };
	const struct {
		const char *what;
		struct limit_client c;
	} cases[] = {
		{ "being replaced",
		    { .prefix = 1,
			.first_ns = 1,
			.last_ns = 2,
			.owner = 3,
			.family = LIMIT_IPV4 } },
		{ "too long an address",
		    { .prefix = UINT64_C(1) << 32,
			.first_ns = 1,
			.last_ns = 2,
			.owner = 2,
			.family = LIMIT_IPV4 } },
		{ "no family", { .first_ns = 1, .last_ns = 2, .owner = 2 } },
		{ "an unknown family",
		    { .first_ns = 1, .last_ns = 2, .owner = 2, .family = 5 } },
		{ "last before first",
		    { .first_ns = 2,
			.last_ns = 1,
			.owner = 2,
			.family = LIMIT_IPV6 } },
		{ "a time below zero",
		    { .first_ns = INT64_MIN,
			.last_ns = 1,
			.owner = 2,
			.family = LIMIT_IPV6 } },
		{ "a time out of range",
		    { .first_ns = 1,
			.last_ns = INT64_MAX,
			.owner = 2,
			.family = LIMIT_IPV6 } },
	};
	struct limit_client *list;
	struct msg_client_status m;
	struct stats st;
	struct counts *c = begin(&st);

	list = counts_clients(c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list[77] = cases[i].c;
		IS_I64(
		    read_clients(&st, &m), 0, "%s: no client", cases[i].what);
	}
	list[77] = good;
	IS_I64(read_clients(&st, &m), 1, "and then a good one");
	end(c, &st);
}

int
main(void)
{
	OK(counts_map(-1) == NULL, "no descriptor: no memory");
	test_count();
	test_restart();
	test_reuse();
	test_hostile_sockets();
	test_clients();
	test_many_clients();
	test_hostile_clients();
	return DONE();
}
