/*
 * The file of symmetric keys that the statement "keys" names: that of ntpd
 * (ntp.keys) and of chrony, a key a line.
 */
#ifndef NTPD_KEYFILE_H
#define NTPD_KEYFILE_H

#include "common/keyring.h"
#include "ntpd/conf/reader.h"

/*
 * Read the file into the configuration's keys.  What is wrong is reported with
 * its place in that file, or at place where the file as a whole is of no use:
 * it must be a regular file of ntpd's user or root that nobody else can read or
 * write.  No message shows anything of a key.
 */
void keyfile_read(
    struct reader *r, const char *path, const struct lex_place *place);

/* The same for a text; name is for messages, and is kept. */
void keyfile_parse(
    struct reader *r, const char *name, const char *text, size_t len);

#endif
