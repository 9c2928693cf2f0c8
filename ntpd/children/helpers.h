/* Where the other programs are. */
#ifndef NTPD_HELPERS_H
#define NTPD_HELPERS_H

#include <stddef.h>

/*
 * Write their folder to dir, of size octets: the folder of ntpd (a build
 * folder), or the one where they are installed.
 */
void helpers_find(char *dir, size_t size);

#endif
