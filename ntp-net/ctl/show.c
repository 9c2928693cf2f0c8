/*
 * The state of one thing in words: the summary, a source, the clock; and the
 * log.  Part of ntpctl, see show.h.  It must never print a text of the daemon
 * that did not pass escape_text().
 */
#include "ntp-net/ctl/show.h"

#include <string.h>

#include "ntp-net/ctl/standing.h"
#include "ntp-net/ctl/text.h"

#define AMOUNT_WIDTH 10
#define EVENT_WIDTH  48 /* time, event, amount, and blanks */
#define LABEL_WIDTH  12

static void
label(const struct show *s, const char *name)
{
	fprintf(s->out, "%-*s", LABEL_WIDTH, name);
}

static void
line(const struct show *s, const char *name, const char *value)
{
	label(s, name);
	show_words(s, LABEL_WIDTH, value);
}

/* Words in colour, at this column. */
static void
coloured_words(
    const struct show *s, enum colour c, size_t column, const char *text)
{
	show_colour(s, c);
	show_words(s, column, text);
	show_colour(s, PLAIN);
}

const char show_nothing[] = "-";

enum colour
show_state_colour(uint32_t state)
{
	switch ((enum source_state)state) {
	case STATE_SELECTED:
		return GREEN;
	case STATE_CANDIDATE:
	case STATE_OUTLIER:
	case STATE_RESOLVING:
		return YELLOW;
	case STATE_UNREACHABLE:
	case STATE_UNSYNCHRONIZED:
	case STATE_UNAUTHENTICATED:
	case STATE_DENIED:
	case STATE_SELF:
	case STATE_FALSETICKER:
		return RED;
	}
	return PLAIN;
}

/* The bound of an offset's error; -1: not known. */
static void
print_bound(const struct show *s, int64_t bound_ns)
{
	char bound[TEXT_SHORT], text[TEXT_SHORT * 2];

	text_time(bound, sizeof(bound), bound_ns, false);
	(void)snprintf(text, sizeof(text), "at most %s", bound);
	line(s, "error", bound_ns < 0 ? show_nothing : text);
}

static void
print_times(const struct show *s, const struct msg_source_status *src)
{
	char text[TEXT_SHORT * 2];

	text_offset(text, sizeof(text), src->offset_ns, src->error_ns);
	line(s, "offset", text);
	text_time(text, sizeof(text), src->delay_ns, false);
	line(s, "delay", text);
	text_time(text, sizeof(text), src->jitter_ns, false);
	line(s, "jitter", text);
	text_time(text, sizeof(text), src->distance_ns, false);
	line(s, "distance", text);
}

/* What the source reports about itself. */
static void
print_claims(const struct show *s, const struct msg_source_status *src)
{
	label(s, "stratum");
	if ((src->flags & STATUS_ANSWERED) == 0)
		fprintf(s->out, "%s\n", show_nothing);
	else
		fprintf(s->out, "%u, reference %08x, version %u\n",
		    src->stratum, src->refid, src->version);
}

void
show_source(const struct show *s, const struct msg_source_status *src)
{
	char text[NAME_LEN * 4];

	escape_text(text, sizeof(text), src->name);
	line(s, "source", text);
	text_endpoint(text, sizeof(text), &src->addr, src->port);
	line(s, "address", text);
	label(s, "state");
	coloured_words(s, show_state_colour(src->state), LABEL_WIDTH,
	    text_state(src->state));
	if (src->why[0] != '\0') {
		escape_text(text, sizeof(text), src->why);
		line(s, "reason", text);
	}
	if ((src->flags & STATUS_MEASURED) != 0)
		print_times(s, src);
	else
		line(s, "offset", show_nothing);
	print_claims(s, src);
	if (src->auth != SOURCE_AUTH_NONE)
		line(s, "auth", text_auth(src->auth));
	if ((src->flags & STATUS_INTERLEAVED) != 0)
		line(s, "mode", "interleaved");
	label(s, "reach");
	fprintf(s->out, "%03o, poll %u s\n", src->reach & 0xff,
	    1U << src->poll_log2);
	label(s, "packets");
	fprintf(s->out, "%llu sent, %llu received, %llu rejected\n",
	    (unsigned long long)src->sent, (unsigned long long)src->received,
	    (unsigned long long)src->rejected);
}

