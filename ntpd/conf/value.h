/*
 * The values in a configuration: text to numbers, durations, names.  Pure
 * functions, exact integer arithmetic, no messages.
 */
#ifndef NTPD_VALUE_H
#define NTPD_VALUE_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/attr.h"

enum value_result {
	VALUE_OK,
	VALUE_MALFORMED, /* not of this kind at all */
	VALUE_TOO_LARGE, /* does not fit */
	VALUE_TOO_FINE	 /* finer than the smallest unit that is kept */
};

/* A decimal number of up to 18 digits, without a sign. */
MUST_CHECK enum value_result value_number(const char *text, int64_t *number);

/*
 * A duration: a decimal number with a unit ns, us, ms, s, m, h or d, or without
 * one for seconds.  *ns is 0 to INT64_MAX - 1.
 */
MUST_CHECK enum value_result value_duration(const char *text, int64_t *ns);

/* A rate: a decimal number with ppm, ppb or %.  *ppb is in parts per 10^9. */
MUST_CHECK enum value_result value_rate(const char *text, int64_t *ppb);

/*
 * A size in bytes: a whole number, with k, M or G (2^10, 2^20, 2^30) or none.
 */
MUST_CHECK enum value_result value_size(const char *text, int64_t *bytes);

/* The permissions of a file in octal, 0 to 0777. */
MUST_CHECK enum value_result value_mode(const char *text, int64_t *mode);

/* True if the text is an IPv4 or IPv6 address, with or without %scope. */
bool value_is_address(const char *text);

/*
 * Why the text is neither a host name nor an address: words that complete "is
 * no host name: ..."; NULL: it is one.
 */
const char *value_host_problem(const char *text);

/* True if it is a valid interface name: up to 15 of the usual characters. */
bool value_is_interface(const char *name);

/*
 * The name of the interface that an address literal is bound to, a pointer into
 * text; NULL if it has no scope, or a number as its scope.
 */
const char *value_interface(const char *text);

/*
 * Split "host:port", "[address]:port" or "[address]".  The host is len
 * characters from at; port is the digits of the port or "".  False if the text
 * is none of these.
 */
bool value_split_port(
    const char *text, size_t *at, size_t *len, const char **port);

/*
 * A source's name in the form for ntp-net: a host name unchanged, an address
 * with a scope in its usual form.  It does not matter whether that interface
 * exists now.  Returns NULL, or what is wrong, as value_host_problem() does.
 */
MUST_CHECK const char *value_source(const char *text, char *out, size_t size);

/*
 * The socket address of an address literal.  A numeric scope is put into it; a
 * named scope becomes 0: see value_interface().  Returns its length, or 0 if
 * the text is not an address.
 */
socklen_t value_address(
    const char *text, uint16_t port, struct sockaddr_storage *addr);

#endif
