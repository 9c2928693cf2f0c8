/* Reading the configuration, from files and from the command line. */
#ifndef NTPD_CONF_READ_H
#define NTPD_CONF_READ_H

#include <stdio.h>

#include "ntpd/conf/conf.h"

/* A piece of configuration text and its name for messages. */
struct conf_text {
	const char *name; /* the file, or "-c" or "-p" with its number */
	const char *text; /* NULL: read the file of that name */
};

/*
 * Read the texts in order into *c, which the caller has set to the defaults.
 * Errors and warnings go to report, one line each with its newline, in the form
 * "FILE:LINE:COLUMN: what is wrong, what was expected".  All errors that can be
 * told apart are reported, not only the first.  The key file is read too.
 * Returns 0, or -1 if there was an error: *c must then not be used.  When *c is
 * no longer needed, the caller calls keyring_clear() on its keys.
 */
MUST_CHECK int conf_read(
    struct conf *c, const struct conf_text *texts, size_t count, FILE *report);

#endif
