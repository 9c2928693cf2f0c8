/*
 * ntp-net: queries servers, determines the time, and tells ntp-clock and
 * ntp-serve.  Started by ntpd(8) without any privilege, in a sandbox that
 * allows only UDP sockets.  It parses what the network sends.  It must never
 * touch the clock, open a file, or wait for another program.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/shortage.h"
#include "ntp-net/poll/decide.h"
#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/lookup.h"
#include "ntp-net/poll/net.h"
#include "ntp-net/poll/profile.h"
#include "ntp-net/poll/query_mac.h"
#include "ntp-net/poll/record/record.h"
#include "ntp-net/poll/report.h"
#include "ntp-net/poll/silent.h"
#include "ntp-net/poll/status.h"
#include "ntp-net/poll/status_log.h"

#define CHANNELS	4
#define MESSAGES_A_TURN 16 /* per channel, before the others are read */

/* The whole state; its memory pages are touched only as sources appear. */
static struct net net;

/* Used only if ntpd passes files. */
static struct recorder recorder;

static struct {
	struct loop loop;
	bool quiet; /* near a leap second: no measurements */
} net_loop;

_Static_assert(CHANNELS + SOURCES_MAX <= LOOP_MAX, "room");

/* --- messages ------------------------------------------------------------- */

/* A new channel to another child replaces the old one. */
static int
take_peer(struct received *r)
{
	if (dispatch_renew(&net.clock, r) == 0)
		decide_again(&net);
	else if (dispatch_renew(&net.resolve, r) == 0)
		lookup_restart(&net.table, (struct mono){ 0 });
	else if (dispatch_renew(&net.observe, r) == 0)
		report_forget(&net.report);
	else
		return -1;
	return 0;
}

static int
take_page(struct received *r)
{
	struct page *page = page_map(r->fd, true);

	if (page == NULL) {
		log_error("cannot map the page of served time: %s",
		    strerrordesc_np(errno));
		if (is_shortage(errno))
			_exit(1); /* another process may have room for it */
	} else {
		net.page = page;
	}
	(void)close(r->fd); /* the mapping stays */
	decide_again(&net);
	return 0;
}

/* There may be a route or a name server now: retry what has failed. */
static void
hurry(struct mono now)
{
	lookup_hurry(&net.table, now);
	table_hurry(&net.table, now);
}

static int
take_hurry(struct received *r)
{
	(void)r; /* the message has no contents */
	hurry(clocks_read(&net.clocks));
	return 0;
}

static int
take_commit(struct received *r)
{
	struct mono now = clocks_read(&net.clocks);

	if (net.table.committed)
		hurry(now); /* an operator is waiting */

	if (table_commit(&net.table, &r->m.net_commit, now) == -1)
		return -1;
	query_mac_commit();
	log_debug("configuration: entries=%u", net.table.entry_count);
	decide_again(&net);
	return 0;
}

static int
take_leaps(struct received *r)
{
	if (leaps_take(&net.leaps, &r->m.leaps) == -1)
		return -1;
	decide_again(&net);
	return 0;
}

static int
take_config(struct received *r)
{
	query_mac_begin();
	return table_config(&net.table, &r->m.net_config);
}

static int
take_source(struct received *r)
{
	return table_line(&net.table, &r->m.net_source);
}

static int
take_listens(struct received *r)
{
	return table_listens(&net.table, &r->m.net_listens);
}

static int
take_keys(struct received *r)
{
	return query_mac_take(&r->m.keys);
}

static int
take_clock_state(struct received *r)
{
	const struct msg_clock_state *c = &r->m.clock_state;

	if (!msg_text_ok(c->frozen, sizeof(c->frozen)))
		return -1;
	net.clock_state = *c;
	net.clock_known = true;
	return 0;
}

static int
take_clock_event(struct received *r)
{
	const struct msg_clock_event *e = &r->m.clock_event;

	if (!msg_text_ok(e->reason, sizeof(e->reason)))
		return -1;
	/* The other events are for ntpd's log; they change nothing here. */
	if (e->event == EVENT_RESUME)
		decide_paused(&net, clocks_read(&net.clocks));
	return 0;
}

