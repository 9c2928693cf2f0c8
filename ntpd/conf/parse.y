/*
 * The grammar of ntpd.conf(5): a superset of OpenNTPD's.  ntpd runs this on
 * text that its administrator wrote.
 *
 * Before a value is read, WANT says what it is to be, both for messages and so
 * that a host may be called "pool".  This works because a state that contains
 * only such an action runs it before the next token is read.
 *
 * After an error the rest of the line is skipped and parsing continues, so that
 * the other errors are found too.
 */
%code requires {
#include "ntpd/conf/reader.h"
}

%code {
#include <assert.h>
#include <string.h>

#include "ntpd/conf/statement.h"

/* All three of these may only be used where no token has been read ahead. */
#define WANT(what)     (assert(yychar == YYEMPTY), \
    want(p, PARSER_VALUE, what))
#define WANT_LIMIT(id) (assert(yychar == YYEMPTY), \
    p->mode = PARSER_VALUE, statement_want(p, LIMIT_##id))
#define WANT_NAME(what) (assert(yychar == YYEMPTY), \
    want(p, PARSER_NAME, what))
#define CONF	       (p->reader->conf)

#define ADDRESS  "a host name or an address"
#define PREFIX   "an address or a prefix such as 192.0.2.0/24"

#define YYLLOC_DEFAULT(current, rhs, n) \
	((current) = (n) != 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

static void want(struct parser *p, enum parser_mode mode, const char *what);
}

%define api.pure full
%define api.location.type {struct lex_place}
%define api.value.type union
%define parse.error custom
%define parse.lac full
%locations
%param { struct parser *p }

%code provides {
/* The token of a keyword, and its static name; 0: it is no keyword. */
int parser_keyword(const char *word, const char **name);

/* The keywords that begin a statement are declared first. */
#define BEGINS_STATEMENT(token) ((token) >= ALLOW && (token) <= WORKERS)

/* token.c: the next token, its value and its place. */
int yylex(YYSTYPE *value, struct lex_place *place, struct parser *p);
}

%code {
static void yyerror(const struct lex_place *place, struct parser *p,
    const char *text);
}

%initial-action {
	(void)yynerrs; /* bison counts the errors; the count is not used */
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

/* Keywords: those that begin a statement, */
%token ALLOW "allow" CLOCK "clock" CONSTRAINT "constraint"
%token CONSTRAINTS "constraints" CONTROL "control" DENY "deny"
%token INCLUDE "include" KEYS "keys" LEAP "leap" LISTEN "listen" LOCAL "local"
%token LOG "log" MAXIMUM "maximum" MINIMUM "minimum" POOL "pool" QUERY "query"
%token RATE "rate" RECORD "record" SENSOR "sensor" SERVER "server"
%token SERVERS "servers" STATE "state" WORKERS "workers"
/* and the others. */
%token ANSWER "answer" BURST "burst" ANY "any" BACKWARD "backward"
%token BUDGET "budget" CORRECTION "correction" COUNT "count"
%token DIRECTORY "directory" DISTANCE "distance" FAST "fast" FORWARD "forward"
%token FREQUENCY "frequency" FROM "from" GROUP "group"
%token INTERLEAVED "interleaved" KEY "key" LEVEL "level" LIMIT "limit"
%token MODE "mode" NATIVE "native" NONE "none" ON "on" OVER "over" PER "per"
%token POLL "poll" PORT "port" LEAPFILE "file" SMEAR "smear" REFID "refid"
%token RESUME "resume" RTABLE "rtable" SIZE "size" SLEW "slew" SOCKET "socket"
%token SOURCES "sources" STARTUP "startup" STEP "step" STRATUM "stratum"
%token TO "to" TRUSTED "trusted" VIOLATION "violation" WEIGHT "weight"

/* Statements and options that this version does not have. */
%token <const char *> NEW_STATEMENT "a statement of a later version"
%token <const char *> NEW_OPTION "an option of a later version"

%nterm <const char *> value
%nterm <enum prefix_verdict> answer

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
	| MINIMUM SOURCES { WANT_LIMIT(MINIMUM_SOURCES); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &CONF->min_sources);
		p->reader->minimum_place = @WORD;
	}
	| MAXIMUM DISTANCE { WANT_LIMIT(MAXIMUM_DISTANCE); } WORD
	{
		statement_set(p, $WORD, &@WORD, &CONF->max_distance_ns);
	}
	| listen
	| access
	| rate
	| query
	| constraint
	| sensor
	| LOCAL STRATUM { WANT_LIMIT(LOCAL_STRATUM); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &CONF->local_stratum);
	}
	| WORKERS { WANT_LIMIT(WORKERS); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &CONF->workers);
	}
	| LEAP leap
	| CLOCK OPEN[open]
	{
		p->block = @open;
	}
	clock_body CLOSE
	{
		p->block.line = 0;
	}
	| control
	| STATE DIRECTORY { WANT_NAME("a path that begins with \"/\""); } WORD
	{
		statement_state(p, $WORD, &@WORD);
	}
	| record
	| KEYS { WANT_NAME("a path that begins with \"/\""); } WORD
	{
		statement_keys(p, $WORD, &@WORD);
	}
	| LOG LEVEL { WANT_NAME("\"error\", \"warning\", \"info\" or \"debug\""); } WORD
	{
		statement_log_level(p, $WORD, &@WORD);
	}
	| NEW_STATEMENT
	{
		statement_not_supported(p, &@1, $1);
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

/* Time sources. */

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
		statement_source(p, SOURCE_POOL,
		    (uint32_t)conf_usual(LIMIT_COUNT), $WORD, &@WORD);
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
	| pool_options COUNT { WANT_LIMIT(COUNT); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &p->source.count);
	}
	;

