/*
 * The tokens of a configuration text.  ntpd runs this, with the privileges it
 * was started with, on text that its administrator wrote.  Every byte is
 * examined once, every token has a limit, and nothing is skipped silently
 * except white space and comments.
 */
#include <stdio.h>
#include <string.h>

#include "ntpd/conf/lex.h"

/* peek() returns a character or NOTHING. */
#define NOTHING (-1)

static const char word_marks[] = "._-:/*%+[]@~";

static bool
is_alnum(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool
is_word(int c)
{
	return is_alnum(c) || (c > 0 && strchr(word_marks, c) != NULL);
}

static bool
is_control(int c)
{
	return (c >= 0 && c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

void
lex_init(struct lexer *l, const char *name, const char *text, size_t len)
{
	memset(l, 0, sizeof(*l));
	l->here = (struct lex_place){ .file = name, .line = 1, .column = 1 };
	l->at = text;
	l->end = text + len;
	l->last = LEX_NEWLINE;
}

void
lex_expand(struct lexer *l, const char *value)
{
	l->value = value;
}

/* The character n places ahead, in the macro's value or in the text. */
static int
peek(const struct lexer *l, size_t n)
{
	if (l->value != NULL) {
		if (strnlen(l->value, n + 1) <= n)
			return NOTHING;
		return (unsigned char)l->value[n];
	}
	if ((size_t)(l->end - l->at) <= n)
		return NOTHING;
	return (unsigned char)l->at[n];
}

static void
advance(struct lexer *l)
{
	unsigned char c;

	if (l->value != NULL) {
		l->value++;
		return;
	}
	c = (unsigned char)*l->at++;
	if (c == '\n') {
		l->here.line++;
		l->here.column = 1;
	} else if ((c & 0xc0) != 0x80) {
		l->here.column++; /* not for a UTF-8 continuation byte */
	}
}

static struct lex_place
place(const struct lexer *l)
{
	return l->value != NULL ? l->value_place : l->here;
}

/* The bytes of the line end at n: LF, CR LF, or 0 if there is none. */
static size_t
line_end(const struct lexer *l, size_t n)
{
	if (peek(l, n) == '\n')
		return 1;
	if (peek(l, n) == '\r' && peek(l, n + 1) == '\n')
		return 2;
	return 0;
}

/* The bytes of white space or of a line continuation at n. */
static size_t
blank(const struct lexer *l, size_t n)
{
	size_t end;

	if (peek(l, n) == ' ' || peek(l, n) == '\t')
		return 1;
	if (line_end(l, n) == 2)
		return 1; /* the CR */
	if (peek(l, n) != '\\')
		return 0;
	end = line_end(l, n + 1);
	return end != 0 ? 1 + end : 0;
}

static void
skip(struct lexer *l, size_t n)
{
	while (n-- > 0)
		advance(l);
}

static void
skip_blanks(struct lexer *l)
{
	size_t n;

	while ((n = blank(l, 0)) != 0)
		skip(l, n);
}

static struct lex_token
token(struct lexer *l, enum lex_kind kind, struct lex_place where)
{
	if (kind != LEX_BAD && kind != LEX_WARNING)
		l->last = kind;
	return (
	    struct lex_token){ .kind = kind, .place = where, .text = l->token };
}

/* No valid token; l->token becomes the reason. */
static struct lex_token
bad(struct lexer *l, struct lex_place where, const char *why)
{
	(void)snprintf(l->token, sizeof(l->token), "%s", why);
	return token(l, LEX_BAD, where);
}

/*
 * A byte order mark, as other systems write it before the first character; its
 * first byte has been read.
 */
static bool
is_mark(const struct lexer *l, struct lex_place where, int c)
{
	bool utf8 = c == 0xef && peek(l, 0) == 0xbb && peek(l, 1) == 0xbf;

	return where.line == 1 && where.column == 1 && l->value == NULL &&
	    (utf8 || c >= 0xfe);
}

static struct lex_token
bad_mark(struct lexer *l, struct lex_place where, int c)
{
	while (peek(l, 0) >= 0x80)
		advance(l);
	return bad(l, where,
	    c == 0xef ? "the file begins with a byte order mark (BOM): save it "
			"without one"
		      : "the file is not ASCII or UTF-8: save it as that");
}

static struct lex_token
bad_character(struct lexer *l)
{
	struct lex_place where = place(l);
	int c = peek(l, 0);
	char why[80];

	advance(l);
	if (is_mark(l, where, c))
		return bad_mark(l, where, c);
	if (c == 0)
		return bad(l, where, "a zero byte has no place in this file");
	if (is_control(c))
		(void)snprintf(why, sizeof(why),
		    "control character 0x%02x has no place in this file",
		    (unsigned int)c);
	else if (c >= 0x80)
		(void)snprintf(why, sizeof(why),
		    "byte 0x%02x outside of quotes is not ASCII",
		    (unsigned int)c);
	else if (c == '\\')
		(void)snprintf(
		    why, sizeof(why), "\"\\\" is not at the end of the line");
	else
		(void)snprintf(
		    why, sizeof(why), "unexpected character \"%c\"", c);
	if (c >= 0x80)
		while (peek(l, 0) >= 0x80)
			advance(l);
	return bad(l, where, why);
}

/*
 * Skip to the end of the line after "#".  As in OpenNTPD, a "\" at the end
 * continues the comment on the next line, which few people expect: warn of it.
 * False: stopped at an invalid character.
 */
static bool
skip_comment(struct lexer *l)
{
	size_t end;

	for (;;) {
		if (line_end(l, 0) == 2)
			advance(l);
		if (peek(l, 0) == NOTHING || peek(l, 0) == '\n')
			return true;
		end = peek(l, 0) == '\\' ? line_end(l, 1) : 0;
		if (end != 0) {
			l->comment_place = l->here;
			skip(l, 1 + end);
		} else if (is_control(peek(l, 0))) {
			return false;
		} else {
			advance(l);
		}
	}
}

/* True if "=" follows the word that ends here. */
static bool
before_equals(const struct lexer *l)
{
	size_t n = 0, more;

	while ((more = blank(l, n)) != 0)
		n += more;
	return peek(l, n) == '=';
}

/* Copy the characters of a word; false if there are too many. */
static bool
read_word(struct lexer *l, bool (*accept)(int))
{
	size_t n = 0;
	bool fits = true;

	while (accept(peek(l, 0))) {
		if (n < LEX_TOKEN_MAX)
			l->token[n++] = (char)peek(l, 0);
		else
			fits = false;
		advance(l);
	}
	l->token[n] = '\0';
	return fits;
}

static struct lex_token
lex_word(struct lexer *l)
{
	struct lex_place where = place(l);
	bool first = l->last == LEX_NEWLINE && l->value == NULL;

	if (!read_word(l, is_word))
		return bad(l, where, "a word of more than 1023 characters");
	if (peek(l, 0) == '$' || peek(l, 0) == '"' || peek(l, 0) == '\'')
		return bad_character(l);
	if (first && before_equals(l))
		return token(l, LEX_DEFINE, where);
	return token(l, LEX_WORD, where);
}

static bool
is_macro(int c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

static struct lex_token
lex_macro(struct lexer *l)
{
	struct lex_place where = place(l);

	if (l->value != NULL)
		return bad_character(l);
	advance(l);
	if (!read_word(l, is_macro))
		return bad(l, where, "a word of more than 1023 characters");
	if (l->token[0] == '\0')
		return bad(l, where, "\"$\" without the name of a macro");
	if (is_word(peek(l, 0)))
		return bad_character(l);
	l->value_place = where;
	return token(l, LEX_MACRO, where);
}

/*
 * One character of a string, or its end.  A backslash keeps a quote from ending
 * the string and joins two lines; elsewhere it stands for itself.
 */
static int
string_character(struct lexer *l, int quote)
{
	size_t end;
	int c;

	while (peek(l, 0) == '\\' && (end = line_end(l, 1)) != 0)
		skip(l, 1 + end);
	c = peek(l, 0);
	if (c == quote || c == NOTHING || c == '\n' || is_control(c))
		return NOTHING;
	if (c == '\\' && (peek(l, 1) == quote || peek(l, 1) == '\\')) {
		advance(l);
		c = peek(l, 0);
	}
	advance(l);
	return c;
}

static struct lex_token
lex_string(struct lexer *l)
{
	struct lex_place where = place(l);
	int quote = peek(l, 0), c;
	size_t n = 0;
	bool fits = true;

	advance(l);
	while ((c = string_character(l, quote)) != NOTHING) {
		if (n < LEX_TOKEN_MAX)
			l->token[n++] = (char)c;
		else
			fits = false;
	}
	l->token[n] = '\0';
	if (is_control(peek(l, 0)) && line_end(l, 0) == 0)
		return bad_character(l);
	if (peek(l, 0) != quote)
		return bad(l, where, "this quote is not closed in its line");
	advance(l);
	if (!fits)
		return bad(l, where, "a string of more than 1023 characters");
	return token(l, LEX_STRING, where);
}

static struct lex_token
lex_mark(struct lexer *l, enum lex_kind kind)
{
	struct lex_place where = place(l);

	advance(l);
	return token(l, kind, where);
}

/* Leave an exhausted macro value, and skip white space and comments. */
static bool
skip_to_token(struct lexer *l)
{
	skip_blanks(l);
	if (l->value != NULL && peek(l, 0) == NOTHING) {
		l->value = NULL;
		skip_blanks(l);
	}
	if (l->value == NULL && peek(l, 0) == '#')
		return skip_comment(l);
	return true;
}

struct lex_token
lex_next(struct lexer *l)
{
	struct lex_place warn;
	int c;

	l->token[0] = '\0';
	if (!skip_to_token(l))
		return bad_character(l);
	if (l->comment_place.file != NULL) {
		warn = l->comment_place;
		l->comment_place.file = NULL;
		(void)snprintf(l->token, sizeof(l->token),
		    "the \"\\\" makes this comment go on in the next line");
		return token(l, LEX_WARNING, warn);
	}
	c = peek(l, 0);
	if (c == NOTHING)
		return token(l,
		    l->last == LEX_NEWLINE || l->last == LEX_END ? LEX_END
								 : LEX_NEWLINE,
		    place(l));
	if (c == '\n')
		return lex_mark(l, LEX_NEWLINE);
	if (c == '{')
		return lex_mark(l, LEX_OPEN);
	if (c == '}')
		return lex_mark(l, LEX_CLOSE);
	if (c == '=')
		return lex_mark(l, LEX_EQUALS);
	if (c == '$')
		return lex_macro(l);
	if (c == '"' || c == '\'')
		return lex_string(l);
	return is_word(c) ? lex_word(l) : bad_character(l);
}
