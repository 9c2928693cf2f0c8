/*
 * What ntpctl prints about the sources and the synchronization: no value that
 * was never measured, and no line wider than a terminal.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ntp-net/ctl/json.h"
#include "ntp-net/ctl/show.h"
#include "tests/tap.h"

#define S INT64_C(1000000000)

static struct report report;

static int
text_status(FILE *out)
{
	const struct show s = { .out = out, .colour = false };

	show_status(&s, &report);
	return 0;
}

static int
text_sources(FILE *out)
{
	const struct show s = { .out = out, .colour = false };

	show_sources(&s, &report);
	return 0;
}

static int
text_log(FILE *out)
{
	const struct show s = { .out = out, .colour = false };

	show_log(&s, &report);
	return 0;
}

static int
text_one(FILE *out)
{
	const struct show s = { .out = out, .colour = false };

	show_source(&s, &report.sources[0]);
	return 0;
}

static int
json_status(FILE *out)
{
	return json_show_status(out, &report, false);
}

static int
json_health(FILE *out)
{
	return json_show_health(out, true, "holdover", &report);
}

static int
json_unhealthy(FILE *out)
{
	return json_show_health(out, false, "not in sync", &report);
}

static int
json_nobody(FILE *out)
{
	return json_show_health(out, false, "nobody answers", NULL);
}

static char *
printed(int (*print)(FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL || print(out) != 0)
		OK(0, "printed");
	if (out != NULL)
		(void)fclose(out); /* it is memory */
	if (text == NULL)
		abort();
	return text;
}

/* The longest line, in characters. */
static size_t
longest(const char *text)
{
	size_t most = 0, n = 0;

	for (; *text != '\0'; text++) {
		n = *text == '\n' ? 0
				  : n + (((unsigned char)*text & 0xc0) != 0x80);
		most = n > most ? n : most;
	}
	return most;
}

static void
fits(int (*print)(FILE *), const char *what)
{
	char *text = printed(print);

	OK(longest(text) <= 80, "%s: no line is longer than 80", what);
	if (longest(text) > 80)
		printf("# %s\n", text);
	free(text);
}

static void
has(int (*print)(FILE *), const char *want)
{
	char *text = printed(print);

	OK(strstr(text, want) != NULL, "\"%s\"", want);
	if (strstr(text, want) == NULL)
		printf("# got:\n%s", text);
	free(text);
}

static json_t *
parsed(int (*print)(FILE *))
{
	char *text = printed(print);
	json_t *o = json_loads(text, 0, NULL);

	free(text);
	OK(o != NULL, "it is JSON");
	return o;
}

/* Two sources, of which everything is known. */
static void
begin(void)
{
	static const struct msg_source_status source = {
		.state = STATE_SELECTED,
		.reach = 255,
		.stratum = 2,
		.poll_log2 = 10,
		.port = 123,
		.version = 4,
		.refid = 0xc0000201,
		.received = 9,
		.offset_ns = -12345678,
		.error_ns = 123000000,
		.delay_ns = 123000000,
		.jitter_ns = 123000000,
		.addr = { .family = 4, .addr = { 192, 0, 2, 1 } },
		.flags = STATUS_MEASURED | STATUS_ANSWERED,
		.name = "ntp.example.net",
	};

	memset(&report, 0, sizeof(report));
	report.status_known = true;
	report.status = (struct msg_status){
		.flags = STATUS_SYNCED | STATUS_KNOWN,
		.stratum = 3,
		.sources = 2,
		.selected = 2,
		.agreeing = 2,
		.needed = 2,
		.counted = 2,
		.refid = 0xc0000201,
		.offset_ns = 12300,
		.offset_error_ns = 412,
		.bound_ns = 9600000,
		.age_ns = 5 * S,
		.uptime_ns = 3600 * S,
		.samples = 1,
	};
	report.source_count = 2;
	report.sources[0] = report.sources[1] = source;
}

