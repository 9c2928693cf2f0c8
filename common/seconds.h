/* Formats nanoseconds for people.  Pure. */
#ifndef COMMON_SECONDS_H
#define COMMON_SECONDS_H

#include <stddef.h>
#include <stdint.h>

/* A number as text. */
struct seconds_text {
	char s[32];
};

/* Seconds with as many digits as needed: "-1200.5". */
struct seconds_text seconds_text(int64_t ns);

/*
 * Write said into text[size], preceded by how far the clock was behind (ns > 0)
 * or ahead, unless ns is 0.
 */
void seconds_behind(char *text, size_t size, int64_t ns, const char *said);

#endif
