/*
 * Nanoseconds as people read them.  Pure.
 */
#ifndef COMMON_SECONDS_H
#define COMMON_SECONDS_H

#include <stddef.h>
#include <stdint.h>

/* A number in words. */
struct seconds_text {
	char s[32];
};

/* Seconds with as many digits as are needed: "-1200.5". */
struct seconds_text seconds_text(int64_t ns);

/* Put what is said into text[size], and by how much a clock was behind, if 0 not. */
void seconds_behind(char *text, size_t size, int64_t ns, const char *said);

#endif
