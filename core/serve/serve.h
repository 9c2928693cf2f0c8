/*
 * Answering a client: which requests are valid, and what the answer says (RFC
 * 5905 sections 7.3 and 9.2, and fast_xmit in its appendix).  A request in mode
 * 3 is answered in mode 4; one in mode 1, from a symmetric active peer, in mode
 * 2 (passive), in the same way.  Run by ntp-serve.  Pure.  Every octet of a
 * request is hostile.  No state is kept for a client.
 */
#ifndef CORE_SERVE_H
#define CORE_SERVE_H

#include "core/leap/smear.h"
#include "core/line.h"
#include "core/packet/packet.h"
#include "core/types.h"

enum serve_clock {
	SERVE_UNSYNCED, /* answer, but say that the time is no good */
	SERVE_SYNCED,	/* UTC by the line */
	SERVE_LOCAL	/* the system's clock as it is, with a stratum */
};

/* The time that is served. */
struct serve_state {
	enum serve_clock clock;
	struct line line; /* if SERVE_SYNCED */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; /* at line.raw; grows after it ... */
	bool silent;	       /* ... by 15 ppm more: no measurements come */
	struct wall reference; /* the last update; 0: never */
	uint32_t stratum;      /* our own: 1 to 15 */
	uint32_t leap;	       /* 0 to 2 */
	uint32_t refid;
	bool smears;	    /* never announce a leap second */
	struct smear smear; /* of UTC by the line, if there is one */
};

/* The moment of an answer. */
struct serve_now {
	struct mono raw;
	struct wall utc;       /* at raw, not smeared */
	int8_t precision_log2; /* of our clock, seconds */
};

/* The header's first part, the same in all answers of one moment. */
struct serve_head {
	uint8_t octets[NTP_PACKET_LEN];
	struct smear smear; /* of the timestamps */
};

/* A datagram that came, with its times. */
struct serve_request {
	const uint8_t *buf;
	size_t len;
	uint16_t port;	      /* the sender's, host order */
	struct wall receive;  /* its arrival, not smeared */
	struct wall transmit; /* departure of the answer, not smeared */
	struct ntp_ts
	    earlier; /* interleaved: departure of the last answer; 0: no */
};

struct serve_answer {
	uint8_t *octets; /* the caller's, NTP_PACKET_LEN long */
	size_t len;
	struct ntp_ts receive; /* of the request, as written in the answer */
	struct ntp_ts transmit;
};

enum serve_verdict {
	SERVE_ANSWER,
	SERVE_MALFORMED, /* too short, or broken after the header */
	SERVE_VERSION,	 /* not 1 to 4 */
	SERVE_MODE,	 /* neither a client nor an active peer */
	SERVE_PORT	 /* from port 0: no answer can get there */
};

/*
 * True if every value is in the range that the functions below need: no
 * overflow, 36 years of raw time, a believable UTC, 1000 ppm.  A state that is
 * not ok must be replaced by one that is SERVE_UNSYNCED.
 */
bool serve_state_ok(const struct serve_state *st);

/*
 * UTC at a raw time (0 to 36 years) by the line.  The state must be ok and not
 * SERVE_UNSYNCED, which has no line.
 */
struct wall serve_utc(const struct serve_state *st, struct mono now);

/*
 * Prepare what all answers at about this moment have in common: leap, stratum,
 * precision, root delay and dispersion, reference.  The state must be ok.  The
 * result is good for a batch, i.e. for milliseconds.
 */
void serve_prepare(struct serve_head *head, const struct serve_state *st,
    const struct serve_now *now);

/*
 * The transmit timestamp of an answer that left at this moment of UTC: smeared
 * if the others are, even and not 0.
 */
struct ntp_ts serve_departure(const struct serve_head *head, struct wall utc);

/*
 * Does this request ask for an interleaved answer (RFC 9769 section 2)?  If so,
 * *origin is the receive timestamp that identifies the previous answer
 * (core/serve/xleave.h); otherwise 0.
 */
bool serve_interleaves(const uint8_t *buf, size_t len, struct ntp_ts *origin);

/* Should this request be answered?  Its times are not used. */
MUST_CHECK enum serve_verdict serve_judge(const struct serve_request *rq);

/*
 * Answer a request.  With SERVE_ANSWER, out->octets holds the answer and
 * out->len is NTP_PACKET_LEN, which is never more than the length of the
 * request.  The answer may overwrite the request.  With any other verdict
 * out->len is 0, and the request must be dropped silently.  Extension fields
 * are not repeated, and the caller that has keys checks a MAC: an answer is
 * always a bare header.
 */
MUST_CHECK enum serve_verdict serve_request(const struct serve_head *head,
    const struct serve_request *rq, struct serve_answer *out);

/*
 * Write a kiss of death (RFC 5905 section 7.4) instead of an answer, with a
 * code of four characters.  Only requests that serve_request() would answer get
 * one, and it has no times but those that the client sent.  Returns the same as
 * serve_request().
 */
MUST_CHECK enum serve_verdict serve_kiss(
    const struct serve_request *rq, uint32_t code, struct serve_answer *out);

/*
 * The precision to announce for a clock whose reading takes, or advances by,
 * this many nanoseconds: log2 of seconds, rounded up, -30 to -6.
 */
int8_t serve_precision_log2(int64_t ns);

#endif
