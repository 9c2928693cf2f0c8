/*
 * Reading leap-seconds.list, the table of leap seconds as IERS and NIST make
 * it and tzdata installs it: "#$ update", "#@ expiry", "#h hash", and lines
 * of "NTP-seconds TAI-UTC # comment".  Pure.
 */
#ifndef CORE_LEAPFILE_H
#define CORE_LEAPFILE_H

#include "core/types.h"

#define LEAPFILE_ENTRIES_MAX 128 /* there were 28 from 1972 to 2026 */
#define LEAPFILE_HASH_LEN    20	 /* SHA-1 */
#define LEAPFILE_BYTES_MAX   65536

/* From this moment on, TAI - UTC is so much. */
struct leapfile_entry {
	struct wall at;
	int32_t tai_s;
};

struct leapfile {
	struct wall update;
	struct wall expiry; /* nothing is known of leap seconds after it */
	uint8_t hash[LEAPFILE_HASH_LEN];
	uint32_t count;
	struct leapfile_entry entries[LEAPFILE_ENTRIES_MAX];
	unsigned int line; /* where the parser stopped */
};

/*
 * Where the octets go that the hash is made of: the digits of update, expiry
 * and table, as they stand in the file and in its order, without spaces.
 */
struct leapfile_sink {
	void (*add)(void *context, const char *octets, size_t len);
	void *context;
};

enum leapfile_error {
	LEAPFILE_OK = 0,
	LEAPFILE_TOO_LONG = -1, /* text or table */
	LEAPFILE_NUMBER = -2,
	LEAPFILE_TRAILING = -3, /* more in a line than belongs there */
	LEAPFILE_TWICE = -4,	/* update, expiry or hash */
	LEAPFILE_HASH = -5,	/* not five words of hexadecimal digits */
	LEAPFILE_MISSING = -6,	/* update, expiry, hash or table */
	LEAPFILE_ORDER = -7,	/* times do not grow, or it expires too soon */
	LEAPFILE_DATE = -8,	/* not the begin of a month, or before 1970 */
	LEAPFILE_STEP = -9	/* not by one second */
};

/* What is wrong, in a few words. */
const char *leapfile_error_str(enum leapfile_error e);

/*
 * Parse a text, which need not end with a zero byte.  With LEAPFILE_OK all of
 * *out is set, and out->hash is what the digest of the octets given to the sink
 * must be: the caller compares them.  On failure *out is zero but for the line.
 */
MUST_CHECK enum leapfile_error leapfile_parse(const char *text, size_t len,
    const struct leapfile_sink *sink, struct leapfile *out);

/* What happens at an entry; of the first one nothing is known. */
enum leap leapfile_kind(const struct leapfile *f, uint32_t entry);

#endif
