/*
 * The command line of ntpd.  -c and -p become configuration text, so that the
 * parser checks them like every other line.
 */
#ifndef NTPD_OPTIONS_H
#define NTPD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "ntpd/conf/conf_read.h"

#define OPTIONS_LINES_MAX 64 /* of -c, and of -p */
#define OPTIONS_PEER_LEN  320
#define OPTIONS_NAME_LEN  8

/*
 * Strings are those of argv; they must live as long as this.  It points into
 * itself: it is not to be copied.
 */
struct options {
	bool check;	     /* -n */
	bool debug;	     /* -d */
	bool once;	     /* -q */
	bool no_clock;	     /* -x */
	int verbose;	     /* how many -v */
	const char *file;    /* -f, or the default */
	bool read_file;	     /* false: -c or -p, and no -f */
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
 * Read the command line.  Returns when the daemon (or the check) is to run.
 * -h and -V print to standard output and exit 0; whatever is wrong is said on
 * standard error with the usage, exit status 1.
 */
void options_parse(int argc, char **argv, struct options *o);

/*
 * What conf_read() has to read, in this order: the file, every -p, every -c
 * (a later statement overrides an earlier one).  The array and all of its text
 * belong to o.  Returns how many there are.
 */
size_t options_texts(const struct options *o, const struct conf_text **texts);

/*
 * The number of the descriptor that the file is, as the shell's <(command) makes
 * it, or -1: it must not be closed before the file is read.
 */
int options_descriptor(const struct options *o);

/* The level that the configuration gave, made more talkative by every -v. */
enum log_level options_log_level(
    const struct options *o, enum log_level configured);

/*
 * Text of the statement that `-p peer` stands for: "pool NAME port N", or
 * "server ADDRESS port N" for an address literal.  peer is host, host:port,
 * an IPv6 address, or [address]:port.  Nothing but the characters of names,
 * addresses and ports is let through, so no other statement can be smuggled
 * in.  Returns 0, or -1 where peer is none of these or too long.
 */
MUST_CHECK int options_peer_text(const char *peer, char text[OPTIONS_PEER_LEN]);

#endif