static int
take_resolved(struct received *r)
{
	struct mono now = clocks_read(&net.clocks);

	net.decision.wanted = true;
	return lookup_answer(&net.table, &r->m.resolved, now);
}

static int
take_ask(struct received *r)
{
	report_ask(&net.report, r->m.status_ask.id);
	return 0;
}

/* For all channels. */
static const struct handler handlers[MSG_COUNT] = {
	[MSG_PEER] = { .take = take_peer },
	[MSG_PAGE] = { .take = take_page },
	[MSG_NET_CONFIG] = { .take = take_config },
	[MSG_KEYS] = { .take = take_keys },
	[MSG_NET_SOURCE] = { .take = take_source },
	[MSG_NET_LISTENS] = { .take = take_listens },
	[MSG_NET_HURRY] = { .take = take_hurry },
	[MSG_LEAPS] = { .take = take_leaps },
	[MSG_NET_COMMIT] = { .take = take_commit },
	[MSG_CLOCK_STATE] = { .take = take_clock_state },
	[MSG_CLOCK_EVENT] = { .take = take_clock_event },
	[MSG_RESOLVED] = { .take = take_resolved },
	[MSG_STATUS_ASK] = { .take = take_ask },
};

static void
channel_ended(struct channel *ch, enum msg_result why)
{
	if (ch == &net.parent)
		record_turn(&recorder); /* writes the last one */
	if (ch == &net.parent && why == MSG_CLOSED)
		_exit(0); /* ntpd is gone */
	child_drop_channel(ch, why);
	if (ch == &net.parent)
		_exit(1);
	if (ch == &net.resolve)
		lookup_restart(&net.table, (struct mono){ 0 });
	if (ch == &net.observe)
		report_forget(&net.report);
}

static void
read_channel(struct channel *ch)
{
	struct received r;

	for (int i = 0; i < MESSAGES_A_TURN && ch->fd != -1; i++) {
		enum msg_result got = msg_recv(ch, &r.m, &r.fd);

		record_message(net.clocks.recorder, ch, got, &r.m);
		if (got == MSG_NOTHING)
			return;
		if (got == MSG_GOT && dispatch(handlers, &r) == -1)
			got = MSG_BAD;
		if (got != MSG_GOT)
			channel_ended(ch, got);
	}
}

/* --- the loop ------------------------------------------------------------- */

/*
 * Answers to queries that were just sent are collected: until the returned raw
 * time the loop does not wait for answers or transmit timestamps.  0: it waits
 * for them.
 */
static int64_t
collect_ns(struct mono now)
{
	int64_t last_ns = 0;

	for (uint32_t i = 0; i < net.table.end; i++) {
		const struct slot *s = &net.table.slots[i];
		int64_t at_ns = s->used ? source_answer(&s->source).ns : 0;

		if (at_ns > last_ns)
			last_ns = at_ns;
	}
	return last_ns > now.ns ? last_ns : 0;
}

/*
 * Must be decided again because of a source?  `counted` is what source_counts()
 * said before the event.
 */
static bool
has_news(const struct slot *s, bool counted)
{
	return status_is_news(s) || status_log_has_news(s) ||
	    counted != source_counts(&s->source);
}

/*
 * Serve answers before channels: if the kernel gave no timestamp, it is taken
 * here.
 */
static void
take_answers(void *argument, const struct pollfd *p)
{
	struct slot *s = argument;
	bool counted;

	if (s->fd != p->fd)
		return;
	counted = source_counts(&s->source);
	exchange_readable(&net.table, s, &net.clocks, net_loop.quiet);
	net.decision.wanted =
	    net.decision.wanted || s->fresh || s->alarm || has_news(s, counted);
}

static void
take_channel(void *argument, const struct pollfd *p)
{
	if ((p->revents & ~POLLOUT) != 0)
		read_channel(argument);
}

