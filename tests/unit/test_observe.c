/*
 * How ntp-observe sends the servers' sockets and clients to ntpctl: all of
 * them, in order, and no client delays another.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/observe/absent.h"
#include "ntp-net/observe/client.h"
#include "tests/tap.h"

#define CLIENTS 20000
#define NOW_NS	INT64_C(1000000000)

static struct facts facts;
static struct client slow, quick;

/* ntpctl's end. */
struct change {
	struct channel ch;
	uint32_t sockets, clients, others;
	struct msg_server_status socket; /* the last */
	uint32_t fasts;
	struct msg_fast_status fast;
	struct msg_ctl_result result;
	bool done;
	bool in_order;
};

static struct counts *
make_worker(uint32_t worker)
{
	int fd = memfd_create("counts", MFD_CLOEXEC);
	struct counts *c = NULL;

	if (fd != -1 && ftruncate(fd, COUNTS_BYTES) == 0)
		c = counts_map(fd);
	if (c == NULL || stats_take(&facts.stats, worker, fd) == -1) {
		OK(false, "memory for counters");
		_exit(1);
	}
	return c;
}

static void
want_worker(uint32_t worker, bool wanted)
{
	facts
	    .process_known[worker == 0 ? PROC_SERVE : PROC_COUNT + worker - 1] =
	    wanted;
}

static struct change
question(struct client *c, enum ctl_command command)
{
	struct msg_ctl_ask ask = { .version = CTL_VERSION,
		.command = (uint32_t)command };
	struct change a = { .ch = channel_none(PROC_CTL, PROC_OBSERVE),
		.in_order = true };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, fds) == -1)
		return a;
	a.ch.fd = fds[0];
	client_open(c, fds[1], NOW_NS);
	if (msg_send(&a.ch, MSG_CTL_ASK, &ask, -1) == -1 ||
	    client_read(c, &facts, NOW_NS) == 0)
		OK(false, "a question that is answered here");
	return a;
}

/* Read what is there. */
static void
hear(struct change *a)
{
	uint32_t next = a->clients;
	union msg msg;
	int fd;

	while (!a->done && msg_recv(&a->ch, &msg, &fd) == MSG_GOT) {
		const uint8_t *addr = msg.client_status.addr.addr;

		switch (msg.h.type) {
		case MSG_SERVER_STATUS:
			a->sockets++;
			a->socket = msg.server_status;
			break;
		case MSG_CLIENT_STATUS:
			if (((uint32_t)addr[2] << 8 | addr[3]) != next++)
				a->in_order = false;
			a->clients++;
			break;
		case MSG_FAST_STATUS:
			a->fasts++;
			a->fast = msg.fast_status;
			break;
		case MSG_CTL_RESULT:
			a->result = msg.ctl_result;
			a->done = true;
			break;
		default:
			a->others++;
			break;
		}
	}
}

static void
test_nobody(void)
{
	struct change a = question(&quick, CTL_SERVER);

	client_pump(&quick, &facts, NOW_NS);
	hear(&a);
	OK(a.done && a.result.ok == 0 &&
		strstr(a.result.text, "listen on") != NULL,
	    "nothing is served: %s", a.result.text);
	client_close(&quick);
	channel_close(&a.ch);
	a = question(&quick, CTL_CLIENTS);
	client_pump(&quick, &facts, NOW_NS);
	hear(&a);
	OK(a.done && a.result.ok == 0, "so there are no clients");
	client_close(&quick);
	channel_close(&a.ch);
}

