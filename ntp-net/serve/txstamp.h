/*
 * When answers leave.  The time that sending takes is learned, to predict the
 * departure.  For some answers the kernel reports the true departure
 * afterwards; where packets queue, possibly after the client's next request.
 * Makes no system call; the memory is the caller's, and of fixed size.
 */
#ifndef SERVE_TXSTAMP_H
#define SERVE_TXSTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"
#include "ntp-net/serve/batch.h"

/* Answers remembered while their report is awaited; a power of two. */
#define TXSTAMP_ASKED 4096

/* Timestamps requested per second, and in one go after a pause. */
#define TXSTAMP_PER_S	10000
#define TXSTAMP_AT_ONCE 1000

/* What has not left after this time never did, or left too late. */
#define TXSTAMP_LATE_NS NS_PER_S

/* An answer whose transmit timestamp the kernel is asked for. */
struct txstamp_answer {
	uint64_t client;       /* as in core/serve/xleave.h */
	struct ntp_ts receive; /* likewise; 0: it is not kept there */
	int64_t real_ns;       /* CLOCK_REALTIME when it was written, ... */
	struct wall utc;       /* ... and served UTC; later, when it left */
	bool sample;	       /* to learn the sending time from */
};

/* State of one socket.  Initialize to zero, and set fd. */
struct txstamp_socket {
	int fd;
	uint32_t key;	  /* timestamps requested so far */
	uint32_t open;	  /* of these, not reported yet */
	int64_t asked_ns; /* raw time of the last request */
	bool misnumbered; /* our numbers and the kernel's may differ */
};

struct txstamp_entry {
	struct txstamp_answer answer;
	const struct txstamp_socket *of; /* NULL: free */
	uint32_t key;
};

/* Initialize to all zero. */
struct txstamp {
	int64_t send_ns;  /* time to send one of many answers, learned */
	int64_t first_ns; /* until the first one leaves, learned; 0: not yet */
	/* To send a single answer: [false] plain, [true] with timestamp. */
	int64_t single_send_ns[2];
	uint64_t single_sends[2]; /* number of samples of each */
	int64_t sampled_ns;	  /* raw time of the last sample */
	int64_t paid_ns; /* raw time: state of the rate limit on requests */
	uint32_t samples;
	struct txstamp_entry asked[TXSTAMP_ASKED];
};

/*
 * Time from writing the first of some answers until it leaves.  Each other one
 * follows send_ns after the one before.
 */
int64_t txstamp_first_ns(const struct txstamp *l);

/* Sending count answers took took_ns; asked: with a timestamp of the first. */
void txstamp_learn(
    struct txstamp *l, int64_t took_ns, unsigned int count, bool asked);

/*
 * Is it time to request the timestamp of the first of some answers, to learn
 * from it?  If so, this counts as the sample.  Raw time.
 */
bool txstamp_sample(struct txstamp *l, int64_t raw_ns);

/* May one more be requested for a client?  If so, it is charged. */
bool txstamp_afford(struct txstamp *l, int64_t raw_ns);

/* One was requested: the next of the socket, which must not be misnumbered. */
void txstamp_ask(struct txstamp *l, struct txstamp_socket *s,
    const struct txstamp_answer *a, int64_t raw_ns);

/*
 * The kernel may have numbered an answer that was not sent, so its numbers are
 * ambiguous.  They are valid again after batch_timestamps(), which restarts
 * them, and txstamp_restart().  Do both only when txstamp_waits() is false:
 * late reports carry numbers that look like new ones.
 */
void txstamp_stray(struct txstamp_socket *s, int64_t raw_ns);
void txstamp_restart(struct txstamp *l, struct txstamp_socket *s);

/* May the kernel still report a departure? */
bool txstamp_waits(struct txstamp_socket *s, int64_t raw_ns);

/*
 * The kernel reported a departure.  Returns true if the answer is one to keep:
 * then *a is that answer, and a->utc the time at which it left.
 */
bool txstamp_reported(struct txstamp *l, struct txstamp_socket *s,
    const struct batch_left *left, struct txstamp_answer *a);

#endif
