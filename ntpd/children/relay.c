/*
 * What the children say, and what ntpd does about it.  Run by ntpd only.  It
 * reads fixed-size messages that msg_recv() has checked, a few at a time, and
 * never waits for a child.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fastcount.h"
#include "ntpd/children/accuse.h"
#include "ntpd/journal.h"
#include "ntpd/kept/epoch.h"
#include "ntpd/notify.h"
#include "ntpd/supervise.h"

#define MESSAGES_PER_TURN   64
#define TELL_EVERY_NS	    NS_PER_S
#define KEEP_AGAIN_NS	    (5 * NS_PER_S)
#define SAVE_EVERY_NS	    (3600 * NS_PER_S)
#define PPB_OF(slope)	    ((slope)*INT64_C(1000000000) / SLOPE_ONE)
/* A drift known no better than this is not worth keeping: 5 ppm. */
#define SIGMA_WORTH_KEEPING (SLOPE_ONE / 200000)

/*
 * What no honest program comes near.  The most that was seen of one, with
 * hostile servers and a log of level debug, is 42 messages in its first second
 * and 17 in a later one; ntp-observe passes on 200 questions a second at most.
 */
static const struct pace_rate message_rate = { 1000000, 10000 };

void
relay_process(struct supervisor *s, int p)
{
	const struct child *c = &s->children[p];
	bool ended = p != PROC_NTPD && c->pid == 0 && c->ended_ns != 0;
	int64_t since_ns = ended ? c->ended_ns : c->started_ns;
	struct msg_process m = { .child = (uint32_t)p,
		.pid = (uint32_t)c->pid,
		.uid = c->ids.uid,
		.restarts = c->restarts,
		.wanted = c->wanted,
		.silent = c->watch.silent,
		.age_ns = clock_read_boot() - since_ns,
		.since_ns = ended ? c->ended_wall_ns : 0 };

	if (p == PROC_NTPD) {
		m.pid = (uint32_t)getpid();
		m.uid = geteuid();
		m.wanted = true;
	} else if (c->started_ns == 0) {
		return; /* it never ran */
	}
	msg_offer(&s->children[PROC_OBSERVE].channel, MSG_PROCESS, &m);
}

void
relay_fast(struct supervisor *s)
{
	struct channel *ch = &s->children[PROC_OBSERVE].channel;
	struct msg_fast_counts counts = { .processors = s->fast.processors };
	struct msg_fast_none none = { .h = { 0, 0 } };
	int rc;

	if (ch->fd == -1)
		return;
	if (s->fast.counters_fd == -1)
		rc = msg_send(ch, MSG_FAST_NONE, &none, -1);
	else
		rc =
		    msg_send(ch, MSG_FAST_COUNTS, &counts, s->fast.counters_fd);
	if (rc == 0 || errno == EPIPE || errno == ECONNRESET)
		return; /* its death will be seen */
	journal_about(PROC_OBSERVE, LOG_LEVEL_ERROR, "cannot send to %s: %s",
	    proc_name(PROC_OBSERVE), strerrordesc_np(errno));
	stop_child(s, PROC_OBSERVE); /* the next one is told */
}

/* Is what ntp-clock said last worth to begin with at the next boot? */
static void
keep_drift(struct supervisor *s)
{
	const struct msg_clock_state *c = &s->clock;

	if (!s->clock_known || c->slope_sigma <= 0 ||
	    c->slope_sigma >= SIGMA_WORTH_KEEPING ||
	    (c->flags & CLOCK_HAS_LINE) == 0 ||
	    (c->flags & CLOCK_IS_FROZEN) != 0)
		return;
	s->state.drift_known = true;
	s->state.drift_slope = c->slope;
	s->state.drift_slope_sigma = c->slope_sigma;
}

bool
relay_save_state(struct supervisor *s, bool force)
{
	int64_t now = clock_read_boot();
	int error;

	keep_drift(s);
	epoch_passed(&s->state, now - s->epoch_noted_ns);
	s->epoch_noted_ns = now;
	if (!force && now - s->state_saved_ns < SAVE_EVERY_NS)
		return true;
	s->state_saved_ns = now;
	if (state_save(&s->state_dir, &s->state) == 0)
		return true;
	error = errno;
	if (!s->said_no_state)
		journal(LOG_LEVEL_WARNING,
		    "cannot write to the state directory %s: %s: drift, budget "
		    "and time are kept until the next boot at best",
		    s->conf.state_directory, strerrordesc_np(error));
	s->said_no_state = true;
	return s->spare_dir.fd != -1 &&
	    state_save(&s->spare_dir, &s->state) == 0;
}

