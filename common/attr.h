/* Compiler attributes that this project uses beyond standard C. */
#ifndef COMMON_ATTR_H
#define COMMON_ATTR_H

#include "core/types.h" /* MUST_CHECK */

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN	  __attribute__((noreturn))

/*
 * Structs between these must not contain padding: padding would send bytes of
 * the sender's stack.
 */
#define WIRE_BEGIN                                                             \
	_Pragma("GCC diagnostic push")                                         \
	    _Pragma("GCC diagnostic error \"-Wpadded\"")
#define WIRE_END _Pragma("GCC diagnostic pop")

#endif
