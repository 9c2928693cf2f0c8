/*
 * What ntpctl prints for people, see show.h.  It must never print a text of
 * the daemon that did not go through text_escape().
 */
#include "show.h"

#include <string.h>

#include "text.h"

#define LABEL_WIDTH    12
#define SOURCE_COLUMNS 10
#define NAME_WIDTH     40 /* of a longer name only the beginning is shown */

static void
colour(const struct show *s, enum colour c)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[32m",
		"\033[33m", "\033[31m" };

	if (s->colour)
		fputs(codes[c], s->out);
}

static void
label(const struct show *s, const char *name)
{
	fprintf(s->out, "%-*s", LABEL_WIDTH, name);
}

static void
line(const struct show *s, const char *name, const char *value)
{
	label(s, name);
	fprintf(s->out, "%s\n", value);
}

static void
coloured_line(const struct show *s, enum colour c, const char *text)
{
	colour(s, c);
	fputs(text, s->out);
	colour(s, PLAIN);
	fputc('\n', s->out);
}

static enum colour
state_colour(uint32_t state)
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

static void
pad(const struct show *s, size_t n)
{
	for (; n > 0; n--)
		fputc(' ', s->out);
}

static void
print_row(const struct show *s, const struct table *t, size_t row,
    const size_t width[SHOW_COLUMNS])
{
	colour(s, t->colour[row]);
	for (size_t col = 0; col < t->columns; col++) {
		const char *text = t->cell[row][col];
		size_t blanks = width[col] - text_width(text);
		bool right = (t->right >> col & 1) != 0;

		if (right)
			pad(s, blanks);
		fputs(text, s->out);
		if (!right && col + 1 < t->columns)
			pad(s, blanks);
		if (col + 1 < t->columns)
			pad(s, 2);
	}
	colour(s, PLAIN);
	fputc('\n', s->out);
}

void
show_table(const struct show *s, const struct table *t)
{
	size_t width[SHOW_COLUMNS] = { 0 };

	for (size_t row = 0; row < t->rows; row++)
		for (size_t col = 0; col < t->columns; col++)
			if (text_width(t->cell[row][col]) > width[col])
				width[col] = text_width(t->cell[row][col]);
	for (size_t row = 0; row < t->rows; row++)
		print_row(s, t, row, width);
}

void
show_head(
    struct table *t, const char *const *names, size_t columns, uint32_t right)
{
	t->columns = columns;
	t->rows = 1;
	t->right = right;
	t->colour[0] = BOLD;
	for (size_t i = 0; i < columns; i++)
		(void)snprintf(t->cell[0][i], TEXT_SHORT, "%s", names[i]);
}

