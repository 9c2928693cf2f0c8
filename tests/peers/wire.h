/*
 * NTP packets as the tests' own tools write and read them: no code is shared
 * with what is tested.  Valid until 2036.
 */
#ifndef PEERS_WIRE_H
#define PEERS_WIRE_H

#include <sys/random.h>
#include <sys/socket.h>

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define HEADER_LEN 48
#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_MS  INT64_C(1000000)
#define EPOCH_1900 INT64_C(2208988800) /* from 1900 to 1970, seconds */

/* Offsets of the header's fields. */
enum {
	AT_STRATUM = 1,
	AT_POLL = 2,
	AT_PRECISION = 3,
	AT_ROOT_DELAY = 4,
	AT_ROOT_DISPERSION = 8,
	AT_REFID = 12,
	AT_REFERENCE = 16,
	AT_ORIGIN = 24,
	AT_RECEIVE = 32,
	AT_TRANSMIT = 40
};

/* Write the low `octets` octets of v, most significant first. */
static inline void
wire_put(uint8_t *p, uint64_t v, size_t octets)
{
	while (octets-- > 0) {
		p[octets] = (uint8_t)(v & 0xff);
		v >>= 8;
	}
}

static inline uint64_t
wire_get(const uint8_t *p, size_t octets)
{
	uint64_t v = 0;

	for (size_t i = 0; i < octets; i++)
		v = v << 8 | p[i];
	return v;
}

/* Nanoseconds of UTC as an NTP timestamp, and back. */
static inline uint64_t
wire_stamp(int64_t utc_ns)
{
	uint64_t seconds = (uint64_t)(utc_ns / NS_PER_S + EPOCH_1900);
	uint64_t fraction = (uint64_t)(utc_ns % NS_PER_S);

	return seconds << 32 | (fraction << 32) / (uint64_t)NS_PER_S;
}

static inline int64_t
wire_utc_ns(uint64_t stamp)
{
	uint64_t fraction = stamp & UINT32_MAX;

	return ((int64_t)(stamp >> 32) - EPOCH_1900) * NS_PER_S +
	    (int64_t)((fraction * (uint64_t)NS_PER_S) >> 32);
}

static inline int64_t
wire_clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) == -1)
		err(2, "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static inline void
wire_random(void *buf, size_t len)
{
	if (getrandom(buf, len, 0) != (ssize_t)len)
		err(2, "getrandom");
}

static inline uint64_t
wire_random64(void)
{
	uint64_t v;

	wire_random(&v, sizeof(v));
	return v;
}

/* Arrival by the kernel, SO_TIMESTAMPNS; 0: not given. */
static inline int64_t
wire_arrival_ns(struct msghdr *mh)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		struct timespec ts;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		return ts.tv_sec * NS_PER_S + ts.tv_nsec;
	}
	return 0;
}

#endif
