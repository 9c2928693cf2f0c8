/*
 * Names and values of the limits in limits.def.  Each value is a text, as
 * written in the configuration, and a number.
 */
#ifndef COMMON_LIMITS_H
#define COMMON_LIMITS_H

#include <stdint.h>

/* clang-format off */
#define NUMBER(n) (LIMIT_STRING(n), (int64_t)(n))
#define USEC(n)	  (#n "us", INT64_C(n) * 1000)
#define MSEC(n)	  (#n "ms", INT64_C(n) * 1000000)
#define SEC(n)	  (#n "s", INT64_C(n) * 1000000000)
#define HOURS(n)  (#n "h", INT64_C(n) * 3600000000000)
#define DAYS(n)	  (#n "d", INT64_C(n) * 86400000000000)
#define PPM(n)	  (#n "ppm", INT64_C(n) * 1000)
#define MIB(n)	  (#n "M", INT64_C(n) << 20)
#define GIB(n)	  (#n "G", INT64_C(n) << 30)
#define UNSET	  ("", INT64_C(0))
#define UNLIMITED ("any", INT64_MAX) /* LIMIT_ANY */
#define LONGEST	  ("106751d", INT64_MAX)
/* clang-format on */

#define LIMIT_STRING(n) #n

/* Select one of the two. */
#define LIMIT_TEXT(value)	   LIMIT_FIRST value
#define LIMIT_NUMBER(value)	   LIMIT_SECOND value
#define LIMIT_FIRST(text, number)  text
#define LIMIT_SECOND(text, number) (number)

enum limit_id {
#define LIMIT(id, ...) LIMIT_##id,
#include "common/limits.def"
};

#endif
