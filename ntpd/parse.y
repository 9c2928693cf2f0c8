/*
 * The grammar of ntpd.conf(5): a superset of OpenNTPD's.  ntpd runs this, on
 * what its administrator wrote.
 *
 * Before a value is read, WANT says what it is to be: for messages, and so
 * that a host may be called "pool".  This works because a state with nothing
 * but such an action in it acts before the next token is read.
 *
 * An error is reported and the rest of its line left out; then parsing goes
 * on, to find the other errors.
 */
%code requires {
#include "reader.h"
}

%code {
#include <assert.h>
#include <string.h>

#include "statement.h"
#include "types.h"

/* Both of these may only stand where no token has been read ahead. */
#define WANT(what)     (assert(yychar == YYEMPTY), \
    want(p, PARSER_VALUE, what))
#define WANT_NAME(what) (assert(yychar == YYEMPTY), \
    want(p, PARSER_NAME, what))

#define DURATION "a duration such as 10ms"
#define ADDRESS  "a host name or an address"

#define YYLLOC_DEFAULT(current, rhs, n) \
	((current) = (n) != 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

static void want(struct parser *p, enum parser_mode mode, const char *what);
static void no_effect(struct parser *p, const struct lex_place *place,
    const char *what, const char *why);
static void not_supported(struct parser *p, const struct lex_place *place,
    const char *what);
}

%define api.pure full
%define api.location.type {struct lex_place}
%define api.value.type union
%define parse.error custom
%define parse.lac full
%locations
%param { struct parser *p }

%code {
static int yylex(YYSTYPE *value, struct lex_place *place, struct parser *p);
static void yyerror(const struct lex_place *place, struct parser *p,
    const char *text);
}

%initial-action {
	@$ = (struct lex_place){ .file = p->input->name, .line = 1,
		.column = 1 };
}

%token YYEOF 0 "the end of the file"
%token NL "the end of the line"
%token OPEN "{"
%token CLOSE "}"
%token EQUALS "="
%token <const char *> WORD "a word"
%token <const char *> MACRO "a macro"

%token ANY "any"
%token BACKWARD "backward"
%token BUDGET "budget"
%token CLOCK "clock"
%token CONSTRAINT "constraint"
%token CONSTRAINTS "constraints"
%token CONTROL "control"
%token CORRECTION "correction"
%token COUNT "count"
%token DIRECTORY "directory"
%token FORWARD "forward"
%token FROM "from"
%token GROUP "group"
%token INCLUDE "include"
%token LEVEL "level"
%token LIMIT "limit"
%token LISTEN "listen"
%token LOCAL "local"
%token LOG "log"
%token MINIMUM "minimum"
%token MODE "mode"
%token NONE "none"
%token ON "on"
%token OVER "over"
%token PER "per"
%token POLL "poll"
%token POOL "pool"
%token PORT "port"
%token QUERY "query"
%token REFID "refid"
%token RTABLE "rtable"
%token SENSOR "sensor"
%token SERVER "server"
%token SERVERS "servers"
%token SLEW "slew"
%token SOCKET "socket"
%token SOURCES "sources"
%token STARTUP "startup"
%token STATE "state"
%token STEP "step"
%token STRATUM "stratum"
%token TO "to"
%token TRUSTED "trusted"
%token VIOLATION "violation"
%token WEIGHT "weight"

/* Statements and options that this version does not have. */
%token <const char *> NEW_STATEMENT "a statement of a later version"
%token <const char *> NEW_OPTION "an option of a later version"

%nterm <const char *> value

%%

config
	: %empty
	| config line
	;

line
	: NL
	| statement NL
	| INCLUDE { WANT_NAME("a file"); } WORD[path] NL
	{
		assert(yychar == YYEMPTY);
		reader_include(p->reader, p->input, $path, &@path);
	}
	| error NL
	{
		yyerrok;
	}
	;

statement
	: MACRO EQUALS { WANT_NAME("the value of the macro"); } value
	{
		statement_define(p, $MACRO, $value, &@MACRO);
	}
	| server
	| MINIMUM SOURCES { WANT("a number from 1 to 64"); } WORD
	{
		statement_minimum(p, $WORD, &@WORD);
	}
	| listen
	| query
	| constraint
	| sensor
	| LOCAL STRATUM { WANT("a stratum from 1 to 15"); } WORD
	{
		statement_stratum(p, $WORD, &@WORD);
	}
	| CLOCK OPEN clock_body CLOSE
	| control
	| STATE DIRECTORY { WANT_NAME("a path that begins with \"/\""); } WORD
	{
		statement_state(p, $WORD, &@WORD);
	}
	| LOG LEVEL { WANT_NAME("error, warning, info or debug"); } WORD
	{
		statement_log_level(p, $WORD, &@WORD);
	}
	| NEW_STATEMENT
	{
		not_supported(p, &@1, $1);
		YYERROR;
	}
	;

