/*
 * What ntpctl prints for programs, see json.h.  The library's functions pass
 * on a NULL that an earlier one returned, so that lack of memory is found once
 * at the end.
 */
#include "ntp-net/ctl/json.h"

#include <math.h>
#include <string.h>

#include "ntp-net/ctl/json_print.h"
#include "ntp-net/ctl/standing.h"
#include "ntp-net/ctl/text.h"

#define INDENT 2

static json_t *
number(uint64_t v)
{
	return json_integer(v <= INT64_MAX ? (json_int_t)v : INT64_MAX);
}

/* Null for what was never measured. */
static json_t *
integer_if(bool known, int64_t v)
{
	return known ? json_integer(v) : json_null();
}

static json_t *
number_if(bool known, uint64_t v)
{
	return known ? number(v) : json_null();
}

/* Seconds to the millisecond; null for what is not known, -1. */
static json_t *
seconds(int64_t ns)
{
	return ns < 0 ? json_null() : json_real(round((double)ns / 1e6) / 1e3);
}

/* Parts per billion with a thousandth: what is behind it means nothing. */
static json_t *
ppb(int64_t slope)
{
	return json_real(round(text_slope_ppb(slope) * 1e3) / 1e3);
}

/* A text of the daemon, or null if it is empty. */
static json_t *
text_or_null(const char *s)
{
	char escaped[NAME_LEN * 4];

	if (*s == '\0')
		return json_null();
	escape_text(escaped, sizeof(escaped), s);
	return json_string(escaped);
}

int
json_print(FILE *out, json_t *j, bool compact)
{
	size_t flags =
	    JSON_REAL_PRECISION(15) | (compact ? 0 : JSON_INDENT(INDENT));
	int rc = -1;

	if (j != NULL && json_dumpf(j, out, flags) == 0 &&
	    fputc('\n', out) != EOF)
		rc = 0;
	json_decref(j);
	return rc;
}

/* Put a value under a name.  Returns 0 or -1; the value is given away. */
static int
put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value);
}

static int
put_measured(json_t *o, const struct msg_source_status *s)
{
	bool known = (s->flags & STATUS_MEASURED) != 0;
	bool answered = (s->flags & STATUS_ANSWERED) != 0;
	int rc = 0;

	rc |= put(o, "reach", number(s->reach));
	rc |= put(o, "stratum", number_if(answered, s->stratum));
	rc |= put(o, "poll_s", number(UINT64_C(1) << s->poll_log2));
	rc |= put(o, "offset_ns", integer_if(known, s->offset_ns));
	rc |= put(o, "error_ns", integer_if(known, s->error_ns));
	rc |= put(o, "delay_ns", integer_if(known, s->delay_ns));
	rc |= put(o, "jitter_ns", integer_if(known, s->jitter_ns));
	rc |= put(o, "root_distance_ns", integer_if(known, s->distance_ns));
	return rc;
}

static json_t *
source(const struct msg_source_status *s)
{
	char address[TEXT_SHORT], refid[TEXT_SHORT];
	bool answered = (s->flags & STATUS_ANSWERED) != 0;
	json_t *o = json_object();
	int rc = 0;

	text_address(address, sizeof(address), &s->addr);
	(void)snprintf(refid, sizeof(refid), "%08x", s->refid);
	rc |= put(o, "name", text_or_null(s->name));
	rc |= put(o, "address", text_or_null(address));
	rc |= put(o, "port", number(s->port));
	rc |= put(o, "state", json_string(text_state(s->state)));
	rc |= put_measured(o, s);
	rc |= put(o, "auth",
	    json_string(s->auth == SOURCE_AUTH_MAC ? "mac" : "none"));
	rc |= put(o, "interleaved",
	    json_boolean((s->flags & STATUS_INTERLEAVED) != 0));
	rc |= put(o, "version", number_if(answered, s->version));
	rc |=
	    put(o, "reference_id", answered ? json_string(refid) : json_null());
	rc |= put(o, "sent", number(s->sent));
	rc |= put(o, "received", number(s->received));
	rc |= put(o, "rejected", number(s->rejected));
	rc |= put(o, "reason", text_or_null(s->why));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
sources(const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < r->source_count; i++)
		if (wanted == NULL || wanted(&r->sources[i], name))
			if (json_array_append_new(a, source(&r->sources[i])) !=
			    0) {
				json_decref(a);
				return NULL;
			}
	return a;
}

static json_t *
process(const struct msg_process *p)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "name",
	    proc_name(child_proc((int)p->child)), "pid", number(p->pid), "uid",
	    number(p->uid), "restarts", number(p->restarts), "age_s",
	    seconds(p->age_ns), "responds",
	    json_boolean(p->pid != 0 && p->silent == 0));
}

