/*
 * ntp-observe: answers ntpctl(8) on the control socket.  Started by ntpd(8),
 * which gives it the listening socket.  It reads what local users send; it
 * can change nothing, and has no part in it when somebody else does: for that
 * ntpd listens itself, on another socket.
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "absent.h"
#include "child.h"
#include "client.h"
#include "clock.h"
#include "log.h"
#include "pace.h"
#include "profile.h"

#define NET_BATCH 256 /* messages of ntp-net before others get their turn */
#define LONG_NS	  INT64_C(2000000000) /* to have a place when all are taken */

/* What an answer of ntp-net may have at most. */
#define ANSWER_MAX (SOURCES_MAX * 2 + 2)

/*
 * Questions of all clients together: what they make ntp-net and ntpd do is
 * bounded here, and is far less than ntpd takes for an attack.
 */
static const struct pace_rate question_rate = { 5000000, 64 };

static struct observer {
	struct channel parent;
	struct channel net;
	int listener; /* -1: none */
	uint32_t last_id;
	uint32_t owed; /* messages of ntp-net that were asked for */
	struct pace questions;
	size_t first;	/* client whose turn comes first */
	uint32_t tries; /* to wait, that failed */
	struct timeline timeline;
	struct facts facts;
	struct client clients[OBSERVE_CLIENTS_MAX];
} observer;

static int64_t
now_monotonic(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		return 0; /* not on any Linux */
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Nobody who waits for ntp-net will hear from it: he hears from others. */
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

/* Keep what ntpd tells.  Returns false if it may not be so. */
static bool
keep_fact(struct facts *f, const union msg *msg, int64_t now_ns)
{
	if (msg->h.type == MSG_PROCESS && msg->process.child < CHILD_COUNT) {
		f->process_at_ns[msg->process.child] = now_ns;
		f->processes[msg->process.child] = msg->process;
		f->process_known[msg->process.child] = msg->process.wanted != 0;
		return true;
	}
	if (msg->h.type == MSG_CLOCK_STATE &&
	    msg_text_ok(msg->clock_state.frozen, REASON_LEN)) {
		f->clock = msg->clock_state;
		f->clock_known = true;
		return true;
	}
	if (msg->h.type == MSG_CLOCK_EVENT &&
	    msg_text_ok(msg->clock_event.reason, REASON_LEN)) {
		f->events[f->event_count++ % EVENTS_KEPT] = msg->clock_event;
		return true;
	}
	return false;
}

/* Where ntp-clock keeps its state; ntpd tells it once at most. */
static void
take_clock_page(struct facts *f, int fd)
{
	f->clock_page = page_map(fd, false);
	(void)close(fd); /* the mapping stays */
	if (f->clock_page != NULL)
		return;
	/* What would be told is old: the next one may have room for it. */
	log_error("the state of the clock: %s", strerrordesc_np(errno));
	_exit(1);
}

/* One does not do its work: ntpd is to look whether it lives. */
static void
tell_silent(struct observer *o, enum proc peer)
{
	struct msg_silent m = { .peer = (uint32_t)peer };

	msg_offer(&o->parent, MSG_SILENT, &m);
}

/* What ntp-clock has not told, since nobody was to be woken by it. */
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

/* Where the program in the kernel counts; ntpd tells it once at most. */
static void
take_fast(struct facts *f, uint32_t processors, int fd)
{
	f->fast_processors = processors;
	f->fast = fastcount_map(fd, processors);
	if (f->fast == NULL)
		log_warning("what is answered fast cannot be counted: %s",
		    strerrordesc_np(errno));
	(void)close(fd); /* the mapping stays */
}

static void
from_parent(struct observer *o, const union msg *msg, int fd, int64_t now_ns)
{
	if (child_common_message(msg))
		return;
	if (msg->h.type == MSG_PEER && msg->peer.peer == PROC_NET) {
		channel_close(&o->net);
		o->net.fd = fd;
		o->owed = 0;
		net_is_gone(o, now_ns);
	} else if (msg->h.type == MSG_SOCKET) {
		if (o->listener != -1)
			(void)close(o->listener); /* the new one replaces it */
		o->listener = fd;
	} else if (msg->h.type == MSG_COUNTS) {
		if (stats_take(&o->facts.stats, msg->counts.worker, fd) == -1)
			_exit(1);
	} else if (msg->h.type == MSG_CLOCK_PAGE) {
		take_clock_page(&o->facts, fd);
	} else if (msg->h.type == MSG_FAST_COUNTS) {
		take_fast(&o->facts, msg->fast_counts.processors, fd);
	} else if (msg->h.type == MSG_FAST_NONE) {
		o->facts.fast = NULL; /* where it was mapped does no harm */
	} else if (!keep_fact(&o->facts, msg, now_ns)) {
		_exit(1);
	}
}

static void
read_parent(struct observer *o, int64_t now_ns)
{
	enum msg_result got;
	union msg msg;
	int fd;

	while ((got = msg_recv(&o->parent, &msg, &fd)) == MSG_GOT)
		from_parent(o, &msg, fd, now_ns);
	if (got != MSG_NOTHING)
		_exit(got == MSG_CLOSED ? 0 : 1);
}

/* Who asked ntp-net with this id; NULL if it has gone in the meantime. */
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
			got = MSG_BAD; /* nobody asked for so much */
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
 * Where all places are taken, whoever has had one for long must come again, so
 * that a user who holds on to many cannot lock the others out.
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

/* Close and refuse what is late.  Returns the time until the next deadline. */
static struct timespec
expire(struct observer *o, int64_t now_ns)
{
	int64_t wait_ns = INT64_C(3600000000000);

	make_room(o, now_ns);
	if (free_client(o) == NULL)
		wait_ns = LONG_NS / 4;
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++) {
		struct client *c = &o->clients[i];

		if (c->ch.fd != -1 && c->deadline_ns <= now_ns) {
			if (c->phase == CLIENT_WAIT_NET)
				tell_silent(o, PROC_NET);
			client_expire(c, &o->facts, now_ns);
			client_pump(c, &o->facts, now_ns);
		}
		if (c->ch.fd != -1 && c->deadline_ns - now_ns < wait_ns)
			wait_ns = c->deadline_ns - now_ns;
	}
	return (struct timespec){ .tv_sec = wait_ns / 1000000000,
		.tv_nsec = wait_ns % 1000000000 };
}