/* --- the clock ------------------------------------------------------------ */

/* Holdover is a state of the whole machine and of ntp-clock alike. */
static bool
clock_holds(const struct report *r)
{
	return (r->clock.flags & CLOCK_STATE_HOLDOVER) != 0 ||
	    (r->status_known && (r->clock.flags & CLOCK_STATE_IN_SYNC) != 0 &&
		standing_of(r) == STANDING_HOLDOVER);
}

/* The state of the clock, in a line that begins at this column. */
static void
clock_summary(const struct show *s, const struct report *r, size_t column)
{
	const struct msg_clock_state *c = &r->clock;
	char text[STANDING_TEXT];
	int64_t down_ns;

	if (standing_is_down(r, PROC_CLOCK, &down_ns)) {
		char down[TEXT_SHORT];

		text_duration(down, sizeof(down), down_ns);
		(void)snprintf(text, sizeof(text),
		    "left alone: ntp-clock is down for %s, before that it said "
		    "what follows",
		    down);
		coloured_words(s, RED, column, text);
	} else if ((c->flags & CLOCK_STATE_FROZEN) != 0) {
		coloured_words(s, RED, column, "frozen");
		escape_text(text, sizeof(text), c->frozen);
		line(s, "reason", text);
	} else if ((c->flags & CLOCK_STATE_CONTROLLED) == 0) {
		coloured_words(s, YELLOW, column, "not touched");
	} else if (clock_holds(r)) {
		if (!r->status_known || standing_in_sync(r, text, sizeof(text)))
			(void)snprintf(text, sizeof(text),
			    "holdover: goes on by the last sample");
		coloured_words(s, YELLOW, column, text);
	} else if ((c->flags & CLOCK_STATE_IN_SYNC) != 0) {
		coloured_words(s, GREEN, column, "in sync");
	} else {
		coloured_words(s, YELLOW, column, "not set yet");
	}
}

/* From the last sample: the clock's offset and frequency. */
static void
print_clock_line(const struct show *s, const struct msg_clock_state *c)
{
	char text[TEXT_SHORT * 2];

	if ((c->flags & CLOCK_STATE_HAS_LINE) == 0) {
		line(s, "offset", show_nothing);
		line(s, "frequency", show_nothing);
		return;
	}
	text_time(text, sizeof(text), c->offset_ns, true);
	line(s, "offset", text);
	print_bound(s, c->error_ns);
	text_frequency(text, sizeof(text), text_slope_ppb(c->slope_q32),
	    text_slope_ppb(c->slope_sigma_q32));
	line(s, "frequency", text);
}

/* The used part of the budget, and rates that are not charged to it. */
static void
show_ledger(const struct show *s, const struct msg_clock_state *c)
{
	char used[TEXT_SHORT], of[TEXT_SHORT], period[TEXT_SHORT];

	text_time(used, sizeof(used), c->used_ns, false);
	text_time(of, sizeof(of), c->budget_ns, false);
	text_time(period, sizeof(period), c->budget_period_ns, false);
	label(s, "budget");
	if (c->budget_ns == LIMIT_ANY)
		fprintf(s->out, "%s used, no limit\n", used);
	else
		fprintf(
		    s->out, "%s of %s used in the last %s\n", used, of, period);
	label(s, "free rates");
	fprintf(s->out, "%+.3f to %+.3f ppm, %s%s\n", (double)c->low_ppb / 1e3,
	    (double)c->high_ppb / 1e3,
	    (c->flags & CLOCK_STATE_ANCHORED) != 0
		? "around the anchor"
		: "until the oscillator is known",
	    (c->flags & CLOCK_STATE_CHARGED) != 0
		? "; the rate is charged to the budget"
		: "");
}

