/*
 * What the statements of ntpd.conf(5) put into struct conf.  ntpd runs this
 * while it reads the configuration.  Values are checked here, once: the rest
 * of the program takes them as they are.
 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/ctlpath.h"
#include "core/types.h"
#include "ntpd/conf/statement.h"
#include "ntpd/conf/value.h"

#define POLL_MIN	  4  /* 16 s, unless configured */
#define POLL_MAX	  10 /* 1024 s */
#define POLL_LIMIT	  17 /* the largest that RFC 5905 section 7.3 has */
#define COUNT_MAX	  16
#define RATE_MIN_PPB	  1000
/* What no source is within is of no use: a round trip takes that long. */
#define DISTANCE_LEAST_NS NS_PER_MS
#define RECORD_MAX_BYTES  (INT64_C(1) << 30)
/* That of changes has a longer name, and sun_path room for 107 characters. */
#define CONTROL_MAX	  (107 - (sizeof(CTL_CHANGE_SUFFIX) - 1))
#define SHOWN_MAX	  60 /* characters of a value in a message */

void
statement_unexpected(
    struct parser *p, const char *text, const struct lex_place *place)
{
	reader_error(p->reader, place, "expected %s, found \"%.*s\"%s", p->want,
	    SHOWN_MAX, text, strlen(text) > SHOWN_MAX ? " and more" : "");
}

void
statement_no_effect(struct parser *p, const struct lex_place *place,
    const char *what, const char *why)
{
	reader_warning(p->reader, place, "\"%s\" has no effect: %s", what, why);
}

void
statement_not_supported(
    struct parser *p, const struct lex_place *place, const char *what)
{
	p->failed = *place;
	reader_error(
	    p->reader, place, "this version does not support %s", what);
}

bool
statement_read_number(struct parser *p, const char *text,
    const struct lex_place *place, int64_t min, int64_t max, int64_t *number)
{
	bool minus = min < 0 && text[0] == '-';

	if (value_number(text + minus, number) != VALUE_OK) {
		statement_unexpected(p, text, place);
		return false;
	}
	if (minus)
		*number = -*number;
	if (*number < min || *number > max) {
		statement_unexpected(p, text, place);
		return false;
	}
	return true;
}

void
statement_number(struct parser *p, const char *text,
    const struct lex_place *place, int64_t min, int64_t max)
{
	int64_t number;

	(void)statement_read_number(
	    p, text, place, min, max, &number); /* reported */
}

void
statement_port(struct parser *p, const char *text,
    const struct lex_place *place, uint16_t *port)
{
	int64_t number;

	if (statement_read_number(p, text, place, 1, UINT16_MAX, &number))
		*port = (uint16_t)number;
}

void
statement_minimum(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t number;

	if (!statement_read_number(
		p, text, place, 1, CONF_SOURCES_MAX, &number))
		return;
	p->reader->conf->min_sources = (uint32_t)number;
	p->reader->minimum_place = *place;
}

void
statement_key(struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t number;

	if (!statement_read_number(p, text, place, 1, UINT32_MAX, &number))
		return;
	p->source.key_id = (uint32_t)number;
	p->key_place = *place;
}

void
statement_count(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t number;

	if (statement_read_number(p, text, place, 1, COUNT_MAX, &number))
		p->source.count = (uint8_t)number;
}

/* Read a duration; what is wrong with it is said.  False if anything is. */
static bool
read_duration(struct parser *p, const char *text, const struct lex_place *place,
    int64_t *ns)
{
	switch (value_duration(text, ns)) {
	case VALUE_OK:
		return true;
	case VALUE_MALFORMED:
		statement_unexpected(p, text, place);
		return false;
	case VALUE_TOO_LARGE:
		reader_error(p->reader, place,
		    "\"%.*s\" is too long: the longest duration is 106751d",
		    SHOWN_MAX, text);
		return false;
	case VALUE_TOO_FINE:
		reader_error(p->reader, place,
		    "\"%.*s\" is not a whole number of nanoseconds", SHOWN_MAX,
		    text);
		return false;
	}
	return false;
}

void
statement_duration(struct parser *p, const char *text,
    const struct lex_place *place, int64_t min_ns, int64_t max_ns, int64_t *ns)
{
	char low[VALUE_DURATION_LEN], high[VALUE_DURATION_LEN];
	int64_t value;

	if (!read_duration(p, text, place, &value))
		return;
	if (value < min_ns || value > max_ns) {
		reader_error(p->reader, place,
		    "expected a duration from %s to %s, found \"%.*s\"",
		    value_duration_text(min_ns, low),
		    max_ns == INT64_MAX ? "106751d"
					: value_duration_text(max_ns, high),
		    SHOWN_MAX, text);
		return;
	}
	*ns = value;
}

void
statement_distance(
    struct parser *p, const char *text, const struct lex_place *place)
{
	statement_duration(p, text, place, DISTANCE_LEAST_NS, DISTANCE_MOST_NS,
	    &p->reader->conf->max_distance_ns);
}

