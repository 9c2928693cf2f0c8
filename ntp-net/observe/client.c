/*
 * One connection to the control socket, see client.h.  Run by ntp-observe.  It
 * must never wait for a client, nor trust what a client sends.
 */
#include "ntp-net/observe/client.h"

#include <sys/time.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/status.h"
#include "ntp-net/observe/absent.h"

#define IDLE_NS	    (10 * NS_PER_S) /* without a question or progress */
#define WAIT_NET_NS (2 * NS_PER_S)
#define PUMP_STEPS  4096 /* clients that are looked at per turn */
#define TICK_US	    1000 /* the longest wait in close(2) */

static void
on_tick(int sig)
{
	(void)sig;
}

int
client_catch_ticks(void)
{
	/* No SA_RESTART: a waiting call must be interrupted. */
	const struct sigaction sa = { .sa_handler = on_tick };

	return sigaction(SIGALRM, &sa, NULL);
}

void
client_init(struct client *c)
{
	c->ch = channel_none(PROC_OBSERVE, PROC_CTL);
	c->phase = CLIENT_IDLE;
}

void
client_open(struct client *c, int fd, int64_t now_ns)
{
	c->ch = channel_none(PROC_OBSERVE, PROC_CTL);
	c->ch.fd = fd;
	c->phase = CLIENT_IDLE;
	c->deadline_ns = now_ns + IDLE_NS;
	c->opened_ns = now_ns;
}

/*
 * Before Linux 6.16 the kernel puts descriptors that nobody asked for into this
 * socket's queue, and closes them with it.  That can take an hour, if one is a
 * TCP socket with SO_LINGER.  A pending signal ends all these waits, and
 * prevents new ones until it is handled after the close.  The timer repeats,
 * because its first tick might come before the close begins.
 */
void
client_close(struct client *c)
{
	const struct itimerval ticks = { { 0, TICK_US }, { 0, TICK_US } };
	const struct itimerval none = { { 0, 0 }, { 0, 0 } };
	int fd = c->ch.fd;

	c->ch.fd = -1;
	c->phase = CLIENT_IDLE;
	if (fd == -1)
		return;
	if (setitimer(ITIMER_REAL, &ticks, NULL) == -1)
		return;	 /* does not happen; leave it open, do not hang */
	(void)close(fd); /* a failure cannot be handled */
	(void)setitimer(ITIMER_REAL, &none, NULL);
}

short
client_events(const struct client *c)
{
	if (c->phase == CLIENT_IDLE)
		return POLLIN;
	return c->phase == CLIENT_WAIT_NET ? 0 : POLLOUT;
}

static void
begin(struct client *c, enum client_phase phase, int64_t now_ns)
{
	c->phase = phase;
	c->cursor = 0;
	c->deadline_ns = now_ns + IDLE_NS;
}

static void
set_result(struct client *c, bool ok, const char *text)
{
	memset(&c->result, 0, sizeof(c->result));
	c->result.ok = ok;
	strncpy(c->result.text, text, sizeof(c->result.text) - 1);
}

void
client_fail(struct client *c, const char *why, int64_t now_ns)
{
	set_result(c, false, why);
	begin(c, CLIENT_RESULT, now_ns);
}

void
client_without_net(struct client *c, const struct facts *facts,
    enum net_lack lack, int64_t now_ns)
{
	set_result(c, true, "");
	absent_status(facts, lack, now_ns, &c->status);
	c->source_count = 0;
	begin(c, CLIENT_STATUS, now_ns);
}

/* Is this worker among the ntp-serve processes that ntpd wants? */
static bool
worker_wanted(const struct facts *facts, uint32_t worker)
{
	return facts->process_known[worker_child(worker)];
}

/* Begin an answer about the servers, if there are any. */
static void
begin_served(struct client *c, enum client_phase phase,
    const struct facts *facts, int64_t now_ns)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		if (!worker_wanted(facts, w))
			continue;
		begin(c, phase, now_ns);
		memset(&c->view, 0, sizeof(c->view)); /* its records are old */
		return;
	}
	client_fail(c,
	    "nobody is served, since ntpd listens on no address: see "
	    "\"listen on\" in ntpd.conf(5), and the log",
	    now_ns);
}

/*
 * Why ntp-clock's last state is not to be trusted; NULL: it is.  If ntp-clock
 * does not run, ntpctl says that the state is old, see ctl/standing.c.
 */
static const char *
clock_in_doubt(const struct facts *facts)
{
	return absent_clock_hangs(facts) ? "ntp-clock does not respond" : NULL;
}

/* Returns true and a reason if the clock must not be called in sync. */
static bool
clock_is_bad(const struct facts *facts, char why[REASON_LEN])
{
	const char *doubt = clock_in_doubt(facts);
	bool frozen = facts->clock_known &&
	    (facts->clock.flags & CLOCK_STATE_FROZEN) != 0;

	memset(why, 0, REASON_LEN);
	if (doubt != NULL)
		(void)snprintf(why, REASON_LEN, "%s", doubt);
	else if (frozen)
		(void)snprintf(why, REASON_LEN, "the clock is frozen: %.100s",
		    facts->clock.frozen);
	return doubt != NULL || frozen;
}