static json_t *
processes(const struct report *r)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < r->process_count; i++)
		if (json_array_append_new(a, process(&r->processes[i])) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

/* The reason of a freeze, or null. */
static json_t *
frozen(const struct report *r)
{
	bool is = (r->status_known && (r->status.flags & STATUS_FROZEN) != 0) ||
	    (r->clock_known && (r->clock.flags & CLOCK_IS_FROZEN) != 0);

	if (!is)
		return json_null();
	if (r->clock_known && r->clock.frozen[0] != '\0')
		return text_or_null(r->clock.frozen);
	return json_string("a limit was passed");
}

static int
put_times(json_t *o, const struct msg_status *s)
{
	bool known = (s->flags & STATUS_KNOWN) != 0;
	int rc = 0;

	rc |= put(o, "offset_ns", integer_if(known, s->offset_ns));
	rc |= put(o, "offset_error_ns", integer_if(known, s->offset_error_ns));
	rc |= put(o, "bound_ns", integer_if(s->bound_ns >= 0, s->bound_ns));
	rc |= put(o, "frequency_ppb", known ? ppb(s->slope) : json_null());
	rc |= put(o, "frequency_error_ppb",
	    known ? ppb(s->slope_error) : json_null());
	rc |= put(o, "root_delay_ns", integer_if(known, s->root_delay_ns));
	rc |= put(
	    o, "root_dispersion_ns", integer_if(known, s->root_dispersion_ns));
	rc |= put(o, "maximum_distance_ns",
	    integer_if(
		(s->flags & STATUS_UNMEASURED) == 0, s->max_distance_ns));
	rc |= put(o, "steps", number(s->steps));
	rc |= put(o, "samples", number(s->samples));
	return rc;
}

/* Since when it is in holdover, and for how long; both null if it is not. */
static int
put_holdover(json_t *o, const struct report *r, bool is)
{
	struct holdover h = { .age_ns = -1 };
	char since[TEXT_SHORT];
	json_t *text = NULL;

	if (is)
		standing_holdover(r, &h);
	if (is && h.since_ns > 0) {
		text_wall(since, sizeof(since), h.since_ns);
		since[10] = 'T'; /* RFC 3339 */
		text = json_string(since);
	}
	return put(o, "holdover_s", seconds(h.age_ns)) |
	    put(o, "holdover_since", text != NULL ? text : json_null());
}

/* How it stands with the agreement of the sources. */
static int
put_standing(json_t *o, const struct report *r)
{
	const struct msg_status *s = &r->status;
	enum standing standing = standing_of(r);
	bool measuring = (s->flags & STATUS_UNMEASURED) == 0;
	bool synced = (s->flags & STATUS_SYNCED) != 0 && measuring;
	char refid[TEXT_SHORT];
	int rc = 0;

	(void)snprintf(refid, sizeof(refid), "%08x", s->refid);
	rc |= put(o, "state", json_string(standing_name(standing)));
	rc |= put(o, "measuring", json_boolean(measuring));
	rc |= put(
	    o, "synchronized", json_boolean((s->flags & STATUS_SYNCED) != 0));
	rc |= put(o, "reason", text_or_null(s->why));
	rc |= put_holdover(o, r, standing == STANDING_HOLDOVER);
	rc |= put(o, "stratum", number_if(measuring, s->stratum));
	rc |= put(o, "leap", json_string(text_leap(s->leap)));
	rc |= put(o, "reference_id", synced ? json_string(refid) : json_null());
	rc |= put(o, "sources_selected", number_if(measuring, s->selected));
	rc |= put(o, "sources_agreeing", number_if(measuring, s->agreeing));
	rc |= put(o, "sources_needed", number_if(measuring, s->needed));
	rc |= put(o, "sources_counted", number_if(measuring, s->counted));
	return rc;
}

int
json_show_status(FILE *out, const struct report *r, bool compact)
{
	const struct msg_status *s = &r->status;
	json_t *o = json_object();
	int rc = 0;

	rc |= put(o, "version", json_string(VERSION));
	rc |= put(o, "uptime_s", seconds(s->uptime_ns));
	rc |= put_standing(o, r);
	rc |= put(o, "clock_controlled",
	    json_boolean((s->flags & STATUS_CONTROLLED) != 0));
	rc |= put(
	    o, "serves_local", json_boolean((s->flags & STATUS_LOCAL) != 0));
	rc |= put(o, "addresses_awaited", number(s->awaited));
	rc |= put_times(o, s);
	rc |= put(o, "frozen", frozen(r));
	rc |= put(o, "charged",
	    r->clock_known ? json_boolean((r->clock.flags & CLOCK_CHARGED) != 0)
			   : json_null());
	rc |= put(o, "sources", sources(r, NULL, NULL));
	rc |= put(o, "processes", processes(r));
	return json_print(out, o, compact) | rc;
}

int
json_show_sources(FILE *out, const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name)
{
	json_t *o = json_object();
	int rc = put(o, "sources", sources(r, wanted, name));

	return json_print(out, o, false) | rc;
}

/* By the last sample, if there is one. */
static int
put_line(json_t *o, const struct msg_clock_state *c)
{
	bool known = (c->flags & CLOCK_HAS_LINE) != 0;
	int rc = 0;

	rc |= put(o, "offset_ns", integer_if(known, c->offset_ns));
	rc |= put(o, "bound_ns", integer_if(known, c->error_ns));
	rc |= put(o, "frequency_ppb", known ? ppb(c->slope) : json_null());
	rc |= put(o, "frequency_error_ppb",
	    known ? ppb(c->slope_sigma) : json_null());
	return rc;
}

static int
put_ledger(json_t *o, const struct msg_clock_state *c)
{
	bool anchored = (c->flags & CLOCK_ANCHORED) != 0;
	int rc = 0;

	rc |= put(o, "budget_used_ns", json_integer(c->used_ns));
	rc |= put(o, "budget_ns",
	    integer_if(c->budget_ns != LIMIT_ANY, c->budget_ns));
	rc |= put(o, "budget_period_ns", json_integer(c->budget_period_ns));
	rc |= put(o, "anchored", json_boolean(anchored));
	rc |= put(o, "anchor_ppb",
	    integer_if(anchored || c->anchor_ppb != 0, c->anchor_ppb));
	rc |= put(o, "free_low_ppb", json_integer(c->low_ppb));
	rc |= put(o, "free_high_ppb", json_integer(c->high_ppb));
	rc |= put(o, "charged", json_boolean((c->flags & CLOCK_CHARGED) != 0));
	return rc;
}

int
json_show_clock(FILE *out, const struct report *r)
{
	const struct msg_clock_state *c = &r->clock;
	bool steered = (c->flags & CLOCK_CONTROLLED) != 0;
	bool holdover = (c->flags & CLOCK_HOLDOVER) != 0 ||
	    (r->status_known && steered && standing_of(r) == STANDING_HOLDOVER);
	json_t *o = json_object();
	int rc = 0;

	rc |= put(o, "clock_controlled", json_boolean(steered));
	rc |= put(
	    o, "synchronized", json_boolean((c->flags & CLOCK_IN_SYNC) != 0));
	rc |= put(o, "startup_done",
	    json_boolean((c->flags & CLOCK_STARTUP_DONE) != 0));
	rc |= put(o, "holdover", json_boolean(holdover));
	rc |= put_holdover(o, r, holdover && r->status_known);
	rc |= put_line(o, c);
	rc |= put(o, "correction_ppb", json_integer(c->freq_ppb));
	rc |= put(o, "steps", number(c->steps));
	rc |= put_ledger(o, c);
	rc |= put(o, "samples", number(c->samples));
	rc |= put(o, "refused", number(c->refused));
	rc |= put(o, "frozen", frozen(r));
	return json_print(out, o, false) | rc;
}

static json_t *
event(const struct msg_clock_event *e)
{
	char time[TEXT_SHORT];

	text_wall(time, sizeof(time), e->wall_ns);
	time[10] = 'T'; /* RFC 3339 */
	return json_pack("{s:s, s:I, s:s, s:I, s:o}", "time", time, "time_ns",
	    (json_int_t)e->wall_ns, "event", text_event(e->event), "amount_ns",
	    (json_int_t)e->amount_ns, "reason", text_or_null(e->reason));
}

int
json_show_log(FILE *out, const struct report *r)
{
	json_t *o = json_object(), *a = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < r->event_count; i++)
		rc |= json_array_append_new(a, event(&r->events[i]));
	rc |= put(o, "events", a);
	return json_print(out, o, false) | rc;
}

int
json_show_result(FILE *out, bool ok, const char *message)
{
	char escaped[REASON_LEN * 8];

	escape_text(escaped, sizeof(escaped), message);
	return json_print(
	    out, json_pack("{s:b, s:s}", "ok", ok, "message", escaped), false);
}

int
json_show_health(
    FILE *out, bool ok, const char *message, const struct report *r)
{
	json_t *o = json_pack("{s:b, s:s}", "ok", ok, "message", message);
	bool holds = r != NULL && standing_of(r) == STANDING_HOLDOVER;
	bool bound = r != NULL && r->status.bound_ns >= 0;
	int rc = 0;

	rc |= put(o, "state",
	    r != NULL ? json_string(standing_name(standing_of(r)))
		      : json_null());
	rc |= put_holdover(o, r, holds);
	rc |= put(o, "bound_ns",
	    bound ? json_integer(r->status.bound_ns) : json_null());
	return json_print(out, o, false) | rc;
}
