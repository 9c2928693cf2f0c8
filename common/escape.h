/*
 * Text that may be from anywhere, for a log or a terminal.  Pure.
 */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stddef.h>

/*
 * Copy text: what is not printable ASCII or well-formed UTF-8 of a visible,
 * harmless character becomes \xNN.  It always ends with a zero byte, and is cut
 * between characters where there is no room.
 */
void escape_text(char *dst, size_t size, const char *src);

#endif