/*
 * Add what ntp-net does not know: the addresses that are not listened on yet;
 * ntp-clock's state, of which ntp-net only gets the changes, so that this one
 * is newer; and whether anybody steers the clock.
 */
static void
complete_status(struct msg_status *m, const struct facts *facts)
{
	char why[REASON_LEN];

	m->awaited = facts->awaited.count;
	m->awaited_addr = facts->awaited.addr;
	m->awaited_port = facts->awaited.port;
	if (facts->clock_known) {
		m->steps = facts->clock.steps;
		m->samples = facts->clock.samples;
	}
	if (!clock_is_bad(facts, why) || (m->flags & STATUS_SYNCED) == 0)
		return;
	m->flags &= ~(STATUS_SYNCED | STATUS_HOLDOVER);
	m->stratum = STRATUM_NONE;
	memcpy(m->why, why, sizeof(m->why));
}

/* Returns 0 if ntp-net must be asked, else -1. */
static int
take_command(struct client *c, const struct msg_ctl_ask *ask,
    const struct facts *facts, int64_t now_ns)
{
	if (ask->version != CTL_VERSION) {
		client_fail(
		    c, "ntpctl and ntpd are of different versions", now_ns);
		return -1;
	}
	set_result(c, true, "");
	if (ask->command == CTL_CLOCK && !facts->clock_known) {
		client_fail(c, "ntp-clock has not said anything yet", now_ns);
		return -1;
	}
	if (ask->command == CTL_CLOCK && clock_in_doubt(facts) != NULL) {
		client_fail(c, clock_in_doubt(facts), now_ns);
		return -1;
	}
	if (ask->command == CTL_CLOCK) {
		begin(c, CLIENT_CLOCK, now_ns);
		return -1;
	}
	if (ask->command == CTL_LOG) {
		begin(c, CLIENT_EVENTS, now_ns);
		c->events_end = facts->event_count;
		return -1;
	}
	if (ask->command == CTL_SERVER || ask->command == CTL_CLIENTS) {
		begin_served(c,
		    ask->command == CTL_SERVER ? CLIENT_SOCKETS
					       : CLIENT_CLIENTS,
		    facts, now_ns);
		return -1;
	}
	if (ask->command == CTL_STATUS)
		return 0;
	client_fail(c,
	    ask->command == CTL_SYNC || ask->command == CTL_RELOAD
		? "permission denied: a change is not asked for here"
		: "unknown command",
	    now_ns);
	return -1;
}

int
client_read(struct client *c, const struct facts *facts, int64_t now_ns)
{
	enum msg_result got;
	union msg msg;
	int fd;

	got = msg_recv(&c->ch, &msg, &fd);
	if (got == MSG_CLOSED || got == MSG_BAD)
		client_close(c);
	if (got != MSG_GOT)
		return -1;
	return take_command(c, &msg.ctl_ask, facts, now_ns);
}

void
client_wait_net(struct client *c, uint32_t id, int64_t now_ns)
{
	c->phase = CLIENT_WAIT_NET;
	c->ask_id = id;
	c->status_known = false;
	c->source_count = 0;
	c->deadline_ns = now_ns + WAIT_NET_NS;
}

/* ntp-net must not set what only ntp-observe may set. */
static bool
net_status_ok(const struct msg_status *s)
{
	return (s->flags & STATUS_UNMEASURED) == 0 && s->awaited == 0 &&
	    status_ok(s);
}

int
client_from_net(struct client *c, const union msg *msg,
    const struct facts *facts, int64_t now_ns)
{
	if (msg->h.type == MSG_STATUS) {
		if (c->status_known || !net_status_ok(&msg->status))
			return -1;
		c->status = msg->status;
		c->status.uptime_ns =
		    absent_process_ns(facts, PROC_NTPD, now_ns);
		c->status_known = true;
		return 0;
	}
	if (!c->status_known)
		return -1;
	if (msg->h.type == MSG_STATUS_END) {
		begin(c, CLIENT_STATUS, now_ns);
		return 0;
	}
	if (msg->h.type != MSG_SOURCE_STATUS ||
	    c->source_count == SOURCES_MAX ||
	    !msg_text_ok(msg->source_status.name, NAME_LEN) ||
	    !msg_text_ok(msg->source_status.why, REASON_LEN))
		return -1;
	c->sources[c->source_count++] = msg->source_status;
	return 0;
}

/* Unused sockets and clients are skipped. */
static void *
next_socket(struct client *c, const struct facts *facts)
{
	for (; c->cursor < STATS_SOCKETS; c->cursor++)
		if (worker_wanted(facts, stats_socket_worker(c->cursor)) &&
		    stats_socket(&facts->stats, c->cursor, &c->socket))
			return &c->socket;
	return NULL;
}

