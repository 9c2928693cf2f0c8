/*
 * Answering a client: what a request must be, and what the answer says
 * (RFC 5905 sections 7.3 and 9.2, and the function fast_xmit of its appendix).
 * Pure; every octet of a request is hostile.  No state is kept for a client.
 */
#ifndef CORE_SERVE_H
#define CORE_SERVE_H

#include "packet.h"
#include "types.h"

/* The steepest line that is believed: 1000 ppm, in units of 2^-32. */
#define SERVE_SLOPE_MAX INT64_C(4294968)

enum serve_clock {
	SERVE_UNSYNCED, /* answer, but say that the time is not to be used */
	SERVE_SYNCED,	/* UTC by the line */
	SERVE_LOCAL	/* the system's clock as it is, with a stratum */
};

/* The time that is served. */
struct serve_state {
	enum serve_clock clock;
	struct mono raw; /* UTC - raw was theta at this moment */
	int64_t theta_ns;
	int64_t slope; /* of UTC - raw, in units of 2^-32 */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; /* at raw; grows after it ... */
	bool silent; /* ... by 15 ppm more, since no measurement comes */
	struct wall reference; /* the last update; 0: never */
	uint32_t stratum;      /* our own: 1 to 15 */
	uint32_t leap;	       /* 0 to 2 */
	uint32_t refid;
};

/* A datagram that came, and the moments that belong to it. */
struct serve_request {
	const uint8_t *buf;
	size_t len;
	uint16_t port;	       /* of its sender, host order */
	struct wall receive;   /* its arrival, in the time that is served */
	struct wall transmit;  /* of the answer, the same */
	struct mono raw;       /* raw time of the answer */
	int8_t precision_log2; /* of our clock, seconds */
};

enum serve_verdict {
	SERVE_ANSWER,
	SERVE_MALFORMED, /* short, or what follows the header is broken */
	SERVE_VERSION,	 /* not 1 to 4 */
	SERVE_MODE,	 /* no client's request */
	SERVE_PORT	 /* from port 0: nobody can get an answer there */
};

/*
 * True if every value of the state is in the range with which the functions
 * below work: no overflow, 36 years of raw time, UTC until 2116, 1000 ppm.
 * A state that is not ok must be replaced by one that is SERVE_UNSYNCED.
 */
bool serve_state_ok(const struct serve_state *st);

/*
 * UTC at a raw time (0 to 36 years), by the line of a state that is ok and not
 * SERVE_UNSYNCED: such a one has no line.
 */
struct wall serve_utc(const struct serve_state *st, struct mono now);

/*
 * Judge a request by a state that is ok.  With SERVE_ANSWER out holds the
 * answer and *out_len is NTP_PACKET_LEN, which is never more than the length
 * of the request; with any other verdict *out_len is 0 and the request is to
 * be dropped without a word.  Extension fields are not repeated, and a MAC is
 * looked at by whoever has keys: an answer is always a bare header.
 */
MUST_CHECK enum serve_verdict serve_request(const struct serve_state *st,
    const struct serve_request *rq, uint8_t out[NTP_PACKET_LEN],
    size_t *out_len);

/*
 * The precision to announce for a clock whose reading takes or steps by this
 * many nanoseconds: log2 of seconds rounded up, -30 to -6.
 */
int8_t serve_precision_log2(int64_t ns);

#endif
