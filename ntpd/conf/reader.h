/*
 * One reading of the configuration: what the parts of the parser share.
 *
 *	conf_read.c  what to read, and checks of the whole
 *	reader.c     reads files, counts errors
 *	lex.c        characters to tokens
 *	token.c      words to keywords, macros to their values
 *	parse.y      tokens to statements
 *	statement.c  statements to struct conf, every value checked
 *	limit.c      the same for numbers
 *	keyfile.c    the key file, which has its own format
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
	/* Places of statements, for messages about the whole. */
	struct lex_place source_places[CONF_SOURCES_MAX];
	struct lex_place listen_places[CONF_LISTEN_MAX];
	struct lex_place key_places[CONF_SOURCES_MAX];
	struct lex_place minimum_place; /* file NULL: not given */
	struct lex_place smear_place;	/* likewise */
	struct lex_place keys_place;	/* likewise */
	bool keys_wrong;		/* that file has an error */
	bool keys_warned;
};

/* A text that is being read, and the one that included it. */
struct reader_input {
	const struct reader_input *parent; /* NULL: none */
	const char *name;
	unsigned int depth;
	bool is_file;
	dev_t device; /* identity of the file, if is_file */
	ino_t inode;
};

/* How to interpret the next word. */
enum parser_mode {
	PARSER_KEYWORDS, /* any keyword is recognised */
	PARSER_VALUE,	 /* only "any" and "none" are keywords */
	PARSER_NAME	 /* no word is a keyword */
};

/* The state of one run of the grammar. */
struct parser {
	struct reader *reader;
	const struct reader_input *input;
	struct lexer lexer;
	enum parser_mode mode;
	const char *want;	 /* what the next word must be, for messages */
	char wanted[64];	 /* buffer for that, if it is a number */
	enum limit_id limit;	 /* of that number */
	int64_t *to;		 /* where it goes, if it may be "any" */
	const char *found;	 /* text of the last token, */
	const char *before;	 /* and of the one before; "": none */
	struct lex_place failed; /* the last error of the lexer */
	struct lex_place block;	 /* its "{"; line 0: not in a block */
	struct conf_source source;
	struct lex_place key_place; /* of the source's key */
	const char *listen_text;
	uint32_t listen_port;
	int64_t rate_requests; /* 0: the value was wrong */
	int64_t rate_period_ns;
	int64_t rate_burst; /* 0: not given */
	bool listen_fast;
	bool listen_native;
};

/* Read the file called name; or text, if it is not NULL, under that name. */
void reader_run(struct reader *r, const char *name, const char *text);

/* Free the texts that live as long as the reading. */
void reader_clear(struct reader *r);

/* Report an error or a warning.  place->file must not be NULL. */
void reader_error(struct reader *r, const struct lex_place *place,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
void reader_warning(struct reader *r, const struct lex_place *place,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* True if there were so many errors that reading stops. */
bool reader_is_over(const struct reader *r);

/*
 * Copy text; the copy lives as long as the reading.  Never NULL: if memory is
 * out, that is reported, reading stops, and the copy is empty.
 */
const char *reader_keep(struct reader *r, const char *text);

/* Read the file that the include statement at place names. */
void reader_include(struct reader *r, const struct reader_input *from,
    const char *path, const struct lex_place *place);

/* Define or redefine a macro; both texts must be kept already. */
void reader_define(struct reader *r, const char *name, const char *value,
    const struct lex_place *place);

/* The value of a macro, or NULL. */
const char *reader_macro(const struct reader *r, const char *name);

/* parse.y: run the grammar over a text. */
void parser_run(struct reader *r, const struct reader_input *input,
    const char *text, size_t len);

#endif
