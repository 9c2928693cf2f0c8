/*
 * ntp-observe: answers ntpctl(8) on the control socket.  Started by ntpd(8),
 * which passes it the listening socket.  It reads what local users send.  It
 * can change nothing: requests for changes do not pass through it, but go to
 * ntpd directly, on another socket.
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/pace.h"
#include "ntp-net/observe/absent.h"
#include "ntp-net/observe/client.h"
#include "ntp-net/observe/profile.h"

#define NET_BATCH 256 /* messages from ntp-net before others get a turn */
#define LONG_NS	  (2 * NS_PER_S) /* a client may be replaced after this time */

/* Maximum number of messages in an answer of ntp-net. */
#define ANSWER_MAX (SOURCES_MAX * 2 + 2)

/*
 * Rate limit on the questions of all clients together.  It bounds the work of
 * ntp-net and ntpd, and is far below what ntpd takes for an attack.
 */
static const struct pace_rate question_rate = { 5000000, 64 };

static struct observer {
	struct channel parent;
	struct channel net;
	int listener; /* -1: none */
	uint32_t last_id;
	uint32_t owed; /* messages that ntp-net may still send */
	struct pace questions;
	size_t first;	/* the client whose turn is first */
	uint32_t tries; /* failed waits in a row */
	struct loop loop;
	int64_t now_ns; /* when the messages came */
	struct timeline timeline;
	struct facts facts;
	struct client clients[OBSERVE_CLIENTS_MAX];
} observer;

/* Clients that wait for ntp-net get an answer without it. */
static void
net_is_gone(struct observer *o, int64_t now_ns)
{
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++) {
		struct client *c = &o->clients[i];

		if (c->phase != CLIENT_WAIT_NET)
			continue;
		client_without_net(c, &o->facts, NET_NOT_THERE, now_ns);
		client_pump(c, &o->facts, now_ns);
	}
}

static int
take_process(struct received *r)
{
	const struct msg_process *m = &r->m.process;
	struct facts *f = &observer.facts;

	if (m->child >= CHILD_COUNT)
		return -1;
	f->process_at_ns[m->child] = observer.now_ns;
	f->processes[m->child] = *m;
	f->process_known[m->child] = m->wanted != 0;
	return 0;
}

static int
take_awaited(struct received *r)
{
	const struct msg_awaited *m = &r->m.awaited;

	if (m->count > LISTENS_MAX || m->port > UINT16_MAX)
		return -1;
	observer.facts.awaited = *m;
	return 0;
}

static int
take_clock_state(struct received *r)
{
	if (!msg_text_ok(r->m.clock_state.frozen, REASON_LEN))
		return -1;
	observer.facts.clock = r->m.clock_state;
	observer.facts.clock_known = true;
	return 0;
}

static int
take_clock_event(struct received *r)
{
	struct facts *f = &observer.facts;

	if (!msg_text_ok(r->m.clock_event.reason, REASON_LEN))
		return -1;
	f->events[f->event_count++ % EVENTS_KEPT] = r->m.clock_event;
	return 0;
}

/* The page with ntp-clock's state; ntpd sends it at most once. */
static int
take_clock_page(struct received *r)
{
	observer.facts.clock_page = page_map(r->fd, false);
	(void)close(r->fd); /* the mapping stays */
	if (observer.facts.clock_page != NULL)
		return 0;
	/* Without it the shown state is old; a new instance may have room. */
	log_error("the state of the clock: %s", strerrordesc_np(errno));
	return -1;
}

/* Report to ntpd that a program does not respond: ntpd checks it. */
static void
tell_silent(struct observer *o, enum proc peer)
{
	struct msg_silent m = { .peer = (uint32_t)peer };

	msg_offer(&o->parent, MSG_SILENT, &m);
}

/* Read the clock's state, which ntp-clock writes without a message. */
static void
look_at_clock(struct observer *o)
{
	struct facts *f = &o->facts;
	struct clock_pair now = clock_read_pair(&o->timeline);
	struct msg_clock_state page;
	bool any = f->clock_page != NULL &&
	    page_get(f->clock_page, &page, sizeof(page));

	absent_see_clock(f, any ? &page : NULL, &now);
	if (absent_clock_hangs(f) && f->processes[PROC_CLOCK].silent == 0)
		tell_silent(o, PROC_CLOCK);
}