enum { AT_PARENT, AT_NET, AT_LISTENER, AT_CLIENTS };

static void
turn(struct observer *o)
{
	int64_t now_ns = now_monotonic();
	int64_t pause_ns = pace_wait_ns(&o->questions, &question_rate, now_ns);
	struct timespec wait = expire(o, now_ns);
	struct pollfd pfds[AT_CLIENTS + OBSERVE_CLIENTS_MAX] = {
		[AT_PARENT] = { .fd = o->parent.fd, .events = POLLIN },
		[AT_NET] = { .fd = o->net.fd, .events = POLLIN },
		[AT_LISTENER] = { .fd =
				      free_client(o) != NULL ? o->listener : -1,
		    .events = POLLIN },
	};

	if (pause_ns > 0 && (wait.tv_sec > 0 || wait.tv_nsec > pause_ns))
		wait = (struct timespec){ .tv_nsec = pause_ns };
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++) {
		struct client *c = &o->clients[i];
		bool paused = pause_ns > 0 && c->phase == CLIENT_IDLE;

		pfds[AT_CLIENTS + i] = (struct pollfd){ .fd = c->ch.fd,
			.events = paused ? 0 : client_events(c) };
	}
	if (ppoll(pfds, AT_CLIENTS + OBSERVE_CLIENTS_MAX, &wait, NULL) == -1) {
		child_wait_failed(&o->tries);
		return;
	}
	o->tries = 0;
	now_ns = now_monotonic();
	for (size_t n = 0; n < OBSERVE_CLIENTS_MAX; n++) {
		size_t i = (o->first + n) % OBSERVE_CLIENTS_MAX;

		if (pfds[AT_CLIENTS + i].revents != 0)
			serve_client(o, &o->clients[i],
			    pfds[AT_CLIENTS + i].revents, now_ns);
	}
	o->first = (o->first + 1) % OBSERVE_CLIENTS_MAX;
	/* What these bring may close or replace a descriptor: last. */
	if (pfds[AT_NET].revents != 0)
		read_net(o, now_ns);
	if (pfds[AT_LISTENER].revents != 0)
		accept_client(o, now_ns);
	if (pfds[AT_PARENT].revents != 0)
		read_parent(o, now_ns);
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
	(void)clock_read_pair(&o->timeline); /* earlier suspends: no news */
	stats_init(&o->facts.stats);
	for (size_t i = 0; i < OBSERVE_CLIENTS_MAX; i++)
		client_init(&o->clients[i]);
	for (;;)
		turn(o);
}