static void
test_known(void)
{
	json_t *o;

	begin();
	has(text_status, "synchronized: stratum 3, 2 of 2 sources agree\n");
	has(text_status, "offset      +12.3 \u00b5s \u00b1 412 ns\n");
	has(text_status, "error       at most 9.60 ms\n");
	has(text_status, "0 steps, 1 sample\n");
	report.status.stratum = 16;
	has(text_status,
	    "synchronized: stratum 16, 2 of 2 sources agree\n"
	    "served      to nobody: no stratum is above that");
	report.status.flags |= STATUS_LOCAL;
	has(text_status, "served      the clock as it is: local stratum\n");
	report.status.flags &= ~STATUS_LOCAL;
	report.status.stratum = 3;
	report.status.sources = report.status.selected = 1;
	has(text_status, "1 of 1 source agrees\noffset");
	report.status.sources = 3;
	report.status.agreeing = report.status.needed = 1;
	report.status.counted = 2;
	has(text_status,
	    "sources     1 of 3 agree, 1 must; 1 does not count\n");
	report.status.counted = 1;
	has(text_status, "sources     1 of 3 agree, 1 must; 2 do not count\n");
	o = parsed(json_status);
	OK(json_is_true(json_object_get(o, "measuring")) &&
		strcmp(json_string_value(json_object_get(o, "state")),
		    "synchronized") == 0 &&
		json_is_null(json_object_get(o, "holdover_s")) &&
		json_is_null(json_object_get(o, "holdover_since")),
	    "synchronized, no holdover");
	IS_I64(json_integer_value(json_object_get(o, "bound_ns")), 9600000,
	    "the bound");
	json_decref(o);
}

static void
test_holdover(void)
{
	json_t *o;

	begin();
	report.status.flags |= STATUS_HOLDOVER;
	report.status.age_ns = 130 * S;
	report.status.since_ns = INT64_C(1795965631) * S;
	report.status.agreeing = 0;
	strcpy(report.status.why, "no source answers");
	has(text_status, "holdover since 2026-11-29 15:20:31Z (2 min 10 s)");
	has(text_status, "sources     0 of 2 agree, 2 must\n");
	fits(text_status, "a holdover");
	for (int i = 0; i < 2; i++) {
		o = parsed(i == 0 ? json_status : json_health);
		OK(strcmp(json_string_value(json_object_get(o, "state")),
		       "holdover") == 0,
		    "the state");
		NEAR(json_number_value(json_object_get(o, "holdover_s")), 130,
		    0, "for so long");
		OK(strcmp(
		       json_string_value(json_object_get(o, "holdover_since")),
		       "2026-11-29T15:20:31.000Z") == 0,
		    "since then");
		IS_I64(json_integer_value(json_object_get(o, "bound_ns")),
		    9600000, "the bound");
		json_decref(o);
	}
}

static void
all_null(const json_t *o, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		OK(json_is_null(json_object_get(o, names[i])), "%s is null",
		    names[i]);
}

static void
test_unknown(void)
{
	static const char *const of_status[] = { "offset_ns", "offset_error_ns",
		"bound_ns", "frequency_ppb", "frequency_error_ppb",
		"root_delay_ns", "root_dispersion_ns", "reference_id" };
	static const char *const of_source[] = { "offset_ns", "error_ns",
		"delay_ns", "jitter_ns", "stratum", "version", "reference_id" };
	static const char *const of_net[] = { "stratum", "sources_selected",
		"sources_agreeing", "sources_needed", "sources_counted" };
	json_t *o;

	begin();
	report.status.flags = 0;
	report.status.bound_ns = report.status.age_ns = -1;
	report.sources[0].flags = 0;
	has(text_status, "offset      -\nfrequency   -\n");
	has(text_one, "offset      -\nstratum     -\n");
	has(text_sources, "377   -  1024 s         -");
	o = parsed(json_status);
	all_null(o, of_status, sizeof(of_status) / sizeof(of_status[0]));
	all_null(json_array_get(json_object_get(o, "sources"), 0), of_source,
	    sizeof(of_source) / sizeof(of_source[0]));
	json_decref(o);
	report.status.flags = STATUS_UNMEASURED;
	report.source_count = 0;
	strcpy(
	    report.status.why, "time is not being measured: ntp-net is down");
	has(text_status, "not synchronized: time is not being measured");
	o = parsed(json_status);
	OK(json_is_false(json_object_get(o, "measuring")), "nobody measures");
	all_null(o, of_net, sizeof(of_net) / sizeof(of_net[0]));
	json_decref(o);
}

