/*
 * Reading leap-seconds.list, the table of leap seconds that IERS and NIST
 * publish and tzdata installs: "#$ update", "#@ expiry", "#h hash", and lines
 * of "NTP-seconds TAI-UTC # comment". Run by ntpd.  Pure.
 */
#ifndef CORE_LEAPFILE_H
#define CORE_LEAPFILE_H

#include "core/types.h"

#define LEAPFILE_ENTRIES_MAX 128 /* there were 28 from 1972 to 2026 */
#define LEAPFILE_HASH_LEN    20	 /* SHA-1 */
#define LEAPFILE_BYTES_MAX   65536

/* From this moment on, TAI - UTC has this value. */
struct leapfile_entry {
	struct wall at;
	int32_t tai_s;
};

struct leapfile {
	struct wall update;
	struct wall expiry; /* no leap second after it is known */
	uint8_t hash[LEAPFILE_HASH_LEN];
	uint32_t count;
	struct leapfile_entry entries[LEAPFILE_ENTRIES_MAX];
	unsigned int line; /* where the parser stopped */
};

/*
 * Receives the octets that the hash covers: the digits of update, expiry and
 * table, in the order of the file, without spaces.
 */
struct leapfile_sink {
	void (*add)(void *context, const char *octets, size_t len);
	void *context;
};

enum leapfile_error {
	LEAPFILE_OK = 0,
	LEAPFILE_TOO_LONG = -1, /* text or table */
	LEAPFILE_NUMBER = -2,
	LEAPFILE_TRAILING = -3, /* extra text in a line */
	LEAPFILE_TWICE = -4,	/* update, expiry or hash */
	LEAPFILE_HASH = -5,	/* not five words of hexadecimal digits */
	LEAPFILE_MISSING = -6,	/* update, expiry, hash or table */
	LEAPFILE_ORDER = -7,	/* times do not grow, or expiry is too early */
	LEAPFILE_DATE = -8,	/* not the start of a month, or before 1970 */
	LEAPFILE_STEP = -9	/* not by one second */
};

/* The error in a few words. */
const char *leapfile_error_str(enum leapfile_error e);

/*
 * Parse a text, which need not end with a zero byte.  With LEAPFILE_OK all of
 * *out is set; out->hash is the expected digest of the octets given to the
 * sink, and the caller compares the two.  On failure *out is zero except for
 * the line.
 */
MUST_CHECK enum leapfile_error leapfile_parse(const char *text, size_t len,
    const struct leapfile_sink *sink, struct leapfile *out);

/* The kind of leap second at an entry; unknown for the first one. */
enum leap leapfile_kind(const struct leapfile *f, uint32_t entry);

#endif
