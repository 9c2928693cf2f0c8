/*
 * What the statements of ntpd.conf(5) put into struct conf.  ntpd runs this
 * while it reads the configuration.  Values are checked here, once: the rest of
 * the program relies on them.
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

/* The change socket has a longer name; sun_path has room for 107 characters. */
#define CONTROL_MAX (107 - (sizeof(CTL_CHANGE_SUFFIX) - 1))

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

/* log2 of a duration in seconds, rounded down. */
static uint8_t
log2_of(int64_t ns)
{
	uint8_t log2 = 0;

	while (NS_PER_S << (log2 + 1) <= ns)
		log2++;
	return log2;
}

/* Parse a poll interval.  If it is invalid, reports that and returns false. */
static bool
read_poll(struct parser *p, const char *text, const struct lex_place *place,
    uint8_t *poll_log2)
{
	uint8_t log2;
	int64_t ns;

	if (!statement_value(p, text, place, &ns))
		return false;
	log2 = log2_of(ns);
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
	else if (min_log2 < log2_of(conf_usual(LIMIT_POLL_MIN)) &&
	    p->reader->errors == 0 && !value_is_address(p->source.name))
		reader_warning(p->reader, place,
		    "a query every %ds is too much for servers of others: "
		    "they expect no less than 16s; poll takes seconds, not "
		    "powers of two",
		    1 << min_log2);
}

/* Warn if the configuration has this source already. */
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

/* It may appear later, or return: until then whatever names it waits. */
void
statement_interface(
    struct parser *p, const char *name, const struct lex_place *place)
{
	if (name != NULL && if_nametoindex(name) == 0)
		reader_warning(p->reader, place,
		    "there is no interface %s now: it is waited for", name);
}

void
statement_source(struct parser *p, enum source_kind kind, uint32_t count,
    const char *name, const struct lex_place *place)
{
	const char *problem;

	p->source = (struct conf_source){ .kind = kind,
		.port = (uint32_t)conf_usual(LIMIT_PORT),
		.poll_min_log2 = log2_of(conf_usual(LIMIT_POLL_MIN)),
		.poll_max_log2 = log2_of(conf_usual(LIMIT_POLL_MAX)),
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
		return; /* it is reported */
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

/* The address is not the first one of the prefix: possibly a mistake. */
static void
say_bits(struct parser *p, const char *text, const struct msg_prefix *is,
    const struct lex_place *place)
{
	char shown[PREFIX_TEXT_LEN];

	reader_error(p->reader, place,
	    "\"%.*s\" has bits after its first %u: the prefix is %s", SHOWN_MAX,
	    text, (unsigned int)is->bits, prefix_text(is, shown));
}

void
statement_prefix(struct parser *p, enum prefix_verdict verdict,
    const char *text, const struct lex_place *place)
{
	struct msg_prefix m;

	p->want = "an address or a prefix such as 192.0.2.0/24";
	switch (prefix_parse(text, &m)) {
	case PREFIX_OK:
		break;
	case PREFIX_MALFORMED:
		statement_unexpected(p, text, place);
		return;
	case PREFIX_BITS:
		say_bits(p, text, &m, place);
		return;
	}
	m.verdict = (uint8_t)verdict;
	if (prefix_add(&p->reader->conf->prefixes, &m) == 0)
		return;
	if (errno == E2BIG)
		reader_error(
		    p->reader, place, "more than %d prefixes", PREFIXES_MAX);
	else
		reader_error(p->reader, place, "no memory for more prefixes");
}

void
statement_rate(struct parser *p)
{
	p->rate_requests = p->rate_period_ns = p->rate_burst = 0;
}

void
statement_rate_end(struct parser *p)
{
	struct conf *c = p->reader->conf;
	int64_t least = conf_usual(LIMIT_BURST);

	if (p->rate_requests == 0 || p->rate_period_ns == 0)
		return;		/* it is reported */
	if (p->rate_burst == 0) /* a whole period's requests may come at once */
		p->rate_burst =
		    p->rate_requests > least ? p->rate_requests : least;
	c->rate_interval_ns = p->rate_period_ns / p->rate_requests;
	c->rate_burst = (uint32_t)p->rate_burst;
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

/* Copy an absolute path; report an invalid one. */
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

	c->control_mode = (mode_t)conf_usual(LIMIT_MODE);
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

	c->record_bytes = conf_usual(LIMIT_RECORD_SIZE);
	note_place(&c->record_place, place);
	set_path(p, path, place, c->record);
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

	if (!statement_value(p, text, place, &ns))
		return;
	if (ns % (2 * NS_PER_S) != 0) {
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