static void
say_uncontrolled(struct supervisor *s)
{
	if (s->said_uncontrolled || s->options->no_clock)
		return;
	s->said_uncontrolled = true;
	journal(LOG_LEVEL_WARNING,
	    "the kernel does not grant CAP_SYS_TIME to ntp-clock: the time is "
	    "measured and served, but this clock is not set; to allow it, %s",
	    powers_advice(&s->powers));
}

/* It has the capability, but that is one of a user namespace, or not enough. */
static void
say_refused(struct supervisor *s)
{
	if (s->said_uncontrolled)
		return;
	s->said_uncontrolled = true;
	journal(LOG_LEVEL_WARNING,
	    "the kernel does not let ntp-clock set the clock, though it has "
	    "CAP_SYS_TIME: the time is measured and served; to allow it, start "
	    "ntpd outside of a user namespace (no rootless container), and with "
	    "no system call filter that forbids it");
}

/* A child broke the rules. */
static void
punish(struct supervisor *s, int p, const char *what)
{
	journal_about(p, LOG_LEVEL_ERROR, "%s %s: it is ended and started anew",
	    proc_name(child_proc(p)), what);
	stop_guilty(s, p);
}

static void
note_ready(struct supervisor *s, int p, union msg *m)
{
	if (s->children[p].ready) {
		punish(s, p, "says twice that it is ready");
		return;
	}
	s->children[p].ready = s->children[p].worked = true;
	s->children[p].said_no_start = 0;
	journal_about(p, LOG_LEVEL_DEBUG, "%s is ready pid=%d uid=%u",
	    proc_name(child_proc(p)), (int)s->children[p].pid,
	    s->children[p].ids.uid);
	if (p == PROC_CLOCK && (m->ready.flags & READY_CLOCK) == 0)
		say_uncontrolled(s);
}

static bool
is_time(int64_t utc_ns)
{
	return utc_ns >= 0 && utc_ns <= UTC_LAST_NS;
}

/* Values that decide what is kept on disk are checked, whoever sent them. */
static bool
plausible(const struct msg_clock_state *m)
{
	struct ledger_kept ledger;

	memcpy(&ledger, &m->ledger, sizeof(ledger));
	return m->slope >= -SLOPE_MAX && m->slope <= SLOPE_MAX &&
	    m->slope_sigma >= 0 && m->slope_sigma <= SLOPE_MAX &&
	    ledger_ok(&ledger) && is_time(m->leap_before_ns) &&
	    msg_text_ok(m->frozen, sizeof(m->frozen)) &&
	    strchr(m->frozen, '\n') == NULL;
}

/* -q is over: the clock was set, or with -x its offset is known. */
static bool
once_done(const struct supervisor *s, const struct msg_clock_state *m)
{
	if ((m->flags & CLOCK_CONTROLLED) != 0)
		return (m->flags & CLOCK_STARTUP_DONE) != 0 &&
		    (m->flags & CLOCK_HAS_LINE) != 0;
	return s->options->no_clock && (m->flags & CLOCK_HAS_LINE) != 0;
}

/* Returns true if it has what is to be kept on disk at once. */
static bool
take_clock_state(struct supervisor *s, const struct msg_clock_state *m)
{
	s->clock = *m;
	s->clock_known = true;
	if ((m->flags & CLOCK_HAS_LINE) != 0) {
		s->slope_known = true;
		s->slope = m->slope;
		s->slope_sigma = m->slope_sigma;
	}
	if ((m->flags & CLOCK_STARTUP_DONE) != 0)
		s->startup_done = true;
	return (m->flags & CLOCK_CONTROLLED) != 0 && state_take(&s->state, m);
}

void
relay_look(struct supervisor *s)
{
	struct msg_clock_state m;

	/* What it says first, it says in a message. */
	if (s->clock_known && view_clock(s, &m) && plausible(&m) &&
	    m.raw_ns > s->clock.raw_ns)
		(void)relay_save_state(s, take_clock_state(s, &m));
}

static void
note_clock_state(struct supervisor *s, int p, union msg *msg)
{
	struct msg_clock_state *m = &msg->clock_state;

	if (!plausible(m)) {
		journal(LOG_LEVEL_ERROR, "ntp-clock reports nonsense");
		stop_child(s, p);
		return;
	}
	/* What its page said may be newer, and is kept then. */
	if (!s->clock_known || m->raw_ns > s->clock.raw_ns)
		(void)relay_save_state(s, take_clock_state(s, m));
	msg_offer(&s->children[PROC_OBSERVE].channel, MSG_CLOCK_STATE, m);
	if (s->options->once && s->ending == ENDING_NONE && once_done(s, m))
		s->ending = ENDING_ONCE_DONE;
}