/* One message, if there is a fast path. */
static void *
next_fast(struct client *c, const struct facts *facts)
{
	struct fast_counters n;

	if (facts->fast == NULL || c->cursor != 0)
		return NULL;
	n = fastcount_sum(facts->fast, facts->fast_processors);
	c->fast = (struct msg_fast_status){ .answered = n.answered,
		.passed = n.passed,
		.denied = n.denied,
		.limited = n.limited };
	return &c->fast;
}

/* The next program that should run, with its present age. */
static void *
next_process(struct client *c, const struct facts *facts, int64_t now_ns)
{
	while (c->cursor < CHILD_COUNT && !facts->process_known[c->cursor])
		c->cursor++;
	if (c->cursor == CHILD_COUNT)
		return NULL;
	c->process = facts->processes[c->cursor];
	c->process.age_ns =
	    absent_process_ns(facts, (uint32_t)c->cursor, now_ns);
	return &c->process;
}

static void *
next_client(struct client *c, struct facts *facts)
{
	while (c->cursor < STATS_CLIENTS && c->steps_left > 0) {
		uint32_t worker = stats_client_worker(c->cursor);

		if (!worker_wanted(facts, worker)) {
			c->cursor = (worker + UINT64_C(1)) * LIMIT_CLIENTS;
			continue;
		}
		c->steps_left--;
		if (stats_client(
			&facts->stats, &c->view, c->cursor, &c->client))
			return &c->client;
		c->cursor++;
	}
	return NULL;
}

/*
 * The next message of the phase, or NULL after the last.  Events that are
 * overwritten while the log is sent are skipped.
 */
static void *
next_message(
    struct client *c, struct facts *facts, int64_t now_ns, enum msg_type *type)
{
	switch (c->phase) {
	case CLIENT_IDLE:
	case CLIENT_WAIT_NET:
		return NULL;
	case CLIENT_STATUS:
		*type = c->cursor == 0 ? MSG_STATUS : MSG_SOURCE_STATUS;
		if (c->cursor == 0) {
			complete_status(&c->status, facts);
			return &c->status;
		}
		return c->cursor <= c->source_count ? &c->sources[c->cursor - 1]
						    : NULL;
	case CLIENT_PROCESSES:
		*type = MSG_PROCESS;
		return next_process(c, facts, now_ns);
	case CLIENT_CLOCK:
		*type = MSG_CLOCK_STATE;
		return c->cursor == 0 ? &facts->clock : NULL;
	case CLIENT_EVENTS:
		*type = MSG_CLOCK_EVENT;
		if (c->cursor + EVENTS_KEPT < facts->event_count)
			c->cursor = facts->event_count - EVENTS_KEPT;
		return c->cursor < c->events_end
		    ? &facts->events[c->cursor % EVENTS_KEPT]
		    : NULL;
	case CLIENT_SOCKETS:
		*type = MSG_SERVER_STATUS;
		return next_socket(c, facts);
	case CLIENT_FAST:
		*type = MSG_FAST_STATUS;
		return next_fast(c, facts);
	case CLIENT_CLIENTS:
		*type = MSG_CLIENT_STATUS;
		return next_client(c, facts);
	case CLIENT_RESULT:
		*type = MSG_CTL_RESULT;
		return c->cursor == 0 ? &c->result : NULL;
	}
	return NULL;
}

static void
next_phase(struct client *c, int64_t now_ns)
{
	if (c->phase == CLIENT_STATUS)
		begin(c, CLIENT_PROCESSES, now_ns);
	else if (c->phase == CLIENT_SOCKETS)
		begin(c, CLIENT_FAST, now_ns);
	else if (c->phase == CLIENT_RESULT)
		begin(c, CLIENT_IDLE, now_ns);
	else
		begin(c, CLIENT_RESULT, now_ns);
}

void
client_pump(struct client *c, struct facts *facts, int64_t now_ns)
{
	c->steps_left = PUMP_STEPS;
	while (c->phase != CLIENT_IDLE && c->phase != CLIENT_WAIT_NET) {
		enum msg_type type = MSG_NONE;
		void *msg = next_message(c, facts, now_ns, &type);

		if (msg == NULL && c->steps_left == 0)
			return; /* let others have their turn */
		if (msg == NULL) {
			next_phase(c, now_ns);
			continue;
		}
		if (msg_send(&c->ch, type, msg, -1) == -1) {
			if (errno != EAGAIN && errno != EINTR)
				client_close(c);
			return;
		}
		c->cursor++;
		c->deadline_ns = now_ns + IDLE_NS;
	}
}

void
client_expire(struct client *c, const struct facts *facts, int64_t now_ns)
{
	if (c->phase == CLIENT_WAIT_NET)
		client_without_net(c, facts, NET_SILENT, now_ns);
	else
		client_close(c);
}
