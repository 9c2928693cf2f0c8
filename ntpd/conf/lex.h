/*
 * The tokens of a configuration text: their place and their content.
 *
 * Knows no keyword and no file.  It keeps a pointer to the text and copies one
 * token at a time, so memory is bounded whatever the text holds.
 */
#ifndef NTPD_LEX_H
#define NTPD_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/attr.h"

#define LEX_TOKEN_MAX 1023

/* A place in a text; lines and columns count from 1, in characters. */
struct lex_place {
	const char *file;
	unsigned int line;
	unsigned int column;
};

enum lex_kind {
	LEX_END,
	LEX_NEWLINE, /* the end of a statement */
	LEX_WORD,
	LEX_STRING, /* a word in quotes */
	LEX_DEFINE, /* the first word of a line if "=" follows */
	LEX_MACRO,  /* $name: text is the name */
	LEX_OPEN,
	LEX_CLOSE,
	LEX_EQUALS,
	LEX_WARNING, /* no token: text says what is suspicious */
	LEX_BAD	     /* no token: text says what is wrong */
};

struct lex_token {
	enum lex_kind kind;
	struct lex_place place;
	const char *text; /* valid until the next call; "" if there is none */
};

/* Private to lex.c. */
struct lexer {
	struct lex_place here;
	const char *at;
	const char *end;
	const char *value; /* the rest of a macro's value, or NULL */
	struct lex_place value_place;
	struct lex_place comment_place; /* file NULL: no warning is due */
	enum lex_kind last;
	char token[LEX_TOKEN_MAX + 1];
};

/* Begin with a text.  The text and the name are kept by pointer, not copied. */
void lex_init(struct lexer *l, const char *name, const char *text, size_t len);

/*
 * The next token.  Every text ends with LEX_NEWLINE and then endless LEX_END,
 * whether or not its last line is complete.  After LEX_BAD the next call
 * continues after the error.
 */
struct lex_token lex_next(struct lexer *l);

/*
 * Continue with the value of a macro, and then with the text; its tokens have
 * the place of the macro's use.  The value must stay valid until it is read.  A
 * value cannot use a macro itself, so this ends.
 */
void lex_expand(struct lexer *l, const char *value);

#endif