/* The counters of the fast path; ntpd sends them at most once. */
static int
take_fast(struct received *r)
{
	struct facts *f = &observer.facts;

	f->fast_processors = r->m.fast_counts.processors;
	f->fast = fastcount_map(r->fd, f->fast_processors);
	if (f->fast == NULL)
		log_warning("what is answered fast cannot be counted: %s",
		    strerrordesc_np(errno));
	(void)close(r->fd); /* the mapping stays */
	return 0;
}

static int
take_no_fast(struct received *r)
{
	(void)r;
	observer.facts.fast = NULL; /* the old mapping is harmless */
	return 0;
}

static int
take_peer(struct received *r)
{
	struct observer *o = &observer;

	if (dispatch_renew(&o->net, r) == -1)
		return -1;
	o->owed = 0;
	net_is_gone(o, o->now_ns);
	return 0;
}

static int
take_socket(struct received *r)
{
	struct observer *o = &observer;

	if (o->listener != -1)
		(void)close(o->listener); /* the new one replaces it */
	o->listener = r->fd;
	return 0;
}

static int
take_counts(struct received *r)
{
	return stats_take(&observer.facts.stats, r->m.counts.worker, r->fd);
}

/* Messages from ntpd. */
static const struct handler handlers[MSG_COUNT] = {
	[MSG_PEER] = { .take = take_peer },
	[MSG_SOCKET] = { .take = take_socket },
	[MSG_COUNTS] = { .take = take_counts },
	[MSG_CLOCK_PAGE] = { .take = take_clock_page },
	[MSG_FAST_COUNTS] = { .take = take_fast },
	[MSG_FAST_NONE] = { .take = take_no_fast },
	[MSG_PROCESS] = { .take = take_process },
	[MSG_AWAITED] = { .take = take_awaited },
	[MSG_CLOCK_STATE] = { .take = take_clock_state },
	[MSG_CLOCK_EVENT] = { .take = take_clock_event },
};

/* The client whose question has this id; NULL if it has gone meanwhile. */
static struct client *
find_client(struct observer *o, uint32_t id)
{
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++)
		if (o->clients[i].phase == CLIENT_WAIT_NET &&
		    o->clients[i].ask_id == id)
			return &o->clients[i];
	return NULL;
}

static uint32_t
id_of(const union msg *msg)
{
	if (msg->h.type == MSG_STATUS)
		return msg->status.id;
	if (msg->h.type == MSG_SOURCE_STATUS)
		return msg->source_status.id;
	return msg->status_end.id;
}

static void
read_net(struct observer *o, int64_t now_ns)
{
	enum msg_result got = MSG_GOT;
	union msg msg;
	int fd;

	for (int i = 0; i < NET_BATCH && got == MSG_GOT; i++) {
		struct client *c;

		got = msg_recv(&o->net, &msg, &fd);
		if (got != MSG_GOT)
			break;
		if (o->owed == 0) {
			got = MSG_BAD; /* more than anybody asked for */
			break;
		}
		o->owed--;
		c = find_client(o, id_of(&msg));
		if (c == NULL)
			continue;
		if (client_from_net(c, &msg, &o->facts, now_ns) == -1)
			got = MSG_BAD;
		client_pump(c, &o->facts, now_ns);
	}
	if (got == MSG_GOT || got == MSG_NOTHING)
		return;
	child_drop_channel(&o->net, got);
	net_is_gone(o, now_ns);
}

static void
ask_net(struct observer *o, struct client *c, int64_t now_ns)
{
	struct msg_status_ask ask = { .id = ++o->last_id };

	if (o->net.fd == -1)
		client_without_net(c, &o->facts, NET_NOT_THERE, now_ns);
	else if (msg_send(&o->net, MSG_STATUS_ASK, &ask, -1) == -1)
		client_without_net(c, &o->facts, NET_SILENT, now_ns);
	else {
		o->owed +=
		    o->owed < ANSWER_MAX * OBSERVE_CLIENTS_MAX ? ANSWER_MAX : 0;
		client_wait_net(c, ask.id, now_ns);
	}
}

static void
serve_client(
    struct observer *o, struct client *c, short revents, int64_t now_ns)
{
	if (c->phase == CLIENT_IDLE && (revents & POLLIN) != 0) {
		if (!pace_take(&o->questions, &question_rate, now_ns))
			return; /* in a later turn */
		look_at_clock(o);
		if (client_read(c, &o->facts, now_ns) == 0)
			ask_net(o, c, now_ns);
	} else if ((revents & (POLLHUP | POLLERR)) != 0) {
		client_close(c);
	}
	client_pump(c, &o->facts, now_ns);
}