static void
summary(const struct show *s, const struct report *r)
{
	const struct msg_status *st = &r->status;
	char text[TEXT_SHORT * 2], why[REASON_LEN * 4 + TEXT_SHORT];
	bool healthy = text_healthy(r, why, sizeof(why));
	bool synced = (st->flags & STATUS_SYNCED) != 0;

	if (synced) {
		(void)snprintf(text, sizeof(text),
		    "synchronized: stratum %u, %u of %u %s agree", st->stratum,
		    st->selected, st->sources,
		    st->sources == 1 ? "source" : "sources");
		coloured_line(s, healthy ? GREEN : YELLOW, text);
	}
	if (!healthy)
		coloured_line(s, synced ? YELLOW : RED, why);
	if (!synced && st->sources > 0) {
		(void)snprintf(text, sizeof(text), "%u of %u agree, %u must",
		    st->selected, st->sources, st->needed);
		line(s, "sources", text);
	}
	if ((st->flags & STATUS_LOCAL) != 0)
		line(s, "served", "the clock as it is: local stratum");
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

static void
print_processes(const struct show *s, const struct report *r)
{
	static const char *const names[] = { "process", "pid", "uid",
		"restarts" };
	struct table t;

	show_head(&t, names, sizeof(names) / sizeof(names[0]), 0xe);
	for (uint32_t i = 0; i < r->process_count; i++) {
		const struct msg_process *p = &r->processes[i];
		size_t row = t.rows++;

		t.colour[row] = p->pid == 0 || p->silent != 0 ? RED : PLAIN;
		(void)snprintf(t.cell[row][0], TEXT_SHORT, "%s",
		    proc_name(child_proc((int)p->child)));
		if (p->pid == 0)
			(void)snprintf(t.cell[row][1], TEXT_SHORT, "down");
		else if (p->silent != 0)
			(void)snprintf(
			    t.cell[row][1], TEXT_SHORT, "%u silent", p->pid);
		else
			(void)snprintf(
			    t.cell[row][1], TEXT_SHORT, "%u", p->pid);
		(void)snprintf(t.cell[row][2], TEXT_SHORT, "%u", p->uid);
		(void)snprintf(t.cell[row][3], TEXT_SHORT, "%u", p->restarts);
	}
	show_table(s, &t);
}

static bool
is_charged(const struct report *r)
{
	return r->clock_known && (r->clock.flags & CLOCK_CHARGED) != 0;
}

void
show_status(const struct show *s, const struct report *r)
{
	const struct msg_status *st = &r->status;
	char text[TEXT_SHORT * 2];

	summary(s, r);
	text_offset(text, sizeof(text), st->offset_ns, st->offset_error_ns);
	line(s, "offset", text);
	text_frequency(text, sizeof(text), text_slope_ppb(st->slope),
	    text_slope_ppb(st->slope_error));
	line(s, "frequency", text);
	print_root(s, st);
	label(s, "reference");
	fprintf(s->out, "%08x, leap %s\n", st->refid, text_leap(st->leap));
	label(s, "clock");
	fprintf(s->out, "%s, %llu %s, %llu samples%s\n",
	    (st->flags & STATUS_CONTROLLED) != 0 ? "steered" : "not touched",
	    (unsigned long long)st->steps, st->steps == 1 ? "step" : "steps",
	    (unsigned long long)st->samples,
	    is_charged(r) ? "; its rate is charged to the budget" : "");
	text_duration(text, sizeof(text), st->uptime_ns);
	line(s, "uptime", text);
	if (r->process_count > 0) {
		fputc('\n', s->out);
		print_processes(s, r);
	}
}

static void
fill_measured(
    char cell[SHOW_COLUMNS][TEXT_SHORT], const struct msg_source_status *src)
{
	(void)snprintf(cell[4], TEXT_SHORT, "%u", src->stratum);
	text_time(cell[6], TEXT_SHORT, src->offset_ns, true);
	text_time(cell[7], TEXT_SHORT, src->error_ns, false);
	text_time(cell[8], TEXT_SHORT, src->delay_ns, false);
	text_time(cell[9], TEXT_SHORT, src->jitter_ns, false);
}

static void
fill_source(
    char cell[SHOW_COLUMNS][TEXT_SHORT], const struct msg_source_status *src)
{
	text_escape(cell[0], NAME_WIDTH, src->name);
	text_endpoint(cell[1], TEXT_SHORT, &src->addr, src->port);
	(void)snprintf(cell[2], TEXT_SHORT, "%s", text_state(src->state));
	(void)snprintf(cell[3], TEXT_SHORT, "%03o", src->reach & 0xff);
	(void)snprintf(cell[5], TEXT_SHORT, "%u s", 1U << src->poll_log2);
	if (src->received > 0) {
		fill_measured(cell, src);
		return;
	}
	for (size_t i = 4; i < SOURCE_COLUMNS; i++)
		if (i != 5)
			(void)snprintf(cell[i], TEXT_SHORT, "-");
}

void
show_sources(const struct show *s, const struct report *r)
{
	static const char *const names[SOURCE_COLUMNS] = { "source", "address",
		"state", "reach", "stratum", "poll", "offset", "error", "delay",
		"jitter" };
	struct table t;

	if (r->source_count == 0) {
		fputs("no sources\n", s->out);
		return;
	}
	show_head(&t, names, SOURCE_COLUMNS, 0x3f8);
	for (uint32_t i = 0; i < r->source_count; i++) {
		size_t row = t.rows++;

		fill_source(t.cell[row], &r->sources[i]);
		t.colour[row] = state_colour(r->sources[i].state);
	}
	show_table(s, &t);
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
	label(s, "stratum");
	fprintf(s->out, "%u, reference %08x\n", src->stratum, src->refid);
}

void
show_source(const struct show *s, const struct msg_source_status *src)
{
	char text[NAME_LEN * 4];

	text_escape(text, sizeof(text), src->name);
	line(s, "source", text);
	text_endpoint(text, sizeof(text), &src->addr, src->port);
	line(s, "address", text);
	label(s, "state");
	coloured_line(s, state_colour(src->state), text_state(src->state));
	if (src->why[0] != '\0') {
		text_escape(text, sizeof(text), src->why);
		line(s, "reason", text);
	}
	if (src->received > 0)
		print_times(s, src);
	if (src->auth == SOURCE_AUTH_MAC)
		line(s, "auth", "mac");
	if ((src->flags & STATUS_INTERLEAVED) != 0)
		line(s, "mode", "interleaved");
	label(s, "reach");
	fprintf(s->out, "%03o, poll %u s, version %u\n", src->reach & 0xff,
	    1U << src->poll_log2, src->version);
	label(s, "packets");
	fprintf(s->out, "%llu sent, %llu received, %llu rejected\n",
	    (unsigned long long)src->sent, (unsigned long long)src->received,
	    (unsigned long long)src->rejected);
}

static void
clock_summary(const struct show *s, const struct msg_clock_state *c)
{
	char text[REASON_LEN * 4];

	if ((c->flags & CLOCK_IS_FROZEN) != 0) {
		text_escape(text, sizeof(text), c->frozen);
		coloured_line(s, RED, "frozen");
		line(s, "reason", text);
	} else if ((c->flags & CLOCK_CONTROLLED) == 0) {
		coloured_line(s, YELLOW, "not touched");
	} else if ((c->flags & CLOCK_HOLDOVER) != 0) {
		coloured_line(
		    s, YELLOW, "holdover: goes on by the last sample");
	} else if ((c->flags & CLOCK_IN_SYNC) != 0) {
		coloured_line(s, GREEN, "in sync");
	} else {
		coloured_line(s, YELLOW, "not set yet");
	}
}

/* What of the budget is used, and which rates are not charged to it. */
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
	    (c->flags & CLOCK_ANCHORED) != 0 ? "around the anchor"
					     : "until the oscillator is known",
	    (c->flags & CLOCK_CHARGED) != 0
		? "; the rate is charged to the budget"
		: "");
}

