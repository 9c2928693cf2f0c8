/*
 * Answering a client: what a request must be, and what the answer says
 * (RFC 5905 sections 7.3 and 9.2, and the function fast_xmit of its appendix).
 * Mode 3 is answered in mode 4, and mode 1, a symmetric active peer, in mode 2
 * (passive) in the same way.  Pure; every octet of a request is hostile.  No
 * state is kept for a client.
 */
#ifndef CORE_SERVE_H
#define CORE_SERVE_H

#include "core/leap/smear.h"
#include "core/line.h"
#include "core/packet/packet.h"
#include "core/types.h"

enum serve_clock {
	SERVE_UNSYNCED, /* answer, but say that the time is not to be used */
	SERVE_SYNCED,	/* UTC by the line */
	SERVE_LOCAL	/* the system's clock as it is, with a stratum */
};

/* The time that is served. */
struct serve_state {
	enum serve_clock clock;
	struct line line; /* where it is SERVE_SYNCED */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; /* at line.raw; grows after it ... */
	bool silent; /* ... by 15 ppm more, since no measurement comes */
	struct wall reference; /* the last update; 0: never */
	uint32_t stratum;      /* our own: 1 to 15 */
	uint32_t leap;	       /* 0 to 2 */
	uint32_t refid;
	bool smears;	    /* no leap second is ever announced */
	struct smear smear; /* of UTC by the line, where there is one */
};

/* When an answer is given. */
struct serve_now {
	struct mono raw;
	struct wall utc;       /* at raw, not smeared */
	int8_t precision_log2; /* of our clock, seconds */
};

/* What is the same in all answers of one moment: the header's first part. */
struct serve_head {
	uint8_t octets[NTP_PACKET_LEN];
	struct smear smear; /* of the timestamps */
};

/* A datagram that came, and the moments that belong to it. */
struct serve_request {
	const uint8_t *buf;
	size_t len;
	uint16_t port;	      /* of its sender, host order */
	struct wall receive;  /* its arrival, not smeared */
	struct wall transmit; /* of the answer, the same */
	struct ntp_ts
	    earlier; /* interleaved: when the answer before left; 0: no */
};

struct serve_answer {
	uint8_t *octets; /* the caller's, room for NTP_PACKET_LEN */
	size_t len;
	struct ntp_ts receive; /* of the request, as it is written */
	struct ntp_ts transmit;
};

enum serve_verdict {
	SERVE_ANSWER,
	SERVE_MALFORMED, /* short, or what follows the header is broken */
	SERVE_VERSION,	 /* not 1 to 4 */
	SERVE_MODE,	 /* neither a client's request nor an active peer's */
	SERVE_PORT	 /* from port 0: nobody can get an answer there */
};

/*
 * True if every value of the state is in the range with which the functions
 * below work: no overflow, 36 years of raw time, UTC that can be, 1000 ppm.
 * A state that is not ok must be replaced by one that is SERVE_UNSYNCED.
 */
bool serve_state_ok(const struct serve_state *st);

/*
 * UTC at a raw time (0 to 36 years), by the line of a state that is ok and not
 * SERVE_UNSYNCED: such a one has no line.
 */
struct wall serve_utc(const struct serve_state *st, struct mono now);

/*
 * What all answers have in common that are given at about this moment, by a
 * state that is ok: leap, stratum, precision, root delay and dispersion,
 * reference.  Good for as long as a batch takes: milliseconds.
 */
void serve_prepare(struct serve_head *head, const struct serve_state *st,
    const struct serve_now *now);

/*
 * The transmit timestamp that an answer would have had which left at this
 * moment of UTC: smeared where the others are, even and not 0.
 */
struct ntp_ts serve_departure(const struct serve_head *head, struct wall utc);

/*
 * Is this the request of a client that asks for an interleaved answer (RFC 9769
 * section 2)?  *origin is then the receive timestamp by which the answer before
 * is to be found (core/serve/departure.h), else 0.
 */
bool serve_interleaves(const uint8_t *buf, size_t len, struct ntp_ts *origin);

/* Is this a request that is to be answered?  Its times are not looked at. */
MUST_CHECK enum serve_verdict serve_judge(const struct serve_request *rq);

/*
 * Answer a request.  With SERVE_ANSWER out->octets holds the answer, which may
 * lie where the request did, and out->len is NTP_PACKET_LEN, which is never more
 * than the length of the request; with any other verdict out->len is 0 and the
 * request is to be dropped without a word.  Extension fields are not repeated, and
 * a MAC is looked at by whoever has keys: an answer is always a bare header.
 */
MUST_CHECK enum serve_verdict serve_request(const struct serve_head *head,
    const struct serve_request *rq, struct serve_answer *out);

/*
 * A kiss of death (RFC 5905 section 7.4) in place of an answer, with a code of
 * four characters: only to a request that serve_request() would answer, and
 * with no more of the time than the client itself has sent.  Returns as
 * serve_request() does.
 */
MUST_CHECK enum serve_verdict serve_kiss(
    const struct serve_request *rq, uint32_t code, struct serve_answer *out);

/*
 * The precision to announce for a clock whose reading takes or steps by this
 * many nanoseconds: log2 of seconds rounded up, -30 to -6.
 */
int8_t serve_precision_log2(int64_t ns);

#endif
