/* Escapes text from any source for a log or a terminal.  Pure. */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stddef.h>

/*
 * Copy text.  Anything but printable ASCII and well-formed UTF-8 of visible,
 * harmless characters becomes \xNN.  The result always ends with a zero byte
 * and is cut between characters if it does not fit.
 */
void escape_text(char *dst, size_t size, const char *src);

#endif
