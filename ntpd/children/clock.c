/*
 * ntp-clock, see clock.h: what it is sent, and what it reports.  Run by ntpd
 * only.  A report is checked before it is saved, and ntp-clock moves the clock
 * no further than the saved ledger allows.
 */
#include "ntpd/children/clock.h"

#include <string.h>

#include "common/clock.h"
#include "ntpd/children/alive.h"
#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"
#include "ntpd/kept/known_time.h"
#include "ntpd/supervisor.h"

/* --- what it is sent ----------------------------------------------------- */

void
clock_configure(struct supervisor *s)
{
	const struct conf_clock *k = &s->conf.clock;
	const struct state *kept = &s->kept.state;
	struct msg_clock_config m = {
		.rtc_behind_ns = s->view.rtc_behind_ns,
		.leap_before_ns = kept->leap_ns,
		.earliest_ns = UTC_FIRST_NS,
		.known_ns = known_time_ns(kept),
	};
	int64_t sigma; /* it has no use for it */

#define CLOCK_SETTING(member, ...) m.member = k->member;
#include "common/limits.def"
	if (k->on_violation == VIOLATION_STOP)
		m.flags |= CLOCK_CONFIG_STOP_ON_VIOLATION;
	if (!s->heard.startup_done)
		m.flags |= CLOCK_CONFIG_STARTUP;
	if (s->options->once)
		m.flags |= CLOCK_CONFIG_ONCE;
	/* Not of the kernel, which may be in the middle of a slew. */
	if (heard_slope(&s->heard, kept, &m.drift_q32, &sigma))
		m.flags |= CLOCK_CONFIG_DRIFT_KNOWN;
	if ((s->kept.dir.fd == -1 || s->kept.lost) && !s->heard.clock_known)
		m.flags |= CLOCK_CONFIG_NOTHING_KEPT;
	memcpy(&m.ledger, &kept->ledger, sizeof(m.ledger));
	memcpy(m.frozen, kept->frozen, sizeof(m.frozen));
	memcpy(m.leaps_ns, s->leaps.message.at_ns, sizeof(m.leaps_ns));
	tell(&s->children, PROC_CLOCK, MSG_CLOCK_CONFIG, &m, -1);
}

static void
give(struct supervisor *s, int p)
{
	struct msg_clock_rtc rtc = { .h = { 0, 0 } };
	struct msg_clock_page page = { .h = { 0, 0 } };

	s->kept.charge = 0; /* the process that asked for it is gone */
	if (s->view.rtc_fd != -1)
		tell(&s->children, p, MSG_CLOCK_RTC, &rtc, s->view.rtc_fd);
	if (s->view.page != NULL)
		tell(&s->children, p, MSG_CLOCK_PAGE, &page,
		    s->view.memory.writer);
	clock_look(s); /* the last report of its predecessor */
	clock_configure(s);
}

/* --- its state ----------------------------------------------------------- */

static bool
is_time(int64_t utc_ns)
{
	return utc_ns >= 0 && utc_ns <= UTC_LAST_NS;
}

/* Values that decide what is saved on disk are checked, whoever sent them. */
static bool
plausible(const struct msg_clock_state *m)
{
	struct ledger_kept ledger;

	memcpy(&ledger, &m->ledger, sizeof(ledger));
	return m->slope_q32 >= -SLOPE_MAX && m->slope_q32 <= SLOPE_MAX &&
	    m->slope_sigma_q32 >= 0 && m->slope_sigma_q32 <= SLOPE_MAX &&
	    ledger_ok(&ledger) && is_time(m->leap_before_ns) &&
	    msg_text_ok(m->frozen, sizeof(m->frozen)) &&
	    strchr(m->frozen, '\n') == NULL;
}

/* m is newer than any earlier report, by message or page. */
static void
keep_state(struct supervisor *s, const struct msg_clock_state *m)
{
	bool now;

	heard_clock_state(&s->heard, m);
	now = (m->flags & CLOCK_STATE_CONTROLLED) != 0 &&
	    state_take(&s->kept.state, m);
	(void)kept_save(&s->kept, m, now); /* logs its own errors */
}

void
clock_look(struct supervisor *s)
{
	struct msg_clock_state m;

	/* Its first report must come in a message. */
	if (s->heard.clock_known && view_clock(&s->view, &m) && plausible(&m) &&
	    m.raw_ns > s->heard.clock.raw_ns)
		keep_state(s, &m);
}

/* Is -q finished?  The clock was set, or with -x its offset is known. */
static bool
once_done(const struct supervisor *s, const struct msg_clock_state *m)
{
	if ((m->flags & CLOCK_STATE_CONTROLLED) != 0)
		return (m->flags & CLOCK_STATE_STARTUP_DONE) != 0 &&
		    (m->flags & CLOCK_STATE_HAS_LINE) != 0;
	return s->options->no_clock && (m->flags & CLOCK_STATE_HAS_LINE) != 0;
}

