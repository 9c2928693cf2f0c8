/*
 * Where the other programs are.
 */
#ifndef NTPD_HELPERS_H
#define NTPD_HELPERS_H

#include <stddef.h>

/*
 * Their folder into dir, of size octets: beside ntpd (a build folder), or where
 * they are installed.
 */
void helpers_find(char *dir, size_t size);

#endif