/* health and wait have the same members, whatever the result. */
static void
test_health(void)
{
	static const char *const of_health[] = { "state", "holdover_s",
		"holdover_since", "bound_ns" };
	json_t *o;

	begin();
	report.status.flags = 0;
	report.status.bound_ns = 9600000;
	o = parsed(json_unhealthy);
	OK(json_is_false(json_object_get(o, "ok")) &&
		strcmp(json_string_value(json_object_get(o, "state")),
		    "unsynchronized") == 0 &&
		json_is_null(json_object_get(o, "holdover_s")),
	    "it fails, and the state is there");
	IS_I64(json_integer_value(json_object_get(o, "bound_ns")), 9600000,
	    "and the bound");
	json_decref(o);
	o = parsed(json_nobody);
	IS_I64(json_object_size(o), 6, "without an answer, too");
	all_null(o, of_health, sizeof(of_health) / sizeof(of_health[0]));
	json_decref(o);
}

static void
test_width(void)
{
	struct msg_source_status *s = &report.sources[0];

	begin();
	fits(text_sources, "names");
	has(text_sources, "ntp.example.net 192.0.2.1\n");
	strcpy(s->name, "192.0.2.1");
	report.source_count = 1;
	has(text_sources, "\n192.0.2.1  selected");
	s->state = STATE_UNAUTHENTICATED;
	s->addr.family = 6;
	s->addr.scope = UINT32_MAX;
	s->port = 65535;
	memset(s->addr.addr, 0xff, sizeof(s->addr.addr));
	memset(s->name, 'n', NAME_LEN - 1);
	fits(text_sources, "the longest address");
	has(text_sources, "\nnnnnnnnnnnnnnnnnnn... [ffff:");
	has(text_sources, "ffff%4294967295]:65535\n");
	memset(s->why, 'w', REASON_LEN - 1);
	for (size_t i = 10; i < REASON_LEN; i += 10)
		s->why[i] = ' ';
	s->why[REASON_LEN - 1] = '\0';
	strcpy(s->name, "x");
	fits(text_one, "a long reason");
	report.event_count = 2;
	report.events[0].event = EVENT_STEP;
	report.events[0].amount_ns = 5;
	memcpy(report.events[0].reason, s->why, REASON_LEN);
	strcpy(report.events[1].reason, "short");
	fits(text_log, "the log");
	has(text_log, "         -  short\n");
}

/* The name and the address have a line of their own. */
static void
shows_as(const char *name, const char *want)
{
	char line[NAME_LEN * 2];

	strcpy(report.sources[0].name, name);
	(void)snprintf(line, sizeof(line), "\n%s 192.0.2.1\n", want);
	fits(text_sources, name);
	has(text_sources, line);
}

/* A long name is whole on its own line, or visibly cut. */
static void
test_long_name(void)
{
	char name[NAME_LEN], want[NAME_LEN + 8];
	json_t *o;

	begin();
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = (char)('a' + i % 26);
	name[32] = '\0';
	shows_as(name, name);
	name[32] = 'g';
	name[70] = '\0'; /* as many as there is room for */
	shows_as(name, name);
	name[70] = 's';
	name[71] = '\0';
	(void)snprintf(want, sizeof(want), "%.67s...", name);
	shows_as(name, want);
	name[66] = '\xc3'; /* a character of two octets */
	name[67] = '\xbc';
	(void)snprintf(want, sizeof(want), "%.68s...", name);
	shows_as(name, name);
	name[71] = 't';
	name[72] = '\0';
	shows_as(name, want);
	name[72] = 'u';
	name[NAME_LEN - 1] = '\0';
	shows_as(name, want);
	has(text_one, name);
	o = parsed(json_status);
	OK(strcmp(
	       json_string_value(json_object_get(
		   json_array_get(json_object_get(o, "sources"), 0), "name")),
	       name) == 0,
	    "and in JSON");
	json_decref(o);
}

int
main(void)
{
	test_known();
	test_holdover();
	test_unknown();
	test_health();
	test_width();
	test_long_name();
	return DONE();
}