static void
take_state(struct supervisor *s, int p, union msg *msg)
{
	struct msg_clock_state *m = &msg->clock_state;

	if (!plausible(m)) {
		daemon_log(LOG_LEVEL_ERROR,
		    "invalid state from ntp-clock: restarting it");
		stop_child(&s->children, p);
		return;
	}
	/* Its page may have been newer, and is saved already. */
	if (!s->heard.clock_known || m->raw_ns > s->heard.clock.raw_ns)
		keep_state(s, m);
	tell_offer(&s->children, PROC_OBSERVE, MSG_CLOCK_STATE, m);
	if (s->options->once && s->ending == ENDING_NONE && once_done(s, m))
		s->ending = ENDING_ONCE_DONE;
}

/* --- what it charges ----------------------------------------------------- */

/*
 * ntp-clock moves the clock only after this is saved.  If there is no folder at
 * all, it is saved as long as ntpd runs, which was logged.  If there is one
 * that cannot be written to, ntp-clock has to wait until it can.
 */
void
clock_keep(struct supervisor *s)
{
	struct msg_clock_charged done = { .number = s->kept.charge };

	if (!kept_save(&s->kept, heard_clock(&s->heard), true)) {
		kept_later(&s->kept);
		return;
	}
	s->kept.charge = 0;
	if (msg_send(&s->children.list[PROC_CLOCK].channel, MSG_CLOCK_CHARGED,
		&done, -1) == -1)
		stop_child(&s->children, PROC_CLOCK); /* hung or dead */
}

static void
take_charge(struct supervisor *s, int p, union msg *msg)
{
	const struct msg_clock_charge *m = &msg->clock_charge;
	struct ledger_kept ledger;

	memcpy(&ledger, &m->ledger, sizeof(ledger));
	if (!ledger_ok(&ledger) || !is_time(m->leap_before_ns)) {
		daemon_log(LOG_LEVEL_ERROR,
		    "invalid charge from ntp-clock: restarting it");
		stop_child(&s->children, p);
		return;
	}
	s->kept.state.ledger = ledger;
	s->kept.state.leap_ns = m->leap_before_ns;
	s->kept.charge = m->number;
	clock_keep(s);
}

/* --- what happens to it -------------------------------------------------- */

static void
take_ready(struct supervisor *s, int p, union msg *m)
{
	(void)p; /* ntp-clock */
	if ((m->ready.flags & READY_CLOCK) != 0 || s->said_uncontrolled ||
	    s->options->no_clock)
		return;
	s->said_uncontrolled = true;
	daemon_log(LOG_LEVEL_WARNING,
	    "the kernel does not grant CAP_SYS_TIME to ntp-clock: the time is "
	    "measured and served, but this clock is not set; to allow it, %s",
	    privileges_advice(&s->children.privileges));
}

/*
 * It has the capability, but only in a user namespace, or that is not enough.
 */
static void
say_refused(struct supervisor *s)
{
	if (s->said_uncontrolled)
		return;
	s->said_uncontrolled = true;
	daemon_log(LOG_LEVEL_WARNING,
	    "the kernel does not let ntp-clock set the clock, though it has "
	    "CAP_SYS_TIME: the time is measured and served; to allow it, start "
	    "ntpd outside of a user namespace (no rootless container), and with "
	    "no system call filter that forbids it");
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
take_event(struct supervisor *s, int p, union msg *msg)
{
	struct msg_clock_event *m = &msg->clock_event;
	struct msg_log line = { .level = event_level(m->event) };

	if (!msg_text_ok(m->reason, sizeof(m->reason)))
		return;
	memcpy(line.text, m->reason, sizeof(m->reason));
	daemon_log_child(p, &line);
	heard_event(&s->heard, m);
	tell_offer(&s->children, PROC_OBSERVE, MSG_CLOCK_EVENT, m);
	if (m->event == EVENT_FAILED)
		say_refused(s);
	if (m->event == EVENT_HOLDOVER)
		alive_ask(s, PROC_NET); /* it has sent no sample */
	if (s->ending != ENDING_NONE)
		return;
	if (m->event == EVENT_STOP)
		s->ending = ENDING_VIOLATION;
	else if (m->event == EVENT_FROZEN && s->options->once)
		s->ending = ENDING_ONCE_FAILED;
}

static const struct said says[] = {
	{ MSG_READY, take_ready },
	{ MSG_CLOCK_STATE, take_state },
	{ MSG_CLOCK_CHARGE, take_charge },
	{ MSG_CLOCK_EVENT, take_event },
	{ .take = NULL },
};

const struct program program_CLOCK = { .give = give, .says = says };