static void
test_sockets(struct counts *first, struct counts *second)
{
	const struct msg_addr addr = { .family = 4, .addr = { 192, 0, 2, 1 } };
	struct counts_tally t = { { [COUNT_RECEIVED] = 3 } };
	struct counts_socket *s;
	struct change a;

	if (counts_listen(first, &addr, 123) == NULL)
		return;
	s = counts_listen(second, &addr, 123);
	counts_add(s, &t);
	a = question(&quick, CTL_SERVER);
	client_pump(&quick, &facts, NOW_NS);
	hear(&a);
	OK(a.done && a.result.ok == 1 && a.sockets == 2 && a.others == 0,
	    "the sockets of both workers");
	OK(a.socket.worker == 3 && a.socket.port == 123 &&
		a.socket.n[COUNT_RECEIVED] == 3,
	    "with what was counted");
	client_close(&quick);
	channel_close(&a.ch);
	want_worker(3, false);
	a = question(&quick, CTL_SERVER);
	client_pump(&quick, &facts, NOW_NS);
	hear(&a);
	OK(a.done && a.sockets == 1, "a worker that is no more is left out");
	client_close(&quick);
	channel_close(&a.ch);
	want_worker(3, true);
}

static struct change
ask_server(void)
{
	struct change a = question(&quick, CTL_SERVER);

	client_pump(&quick, &facts, NOW_NS);
	hear(&a);
	client_close(&quick);
	channel_close(&a.ch);
	return a;
}

/* The fast path's map can be mapped like any other file. */
static void
test_fast(void)
{
	struct fast_counters n[3] = { { .answered = 10, .passed = 1 },
		{ .denied = 7, .limited = 4 },
		{ .answered = 100, .passed = 20, .denied = 1 } };
	int fd = memfd_create("fast", MFD_CLOEXEC);
	struct change a = ask_server();

	OK(a.done && a.fasts == 0, "without a fast path nothing is said of it");
	OK(fastcount_map(fd, 0) == NULL &&
		fastcount_map(fd, FAST_PROCESSORS_MAX + 1) == NULL,
	    "there is no such number of processors");
	if (write(fd, n, sizeof(n)) != (ssize_t)sizeof(n)) {
		OK(false, "memory for counters");
		return;
	}
	facts.fast_processors = 3;
	facts.fast = fastcount_map(fd, facts.fast_processors);
	if (facts.fast == NULL) {
		OK(false, "mapped");
		return;
	}
	a = ask_server();
	OK(a.done && a.result.ok == 1 && a.sockets == 2 && a.fasts == 1 &&
		a.others == 0,
	    "with one it is told once, beside the sockets");
	OK(a.fast.answered == 110 && a.fast.passed == 21 &&
		a.fast.denied == 8 && a.fast.limited == 4,
	    "the sum over all processors");
	n[0].answered++;
	OK(pwrite(fd, n, sizeof(n), 0) == (ssize_t)sizeof(n) &&
		ask_server().fast.answered == 111,
	    "as it is now");
	facts.fast = NULL;
	OK(ask_server().fasts == 0, "and no more when it is gone");
	(void)close(fd);
}

static void
fill(struct counts *c)
{
	struct limit_client *list = counts_clients(c);

	for (uint32_t i = 0; i < CLIENTS; i++)
		list[3 * i] = (struct limit_client){ .prefix = i,
			.first_ns = 1,
			.last_ns = 1,
			.owner = 2,
			.family = LIMIT_IPV4 };
}

static void
test_slow(void)
{
	struct change a = question(&slow, CTL_CLIENTS), b;
	int turns = 0;

	/* A client that reads nothing only fills its own channel. */
	for (int i = 0; i < 1000; i++)
		client_pump(&slow, &facts, NOW_NS);
	OK(slow.phase == CLIENT_CLIENTS && slow.ch.fd != -1 &&
		client_events(&slow) == POLLOUT,
	    "who does not read is waited for (%" PRIu64 " looked at)",
	    slow.cursor);
	OK(slow.cursor < UINT64_C(3) * LIMIT_CLIENTS + 3 * CLIENTS,
	    "and not sent everything");
	b = question(&quick, CTL_SERVER);
	client_pump(&quick, &facts, NOW_NS);
	hear(&b);
	OK(b.done && b.sockets == 2, "another gets its answer meanwhile");
	client_close(&quick);
	channel_close(&b.ch);
	while (!a.done && turns < 100000) {
		hear(&a);
		client_pump(&slow, &facts, NOW_NS);
		turns++;
	}
	OK(a.done && a.result.ok == 1 && a.others == 0,
	    "once it reads it gets its answer (%d turns)", turns);
	OK(a.clients == CLIENTS && a.in_order, "every client, once, in order");
	OK(slow.phase == CLIENT_IDLE, "and may ask again");
	client_close(&slow);
	channel_close(&a.ch);
}