void
show_clock(const struct show *s, const struct report *r)
{
	const struct msg_clock_state *c = &r->clock;

	clock_summary(s, r, 0);
	print_clock_line(s, c);
	label(s, "correction");
	fprintf(s->out, "%+.3f ppm\n", (double)c->freq_ppb / 1e3);
	show_ledger(s, c);
	label(s, "steps");
	fprintf(s->out, "%llu\n", (unsigned long long)c->steps);
	label(s, "samples");
	fprintf(s->out, "%llu accepted, %llu refused\n",
	    (unsigned long long)c->samples, (unsigned long long)c->refused);
}

/* --- the summary ---------------------------------------------------------- */

static const char *
plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* How many sources agree, if too few do or some do not count. */
static void
print_agreeing(const struct show *s, const struct msg_status *st)
{
	char text[TEXT_SHORT * 2];
	int n = snprintf(text, sizeof(text), "%u of %u agree, %u must",
	    st->agreeing, st->sources, st->needed);
	uint32_t out =
	    st->counted < st->sources ? st->sources - st->counted : 0;

	if (out > 0)
		(void)snprintf(text + n, sizeof(text) - (size_t)n,
		    "; %u do%s not count", out, out == 1 ? "es" : "");
	if (out > 0 || (st->sources > 0 && st->agreeing < st->needed))
		line(s, "sources", text);
}

static void
summary(const struct show *s, const struct report *r)
{
	const struct msg_status *st = &r->status;
	enum standing standing = standing_of(r);
	char text[TEXT_SHORT * 2], why[STANDING_TEXT];
	bool good = standing_in_sync(r, why, sizeof(why));
	bool synced = standing == STANDING_SYNCED;

	(void)snprintf(text, sizeof(text),
	    "synchronized: stratum %u, %u of %u source%s agree%s", st->stratum,
	    st->selected, st->sources, plural(st->sources),
	    st->selected == 1 ? "s" : "");
	if (synced)
		coloured_words(s, good ? GREEN : YELLOW, 0, text);
	if (!good)
		coloured_words(s,
		    synced || standing == STANDING_HOLDOVER ? YELLOW : RED, 0,
		    why);
	if ((st->flags & STATUS_UNMEASURED) == 0)
		print_agreeing(s, st);
	if ((st->flags & STATUS_LOCAL) != 0)
		line(s, "served", "the clock as it is: local stratum");
	else if (synced && st->stratum > STRATUM_MAX)
		line(s, "served",
		    "to nobody: no stratum is above that of the source");
	if (standing_awaits(r, why, sizeof(why)))
		line(s, "serving", why);
}

static void
print_root(const struct show *s, const struct msg_status *st)
{
	char delay[TEXT_SHORT], dispersion[TEXT_SHORT];

	text_time(delay, sizeof(delay), st->root_delay_ns, false);
	text_time(
	    dispersion, sizeof(dispersion), st->root_dispersion_ns, false);
	label(s, "root");
	fprintf(s->out, "delay %s, dispersion %s\n", delay, dispersion);
}

static bool
is_charged(const struct report *r)
{
	return r->clock_known && (r->clock.flags & CLOCK_STATE_CHARGED) != 0;
}

/* What ntp-net has measured; without ntp-net there is nothing. */
static void
print_measured(const struct show *s, const struct msg_status *st)
{
	char text[TEXT_SHORT * 2];

	if ((st->flags & STATUS_KNOWN) == 0) {
		line(s, "offset", show_nothing);
		line(s, "frequency", show_nothing);
		return;
	}
	text_offset(text, sizeof(text), st->offset_ns, st->offset_error_ns);
	line(s, "offset", text);
	print_bound(s, st->bound_ns);
	text_frequency(text, sizeof(text), text_slope_ppb(st->slope),
	    text_slope_ppb(st->slope_error));
	line(s, "frequency", text);
	print_root(s, st);
	label(s, "reference");
	if ((st->flags & STATUS_SYNCED) == 0)
		fprintf(s->out, "%s\n", show_nothing);
	else
		fprintf(
		    s->out, "%08x, leap %s\n", st->refid, text_leap(st->leap));
}