/*
 * ntp-clock moves the clock when it knows that this is kept.  Where there is no
 * folder at all it is kept as long as we live, which was said; where there is one
 * and it cannot be written to, ntp-clock has to wait until it can.
 */
static void
note_charge(struct supervisor *s, int p, union msg *msg)
{
	const struct msg_clock_charge *m = &msg->clock_charge;
	struct ledger_kept ledger;

	memcpy(&ledger, &m->ledger, sizeof(ledger));
	if (!ledger_ok(&ledger) || !is_time(m->leap_before_ns)) {
		journal(LOG_LEVEL_ERROR, "ntp-clock charges nonsense");
		stop_child(s, p);
		return;
	}
	s->state.ledger = ledger;
	s->state.leap_ns = m->leap_before_ns;
	if (relay_save_state(s, true))
		relay_charged(s, m->number);
	else
		relay_later(s, m->number);
}

void
relay_later(struct supervisor *s, uint64_t number)
{
	s->unkept = number;
	s->keep_ns = clock_read_boot() + KEEP_AGAIN_NS;
}

void
relay_charged(struct supervisor *s, uint64_t number)
{
	struct msg_clock_charged done = { .number = number };

	s->unkept = 0;
	if (msg_send(&s->children[PROC_CLOCK].channel, MSG_CLOCK_CHARGED, &done,
		-1) == -1)
		stop_child(s, PROC_CLOCK); /* it does not read, or is dead */
}

static enum log_level
event_level(uint32_t event)
{
	switch ((enum clock_event)event) {
	case EVENT_FROZEN:
	case EVENT_STOP:
	case EVENT_FAILED:
		return LOG_LEVEL_ERROR;
	case EVENT_REFUSED:
	case EVENT_HOLDOVER:
	case EVENT_STEP:
		return LOG_LEVEL_WARNING;
	case EVENT_SLEW:
	case EVENT_LOCKED:
	case EVENT_RELEASED:
	case EVENT_LEAP:
	case EVENT_CHARGED:
	case EVENT_RESUME:
	case EVENT_NONE:
	case EVENT_COUNT:
		break;
	}
	return LOG_LEVEL_INFO;
}

static void
note_clock_event(struct supervisor *s, int p, union msg *msg)
{
	struct msg_clock_event *m = &msg->clock_event;
	struct msg_log line = { .level = event_level(m->event) };

	if (!msg_text_ok(m->reason, sizeof(m->reason)))
		return;
	memcpy(line.text, m->reason, sizeof(m->reason));
	journal_child(p, &line);
	s->events[s->event_count % EVENTS_KEPT] = *m;
	s->event_count++;
	msg_offer(&s->children[PROC_OBSERVE].channel, MSG_CLOCK_EVENT, m);
	if (m->event == EVENT_FAILED)
		say_refused(s);
	if (m->event == EVENT_HOLDOVER)
		alive_ask(s, PROC_NET); /* who has sent no sample */
	if (s->ending != ENDING_NONE)
		return;
	if (m->event == EVENT_STOP)
		s->ending = ENDING_VIOLATION;
	else if (m->event == EVENT_FROZEN && s->options->once)
		s->ending = ENDING_ONCE_FAILED;
}

/* NET_SYNCED and NET_HOLDOVER as ntp-net says; 0: it or ntp-clock is silent. */
static uint32_t
standing(const struct supervisor *s)
{
	if (alive_in_doubt(s, PROC_NET) || alive_in_doubt(s, PROC_CLOCK))
		return 0;
	return s->net.flags & (NET_SYNCED | NET_HOLDOVER);
}

/* However often ntp-net changes its mind, the last word is told. */
int64_t
relay_manager(struct supervisor *s, int64_t now_ns)
{
	uint32_t state = standing(s);

	if (!s->net_known || s->notify_fd == -1 ||
	    (s->told_manager_ns != 0 && state == s->told_state))
		return INT64_MAX;
	if (s->told_manager_ns != 0 &&
	    now_ns - s->told_manager_ns < TELL_EVERY_NS)
		return s->told_manager_ns + TELL_EVERY_NS;
	s->told_manager_ns = now_ns;
	s->told_state = state;
	notify_send(s->notify_fd,
	    (state & NET_HOLDOVER) != 0	    ? "STATUS=holdover"
		: (state & NET_SYNCED) != 0 ? "STATUS=synchronized"
					    : "STATUS=not synchronized");
	return INT64_MAX;
}

static void
note_net_state(struct supervisor *s, int p, union msg *msg)
{
	const struct msg_net_state *m = &msg->net_state;

	(void)p; /* ntp-net */
	if (m->flags == s->net.flags && m->selected == s->net.selected &&
	    m->sources == s->net.sources)
		return;
	s->net = *m;
	s->net_known = true;
	if (s->options->once && s->ending == ENDING_NONE &&
	    (m->flags & (NET_GAVE_UP | NET_NO_SOURCES)) != 0)
		s->ending = ENDING_ONCE_FAILED;
}

