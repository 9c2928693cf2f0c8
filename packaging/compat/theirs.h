/*
 * Whose configuration a file is: ntpd's, or one written for ntpd-rs.
 */
#ifndef COMPAT_THEIRS_H
#define COMPAT_THEIRS_H

#include <stdbool.h>

/*
 * True if the file is TOML, as ntpd-rs uses it: by its name, or because a line
 * begins with "[", which begins a table in TOML but no statement in ntpd.conf.
 * False for a file that is not regular or cannot be read.
 */
bool theirs(const char *path);

#endif