server_option
	: PORT { WANT_LIMIT(PORT); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &p->source.port);
	}
	| POLL { WANT_LIMIT(POLL_MIN); } WORD[min]
	{
		statement_poll(p, $min, &@min, &p->source.poll_min_log2);
	}
	TO { WANT_LIMIT(POLL_MAX); } WORD[max]
	{
		statement_poll(p, $max, &@max, &p->source.poll_max_log2);
		statement_poll_end(p, &@min);
	}
	| KEY { WANT_LIMIT(KEY); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &p->source.key_id);
		p->key_place = @WORD;
	}
	| INTERLEAVED
	{
		p->source.interleaved = true;
	}
	| weight
	| trusted
	| NEW_OPTION
	{
		statement_not_supported(p, &@1, $1);
		YYERROR;
	}
	;

weight
	: WEIGHT { WANT_LIMIT(WEIGHT); } WORD
	{
		statement_check(p, $WORD, &@WORD);
		statement_no_effect(p, &@1, "weight",
		    "what a source counts for follows from its measured error");
	}
	;

trusted
	: TRUSTED
	{
		statement_no_effect(p, &@1, "trusted",
		    "there are no constraints that it could stand in for");
	}
	;

/* The other statements of OpenNTPD. */

query
	: QUERY FROM { WANT_NAME("an address"); } WORD
	{
		statement_query(p, $WORD, &@WORD);
		statement_no_effect(p, &@1, "query from",
		    "the system's routes choose the address");
	}
	;

