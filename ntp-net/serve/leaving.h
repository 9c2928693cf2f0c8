/*
 * When answers leave.  What sending takes is learned, by which the moment is
 * foretold; of some answers the kernel is asked, and says it when they have
 * left: where packets queue, that may be a while after the next request.  No
 * system call is made here; the memory is the caller's, and its size fixed.
 */
#ifndef SERVE_LEAVING_H
#define SERVE_LEAVING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"
#include "ntp-net/serve/batch.h"

/* So many are remembered that the kernel was asked about, a power of two. */
#define LEAVING_ASKED 4096

/* It is asked about so many a second, and about some more after a pause. */
#define LEAVING_PER_S	10000
#define LEAVING_AT_ONCE 1000

/* What has not left after this never did, or too late. */
#define LEAVING_LATE_NS NS_PER_S

/* An answer that the kernel is asked about. */
struct leaving_answer {
	uint64_t client;       /* as in core/serve/departure.h; */
	struct ntp_ts receive; /* also, as it says; 0: it is not kept there */
	int64_t real_ns;       /* CLOCK_REALTIME when it was written, ... */
	struct wall utc; /* ... and UTC as it is served; or when it left */
	bool sample;	 /* to learn from */
};

/* What is known of one socket.  Start from zeros, and its descriptor. */
struct leaving_socket {
	int fd;
	uint32_t key;	  /* how many it was asked about */
	uint32_t open;	  /* and of how many it has not said anything */
	int64_t asked_ns; /* raw time of the last of them */
	bool astray;	  /* the kernel may have counted one more */
};

struct leaving_entry {
	struct leaving_answer answer;
	const struct leaving_socket *of; /* NULL: free */
	uint32_t key;
};

/* Start from zeros. */
struct leaving {
	int64_t send_ns;  /* what sending one of many answers takes, learned */
	int64_t first_ns; /* until the first one leaves, learned; 0: not yet */
	/* What sending one alone takes, as it is and when it is asked for. */
	int64_t alone_ns[2];
	uint64_t alone[2];  /* learned from so many */
	int64_t sampled_ns; /* raw time of the last sample */
	int64_t paid_ns;    /* raw time up to which asking is paid for */
	uint32_t samples;
	struct leaving_entry asked[LEAVING_ASKED];
};

/*
 * From the writing of the first of some answers until it leaves.  The others
 * follow each after send_ns.
 */
int64_t leaving_first_ns(const struct leaving *l);

/* Sending so many took so long; asked: the first of them was asked about. */
void leaving_learn(
    struct leaving *l, int64_t took_ns, unsigned int count, bool asked);

/*
 * Is it time to ask about the first of some answers, to learn from it?  Then it
 * is counted as such.  Raw time.
 */
bool leaving_sample(struct leaving *l, int64_t raw_ns);

/* May another be asked about for the client's sake?  Then it is paid for. */
bool leaving_afford(struct leaving *l, int64_t raw_ns);

/* One was asked about: the next of the socket, which must not be astray. */
void leaving_ask(struct leaving *l, struct leaving_socket *s,
    const struct leaving_answer *a, int64_t raw_ns);

/*
 * The kernel may have counted one that was not sent: which it means is not known
 * until batch_timestamps() has it begin anew and leaving_restart() us; no sooner
 * than leaving_waits() says, for what is on its way has numbers like new ones.
 */
void leaving_stray(struct leaving_socket *s, int64_t raw_ns);
void leaving_restart(struct leaving *l, struct leaving_socket *s);

/* Is there any of which the kernel may still say when it left? */
bool leaving_waits(struct leaving_socket *s, int64_t raw_ns);

/*
 * The kernel said when one left.  Returns true if that is one that is kept: then
 * *a says which, and a->utc when it left.
 */
bool leaving_told(struct leaving *l, struct leaving_socket *s,
    const struct batch_left *left, struct leaving_answer *a);

#endif
