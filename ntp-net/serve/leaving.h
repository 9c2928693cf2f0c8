/*
 * When answers leave.  The time that sending takes is learned, to predict the
 * departure.  For some answers the kernel reports the true departure
 * afterwards; where packets queue, possibly after the client's next request.
 * Makes no system call; the memory is the caller's, and of fixed size.
 */
#ifndef SERVE_LEAVING_H
#define SERVE_LEAVING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"
#include "ntp-net/serve/batch.h"

/* Answers remembered while their report is awaited; a power of two. */
#define LEAVING_ASKED 4096

/* Timestamps requested per second, and in one go after a pause. */
#define LEAVING_PER_S	10000
#define LEAVING_AT_ONCE 1000

/* What has not left after this time never did, or left too late. */
#define LEAVING_LATE_NS NS_PER_S

/* An answer whose transmit timestamp the kernel is asked for. */
struct leaving_answer {
	uint64_t client;       /* as in core/serve/departure.h */
	struct ntp_ts receive; /* likewise; 0: it is not kept there */
	int64_t real_ns;       /* CLOCK_REALTIME when it was written, ... */
	struct wall utc;       /* ... and served UTC; later, when it left */
	bool sample;	       /* to learn the sending time from */
};

/* State of one socket.  Initialize to zero, and set fd. */
struct leaving_socket {
	int fd;
	uint32_t key;	  /* timestamps requested so far */
	uint32_t open;	  /* of these, not reported yet */
	int64_t asked_ns; /* raw time of the last request */
	bool astray;	  /* our numbers and the kernel's may differ */
};

struct leaving_entry {
	struct leaving_answer answer;
	const struct leaving_socket *of; /* NULL: free */
	uint32_t key;
};

/* Initialize to all zero. */
struct leaving {
	int64_t send_ns;  /* time to send one of many answers, learned */
	int64_t first_ns; /* until the first one leaves, learned; 0: not yet */
	/* To send a single answer: [false] plain, [true] with timestamp. */
	int64_t alone_ns[2];
	uint64_t alone[2];  /* number of samples of each */
	int64_t sampled_ns; /* raw time of the last sample */
	int64_t paid_ns;    /* raw time: state of the rate limit on requests */
	uint32_t samples;
	struct leaving_entry asked[LEAVING_ASKED];
};

/*
 * Time from writing the first of some answers until it leaves.  Each other one
 * follows send_ns after the one before.
 */
int64_t leaving_first_ns(const struct leaving *l);

/* Sending count answers took took_ns; asked: with a timestamp of the first. */
void leaving_learn(
    struct leaving *l, int64_t took_ns, unsigned int count, bool asked);

/*
 * Is it time to request the timestamp of the first of some answers, to learn
 * from it?  If so, this counts as the sample.  Raw time.
 */
bool leaving_sample(struct leaving *l, int64_t raw_ns);

/* May one more be requested for a client?  If so, it is charged. */
bool leaving_afford(struct leaving *l, int64_t raw_ns);

/* One was requested: the next of the socket, which must not be astray. */
void leaving_ask(struct leaving *l, struct leaving_socket *s,
    const struct leaving_answer *a, int64_t raw_ns);

/*
 * The kernel may have numbered an answer that was not sent, so its numbers are
 * ambiguous.  They are valid again after batch_timestamps(), which restarts
 * them, and leaving_restart().  Do both only when leaving_waits() is false:
 * late reports carry numbers that look like new ones.
 */
void leaving_stray(struct leaving_socket *s, int64_t raw_ns);
void leaving_restart(struct leaving *l, struct leaving_socket *s);

/* May the kernel still report a departure? */
bool leaving_waits(struct leaving_socket *s, int64_t raw_ns);

/*
 * The kernel reported a departure.  Returns true if the answer is one to keep:
 * then *a is that answer, and a->utc the time at which it left.
 */
bool leaving_told(struct leaving *l, struct leaving_socket *s,
    const struct batch_left *left, struct leaving_answer *a);

#endif
