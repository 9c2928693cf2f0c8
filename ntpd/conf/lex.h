/*
 * The words of a configuration text: where they stand, and what they say.
 *
 * Knows no keyword and no file.  It keeps a pointer to the text and copies one
 * token at a time, so whatever the text holds, memory is bounded.
 */
#ifndef NTPD_LEX_H
#define NTPD_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/attr.h"

#define LEX_TOKEN_MAX 1023

/* Where something stands; lines and columns count from 1, in characters. */
struct lex_place {
	const char *file;
	unsigned int line;
	unsigned int column;
};

enum lex_kind {
	LEX_END,
	LEX_NEWLINE, /* the end of a statement */
	LEX_WORD,
	LEX_STRING, /* was in quotes */
	LEX_DEFINE, /* the first word of a line with "=" behind it */
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
	const char *text; /* until the next call; "" where there is none */
};

/* Private to lex.c. */
struct lexer {
	struct lex_place here;
	const char *at;
	const char *end;
	const char *value; /* what is left of a macro's value, or NULL */
	struct lex_place value_place;
	struct lex_place comment_place; /* file NULL: no warning is due */
	enum lex_kind last;
	char token[LEX_TOKEN_MAX + 1];
};

/* Begin with a text.  The text and the name are kept, not copied. */
void lex_init(struct lexer *l, const char *name, const char *text, size_t len);

/*
 * The next token.  Every text ends with LEX_NEWLINE and then LEX_END for ever,
 * whether or not its last line is complete.  LEX_BAD does not stop anything:
 * the next call goes on behind what is wrong.
 */
struct lex_token lex_next(struct lexer *l);

/*
 * Go on with the value of a macro, and then with the text; its tokens have the
 * place of the macro's use.  The value is kept until it is read.  A value
 * cannot use a macro in turn, so this ends.
 */
void lex_expand(struct lexer *l, const char *value);

#endif
