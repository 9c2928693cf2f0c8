/*
 * The command line of ntpd.  -c and -p become configuration text, so that the
 * parser checks them like every other line.
 */
#ifndef NTPD_OPTIONS_H
#define NTPD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "ntpd/conf/conf_read.h"

#define OPTIONS_LINES_MAX 64 /* of -c, and as many of -p */
#define OPTIONS_PEER_LEN  320
#define OPTIONS_NAME_LEN  8

/*
 * Strings are those of argv and must live as long as this struct.  It points
 * into itself, so it must not be copied.
 */
struct options {
	bool check;	     /* -n */
	bool debug;	     /* -d */
	bool once;	     /* -q */
	bool no_clock;	     /* -x */
	int verbose;	     /* count of -v */
	const char *file;    /* -f, or the default */
	bool read_file;	     /* false: -c or -p without -f */
	const char *pidfile; /* NULL: none */
	const char *user;    /* NULL: none */
	const char *lines[OPTIONS_LINES_MAX];
	size_t line_count;
	char peers[OPTIONS_LINES_MAX][OPTIONS_PEER_LEN]; /* as text */
	size_t peer_count;
	char names[1 + 2 * OPTIONS_LINES_MAX][OPTIONS_NAME_LEN];
	struct conf_text texts[1 + 2 * OPTIONS_LINES_MAX];
	size_t text_count;
};

/*
 * Parse the command line.  Returns if the daemon (or the check) is to run.  -h
 * and -V print to standard output and exit 0.  On an error, prints it and the
 * usage on standard error and exits 1.
 */
void options_parse(int argc, char **argv, struct options *o);

/*
 * The texts for conf_read(), in this order: the file, every -p, every -c (a
 * later statement overrides an earlier one).  The array and all of its text
 * belong to o.  Returns their number.
 */
size_t options_texts(const struct options *o, const struct conf_text **texts);

/*
 * The descriptor that the file name stands for, as with the shell's <(command);
 * -1: none.  It must not be closed before the file is read.
 */
int options_descriptor(const struct options *o);

/* The log level of the configuration, made more verbose by every -v. */
enum log_level options_log_level(
    const struct options *o, enum log_level configured);

/*
 * Text of the statement that `-p peer` stands for: "pool NAME port N", or
 * "server ADDRESS port N" for an address literal.  peer is host, host:port, an
 * IPv6 address, or [address]:port.  Only the characters of names, addresses and
 * ports are accepted, so no other statement can be smuggled in.  Returns 0, or
 * -1 if peer is none of these or too long.
 */
MUST_CHECK int options_peer_text(const char *peer, char text[OPTIONS_PEER_LEN]);

#endif
