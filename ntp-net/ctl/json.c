/*
 * What ntpctl prints for programs, see json.h: the rows of common/status.def
 * and common/counters.def.  Run by whoever calls ntpctl.  It must never print a
 * value that its row says is not known.  jansson's functions pass on a NULL
 * from an earlier call, so that one check at the end finds any lack of memory.
 */
#include "ntp-net/ctl/json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "ntp-net/ctl/standing.h"
#include "ntp-net/ctl/text.h"

#define INDENT 2

/* --- the kinds of status.def ---------------------------------------------- */

#define as_time(ns)	  json_integer(ns)
#define as_offset(ns)	  json_integer(ns)
#define as_ppb(rate_ppb)  json_integer(rate_ppb)
#define as_reach(bits)	  json_integer(bits)
#define as_flag(flag)	  json_boolean(flag)
#define as_word(word)	  json_string(word)
#define as_leap(leap)	  json_string(text_leap(leap))
#define as_state(state)	  json_string(text_state(state))
#define as_auth(auth)	  json_string(text_auth(auth))
#define as_event(event)	  json_string(text_event(event))
#define as_process(child) json_string(proc_name(child_proc((int)(child))))

static json_t *
as_seconds(int64_t ns)
{
	return ns < 0 ? json_null() : json_real(round((double)ns / 1e6) / 1e3);
}

static json_t *
as_ago(int64_t ns)
{
	return ns < 0 ? json_null() : json_real(round((double)ns / 1e3) / 1e6);
}

static json_t *
as_date(int64_t wall_ns)
{
	char date[TEXT_SHORT];

	text_wall(date, sizeof(date), wall_ns);
	date[10] = 'T'; /* RFC 3339 */
	return json_string(date);
}

/* In thousandths: further digits mean nothing. */
static json_t *
as_slope(int64_t slope_q32)
{
	return json_real(round(text_slope_ppb(slope_q32) * 1e3) / 1e3);
}

static json_t *
as_count(uint64_t n)
{
	return json_integer(n <= INT64_MAX ? (json_int_t)n : INT64_MAX);
}

static json_t *
as_poll(uint32_t log2)
{
	return as_count(UINT64_C(1) << log2);
}

static json_t *
as_id(uint32_t id)
{
	char text[TEXT_SHORT];

	(void)snprintf(text, sizeof(text), "%08x", id);
	return json_string(text);
}

static json_t *
as_text(const char *s)
{
	char escaped[NAME_LEN * 4];

	if (*s == '\0')
		return json_null();
	escape_text(escaped, sizeof(escaped), s);
	return json_string(escaped);
}

static json_t *
as_address(struct msg_addr addr)
{
	char text[TEXT_SHORT];

	text_address(text, sizeof(text), &addr);
	return as_text(text);
}

static json_t *
as_client(const struct msg_client_status *c)
{
	char text[TEXT_SHORT];

	server_client_text(text, sizeof(text), c);
	return json_string(text);
}

/* --- values that are not in a message ------------------------------------- */

static const char *
get_version(const struct report *r)
{
	(void)r;
	return VERSION;
}

static const char *
get_state(const struct report *r)
{
	return standing_name(standing_of(r));
}

/* The holdover if there is one; else all is unknown. */
static struct holdover
holdover(const struct report *r, bool is)
{
	struct holdover h = { .age_ns = -1 };

	if (is)
		standing_holdover(r, &h);
	return h;
}

static bool
holds(const struct report *r)
{
	return r != NULL && standing_of(r) == STANDING_HOLDOVER;
}

static int64_t
get_held(const struct report *r)
{
	return holdover(r, holds(r)).age_ns;
}

static int64_t
get_since(const struct report *r)
{
	return holdover(r, holds(r)).since_ns;
}

static bool
get_clock_holds(const struct report *r)
{
	return (r->clock.flags & CLOCK_STATE_HOLDOVER) != 0 ||
	    (r->status_known &&
		(r->clock.flags & CLOCK_STATE_CONTROLLED) != 0 && holds(r));
}

static int64_t
get_clock_held(const struct report *r)
{
	return holdover(r, get_clock_holds(r) && r->status_known).age_ns;
}

static int64_t
get_clock_since(const struct report *r)
{
	return holdover(r, get_clock_holds(r) && r->status_known).since_ns;
}

/* The reason for a freeze, or nothing. */
static const char *
get_frozen(const struct report *r)
{
	bool is = (r->status_known && (r->status.flags & STATUS_FROZEN) != 0) ||
	    (r->clock_known && (r->clock.flags & CLOCK_STATE_FROZEN) != 0);

	if (!is)
		return "";
	return r->clock_known && r->clock.frozen[0] != '\0'
	    ? r->clock.frozen
	    : "a limit was passed";
}

static bool
get_charged(const struct report *r)
{
	return (r->clock.flags & CLOCK_STATE_CHARGED) != 0;
}

/* --- objects -------------------------------------------------------------- */

/* Add a value under a name.  Takes the reference.  Returns 0 or -1. */
static int
put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value);
}

