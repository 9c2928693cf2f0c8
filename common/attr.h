/*
 * Attributes that the C dialect of this project allows itself.
 */
#ifndef COMMON_ATTR_H
#define COMMON_ATTR_H

#ifndef MUST_CHECK
#define MUST_CHECK __attribute__((warn_unused_result))
#endif
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN	  __attribute__((noreturn))

#endif
