/*
 * Words to the tokens of the grammar: which are keywords here, and what stands
 * behind the name of a macro.  ntpd runs this while it reads its configuration.
 */
#include <limits.h>
#include <string.h>

#include "ntpd/conf/parse.h"
#include "ntpd/conf/statement.h"

struct keyword {
	const char *name;
	int token;
	const char *what; /* of NEW_STATEMENT and NEW_OPTION */
};

static const struct keyword statements_to_come[] = {
	{ "metrics", NEW_STATEMENT, "\"metrics\"" },
	{ "nts", NEW_STATEMENT, "\"nts\" (Network Time Security)" },
};

static const struct keyword options_to_come[] = {
	{ "nts", NEW_OPTION, "\"nts\" (Network Time Security)" },
};

static const struct keyword keywords[] = {
	{ "allow", ALLOW, NULL },
	{ "answer", ANSWER, NULL },
	{ "any", ANY, NULL },
	{ "backward", BACKWARD, NULL },
	{ "budget", BUDGET, NULL },
	{ "burst", BURST, NULL },
	{ "clock", CLOCK, NULL },
	{ "constraint", CONSTRAINT, NULL },
	{ "constraints", CONSTRAINTS, NULL },
	{ "control", CONTROL, NULL },
	{ "correction", CORRECTION, NULL },
	{ "count", COUNT, NULL },
	{ "deny", DENY, NULL },
	{ "directory", DIRECTORY, NULL },
	{ "distance", DISTANCE, NULL },
	{ "fast", FAST, NULL },
	{ "file", LIST, NULL },
	{ "forward", FORWARD, NULL },
	{ "frequency", FREQUENCY, NULL },
	{ "from", FROM, NULL },
	{ "group", GROUP, NULL },
	{ "include", INCLUDE, NULL },
	{ "interleaved", INTERLEAVED, NULL },
	{ "key", KEY, NULL },
	{ "keys", KEYS, NULL },
	{ "leap", LEAP, NULL },
	{ "level", LEVEL, NULL },
	{ "limit", LIMIT, NULL },
	{ "listen", LISTEN, NULL },
	{ "local", LOCAL, NULL },
	{ "log", LOG, NULL },
	{ "maximum", MAXIMUM, NULL },
	{ "minimum", MINIMUM, NULL },
	{ "mode", MODE, NULL },
	{ "native", NATIVE, NULL },
	{ "none", NONE, NULL },
	{ "on", ON, NULL },
	{ "over", OVER, NULL },
	{ "per", PER, NULL },
	{ "poll", POLL, NULL },
	{ "pool", POOL, NULL },
	{ "port", PORT, NULL },
	{ "query", QUERY, NULL },
	{ "rate", RATE, NULL },
	{ "record", RECORD, NULL },
	{ "refid", REFID, NULL },
	{ "resume", RESUME, NULL },
	{ "rtable", RTABLE, NULL },
	{ "sensor", SENSOR, NULL },
	{ "server", SERVER, NULL },
	{ "servers", SERVERS, NULL },
	{ "size", SIZE, NULL },
	{ "slew", SLEW, NULL },
	{ "smear", SMEAR, NULL },
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
	{ "workers", WORKERS, NULL },
};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct keyword *
find(const struct keyword *table, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, word) == 0)
			return &table[i];
	return NULL;
}

bool
token_begins_statement(const char *word)
{
	static const char *const first[] = { "allow", "clock", "constraint",
		"constraints", "control", "deny", "include", "keys", "leap",
		"listen", "local", "log", "maximum", "minimum", "pool", "query",
		"rate", "record", "sensor", "server", "servers", "state",
		"workers" };

	for (size_t i = 0; i < COUNT_OF(first); i++)
		if (strcmp(first[i], word) == 0)
			return true;
	return find(statements_to_come, COUNT_OF(statements_to_come), word) !=
	    NULL;
}

/* The keyword that a bare word is where the mode allows it, else NULL. */
static const struct keyword *
keyword(enum parser_mode mode, const char *word, bool first)
{
	const struct keyword *k = find(keywords, COUNT_OF(keywords), word);

	if (mode == PARSER_NAME)
		return NULL;
	if (mode == PARSER_VALUE)
		return k != NULL && (k->token == ANY || k->token == NONE)
		    ? k
		    : NULL;
	if (k != NULL)
		return k;
	if (first)
		return find(
		    statements_to_come, COUNT_OF(statements_to_come), word);
	return find(options_to_come, COUNT_OF(options_to_come), word);
}

/* The token of a word, quoted or not. */
static int
word_token(
    struct parser *p, const struct lex_token *t, bool first, YYSTYPE *value)
{
	const struct keyword *k = NULL;

	if (t->kind == LEX_WORD)
		k = keyword(p->mode, t->text, first);
	p->mode = PARSER_KEYWORDS;
	p->before = p->found;
	if (k == NULL) {
		value->WORD = p->found = reader_keep(p->reader, t->text);
		return WORD;
	}
	p->found = k->name;
	if (k->token == NEW_STATEMENT)
		value->NEW_STATEMENT = k->what;
	if (k->token == NEW_OPTION)
		value->NEW_OPTION = k->what;
	return k->token;
}

#define SHOWN_MAX 60 /* characters of a name in a message */

/* Something that is no token: say so, but only once in a line. */
static int
refuse(struct parser *p, const struct lex_token *t, const char *why)
{
	if (p->failed.line != t->place.line)
		reader_error(p->reader, &t->place, "%s%.*s", why,
		    why[0] != '\0' ? SHOWN_MAX : INT_MAX, t->text);
	p->failed = t->place;
	return YYerror;
}

/* Go on with the value of a macro.  False: there is no such macro. */
static bool
expand(struct parser *p, const char *name)
{
	const char *macro_value = reader_macro(p->reader, name);

	if (macro_value != NULL)
		lex_expand(&p->lexer, macro_value);
	return macro_value != NULL;
}

static int
mark(struct parser *p, const char *text, int token)
{
	p->found = text;
	return token;
}

int
yylex(YYSTYPE *value, struct lex_place *place, struct parser *p)
{
	struct lex_token t;
	bool first;

	while (!reader_is_over(p->reader)) {
		first = p->lexer.last == LEX_NEWLINE;
		t = lex_next(&p->lexer);
		*place = t.place;
		switch (t.kind) {
		case LEX_END:
			return YYEOF;
		case LEX_NEWLINE:
			p->mode = PARSER_KEYWORDS;
			p->found = "";
			return NL;
		case LEX_WORD:
		case LEX_STRING:
			return word_token(p, &t, first, value);
		case LEX_DEFINE:
			value->MACRO = p->found =
			    reader_keep(p->reader, t.text);
			return MACRO;
		case LEX_MACRO:
			if (!expand(p, t.text))
				return refuse(p, &t, "no such macro: ");
			break;
		case LEX_OPEN:
			return mark(p, "{", OPEN);
		case LEX_CLOSE:
			return mark(p, "}", CLOSE);
		case LEX_EQUALS:
			return mark(p, "=", EQUALS);
		case LEX_WARNING:
			reader_warning(p->reader, &t.place, "%s", t.text);
			break;
		case LEX_BAD:
			return refuse(p, &t, "");
		}
	}
	return YYEOF;
}