static struct client *
free_client(struct observer *o)
{
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++)
		if (o->clients[i].ch.fd == -1)
			return &o->clients[i];
	return NULL;
}

static void
accept_client(struct observer *o, int64_t now_ns)
{
	struct client *c = free_client(o);
	int fd;

	if (c == NULL)
		return;
	fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_warning("accept: %s", strerrordesc_np(errno));
		return;
	}
	client_open(c, fd, now_ns);
}

/*
 * If all places are taken, the oldest connection is closed after LONG_NS, so
 * that one user cannot lock the others out by holding many.
 */
static void
make_room(struct observer *o, int64_t now_ns)
{
	struct client *oldest = &o->clients[0];

	if (free_client(o) != NULL)
		return;
	for (size_t i = 1; i < OBSERVE_CLIENTS_MAX; i++)
		if (o->clients[i].opened_ns < oldest->opened_ns)
			oldest = &o->clients[i];
	if (now_ns - oldest->opened_ns > LONG_NS)
		client_close(oldest);
}

/* Close or refuse what is late, and set the time of the next deadline. */
static void
expire(struct observer *o, int64_t now_ns)
{
	make_room(o, now_ns);
	if (free_client(o) == NULL)
		loop_until(&o->loop, now_ns + LONG_NS / 4);
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++) {
		struct client *c = &o->clients[i];

		if (c->ch.fd != -1 && c->deadline_ns <= now_ns) {
			if (c->phase == CLIENT_WAIT_NET)
				tell_silent(o, PROC_NET);
			client_expire(c, &o->facts, now_ns);
			client_pump(c, &o->facts, now_ns);
		}
		if (c->ch.fd != -1)
			loop_until(&o->loop, c->deadline_ns);
	}
}

static void
on_client(void *argument, const struct pollfd *p)
{
	serve_client(&observer, argument, p->revents, observer.now_ns);
}

static void
on_net(void *argument, const struct pollfd *p)
{
	(void)p;
	read_net(argument, observer.now_ns);
}

static void
on_listener(void *argument, const struct pollfd *p)
{
	(void)p;
	accept_client(argument, observer.now_ns);
}

static void
on_parent(void *argument, const struct pollfd *p)
{
	(void)p;
	dispatch_all(argument, handlers);
}

/* Order: the last three may close or replace a descriptor. */
static void
wait_for(struct observer *o, bool paused)
{
	struct loop *l = &o->loop;

	for (size_t n = 0; n < OBSERVE_CLIENTS_MAX; n++) {
		struct client *c =
		    &o->clients[(o->first + n) % OBSERVE_CLIENTS_MAX];

		loop_add(l, c->ch.fd,
		    paused && c->phase == CLIENT_IDLE ? 0 : client_events(c),
		    on_client, c);
	}
	loop_add(l, o->net.fd, POLLIN, on_net, o);
	loop_add(l, free_client(o) != NULL ? o->listener : -1, POLLIN,
	    on_listener, o);
	loop_add(l, o->parent.fd, POLLIN, on_parent, &o->parent);
}

static void
turn(struct observer *o)
{
	int64_t now_ns = clock_read_monotonic();
	int64_t pause_ns = pace_wait_ns(&o->questions, &question_rate, now_ns);

	loop_clear(&o->loop);
	expire(o, now_ns);
	if (pause_ns > 0)
		loop_until(&o->loop, now_ns + pause_ns);
	wait_for(o, pause_ns > 0);
	if (loop_wait(&o->loop, now_ns, NULL) == -1) {
		child_wait_failed(&o->tries);
		return;
	}
	o->tries = 0;
	o->now_ns = clock_read_monotonic();
	loop_serve(&o->loop, 0, o->loop.count);
	o->first = (o->first + 1) % OBSERVE_CLIENTS_MAX;
}

int
main(void)
{
	struct observer *o = &observer;

	if (client_catch_ticks() == -1)
		err(1, "sigaction");
	child_begin(PROC_OBSERVE, &observe_profile, &o->parent, NULL);
	o->net = channel_none(PROC_OBSERVE, PROC_NET);
	o->listener = -1;
	(void)clock_read_pair(&o->timeline); /* ignore earlier suspends */
	stats_init(&o->facts.stats);
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++)
		client_init(&o->clients[i]);
	for (;;)
		turn(o);
}
