/*
 * One reading of the configuration: what the parts of the parser share.
 *
 *	conf_read.c  what is read, and what is seen only when all was
 *	reader.c     reads files, keeps count of errors
 *	lex.c        characters to tokens
 *	token.c      words to keywords, macros to their values
 *	parse.y      tokens to statements
 *	statement.c  statements to struct conf, every value checked
 *	limit.c      the same of numbers
 *	keyfile.c    the file of keys, which has a form of its own
 */
#ifndef NTPD_READER_H
#define NTPD_READER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/attr.h"
#include "common/limits.h"
#include "ntpd/conf/conf.h"
#include "ntpd/conf/lex.h"

#define READER_ERRORS_MAX   20
#define READER_WARNINGS_MAX 50
#define READER_DEPTH_MAX    8
#define READER_FILES_MAX    100
#define READER_MACROS_MAX   1000
#define READER_FILE_MAX	    (1024 * 1024)

/* Text that lives as long as the reading. */
struct reader_text {
	struct reader_text *next;
	char text[];
};

struct reader_macro {
	struct reader_macro *next;
	const char *name;
	const char *value;
};

struct reader {
	struct conf *conf;
	FILE *report;
	unsigned int errors;
	unsigned int warnings;
	unsigned int files;
	unsigned int macro_count;
	struct reader_text *kept;
	struct reader_macro *macros;
	/* Where a statement stood, for messages about the whole. */
	struct lex_place source_places[CONF_SOURCES_MAX];
	struct lex_place listen_places[CONF_LISTEN_MAX];
	struct lex_place key_places[CONF_SOURCES_MAX];
	struct lex_place minimum_place; /* file NULL: not given */
	struct lex_place smear_place;	/* likewise */
	struct lex_place keys_place;	/* likewise */
	bool keys_wrong;		/* there is an error in that file */
	bool keys_warned;
};

/* A text that is being read, and the one that included it. */
struct reader_input {
	const struct reader_input *parent; /* NULL: none */
	const char *name;
	unsigned int depth;
	bool is_file;
	dev_t device; /* which file, where is_file */
	ino_t inode;
};

/* How the next word is to be taken. */
enum parser_mode {
	PARSER_KEYWORDS, /* it may be any keyword */
	PARSER_VALUE,	 /* only "any" and "none" are keywords */
	PARSER_NAME	 /* no keyword */
};

/* The state of one run of the grammar. */
struct parser {
	struct reader *reader;
	const struct reader_input *input;
	struct lexer lexer;
	enum parser_mode mode;
	const char *want;	 /* what the next word is to be, for messages */
	char wanted[64];	 /* room for it, where it is a number */
	enum limit_id limit;	 /* of that number */
	const char *found;	 /* text of the last token, */
	const char *before;	 /* and of the one before; "" for none */
	struct lex_place failed; /* the last error of the lexer */
	struct lex_place block;	 /* its "{"; line 0: in none */
	struct conf_source source;
	struct lex_place key_place; /* of it */
	const char *listen_text;
	uint32_t listen_port;
	int64_t rate_requests; /* 0: it was wrong */
	int64_t rate_period_ns;
	int64_t rate_burst; /* 0: not given */
	bool listen_fast;
	bool listen_native;
};

/* Read the file of that name, or the text, which then has the name. */
void reader_run(struct reader *r, const char *name, const char *text);

/* Free what lives as long as the reading. */
void reader_clear(struct reader *r);

/* Report an error or a warning.  place->file is always set. */
void reader_error(struct reader *r, const struct lex_place *place,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
void reader_warning(struct reader *r, const struct lex_place *place,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* True when so many errors were reported that reading stops. */
bool reader_is_over(const struct reader *r);

/*
 * A copy of the text that lives as long as the reading.  Never NULL: where
 * memory is out, that is reported, reading stops, and the copy is empty.
 */
const char *reader_keep(struct reader *r, const char *text);

/* Read the file that an include statement at place names. */
void reader_include(struct reader *r, const struct reader_input *from,
    const char *path, const struct lex_place *place);

/* Define a macro, or define it anew; both texts are kept already. */
void reader_define(struct reader *r, const char *name, const char *value,
    const struct lex_place *place);

/* The value of a macro, or NULL. */
const char *reader_macro(const struct reader *r, const char *name);

/* parse.y: run the grammar over a text. */
void parser_run(struct reader *r, const struct reader_input *input,
    const char *text, size_t len);

#endif