value
	: WORD
	| value WORD
	{
		$$ = statement_join(p, $1, $2, &@2);
	}
	;

/* Where the time comes from. */

server
	: SERVER { WANT_NAME(ADDRESS); } WORD
	{
		statement_source(p, SOURCE_SERVER, 1, $WORD, &@WORD);
	}
	server_options
	{
		statement_source_end(p, &@WORD);
	}
	| SERVERS { WANT_NAME(ADDRESS); } WORD
	{
		statement_source(p, SOURCE_POOL, 0, $WORD, &@WORD);
	}
	server_options
	{
		statement_source_end(p, &@WORD);
	}
	| POOL { WANT_NAME(ADDRESS); } WORD
	{
		statement_source(p, SOURCE_POOL, 4, $WORD, &@WORD);
	}
	pool_options
	{
		statement_source_end(p, &@WORD);
	}
	;

server_options
	: %empty
	| server_options server_option
	;

pool_options
	: %empty
	| pool_options server_option
	| pool_options COUNT { WANT("a number from 1 to 16"); } WORD
	{
		statement_count(p, $WORD, &@WORD);
	}
	;

server_option
	: PORT { WANT("a port from 1 to 65535"); } WORD
	{
		statement_port(p, $WORD, &@WORD, &p->source.port);
	}
	| POLL { WANT("a poll interval from 1s to 131072s"); } WORD[min]
	{
		statement_poll(p, $min, &@min, &p->source.poll_min_log2);
	}
	TO { WANT("a poll interval from 1s to 131072s"); } WORD[max]
	{
		statement_poll(p, $max, &@max, &p->source.poll_max_log2);
		statement_poll_end(p, &@min);
	}
	| weight
	| trusted
	| NEW_OPTION
	{
		not_supported(p, &@1, $1);
		YYERROR;
	}
	;

weight
	: WEIGHT { WANT("a weight from 1 to 10"); } WORD
	{
		statement_number(p, $WORD, &@WORD, 1, 10);
		no_effect(p, &@1, "weight",
		    "what a source counts for follows from its measured error");
	}
	;

trusted
	: TRUSTED
	{
		no_effect(p, &@1, "trusted",
		    "there are no constraints that it could stand in for");
	}
	;

/* The other statements of OpenNTPD. */

query
	: QUERY FROM { WANT_NAME("an address"); } WORD
	{
		statement_query(p, $WORD, &@WORD);
		no_effect(p, &@1, "query from",
		    "the system's routes choose the address");
	}
	;

constraint
	: CONSTRAINT FROM { WANT_NAME("a URL or an address"); } WORD addresses
	{
		no_effect(p, &@1, "constraint",
		    "it needs TLS, which this version does not have");
	}
	| CONSTRAINTS FROM { WANT_NAME("a URL or an address"); } WORD
	{
		no_effect(p, &@1, "constraints",
		    "they need TLS, which this version does not have");
	}
	;

addresses
	: %empty
	| addresses WORD
	{
		p->want = "an address";
		statement_query(p, $WORD, &@WORD);
	}
	;

sensor
	: SENSOR { WANT_NAME("a sensor or *"); } WORD sensor_options
	{
		no_effect(p, &@1, "sensor",
		    "Linux has no sensors that tell the time");
	}
	;

sensor_options
	: %empty
	| sensor_options sensor_option
	;

sensor_option
	: CORRECTION
	{
		WANT("a number of microseconds from -127000000 to 127000000");
	}
	WORD
	{
		statement_number(p, $WORD, &@WORD, -127000000, 127000000);
	}
	| REFID { WANT_NAME("a reference of 1 to 4 characters"); } WORD
	{
		statement_refid(p, $WORD, &@WORD);
	}
	| STRATUM { WANT("a stratum from 1 to 15"); } WORD
	{
		statement_number(p, $WORD, &@WORD, 1, 15);
	}
	| WEIGHT { WANT("a weight from 1 to 10"); } WORD
	{
		statement_number(p, $WORD, &@WORD, 1, 10);
	}
	| TRUSTED
	;

/* Whom the time is given to. */

