/*
 * What the statements of ntpd.conf(5) put into struct conf.  Every function
 * checks the values that it is given and reports errors, in terms of
 * parser.want if a value has the wrong form.  No invalid value is put into the
 * configuration.  place is where the value stands.
 */
#ifndef NTPD_STATEMENT_H
#define NTPD_STATEMENT_H

#include <stdint.h>

#include "common/limits.h"
#include "ntpd/conf/reader.h"

#define SHOWN_MAX 60 /* characters of a value shown in a message */

/* server, pool and servers: begin with the name; end after the options. */
void statement_source(struct parser *p, enum source_kind kind, uint32_t count,
    const char *name, const struct lex_place *place);
void statement_source_end(struct parser *p, const struct lex_place *place);

/* Warn if there is no such interface now; NULL: it was a number, or none. */
void statement_interface(
    struct parser *p, const char *name, const struct lex_place *place);

/*
 * The next word must be a number within this limit: for messages, and for the
 * functions below that read one.
 */
void statement_want(struct parser *p, enum limit_id limit);

/*
 * Parse text into *value.  If it is not valid, reports that and returns false.
 */
bool statement_value(struct parser *p, const char *text,
    const struct lex_place *place, int64_t *value);

/* The same, without a result; *to is unchanged if the text is invalid. */
void statement_set(struct parser *p, const char *text,
    const struct lex_place *place, int64_t *to);
void statement_set32(struct parser *p, const char *text,
    const struct lex_place *place, uint32_t *to);

/* Only check the text. */
void statement_check(
    struct parser *p, const char *text, const struct lex_place *place);

/* poll MIN to MAX: one of the two. */
void statement_poll(struct parser *p, const char *text,
    const struct lex_place *place, uint8_t *poll_log2);

/* After both: check their order. */
void statement_poll_end(struct parser *p, const struct lex_place *place);

/* keys "path". */
void statement_keys(
    struct parser *p, const char *path, const struct lex_place *place);

/* The value is not what the grammar expects here: report an error. */
void statement_unexpected(
    struct parser *p, const char *text, const struct lex_place *place);

/*
 * Does the text have a port, "a:1", or brackets, "[::1]:1"?  Then report an
 * error that shows how to write it.
 */
bool statement_has_port(
    struct parser *p, const char *text, const struct lex_place *place);

/* token.c: does this word begin a statement? */
bool token_begins_statement(const char *word);

/*
 * listen on: begin with the address; end after the options.  With the option
 * `fast` the address is the name of an interface.
 */
void statement_listen(struct parser *p, const char *address);
void statement_listen_end(struct parser *p, const struct lex_place *place);

/* allow and deny. */
void statement_prefix(struct parser *p, enum prefix_verdict verdict,
    const char *text, const struct lex_place *place);

/* rate limit: begin, and end after its numbers. */
void statement_rate(struct parser *p);
void statement_rate_end(struct parser *p);

/* A statement of OpenNTPD that has no effect here: warn. */
void statement_no_effect(struct parser *p, const struct lex_place *place,
    const char *what, const char *why);

/* A statement of a later version: report an error. */
void statement_not_supported(
    struct parser *p, const struct lex_place *place, const char *what);

/* query from: must be an address. */
void statement_query(
    struct parser *p, const char *text, const struct lex_place *place);

/* The refid of a sensor: 1 to 4 characters. */
void statement_refid(
    struct parser *p, const char *text, const struct lex_place *place);

/* on violation freeze or stop. */
void statement_violation(
    struct parser *p, const char *text, const struct lex_place *place);

/*
 * control socket "path"; NULL: none.  Resets mode and group to their defaults.
 */
void statement_control(
    struct parser *p, const char *path, const struct lex_place *place);
void statement_group(
    struct parser *p, const char *name, const struct lex_place *place);

/* state directory "path". */
void statement_state(
    struct parser *p, const char *path, const struct lex_place *place);

/* record "path"; resets the size to its default. */
void statement_record(
    struct parser *p, const char *path, const struct lex_place *place);

/* leap file "path". */
void statement_leap_file(
    struct parser *p, const char *path, const struct lex_place *place);

/* leap smear DURATION. */
void statement_leap_smear(
    struct parser *p, const char *text, const struct lex_place *place);

/* log level. */
void statement_log_level(
    struct parser *p, const char *text, const struct lex_place *place);

/* NAME = "value". */
void statement_define(struct parser *p, const char *name, const char *value,
    const struct lex_place *place);

/* Join two parts of a macro's value with a space. */
const char *statement_join(struct parser *p, const char *a, const char *b,
    const struct lex_place *place);

#endif