/* One child says that another broke the rules: see accuse.c. */
static void
note_accused(struct supervisor *s, int p, union msg *m)
{
	enum proc from = child_proc(p);
	enum proc to =
	    m->accuse.peer < PROC_COUNT ? (enum proc)m->accuse.peer : PROC_NTPD;

	switch (accuse_judge(
	    from, to, &s->children[p].believed, clock_read_boot())) {
	case SENTENCE_LIAR:
		punish(s, p, "accuses one that it does not talk to");
		break;
	case SENTENCE_RENEW:
		if (s->children[p].renew[to])
			break; /* as was said */
		journal_about(p, LOG_LEVEL_WARNING,
		    "%s says that %s broke the rules: they get a new channel",
		    proc_name(from), proc_name(to));
		spawn_renew(s, from, to);
		break;
	case SENTENCE_REPLACE:
		journal_about((int)to, LOG_LEVEL_ERROR,
		    "%s broke the rules, says %s: it is ended and started anew",
		    proc_name(to), proc_name(from));
		stop_child(s, (int)to);
		break;
	case SENTENCE_GUILTY:
		journal_about((int)to, LOG_LEVEL_ERROR,
		    "%s broke the rules, says %s: it is ended and started anew",
		    proc_name(to), proc_name(from));
		stop_guilty(s, (int)to);
		break;
	}
}

static void
note_silent(struct supervisor *s, int p, union msg *m)
{
	enum proc of =
	    m->silent.peer < PROC_COUNT ? (enum proc)m->silent.peer : PROC_NTPD;

	if (watch_may_hint(child_proc(p), of))
		alive_hint(s, p, of);
	else
		punish(s, p, "speaks of one that it does not talk to");
}

static void
note_line(struct supervisor *s, int p, union msg *m)
{
	(void)s;
	journal_child(p, &m->log);
}

/* What a child may say; from which one each may come is in messages.def. */
static void (*const handlers[MSG_COUNT])(
    struct supervisor *s, int p, union msg *m) = {
	[MSG_READY] = note_ready,
	[MSG_LOG] = note_line,
	[MSG_ACCUSE] = note_accused,
	[MSG_SILENT] = note_silent,
	[MSG_CLOCK_STATE] = note_clock_state,
	[MSG_CLOCK_CHARGE] = note_charge,
	[MSG_CLOCK_EVENT] = note_clock_event,
	[MSG_NET_STATE] = note_net_state,
};

void
relay_child(struct supervisor *s, int p)
{
	struct child *c = &s->children[p];
	int64_t now = clock_read_boot();
	union msg m;
	int fd;

	for (int i = 0; i < MESSAGES_PER_TURN && c->channel.fd != -1; i++) {
		switch (msg_recv(&c->channel, &m, &fd)) {
		case MSG_GOT:
			if (handlers[m.h.type] != NULL)
				handlers[m.h.type](s, p, &m);
			if (!pace_take(&c->messages, &message_rate, now))
				punish(s, p, "floods ntpd with messages");
			break;
		case MSG_NOTHING:
			return;
		case MSG_CLOSED:
			stop_closed(s, p);
			return;
		case MSG_BAD:
			punish(s, p, "sent a message that it may not send");
			return;
		}
	}
}

void
relay_summary(const struct supervisor *s)
{
	uint32_t state = standing(s);
	struct fast_counters fast;

	journal(LOG_LEVEL_INFO,
	    "summary: synchronized=%s holdover=%s stratum=%u sources=%u "
	    "selected=%u "
	    "offset_ns=%" PRId64 " frequency_ppb=%" PRId64 " steps=%" PRIu64
	    " samples=%" PRIu64 " frozen=\"%s\"",
	    (state & NET_SYNCED) != 0 ? "yes" : "no",
	    (state & NET_HOLDOVER) != 0 ? "yes" : "no", s->net.stratum,
	    s->net.sources, s->net.selected, s->clock.offset_ns,
	    PPB_OF(s->clock.slope), s->clock.steps, s->clock.samples,
	    s->clock.frozen);
	if (s->fast.counters == NULL)
		return;
	fast = fastcount_sum(s->fast.counters, s->fast.processors);
	journal(LOG_LEVEL_INFO,
	    "fast path: answered=%" PRIu64 " passed=%" PRIu64 " denied=%" PRIu64
	    " limited=%" PRIu64,
	    fast.answered, fast.passed, fast.denied, fast.limited);
}