/* The channels have the first places, even if they do not exist. */
static void
wait_for(struct loop *l, bool collect)
{
	short observe = POLLIN;

	if (report_waiting(&net.report))
		observe |= POLLOUT;
	loop_clear(l);
	loop_add(l, net.parent.fd, POLLIN, take_channel, &net.parent);
	loop_add(l, net.clock.fd, POLLIN, take_channel, &net.clock);
	loop_add(l, net.resolve.fd, POLLIN, take_channel, &net.resolve);
	loop_add(l, net.observe.fd, observe, take_channel, &net.observe);
	for (uint32_t i = 0; i < net.table.end; i++) {
		struct slot *s = &net.table.slots[i];

		if (s->used && s->fd != -1 && !collect)
			loop_add(l, s->fd, POLLIN, take_answers, s);
	}
}

static void
wait_until(struct loop *l, int64_t collect_ns)
{
	loop_until(l, decide_deadline(&net).ns);
	loop_until(l, lookup_deadline(&net.table, net.resolve.fd != -1).ns);
	/* Queries wait until the leap second is over; decide_step() checks. */
	if (!net_loop.quiet) {
		loop_until(l, table_deadline(&net.table).ns);
		loop_until(l, table_probe_deadline(&net.table).ns);
	}
	if (collect_ns != 0)
		loop_until(l, collect_ns);
}

/* A query woke us up: send those that are due soon along with it. */
static void
join_queries(struct mono now)
{
	if (table_deadline(&net.table).ns > now.ns)
		return;
	for (uint32_t i = 0; i < net.table.end; i++)
		if (net.table.slots[i].used)
			source_join(&net.table.slots[i].source, now);
}

static void
run_timers(void)
{
	struct mono now = clocks_read(&net.clocks);

	join_queries(now);
	for (uint32_t i = 0; i < net.table.end; i++) {
		struct slot *s = &net.table.slots[i];
		bool counted, unsent;

		if (!s->used || source_deadline(&s->source).ns > now.ns)
			continue;
		counted = source_counts(&s->source);
		unsent = s->source.query == QUERY_UNSENT;
		exchange_timer(&net.table, s, &net.clocks);
		if (unsent != (s->source.query == QUERY_UNSENT) ||
		    has_news(s, counted))
			net.decision.wanted = true;
	}
	if (table_probe_deadline(&net.table).ns <= now.ns)
		exchange_probe(&net.table, now);
}

static void
turn(struct loop *l)
{
	struct mono now = clocks_read(&net.clocks);
	int64_t collect = collect_ns(now);
	int ready;

	net_loop.quiet = decide_quiet(&net, now);
	wait_for(l, collect != 0);
	wait_until(l, collect);
	/* If a signal interrupts it, the next turn waits again. */
	ready = loop_wait(l, clocks_read(&net.clocks).ns, NULL);
	record_wait(net.clocks.recorder, ready, l->pfds, l->count);
	loop_serve(l, CHANNELS, l->count);
	loop_serve(l, 0, CHANNELS);
	now = clocks_read(&net.clocks);
	if (!decide_quiet(&net, now))
		run_timers();
	decide_step(&net, now);
	lookup_review(&net.table, now);
	if (lookup_ask(&net.table, &net.resolve, now))
		silent_resolve(&net);
	report_step(&net);
}

/* Accept a file for the recording.  Returns its size limit in bytes. */
static uint64_t
take_file(int which, const union msg *m)
{
	recorder.files.given = true;
	recorder.files.file[which] = m->record;
	return m->record.limit_bytes;
}

int
main(void)
{
	static const struct child_extra files = {
		.type = MSG_RECORD,
		.count = RECORD_FILES,
		.profile = &net_recording_profile,
		.take = take_file,
	};

	child_begin(PROC_NET, &net_profile, &net.parent, &files);
	record_begin(&recorder, &net);
	net.clock = channel_none(PROC_NET, PROC_CLOCK);
	net.resolve = channel_none(PROC_NET, PROC_RESOLVE);
	net.observe = channel_none(PROC_NET, PROC_OBSERVE);
	net.started = clocks_read(&net.clocks);
	agreement_begin(&net.decision.agreement);
	table_begin(&net.table, net.clocks.pair.error_ns * 2);
	exchange_keep_stamps();
	for (;;) {
		record_turn(&recorder);
		turn(&net_loop.loop);
	}
}
