/*
 * ntp-observe, see observe.h: what it is sent.  Run by ntpd only, which tells
 * it nothing that an operator may not know.
 */
#include "ntpd/children/observe.h"

#include "ntpd/children/program.h"
#include "ntpd/children/tell.h"
#include "ntpd/sockets/answers.h"
#include "ntpd/supervisor.h"

void
observe_tell_counts(struct supervisor *s)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		int reader = s->listeners.published.counts[w].reader;
		struct msg_counts m = { .worker = w };

		if (reader != -1)
			tell(
			    &s->children, PROC_OBSERVE, MSG_COUNTS, &m, reader);
	}
}

void
observe_tell_awaited(struct supervisor *s)
{
	struct msg_awaited m = answers_awaited(&s->listeners.awaited);

	tell(&s->children, PROC_OBSERVE, MSG_AWAITED, &m, -1);
}

void
observe_tell_fast(struct supervisor *s)
{
	struct msg_fast_counts counts = { .processors = s->fast.processors };
	struct msg_fast_none none = { .h = { 0, 0 } };

	if (s->fast.counters_fd == -1)
		tell(&s->children, PROC_OBSERVE, MSG_FAST_NONE, &none, -1);
	else
		tell(&s->children, PROC_OBSERVE, MSG_FAST_COUNTS, &counts,
		    s->fast.counters_fd);
}

static void
give_events(struct children *all, const struct heard *h)
{
	uint32_t first =
	    h->event_count > EVENTS_KEPT ? h->event_count - EVENTS_KEPT : 0;

	for (uint32_t i = first; i < h->event_count; i++) {
		struct msg_clock_event e = h->events[i % EVENTS_KEPT];

		tell(all, PROC_OBSERVE, MSG_CLOCK_EVENT, &e, -1);
	}
}

static void
give(struct supervisor *s, int p)
{
	struct children *all = &s->children;
	struct msg_socket m = { .h = { 0, 0 } };
	struct msg_clock_page page = { .h = { 0, 0 } };
	struct msg_clock_state clock = s->heard.clock;

	tell(all, p, MSG_SOCKET, &m, s->control.fd);
	observe_tell_counts(s);
	observe_tell_awaited(s);
	observe_tell_fast(s);
	for (int of = PROC_NTPD; of < CHILD_COUNT; of++)
		tell_process(all, of);
	give_events(all, &s->heard);
	if (s->view.page != NULL)
		tell(all, p, MSG_CLOCK_PAGE, &page, s->view.memory.reader);
	if (s->heard.clock_known)
		tell(all, p, MSG_CLOCK_STATE, &clock, -1);
}

const struct program program_OBSERVE = { .give = give };
