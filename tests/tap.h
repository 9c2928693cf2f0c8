/*
 * The smallest TAP producer that serves us; prove(1) reads what it prints.
 * A test program calls OK(), IS_I64(), NEAR() or SKIP() and ends with
 * return DONE().
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

static int tap_count;
static int tap_failed;

__attribute__((format(printf, 2, 3))) static inline int
tap_ok(int ok, const char *fmt, ...)
{
	__builtin_va_list ap;

	tap_count++;
	tap_failed += !ok;
	printf("%sok %d - ", ok ? "" : "not ", tap_count);
	__builtin_va_start(ap, fmt);
	vprintf(fmt, ap);
	__builtin_va_end(ap);
	putchar('\n');
	fflush(stdout);
	return ok;
}

/* OK(condition, "sentence", ...): one test. */
#define OK(cond, ...)                                                          \
	do {                                                                   \
		if (!tap_ok(!!(cond), __VA_ARGS__))                            \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);    \
	} while (0)

/* IS_I64(got, want, "sentence", ...): two integers are equal. */
#define IS_I64(got, want, ...)                                                 \
	do {                                                                   \
		int64_t tap_g = (int64_t)(got), tap_w = (int64_t)(want);       \
		if (!tap_ok(tap_g == tap_w, __VA_ARGS__))                      \
			printf("# %s:%d: got %" PRId64 ", want %" PRId64 "\n", \
			    __FILE__, __LINE__, tap_g, tap_w);                 \
	} while (0)

/* NEAR(got, want, tolerance, "sentence", ...): two numbers are close. */
#define NEAR(got, want, tol, ...)                                              \
	do {                                                                   \
		double tap_g = (double)(got), tap_w = (double)(want);          \
		if (!tap_ok(                                                   \
			fabs(tap_g - tap_w) <= (double)(tol), __VA_ARGS__))    \
			printf("# %s:%d: got %.9g, want %.9g\n", __FILE__,     \
			    __LINE__, tap_g, tap_w);                           \
	} while (0)

/* SKIP("why"): one test that this machine cannot run. */
#define SKIP(why) printf("ok %d # SKIP %s\n", ++tap_count, why)

/* The plan, and the exit status for main to return. */
#define DONE() (printf("1..%d\n", tap_count), tap_failed != 0)

#endif