/* What the clock is steered by meanwhile. */
static void
print_unmeasured(const struct show *s, const struct report *r)
{
	if (!r->clock_known) {
		line(s, "clock", "nothing is known of it yet");
		return;
	}
	label(s, "clock");
	clock_summary(s, r, LABEL_WIDTH);
	print_clock_line(s, &r->clock);
}

static void
print_steps(const struct show *s, const struct report *r)
{
	const struct msg_status *st = &r->status;

	if ((st->flags & STATUS_UNMEASURED) != 0) {
		label(s, "done"); /* the state was printed before */
	} else {
		label(s, "clock");
		fputs((st->flags & STATUS_CONTROLLED) != 0 ? "steered, "
							   : "not touched, ",
		    s->out);
	}
	fprintf(s->out, "%llu step%s, %llu sample%s%s\n",
	    (unsigned long long)st->steps, st->steps == 1 ? "" : "s",
	    (unsigned long long)st->samples, st->samples == 1 ? "" : "s",
	    is_charged(r) ? "; its rate is charged to the budget" : "");
}

void
show_status(const struct show *s, const struct report *r)
{
	const struct msg_status *st = &r->status;
	char text[TEXT_SHORT * 2];

	summary(s, r);
	if ((st->flags & STATUS_UNMEASURED) != 0)
		print_unmeasured(s, r);
	else
		print_measured(s, st);
	print_steps(s, r);
	text_duration(text, sizeof(text), st->uptime_ns);
	line(s, "uptime", text);
	if (r->process_count > 0) {
		fputc('\n', s->out);
		show_processes(s, r);
	}
}

static enum colour
event_colour(uint32_t event)
{
	switch ((enum clock_event)event) {
	case EVENT_REFUSED:
	case EVENT_FROZEN:
	case EVENT_STOP:
	case EVENT_FAILED:
		return RED;
	case EVENT_STEP:
	case EVENT_HOLDOVER:
	case EVENT_LEAP:
	case EVENT_CHARGED:
	case EVENT_RESUME:
		return YELLOW;
	case EVENT_LOCKED:
	case EVENT_RELEASED:
		return GREEN;
	case EVENT_NONE:
	case EVENT_SLEW:
	case EVENT_COUNT:
		return PLAIN;
	}
	return PLAIN;
}

/* The reason: on the same line, or below if it is too long. */
static void
print_event(const struct show *s, const struct msg_clock_event *e)
{
	char time[TEXT_SHORT], amount[TEXT_SHORT], text[REASON_LEN * 4];
	size_t width;

	text_wall(time, sizeof(time), e->wall_ns);
	text_time(amount, sizeof(amount), e->amount_ns, true);
	if (e->amount_ns == 0)
		(void)snprintf(amount, sizeof(amount), "%s", show_nothing);
	escape_text(text, sizeof(text), e->reason);
	fprintf(s->out, "%s  ", time);
	show_colour(s, event_colour(e->event));
	fprintf(s->out, "%-8s", text_event(e->event));
	show_colour(s, PLAIN);
	fputs("  ", s->out);
	width = text_width(amount);
	show_pad(
	    s, AMOUNT_WIDTH - (width < AMOUNT_WIDTH ? width : AMOUNT_WIDTH));
	fputs(amount, s->out);
	if (EVENT_WIDTH + text_width(text) <= SHOW_WIDTH)
		fputs("  ", s->out);
	else
		fputs("\n    ", s->out);
	show_words(s, 4, text);
}

void
show_log(const struct show *s, const struct report *r)
{
	if (r->event_count == 0)
		fputs("no change of the clock yet\n", s->out);
	for (uint32_t i = 0; i < r->event_count; i++)
		print_event(s, &r->events[i]);
}
