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

/*
 * Structs between these may have no padding: it would send bytes of the sender's
 * stack.
 */
#define WIRE_BEGIN                                                             \
	_Pragma("GCC diagnostic push")                                         \
	    _Pragma("GCC diagnostic error \"-Wpadded\"")
#define WIRE_END _Pragma("GCC diagnostic pop")

#endif