void
show_clock(const struct show *s, const struct report *r)
{
	const struct msg_clock_state *c = &r->clock;
	char text[TEXT_SHORT * 2];

	clock_summary(s, c);
	text_offset(text, sizeof(text), c->offset_ns, c->error_ns);
	line(s, "offset", text);
	text_frequency(text, sizeof(text), text_slope_ppb(c->slope),
	    text_slope_ppb(c->slope_sigma));
	line(s, "frequency", text);
	label(s, "correction");
	fprintf(s->out, "%+.3f ppm\n", (double)c->freq_ppb / 1e3);
	show_ledger(s, c);
	label(s, "steps");
	fprintf(s->out, "%llu\n", (unsigned long long)c->steps);
	label(s, "samples");
	fprintf(s->out, "%llu accepted, %llu refused\n",
	    (unsigned long long)c->samples, (unsigned long long)c->refused);
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

void
show_log(const struct show *s, const struct report *r)
{
	char time[TEXT_SHORT], amount[TEXT_SHORT], text[REASON_LEN * 4];

	if (r->event_count == 0)
		fputs("no change of the clock yet\n", s->out);
	for (uint32_t i = 0; i < r->event_count; i++) {
		const struct msg_clock_event *e = &r->events[i];

		text_wall(time, sizeof(time), e->wall_ns);
		text_time(amount, sizeof(amount), e->amount_ns, true);
		if (e->amount_ns == 0)
			(void)snprintf(amount, sizeof(amount), "-");
		text_escape(text, sizeof(text), e->reason);
		fprintf(s->out, "%s  ", time);
		colour(s, event_colour(e->event));
		fprintf(s->out, "%-8s", text_event(e->event));
		colour(s, PLAIN);
		fputs("  ", s->out);
		pad(s,
		    10 - (text_width(amount) < 10 ? text_width(amount) : 10));
		fprintf(s->out, "%s  %s\n", amount, text);
	}
}