/* The object if all members were added, else NULL. */
static json_t *
whole(json_t *o, int rc)
{
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

/*
 * Print the value, unless rc says that it is incomplete.  Takes the reference.
 * Returns 0 or -1.
 */
static int
print(FILE *out, json_t *j, bool compact, int rc)
{
	size_t flags =
	    JSON_REAL_PRECISION(15) | (compact ? 0 : JSON_INDENT(INDENT));

	if (rc == 0 &&
	    (j == NULL || json_dumpf(j, out, flags) != 0 ||
		fputc('\n', out) == EOF))
		rc = -1;
	json_decref(j);
	return rc;
}

/* Add a member, from its row. */
#define PUT(name, kind, value, known, help)                                    \
	rc |= put(o, name, (known) ? as_##kind(value) : json_null());

static int
put_counters(json_t *o, const uint64_t n[COUNT_KINDS])
{
	int rc = 0;

#define COUNTER(kind, name, ...) rc |= put(o, name, as_count(n[COUNT_##kind]));
#include "common/counters.def"
	return rc;
}

static json_t *
source(const struct msg_source_status *m)
{
	json_t *o = json_object();
	int rc = 0;

#define SOURCE PUT
#include "common/status.def"
	return whole(o, rc);
}

static json_t *
sources(const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name)
{
	json_t *a = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < r->source_count; i++)
		if (wanted == NULL || wanted(&r->sources[i], name))
			rc |= json_array_append_new(a, source(&r->sources[i]));
	return whole(a, rc);
}

static json_t *
process(const struct msg_process *m)
{
	json_t *o = json_object();
	int rc = 0;

#define PROCESS PUT
#include "common/status.def"
	return whole(o, rc);
}

static json_t *
processes(const struct report *r)
{
	json_t *a = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < r->process_count; i++)
		rc |= json_array_append_new(a, process(&r->processes[i]));
	return whole(a, rc);
}

static json_t *
event(const struct msg_clock_event *m)
{
	json_t *o = json_object();
	int rc = 0;

#define EVENT PUT
#include "common/status.def"
	return whole(o, rc);
}

static json_t *
listening(const struct server_row *m)
{
	json_t *o = json_object();
	int rc = 0;

#define LISTENING PUT
#include "common/status.def"
	return whole(o, rc | put_counters(o, m->n));
}

static json_t *
worker(const struct server_row *m)
{
	json_t *o = json_object();
	int rc = 0;

#define WORKER PUT
#include "common/status.def"
	return whole(o, rc | put_counters(o, m->n));
}

static json_t *
fast(const struct msg_fast_status *m)
{
	json_t *o = json_object();
	int rc = 0;

#define FAST PUT
#include "common/status.def"
	return whole(o, rc);
}

static json_t *
client(const struct msg_client_status *m)
{
	json_t *o = json_object();
	int rc = 0;

#define CLIENT PUT
#include "common/status.def"
	return whole(o, rc);
}

/* --- commands ------------------------------------------------------------- */

int
json_show_status(FILE *out, const struct report *r, bool compact)
{
	const struct msg_status *m = &r->status;
	json_t *o = json_object();
	int rc = 0;

#define SUMMARY PUT
#include "common/status.def"
	rc |= put(o, "sources", sources(r, NULL, NULL));
	rc |= put(o, "processes", processes(r));
	return print(out, o, compact, rc);
}

int
json_show_sources(FILE *out, const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name)
{
	json_t *o = json_object();
	int rc = put(o, "sources", sources(r, wanted, name));

	return print(out, o, false, rc);
}

int
json_show_clock(FILE *out, const struct report *r)
{
	const struct msg_clock_state *m = &r->clock;
	json_t *o = json_object();
	int rc = 0;

#define CLOCK PUT
#include "common/status.def"
	return print(out, o, false, rc);
}

int
json_show_log(FILE *out, const struct report *r)
{
	json_t *o = json_object(), *a = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < r->event_count; i++)
		rc |= json_array_append_new(a, event(&r->events[i]));
	rc |= put(o, "events", a);
	return print(out, o, false, rc);
}

int
json_show_server(FILE *out, const struct server_sum *m)
{
	json_t *o = json_object();
	json_t *addresses = json_array(), *workers = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < m->listening_count; i++)
		rc |= json_array_append_new(
		    addresses, listening(&m->listening[i]));
	for (uint32_t i = 0; i < m->worker_count; i++)
		rc |= json_array_append_new(workers, worker(&m->by_worker[i]));
#define SERVER PUT
#include "common/status.def"
	rc |= put_counters(o, m->n);
	rc |= put(o, "fast", m->fast_known ? fast(&m->fast) : json_null());
	rc |= put(o, "listening", addresses);
	rc |= put(o, "by_worker", workers);
	return print(out, o, false, rc);
}

int
json_show_clients(FILE *out, const struct report *r)
{
	json_t *o = json_object(), *a = json_array();
	int rc = 0;

	for (size_t i = 0; i < r->client_count; i++)
		rc |= json_array_append_new(a, client(&r->clients[i]));
	rc |= put(o, "clients", a);
	return print(out, o, false, rc);
}

/* The outcome of a command; message is escaped already. */
static int
put_result(json_t *o, bool ok, const char *message)
{
	const struct {
		bool ok;
		const char *message;
	} result = { ok, message }, *m = &result;
	int rc = 0;

#define RESULT PUT
#include "common/status.def"
	return rc;
}

int
json_show_result(FILE *out, bool ok, const char *message)
{
	char escaped[REASON_LEN * 8];
	json_t *o = json_object();

	escape_text(escaped, sizeof(escaped), message);
	return print(out, o, false, put_result(o, ok, escaped));
}

int
json_show_health(
    FILE *out, bool ok, const char *message, const struct report *r)
{
	json_t *o = json_object();
	int rc = put_result(o, ok, message);

#define HEALTH PUT
#include "common/status.def"
	return print(out, o, false, rc);
}