/* A poll interval; false, and a report, if it is not. */
static bool
read_poll(struct parser *p, const char *text, const struct lex_place *place,
    uint8_t *poll_log2)
{
	uint8_t log2 = 0;
	int64_t ns;

	if (!read_duration(p, text, place, &ns))
		return false;
	if (ns < NS_PER_S || ns > NS_PER_S << POLL_LIMIT) {
		statement_unexpected(p, text, place);
		return false;
	}
	while (NS_PER_S << (log2 + 1) <= ns)
		log2++;
	if (NS_PER_S << log2 != ns) {
		reader_error(p->reader, place,
		    "expected a power of two of seconds such as %ds or %ds, "
		    "found \"%.*s\"",
		    1 << log2, 1 << (log2 + 1), SHOWN_MAX, text);
		return false;
	}
	*poll_log2 = log2;
	return true;
}

void
statement_poll(struct parser *p, const char *text,
    const struct lex_place *place, uint8_t *poll_log2)
{
	if (!read_poll(p, text, place, poll_log2))
		p->source.poll_min_log2 = 0; /* so that the order is right */
}

void
statement_poll_end(struct parser *p, const struct lex_place *place)
{
	uint8_t min_log2 = p->source.poll_min_log2;

	if (min_log2 > p->source.poll_max_log2)
		reader_error(p->reader, place,
		    "the first poll interval is longer than the second");
	else if (min_log2 < POLL_MIN && p->reader->errors == 0 &&
	    !value_is_address(p->source.name))
		reader_warning(p->reader, place,
		    "a query every %ds is too much for servers of others: "
		    "they expect no less than 16s; poll takes seconds, not "
		    "powers of two",
		    1 << min_log2);
}

/* A warning if this source stands in the configuration already. */
static void
warn_twice(struct parser *p, const struct lex_place *place)
{
	const struct conf *c = p->reader->conf;

	for (uint32_t i = 0; i < c->source_count; i++) {
		const struct lex_place *first = &p->reader->source_places[i];

		if (c->sources[i].port != p->source.port ||
		    strcasecmp(c->sources[i].name, p->source.name) != 0)
			continue;
		reader_warning(p->reader, place,
		    "\"%s\" is a source already, by %s:%u", p->source.name,
		    first->file, first->line);
		return;
	}
}

bool
statement_has_port(
    struct parser *p, const char *text, const struct lex_place *place)
{
	size_t at, len;
	const char *port;

	if (!value_split_port(text, &at, &len, &port))
		return false;
	reader_error(p->reader, place,
	    "expected %s, found \"%.*s\": write %.*s%s%.6s", p->want, SHOWN_MAX,
	    text, (int)(len > SHOWN_MAX ? SHOWN_MAX : len), text + at,
	    *port != '\0' ? " port " : "", port);
	return true;
}

static void
note_place(struct conf_place *to, const struct lex_place *place)
{
	conf_note_file(to->file, place->file);
	to->line = place->line;
	to->column = place->column;
}

/* It may come later, or come back: what names it waits until then. */
void
statement_interface(
    struct parser *p, const char *name, const struct lex_place *place)
{
	if (name != NULL && if_nametoindex(name) == 0)
		reader_warning(p->reader, place,
		    "there is no interface %s now: it is waited for", name);
}

void
statement_source(struct parser *p, enum source_kind kind, uint8_t count,
    const char *name, const struct lex_place *place)
{
	const char *problem;

	p->source = (struct conf_source){ .kind = kind,
		.port = NTP_PORT,
		.poll_min_log2 = POLL_MIN,
		.poll_max_log2 = POLL_MAX,
		.count = count };
	problem = value_source(name, p->source.name, sizeof(p->source.name));
	if (problem == NULL) {
		statement_interface(p, value_interface(p->source.name), place);
		return;
	}
	p->source.name[0] = '\0';
	if (statement_has_port(p, name, place))
		return;
	reader_error(p->reader, place, "expected %s, found \"%.*s\": %s",
	    p->want, SHOWN_MAX, name, problem);
}

void
statement_source_end(struct parser *p, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;

	if (p->source.name[0] == '\0')
		return; /* reported */
	if (c->source_count == CONF_SOURCES_MAX) {
		reader_error(
		    p->reader, place, "more than %d sources", CONF_SOURCES_MAX);
		return;
	}
	warn_twice(p, place);
	p->reader->source_places[c->source_count] = *place;
	p->reader->key_places[c->source_count] = p->key_place;
	c->sources[c->source_count++] = p->source;
}

void
statement_query(
    struct parser *p, const char *text, const struct lex_place *place)
{
	if (!value_is_address(text))
		statement_unexpected(p, text, place);
}

void
statement_refid(
    struct parser *p, const char *text, const struct lex_place *place)
{
	if (text[0] == '\0' || strlen(text) > 4)
		statement_unexpected(p, text, place);
}

void
statement_ppb(struct parser *p, const char *text, const struct lex_place *place,
    int64_t most_ppb, int64_t *ppb)
{
	int64_t rate_ppb;

	if (value_rate(text, &rate_ppb) != VALUE_OK ||
	    rate_ppb < RATE_MIN_PPB || rate_ppb > most_ppb)
		statement_unexpected(p, text, place);
	else
		*ppb = rate_ppb;
}