/* A client that reads fast must not keep the others waiting either. */
static void
test_turns(void)
{
	const int big = 64 << 20;
	struct change a = question(&quick, CTL_CLIENTS);
	uint32_t most = 0;
	int turns = 0;

	(void)setsockopt(quick.ch.fd, SOL_SOCKET, SO_SNDBUFFORCE, &big,
	    sizeof(big)); /* works as root only; makes it harder */
	for (; !a.done && turns < 100000; turns++) {
		uint32_t before = a.clients;

		client_pump(&quick, &facts, NOW_NS);
		hear(&a);
		if (a.clients - before > most)
			most = a.clients - before;
	}
	OK(a.done && a.clients == CLIENTS && most <= CLIENTS / 4,
	    "a long answer takes many turns (%d, of %u clients at most)", turns,
	    most);
	client_close(&quick);
	channel_close(&a.ch);
}

/* --- without ntp-net ------------------------------------------------------ */

#define S INT64_C(1000000000)
#define STEERED                                                                \
	(CLOCK_STATE_CONTROLLED | CLOCK_STATE_HAS_LINE | CLOCK_STATE_IN_SYNC)

static void
set_process(uint32_t child, uint32_t pid, int64_t age_ns)
{
	facts.process_known[child] = true;
	facts.process_at_ns[child] = NOW_NS;
	facts.processes[child] = (struct msg_process){ .child = child,
		.pid = pid,
		.age_ns = age_ns,
		.since_ns = pid == 0 ? 1000 * INT64_C(1000000000) : 0,
		.wanted = 1 };
}

