/*
 * Whose configuration a file is: ntpd's, or one written for ntpd-rs.
 */
#ifndef COMPAT_THEIRS_H
#define COMPAT_THEIRS_H

#include <stdbool.h>

/*
 * True if the file is TOML, as ntpd-rs reads it: by its name, or because a
 * line begins with "[", as a table of TOML does and no statement of ntpd.conf.
 * What is not a regular file or cannot be read is not looked into: false.
 */
bool theirs(const char *path);

#endif