listen
	: LISTEN ON { WANT_NAME("an address or *"); } WORD
	{
		statement_listen(p, $WORD);
	}
	listen_options
	{
		statement_listen_end(p, &@WORD);
	}
	;

listen_options
	: %empty
	| listen_options listen_option
	;

listen_option
	: PORT { WANT("a port from 1 to 65535"); } WORD
	{
		statement_port(p, $WORD, &@WORD, &p->listen_port);
	}
	| RTABLE { WANT("a routing table from 0 to 255"); } WORD
	{
		statement_number(p, $WORD, &@WORD, 0, 255);
		no_effect(p, &@1, "rtable", "Linux has no such tables");
	}
	;

/* What may be done to the clock. */

clock_body
	: clock_lines clock_item
	| clock_lines error
	;

clock_lines
	: %empty
	| clock_lines clock_item NL
	| clock_lines error NL
	{
		yyerrok;
	}
	;

clock_item
	: %empty
	| STEP OVER { WANT(DURATION); } WORD
	{
		statement_duration(p, $WORD, &@WORD, 1000, 86400 * NS_PER_S,
		    &p->reader->conf->clock.step_over_ns);
	}
	| STARTUP LIMIT startup_limits
	| LIMIT { WANT(DURATION); } WORD
	{
		statement_duration(p, $WORD, &@WORD, 0, INT64_MAX,
		    &p->reader->conf->clock.limit_ns);
	}
	| LIMIT { WANT(DURATION); } ANY
	{
		p->reader->conf->clock.limit_ns = LIMIT_ANY;
	}
	| BUDGET { WANT(DURATION); } budget
	| SLEW LIMIT { WANT("a rate from 1ppm to 100000ppm"); } WORD
	{
		statement_slew_limit(p, $WORD, &@WORD);
	}
	| ON VIOLATION { WANT_NAME("freeze or stop"); } WORD
	{
		statement_violation(p, $WORD, &@WORD);
	}
	;

startup_limits
	: startup_limit
	| startup_limits startup_limit
	;

startup_limit
	: FORWARD { WANT(DURATION); } startup_forward
	| BACKWARD { WANT(DURATION); } startup_backward
	;

startup_forward
	: WORD
	{
		statement_duration(p, $1, &@1, 0, INT64_MAX,
		    &p->reader->conf->clock.startup_forward_ns);
	}
	| ANY
	{
		p->reader->conf->clock.startup_forward_ns = LIMIT_ANY;
	}
	;

startup_backward
	: WORD
	{
		statement_duration(p, $1, &@1, 0, INT64_MAX,
		    &p->reader->conf->clock.startup_backward_ns);
	}
	| ANY
	{
		p->reader->conf->clock.startup_backward_ns = LIMIT_ANY;
	}
	;

budget
	: WORD[sum]
	{
		statement_duration(p, $sum, &@sum, 0, INT64_MAX,
		    &p->reader->conf->clock.budget_ns);
	}
	PER { WANT("a duration such as 1d"); } WORD[period]
	{
		statement_duration(p, $period, &@period, NS_PER_S, INT64_MAX,
		    &p->reader->conf->clock.budget_period_ns);
	}
	| NONE
	{
		p->reader->conf->clock.budget_ns = LIMIT_ANY;
	}
	;

/* The daemon itself. */

control
	: CONTROL SOCKET { WANT("a path that begins with \"/\""); } socket
	;

socket
	: WORD
	{
		statement_control(p, $1, &@1);
	}
	socket_options
	| NONE
	{
		statement_control(p, NULL, &@1);
	}
	;

socket_options
	: %empty
	| socket_options MODE { WANT("a mode from 0 to 0777"); } WORD
	{
		statement_mode(p, $WORD, &@WORD);
	}
	| socket_options GROUP { WANT_NAME("the name of a group"); } WORD
	{
		statement_group(p, $WORD, &@WORD);
	}
	;

%%

/* More tokens than this are not listed but summed up. */
#define LISTED_MAX 8

struct keyword {
	const char *name;
	int token;
	const char *what; /* of NEW_STATEMENT and NEW_OPTION */
};

static const struct keyword statements_to_come[] = {
	{ "allow", NEW_STATEMENT, "\"allow\" (lists of clients)" },
	{ "deny", NEW_STATEMENT, "\"deny\" (lists of clients)" },
	{ "keys", NEW_STATEMENT, "\"keys\" (symmetric keys)" },
	{ "metrics", NEW_STATEMENT, "\"metrics\"" },
	{ "nts", NEW_STATEMENT, "\"nts\" (Network Time Security)" },
	{ "rate", NEW_STATEMENT, "\"rate limit\"" },
};

