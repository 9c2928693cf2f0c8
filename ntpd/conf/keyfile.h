/*
 * The file of symmetric keys that the statement "keys" names.  The formats are
 * those of ntpd (ntp.keys) and of chrony, one key a line.
 */
#ifndef NTPD_KEYFILE_H
#define NTPD_KEYFILE_H

#include "common/keyring.h"
#include "ntpd/conf/reader.h"

/*
 * Read the file into the configuration's keys.  Errors are reported with their
 * place in that file, or at `place` if the whole file is unusable: it must be a
 * regular file of ntpd's user or root that nobody else can read or write.  No
 * message shows any part of a key.
 */
void keyfile_read(
    struct reader *r, const char *path, const struct lex_place *place);

/* The same for a text; name is for messages, and is kept. */
void keyfile_parse(
    struct reader *r, const char *name, const char *text, size_t len);

#endif