void
statement_violation(
    struct parser *p, const char *text, const struct lex_place *place)
{
	struct conf_clock *k = &p->reader->conf->clock;

	if (strcmp(text, "freeze") == 0)
		k->on_violation = VIOLATION_FREEZE;
	else if (strcmp(text, "stop") == 0)
		k->on_violation = VIOLATION_STOP;
	else
		statement_unexpected(p, text, place);
}

/* Copy an absolute path; what is wrong with it is said. */
static void
set_path(struct parser *p, const char *path, const struct lex_place *place,
    char dst[CONF_PATH_LEN])
{
	size_t len = strlen(path);

	if (path[0] != '/')
		statement_unexpected(p, path, place);
	else if (len >= CONF_PATH_LEN)
		reader_error(p->reader, place,
		    "a path of more than %d characters", CONF_PATH_LEN - 1);
	else
		memcpy(dst, path, len + 1);
}

void
statement_control(
    struct parser *p, const char *path, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;

	c->control_mode = 0660;
	c->control_group[0] = '\0';
	note_place(&c->control_place, place);
	if (path == NULL)
		c->control_socket[0] = '\0';
	else if (path[0] == '/' && strlen(path) > CONTROL_MAX)
		reader_error(p->reader, place,
		    "a path of more than %zu characters, the most that a "
		    "control socket can have",
		    CONTROL_MAX);
	else
		set_path(p, path, place, c->control_socket);
}

void
statement_mode(
    struct parser *p, const char *text, const struct lex_place *place)
{
	if (value_mode(text, &p->reader->conf->control_mode) != VALUE_OK)
		statement_unexpected(p, text, place);
}

void
statement_group(
    struct parser *p, const char *name, const struct lex_place *place)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	struct conf *c = p->reader->conf;
	size_t len = strlen(name);

	if (len == 0 || len >= sizeof(c->control_group) || name[0] == '-' ||
	    strspn(name, allowed) != len)
		statement_unexpected(p, name, place);
	else
		memcpy(c->control_group, name, len + 1);
	note_place(&c->group_place, place);
}

void
statement_state(
    struct parser *p, const char *path, const struct lex_place *place)
{
	set_path(p, path, place, p->reader->conf->state_directory);
	note_place(&p->reader->conf->state_place, place);
}

void
statement_keys(
    struct parser *p, const char *path, const struct lex_place *place)
{
	p->reader->keys_place = *place;
	set_path(p, path, place, p->reader->conf->keys_file);
}

void
statement_record(
    struct parser *p, const char *path, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;

	c->record_bytes = CONF_RECORD_BYTES;
	note_place(&c->record_place, place);
	set_path(p, path, place, c->record);
}

void
statement_record_size(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t bytes;

	if (value_size(text, &bytes) != VALUE_OK || bytes < RECORD_LEAST ||
	    bytes > RECORD_MAX_BYTES)
		statement_unexpected(p, text, place);
	else
		p->reader->conf->record_bytes = bytes;
}

void
statement_leap_file(
    struct parser *p, const char *path, const struct lex_place *place)
{
	set_path(p, path, place, p->reader->conf->leap_file);
	note_place(&p->reader->conf->leap_place, place);
}

/* Half of it lies on each side of the leap second, in whole seconds. */
void
statement_leap_smear(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t ns;

	if (value_duration(text, &ns) != VALUE_OK ||
	    ns < SMEAR_MIN_S * NS_PER_S || ns > SMEAR_MAX_S * NS_PER_S ||
	    ns % (2 * NS_PER_S) != 0) {
		statement_unexpected(p, text, place);
		return;
	}
	p->reader->conf->leap_smear_s = (uint32_t)(ns / NS_PER_S);
	p->reader->smear_place = *place;
}

void
statement_log_level(
    struct parser *p, const char *text, const struct lex_place *place)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			p->reader->conf->log_level = (enum log_level)i;
			return;
		}
	statement_unexpected(p, text, place);
}

void
statement_define(struct parser *p, const char *name, const char *value,
    const struct lex_place *place)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (name[strspn(name, allowed)] != '\0')
		reader_error(p->reader, place,
		    "the name of a macro has only letters, digits, \"_\" and "
		    "\"-\", found \"%.*s\"",
		    SHOWN_MAX, name);
	else if (token_begins_statement(name))
		reader_error(p->reader, place,
		    "\"%s\" begins a statement, and cannot be a macro: leave "
		    "out the \"=\", or choose another name",
		    name);
	else
		reader_define(p->reader, name, value, place);
}

const char *
statement_join(struct parser *p, const char *a, const char *b,
    const struct lex_place *place)
{
	char both[LEX_TOKEN_MAX + 1];
	int len = snprintf(both, sizeof(both), "%s %s", a, b);

	if (len < 0 || (size_t)len >= sizeof(both)) {
		reader_error(p->reader, place,
		    "a value of more than %d characters", LEX_TOKEN_MAX);
		return a;
	}
	return reader_keep(p->reader, both);
}
