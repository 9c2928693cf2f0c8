/*
 * Words to the tokens of the grammar: finds keywords and expands macros.  ntpd
 * runs this while it reads its configuration.
 */
#include <limits.h>
#include <string.h>

#include "ntpd/conf/parse.h"
#include "ntpd/conf/statement.h"

/* Words of a later version. */
static const struct later {
	const char *name;
	const char *what;
	bool begins; /* it begins a statement; else it is an option */
} later[] = {
	{ "metrics", "\"metrics\"", true },
	{ "nts", "\"nts\" (Network Time Security)", true },
	{ "nts", "\"nts\" (Network Time Security)", false },
};

static const struct later *
find_later(const char *word, bool begins)
{
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (later[i].begins == begins &&
		    strcmp(later[i].name, word) == 0)
			return &later[i];
	return NULL;
}

bool
token_begins_statement(const char *word)
{
	const char *name;
	int token = parser_keyword(word, &name);

	return BEGINS_STATEMENT(token) || find_later(word, true) != NULL;
}

/* The token of a bare word if the mode allows a keyword, else WORD. */
static int
keyword(struct parser *p, const char *word, bool first, YYSTYPE *value)
{
	const struct later *l = NULL;
	const char *name;
	int token = parser_keyword(word, &name);

	if (p->mode == PARSER_NAME ||
	    (p->mode == PARSER_VALUE && token != ANY && token != NONE))
		return WORD;
	if (token == 0)
		l = find_later(word, first);
	if (token == 0 && l == NULL)
		return WORD;
	p->found = l != NULL ? l->name : name;
	if (l == NULL)
		return token;
	if (first)
		value->NEW_STATEMENT = l->what;
	else
		value->NEW_OPTION = l->what;
	return first ? NEW_STATEMENT : NEW_OPTION;
}

/* The token of a word, quoted or not. */
static int
word_token(
    struct parser *p, const struct lex_token *t, bool first, YYSTYPE *value)
{
	int token = WORD;

	p->before = p->found;
	if (t->kind == LEX_WORD)
		token = keyword(p, t->text, first, value);
	p->mode = PARSER_KEYWORDS;
	if (token == WORD)
		value->WORD = p->found = reader_keep(p->reader, t->text);
	return token;
}

/* Report an invalid token, but only once a line. */
static int
refuse(struct parser *p, const struct lex_token *t, const char *why)
{
	if (p->failed.line != t->place.line)
		reader_error(p->reader, &t->place, "%s%.*s", why,
		    why[0] != '\0' ? SHOWN_MAX : INT_MAX, t->text);
	p->failed = t->place;
	return YYerror;
}

/* Continue with the value of a macro.  False: there is no such macro. */
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