constraint
	: CONSTRAINT FROM { WANT_NAME("a URL or an address"); } WORD addresses
	{
		statement_no_effect(p, &@1, "constraint",
		    "it needs TLS, which this version does not have");
	}
	| CONSTRAINTS FROM { WANT_NAME("a URL or an address"); } WORD
	{
		statement_no_effect(p, &@1, "constraints",
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
		statement_no_effect(p, &@1, "sensor",
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
		WANT_LIMIT(CORRECTION);
	}
	WORD
	{
		statement_check(p, $WORD, &@WORD);
	}
	| REFID { WANT_NAME("a reference of 1 to 4 characters"); } WORD
	{
		statement_refid(p, $WORD, &@WORD);
	}
	| STRATUM { WANT_LIMIT(SENSOR_STRATUM); } WORD
	{
		statement_check(p, $WORD, &@WORD);
	}
	| WEIGHT { WANT_LIMIT(WEIGHT); } WORD
	{
		statement_check(p, $WORD, &@WORD);
	}
	| TRUSTED
	;

/* The clients that are served. */

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
	: PORT { WANT_LIMIT(PORT); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &p->listen_port);
	}
	| RTABLE { WANT_LIMIT(RTABLE); } WORD
	{
		statement_check(p, $WORD, &@WORD);
		statement_no_effect(p, &@1, "rtable", "Linux has no such tables");
	}
	| FAST native
	{
		p->listen_fast = true;
	}
	;

native
	: %empty
	| NATIVE
	{
		p->listen_native = true;
	}
	;

access
	: ALLOW { WANT(PREFIX); } WORD
	{
		statement_prefix(p, PREFIX_ALLOW, $WORD, &@WORD);
	}
	| DENY { WANT(PREFIX); } WORD answer
	{
		statement_prefix(p, $answer, $WORD, &@WORD);
	}
	;

answer
	: %empty
	{
		$$ = PREFIX_DENY;
	}
	| ANSWER
	{
		$$ = PREFIX_DENY_ANSWER;
	}
	;

rate
	: RATE LIMIT { WANT_LIMIT(RATE); } WORD[n]
	{
		statement_rate(p);
		statement_set(p, $n, &@n, &p->rate_requests);
	}
	PER { WANT_LIMIT(RATE_PERIOD); } WORD[period]
	{
		statement_set(p, $period, &@period, &p->rate_period_ns);
	}
	burst
	{
		statement_rate_end(p);
	}
	;

burst
	: %empty
	| BURST { WANT_LIMIT(BURST); } WORD
	{
		statement_set(p, $WORD, &@WORD, &p->rate_burst);
	}
	;

/* Leap seconds. */

leap
	: LEAPFILE { WANT_NAME("a path that begins with \"/\""); } WORD
	{
		statement_leap_file(p, $WORD, &@WORD);
	}
	| SMEAR { WANT_LIMIT(SMEAR); } WORD
	{
		statement_leap_smear(p, $WORD, &@WORD);
	}
	;

/* Limits on changes of the clock. */

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
	| STEP OVER { WANT_LIMIT(STEP_OVER); } WORD
	{
		statement_set(p, $WORD, &@WORD, &CONF->clock.step_over_ns);
	}
	| STARTUP LIMIT startup_limits
	| LIMIT
	{
		WANT_LIMIT(STEP);
		p->to = &CONF->clock.limit_ns;
	}
	size
	| BUDGET { WANT_LIMIT(BUDGET); } budget
	| FREQUENCY LIMIT { WANT_LIMIT(FREQUENCY); } WORD
	{
		statement_set(
		    p, $WORD, &@WORD, &CONF->clock.frequency_limit_ppb);
	}
	| RESUME LIMIT
	{
		WANT_LIMIT(RESUME);
		p->to = &CONF->clock.resume_limit_ns;
	}
	size
	| SLEW LIMIT { WANT_LIMIT(SLEW); } WORD
	{
		statement_set(p, $WORD, &@WORD, &CONF->clock.slew_limit_ppb);
	}
	| ON VIOLATION { WANT_NAME("\"freeze\" or \"stop\""); } WORD
	{
		statement_violation(p, $WORD, &@WORD);
	}
	;

startup_limits
	: startup_limit
	| startup_limits startup_limit
	;

startup_limit
	: FORWARD
	{
		WANT_LIMIT(FORWARD);
		p->to = &CONF->clock.startup_forward_ns;
	}
	size
	| BACKWARD
	{
		WANT_LIMIT(BACKWARD);
		p->to = &CONF->clock.startup_backward_ns;
	}
	size
	;

/* A duration or "any", which becomes *p->to. */
size
	: WORD
	{
		statement_set(p, $1, &@1, p->to);
	}
	| ANY
	{
		*p->to = LIMIT_ANY;
	}
	;

budget
	: WORD[sum]
	{
		statement_set(p, $sum, &@sum, &CONF->clock.budget_ns);
	}
	PER { WANT_LIMIT(BUDGET_PERIOD); } WORD[period]
	{
		statement_set(
		    p, $period, &@period, &CONF->clock.budget_period_ns);
	}
	| NONE
	{
		CONF->clock.budget_ns = LIMIT_ANY;
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
	| socket_options MODE { WANT_LIMIT(MODE); } WORD
	{
		statement_set32(p, $WORD, &@WORD, &CONF->control_mode);
	}
	| socket_options GROUP { WANT_NAME("the name of a group"); } WORD
	{
		statement_group(p, $WORD, &@WORD);
	}
	;

record
	: RECORD { WANT_NAME("a path that begins with \"/\""); } WORD
	{
		statement_record(p, $WORD, &@WORD);
	}
	record_options
	;

record_options
	: %empty
	| record_options SIZE { WANT_LIMIT(RECORD_SIZE); } WORD
	{
		statement_set(p, $WORD, &@WORD, &CONF->record_bytes);
	}
	;

%%

/* More tokens than this are not listed but summarized. */
#define LISTED_MAX 10

static void
want(struct parser *p, enum parser_mode mode, const char *what)
{
	p->mode = mode;
	p->want = what;
}

/* Out of memory only; syntax errors are reported below. */
static void
yyerror(const struct lex_place *place, struct parser *p, const char *text)
{
	reader_error(p->reader, place, "%s", text);
}

static bool
is_to_come(yysymbol_kind_t kind)
{
	return kind == YYSYMBOL_NEW_STATEMENT || kind == YYSYMBOL_NEW_OPTION;
}

/* In the order of their declaration above. */
static bool
is_keyword(yysymbol_kind_t kind)
{
	return kind >= YYSYMBOL_ALLOW && kind <= YYSYMBOL_WEIGHT;
}

int
parser_keyword(const char *word, const char **name)
{
	for (int kind = YYSYMBOL_ALLOW; kind <= YYSYMBOL_WEIGHT; kind++) {
		*name = yysymbol_name((yysymbol_kind_t)kind);
		if (strcmp(*name, word) == 0)
			return kind - YYSYMBOL_ALLOW + ALLOW;
	}
	return 0;
}

static bool
is_end(yysymbol_kind_t kind)
{
	return kind == YYSYMBOL_NL || kind == YYSYMBOL_CLOSE;
}

/*
 * Find the expected tokens worth listing; those that end something come last.
 * Returns their number.
 */
static int
expected_tokens(const yypcontext_t *ctx, yysymbol_kind_t list[YYNTOKENS])
{
	yysymbol_kind_t all[YYNTOKENS];
	int count = yypcontext_expected_tokens(ctx, all, YYNTOKENS);
	int kept = 0;

	for (int i = 0; i < count; i++)
		if (!is_to_come(all[i]) && !is_end(all[i]))
			list[kept++] = all[i];
	for (int i = 0; i < count; i++)
		if (is_end(all[i]))
			list[kept++] = all[i];
	return kept;
}

/* A token in words, as part of a list. */
static const char *
describe(const struct parser *p, yysymbol_kind_t kind)
{
	if (kind == YYSYMBOL_WORD)
		return p->want;
	if (kind == YYSYMBOL_OPEN)
		return "\"{\"";
	if (kind == YYSYMBOL_CLOSE)
		return "\"}\"";
	if (kind == YYSYMBOL_EQUALS)
		return "\"=\"";
	return yysymbol_name(kind);
}

/* "a, b or c". */
static void
list_expected(const struct parser *p, const yypcontext_t *ctx, char *text,
    size_t size)
{
	yysymbol_kind_t list[YYNTOKENS];
	int count = expected_tokens(ctx, list);
	size_t len = 0;

	if (count == 0 || count > LISTED_MAX) {
		(void)snprintf(text, size,
		    "a statement such as \"server\", \"pool\" or \"listen\"");
		return;
	}
	for (int i = 0; i < count && len < size; i++) {
		const char *quote = is_keyword(list[i]) ? "\"" : "";

		len += (size_t)snprintf(text + len, size - len, "%s%s%s%s",
		    i == 0		 ? "" :
			i == count - 1 ? " or " :
					 ", ",
		    quote, describe(p, list[i]), quote);
	}
}

/* A unit separated from its number, as in "1000 s". */
static bool
is_lone_unit(const struct parser *p, yysymbol_kind_t kind)
{
	static const char *const units[] = { "ns", "us", "ms", "s", "m", "h",
		"d", "ppb", "ppm", "%", "k", "M", "G" };
	const char *number = p->before;

	if (kind != YYSYMBOL_WORD || number[0] == '\0' ||
	    number[strspn(number, "0123456789.")] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i], p->found) == 0)
			return true;
	return false;
}