/* The answers in place of ntp-net's, ten seconds later. */
static void
test_without_net(void)
{
	static const struct {
		const char *what;
		uint32_t net_pid; /* UINT32_MAX: never started */
		enum net_lack lack;
		uint32_t clock;
		bool clock_down;
		uint32_t flags;
		int64_t age_ns;
		const char *why;
	} cases[] = {
		{ "it is down, the clock goes on", 0, NET_NOT_THERE, STEERED,
		    false,
		    STATUS_UNMEASURED | STATUS_CONTROLLED | STATUS_SYNCED |
			STATUS_HOLDOVER,
		    12 * S,
		    "time is not being measured: ntp-net is down for 12 s" },
		{ "and so is ntp-clock", 0, NET_NOT_THERE, STEERED, true,
		    STATUS_UNMEASURED | STATUS_CONTROLLED, 12 * S,
		    "time is not being measured: ntp-net is down for 12 s" },
		{ "the clock is frozen", 0, NET_NOT_THERE,
		    STEERED | CLOCK_STATE_FROZEN, false,
		    STATUS_UNMEASURED | STATUS_CONTROLLED | STATUS_FROZEN,
		    12 * S,
		    "time is not being measured: ntp-net is down for 12 s" },
		{ "the clock is not touched", 0, NET_NOT_THERE,
		    CLOCK_STATE_HAS_LINE, false, STATUS_UNMEASURED, 12 * S,
		    "time is not being measured: ntp-net is down for 12 s" },
		{ "it hangs", 7, NET_SILENT, CLOCK_STATE_HAS_LINE, false,
		    STATUS_UNMEASURED, -1,
		    "time is not being measured: ntp-net (pid 7) does not "
		    "answer" },
		{ "it starts", 7, NET_NOT_THERE, 0, false, STATUS_UNMEASURED,
		    -1,
		    "time is not being measured: ntp-net is just starting or "
		    "ending" },
		{ "it was never there", UINT32_MAX, NET_NOT_THERE, 0, false,
		    STATUS_UNMEASURED, -1,
		    "time is not being measured yet: ntp-net has not been "
		    "started" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct msg_status *s = &quick.status;
		struct change a;

		set_process(PROC_NTPD, 1, 100 * S);
		set_process(PROC_NET, cases[i].net_pid, 2 * S);
		facts.process_known[PROC_NET] = cases[i].net_pid != UINT32_MAX;
		set_process(PROC_CLOCK, cases[i].clock_down ? 0 : 8, S);
		facts.clock_known = true;
		facts.clock = (struct msg_clock_state){ .flags = cases[i].clock,
			.error_ns = 5000 };
		a = question(&quick, CTL_LOG); /* a connection */
		client_without_net(
		    &quick, &facts, cases[i].lack, NOW_NS + 10 * S);
		IS_I64(
		    s->flags, cases[i].flags, "%s: the state", cases[i].what);
		IS_I64(s->age_ns, cases[i].age_ns, "for so long");
		IS_I64(s->since_ns, cases[i].age_ns == -1 ? 0 : 1000 * S,
		    "since when, which does not move");
		IS_I64(s->uptime_ns, 110 * S, "the uptime is ntpd's");
		OK(s->bound_ns ==
			((cases[i].flags & STATUS_HOLDOVER) != 0 ? 5000 : -1),
		    "the bound is the clock's, if it holds");
		OK(strcmp(s->why, cases[i].why) == 0, "\"%s\"", s->why);
		client_pump(&quick, &facts, NOW_NS + 10 * S);
		hear(&a);
		OK(a.done && a.result.ok == 1 && a.others >= 3,
		    "the status, the programs, and that it was answered");
		client_close(&quick);
		channel_close(&a.ch);
	}
}

/* If ntp-clock hangs nothing is in sync; one that is down is reported. */
static void
test_doubt(void)
{
	const uint32_t known = STATUS_CONTROLLED | STATUS_KNOWN;
	const uint32_t good = known | STATUS_SYNCED | STATUS_HOLDOVER;
	const struct {
		const char *what;
		uint32_t pid;
		uint32_t silent;
		uint32_t frozen;
		uint32_t flags;
		uint32_t stratum;
		const char *why;
	} cases[] = {
		{ "ntp-clock responds", 8, 0, 0, good, 3, "so it is" },
		{ "it hangs", 8, 1, 0, known, 16,
		    "ntp-clock does not respond" },
		{ "it does not run", 0, 0, 0, good, 3, "so it is" },
		{ "it is frozen, which ntp-net has not heard", 8, 0,
		    CLOCK_STATE_FROZEN, known, 16,
		    "the clock is frozen: a limit" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union msg m = { .status = {
				    .h = { MSG_STATUS, sizeof(m.status) },
				    .flags = good,
				    .stratum = 3,
				    .why = "so it is" } };
		union msg end = { .status_end = {
				      .h = { MSG_STATUS_END,
					  sizeof(end.status_end) } } };
		struct change a = question(&quick, CTL_LOG);

		set_process(PROC_CLOCK, cases[i].pid, S);
		facts.processes[PROC_CLOCK].silent = cases[i].silent;
		facts.clock = (struct msg_clock_state){ .samples = 77,
			.flags = cases[i].frozen,
			.frozen = "a limit" };
		facts.clock_known = true;
		client_wait_net(&quick, 1, NOW_NS);
		OK(client_from_net(&quick, &m, &facts, NOW_NS) == 0 &&
			client_from_net(&quick, &end, &facts, NOW_NS) == 0,
		    "%s: ntp-net answers", cases[i].what);
		client_pump(&quick, &facts, NOW_NS);
		hear(&a);
		OK(a.done && quick.status.flags == cases[i].flags &&
			quick.status.stratum == cases[i].stratum &&
			strcmp(quick.status.why, cases[i].why) == 0,
		    "the state: 0x%x, stratum %u, \"%s\"", quick.status.flags,
		    quick.status.stratum, quick.status.why);
		IS_I64(quick.status.samples, 77, "as many samples as it has");
		client_close(&quick);
		channel_close(&a.ch);
	}
	facts.processes[PROC_CLOCK].silent = 1;
	facts.clock = (struct msg_clock_state){ .flags = STEERED };
	absent_status(&facts, NET_NOT_THERE, NOW_NS, &quick.status);
	IS_I64(quick.status.flags, STATUS_UNMEASURED | STATUS_CONTROLLED,
	    "nor without ntp-net");
}

/* A page not renewed for longer than ntp-clock waits is old. */
static void
test_old_page(void)
{
	const struct {
		const char *what;
		int64_t page_s; /* its raw time; 0: no page */
		int64_t now_s;
		int64_t slept_s; /* since the last look */
		bool old;
	} looks[] = {
		{ "a page of now", 1000, 1001, 0, false },
		{ "of a round before", 1000, 1044, 0, false },
		{ "of no round", 1000, 1046, 0, true },
		{ "a newer one", 1046, 1047, 0, false },
		{ "the machine has slept", 1046, 4650, 3600, false },
		{ "and nobody has come round yet", 1046, 4680, 0, false },
		{ "nor after that", 1046, 4693, 0, true },
		{ "somebody has", 4694, 4695, 0, false },
		{ "a page from before", 3000, 4696, 0, false },
		{ "no page, and no message", 0, 4740, 0, true },
	};

	set_process(PROC_CLOCK, 8, S);
	facts.clock = (struct msg_clock_state){ .raw_ns = 1000 * S };
	facts.clock_known = true;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct msg_clock_state page = { .raw_ns = looks[i].page_s * S };
		struct clock_pair now = { .raw_ns = looks[i].now_s * S,
			.suspended_ns = looks[i].slept_s * S };

		absent_see_clock(
		    &facts, looks[i].page_s != 0 ? &page : NULL, &now);
		OK(absent_clock_hangs(&facts) == looks[i].old, "%s: %d",
		    looks[i].what, looks[i].old);
	}
	set_process(PROC_CLOCK, 0, S);
	OK(!absent_clock_hangs(&facts), "what does not run does not hang");
	set_process(PROC_CLOCK, 8, S);
	facts.clock_age_ns = 0;
}

/* What ntp-net must not send. */
static void
test_from_net(void)
{
	union msg good = { .status = { .h = { MSG_STATUS, sizeof(good.status) },
			       .age_ns = -1,
			       .bound_ns = -1 } };

	for (int i = 0; i < 5; i++) {
		union msg m = good;

		client_wait_net(&quick, 1, NOW_NS);
		if (i == 1)
			m.status.flags = STATUS_UNMEASURED;
		if (i == 2)
			m.status.age_ns = -2;
		if (i == 3)
			m.status.bound_ns = INT64_MIN;
		if (i == 4)
			memset(m.status.why, 'x', sizeof(m.status.why));
		OK(client_from_net(&quick, &m, &facts, NOW_NS) ==
			(i == 0 ? 0 : -1),
		    "a status of ntp-net, %d", i);
	}
	OK(quick.status.uptime_ns == 100 * S, "with the uptime of ntpd");
	quick.phase = CLIENT_IDLE;
}

int
main(void)
{
	struct counts *first, *second;

	if (client_catch_ticks() == -1)
		return 1;
	stats_init(&facts.stats);
	client_init(&slow);
	client_init(&quick);
	test_nobody();
	first = make_worker(0);
	second = make_worker(3);
	want_worker(0, true);
	want_worker(3, true);
	test_sockets(first, second);
	test_fast();
	fill(second);
	test_slow();
	test_turns();
	test_without_net();
	test_doubt();
	test_old_page();
	test_from_net();
	return DONE();
}
