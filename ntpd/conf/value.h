/*
 * The values in a configuration: text to numbers, durations, names.  Pure
 * functions, exact integer arithmetic, no message.
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
	VALUE_TOO_FINE	 /* smaller than the smallest unit that is kept */
};

/* A decimal number of up to 18 digits, without a sign. */
MUST_CHECK enum value_result value_number(const char *text, int64_t *number);

/*
 * A duration: a decimal number with a unit ns, us, ms, s, m, h or d, or none
 * for seconds; nanoseconds, 0 to INT64_MAX - 1.
 */
MUST_CHECK enum value_result value_duration(const char *text, int64_t *ns);

/* A rate: a decimal number with ppm, ppb or %; in parts per 10^9. */
MUST_CHECK enum value_result value_rate(const char *text, int64_t *ppb);

/* A size in bytes: a whole number, with k, M or G (2^10, 2^20, 2^30) or none. */
MUST_CHECK enum value_result value_size(const char *text, int64_t *bytes);

/* The permissions of a file in octal, 0 to 0777. */
MUST_CHECK enum value_result value_mode(const char *text, int64_t *mode);

/* True if the text is an IPv4 or IPv6 address, with %scope or without. */
bool value_is_address(const char *text);

/*
 * What keeps the text from being a host name or an address: words that
 * complete "is no host name: ...", or NULL where it is one.
 */
const char *value_host_problem(const char *text);

/* True if an interface may have the name: up to 15 of its usual characters. */
bool value_is_interface(const char *name);

/*
 * The name of the interface that an address literal is bound to, within text;
 * NULL where it has no scope, or has its number.
 */
const char *value_interface(const char *text);

/*
 * Take "host:port", "[address]:port" or "[address]" apart: len characters from at
 * are the host, port is the digits of the port or "".  False if it is none of
 * these.
 */
bool value_split_port(
    const char *text, size_t *at, size_t *len, const char **port);

/*
 * A source's name as ntp-net takes it: a host name as it is, an address with a
 * scope in its usual form.  Whether there is an interface of that name now
 * makes no difference.  Returns NULL, or what is wrong with it, as
 * value_host_problem() does.
 */
MUST_CHECK const char *value_source(const char *text, char *out, size_t size);

/*
 * The socket address of an address literal.  A scope that is a number is in it,
 * of one that is a name it has 0: see value_interface().  Returns its length,
 * or 0 if it is no such address.
 */
socklen_t value_address(
    const char *text, uint16_t port, struct sockaddr_storage *addr);

#endif