static int
yyreport_syntax_error(const yypcontext_t *ctx, struct parser *p)
{
	yysymbol_kind_t kind = yypcontext_token(ctx);
	char expected[512];

	if (reader_is_over(p->reader))
		return 0; /* the end that it found is not the file's */
	p->failed = *yypcontext_location(ctx);
	if (kind == YYSYMBOL_YYEOF && p->block.line != 0) {
		reader_error(p->reader, &p->block,
		    "expected \"}\" for this \"{\", found the end of the file");
		return 0;
	}
	list_expected(p, ctx, expected, sizeof(expected));
	if (kind == YYSYMBOL_NL || kind == YYSYMBOL_YYEOF)
		reader_error(p->reader, &p->failed, "expected %s, found %s",
		    expected, yysymbol_name(kind));
	else if (is_lone_unit(p, kind))
		reader_error(p->reader, &p->failed,
		    "expected %s, found \"%s\": a unit stands at its number, "
		    "write %.60s%s",
		    expected, p->found, p->before, p->found);
	else
		reader_error(p->reader, &p->failed,
		    "expected %s, found \"%.60s\"", expected, p->found);
	return 0;
}

void
parser_run(struct reader *r, const struct reader_input *input,
    const char *text, size_t len)
{
	struct parser p = { .reader = r, .input = input, .want = "a word",
		.found = "", .before = "" };

	lex_init(&p.lexer, input->name, text, len);
	/* Whatever makes this fail was reported and counted as an error. */
	(void)yyparse(&p);
}