static const struct keyword options_to_come[] = {
	{ "interleaved", NEW_OPTION, "\"interleaved\"" },
	{ "key", NEW_OPTION, "\"key\" (symmetric keys)" },
	{ "nts", NEW_OPTION, "\"nts\" (Network Time Security)" },
};

static const struct keyword keywords[] = {
	{ "any", ANY, NULL },
	{ "backward", BACKWARD, NULL },
	{ "budget", BUDGET, NULL },
	{ "clock", CLOCK, NULL },
	{ "constraint", CONSTRAINT, NULL },
	{ "constraints", CONSTRAINTS, NULL },
	{ "control", CONTROL, NULL },
	{ "correction", CORRECTION, NULL },
	{ "count", COUNT, NULL },
	{ "directory", DIRECTORY, NULL },
	{ "forward", FORWARD, NULL },
	{ "from", FROM, NULL },
	{ "group", GROUP, NULL },
	{ "include", INCLUDE, NULL },
	{ "level", LEVEL, NULL },
	{ "limit", LIMIT, NULL },
	{ "listen", LISTEN, NULL },
	{ "local", LOCAL, NULL },
	{ "log", LOG, NULL },
	{ "minimum", MINIMUM, NULL },
	{ "mode", MODE, NULL },
	{ "none", NONE, NULL },
	{ "on", ON, NULL },
	{ "over", OVER, NULL },
	{ "per", PER, NULL },
	{ "poll", POLL, NULL },
	{ "pool", POOL, NULL },
	{ "port", PORT, NULL },
	{ "query", QUERY, NULL },
	{ "refid", REFID, NULL },
	{ "rtable", RTABLE, NULL },
	{ "sensor", SENSOR, NULL },
	{ "server", SERVER, NULL },
	{ "servers", SERVERS, NULL },
	{ "slew", SLEW, NULL },
	{ "socket", SOCKET, NULL },
	{ "sources", SOURCES, NULL },
	{ "startup", STARTUP, NULL },
	{ "state", STATE, NULL },
	{ "step", STEP, NULL },
	{ "stratum", STRATUM, NULL },
	{ "to", TO, NULL },
	{ "trusted", TRUSTED, NULL },
	{ "violation", VIOLATION, NULL },
	{ "weight", WEIGHT, NULL },
};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static void
want(struct parser *p, enum parser_mode mode, const char *what)
{
	p->mode = mode;
	p->want = what;
}

static void
no_effect(struct parser *p, const struct lex_place *place, const char *what,
    const char *why)
{
	reader_warning(p->reader, place, "\"%s\" has no effect: %s", what,
	    why);
}

static void
not_supported(struct parser *p, const struct lex_place *place,
    const char *what)
{
	p->failed = *place;
	reader_error(p->reader, place, "this version does not support %s",
	    what);
}

/* Out of memory; what is wrong with the syntax is reported below. */
static void
yyerror(const struct lex_place *place, struct parser *p, const char *text)
{
	reader_error(p->reader, place, "%s", text);
}

static const struct keyword *
find(const struct keyword *table, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, word) == 0)
			return &table[i];
	return NULL;
}

/* The token that a bare word is. */
static int
classify(struct parser *p, const char *word, bool first, YYSTYPE *value)
{
	const struct keyword *k;
	enum parser_mode mode = p->mode;

	p->mode = PARSER_KEYWORDS;
	k = find(keywords, COUNT_OF(keywords), word);
	if (k == NULL && first)
		k = find(statements_to_come, COUNT_OF(statements_to_come),
		    word);
	else if (k == NULL)
		k = find(options_to_come, COUNT_OF(options_to_come), word);
	if (k != NULL &&
	    (mode == PARSER_KEYWORDS ||
		(mode == PARSER_VALUE &&
		    (k->token == ANY || k->token == NONE)))) {
		if (k->token == NEW_STATEMENT)
			value->NEW_STATEMENT = k->what;
		if (k->token == NEW_OPTION)
			value->NEW_OPTION = k->what;
		p->found = k->name;
		return k->token;
	}
	value->WORD = p->found = reader_keep(p->reader, word);
	return WORD;
}

/* Something that is no token: say so, but only once in a line. */
static int
refuse(struct parser *p, const struct lex_place *place, const char *fmt,
    const char *text)
{
	if (p->failed.line != place->line)
		reader_error(p->reader, place, fmt, text);
	p->failed = *place;
	return YYerror;
}
