/*
 * Datagrams in batches: one system call receives what waits on a socket, and
 * one sends the answers.  The memory is the caller's, and large.
 */
#ifndef SERVE_BATCH_H
#define SERVE_BATCH_H

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/attr.h"

#define BATCH_MAX 64

/* Messages that are read from a socket's error queue in one call. */
#define BATCH_ERRORS 16

/*
 * A request is not longer than an Ethernet packet; a longer one is dropped.
 * Not a power of two: all buffers would share the same cache lines.
 */
#define REQUEST_MAX 1600

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Room for both control messages of a received datagram, and one to send. */
#define CONTROL_LEN                                                            \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) +                              \
	    CMSG_SPACE(3 * sizeof(struct timespec)) + CMSG_SPACE(sizeof(int)))

/* One datagram, and what the kernel reports about it. */
struct datagram {
	union address from;
	_Alignas(struct cmsghdr) char control[CONTROL_LEN];
	struct cmsghdr *to; /* IP_PKTINFO: its destination; NULL: unknown */
	int64_t arrival_ns; /* CLOCK_REALTIME; 0: not reported */
	size_t len;
	uint8_t *buf; /* REQUEST_MAX octets; the answer overwrites it */
};

/* Room for a timestamp and the address that goes with it. */
#define ERROR_CONTROL_LEN 256

struct batch_error {
	_Alignas(struct cmsghdr) char control[ERROR_CONTROL_LEN];
};

/* When an answer left, for which batch_ask_txstamp() was called. */
struct batch_left {
	uint32_t key; /* its sequence number on this socket, from 0 */
	int64_t ns;   /* CLOCK_REALTIME; 0: no time in this message */
};

struct batch {
	struct datagram datagrams[BATCH_MAX];
	struct mmsghdr in[BATCH_MAX];
	struct iovec in_iov[BATCH_MAX];
	struct mmsghdr out[BATCH_MAX];
	struct iovec out_iov[BATCH_MAX];
	struct datagram *out_of[BATCH_MAX]; /* the requests that they answer */
	bool asks[BATCH_MAX];		    /* request its timestamp */
	unsigned int out_count;
	struct mmsghdr err[BATCH_ERRORS];
	struct batch_error errors[BATCH_ERRORS];
	uint8_t octets[BATCH_MAX][REQUEST_MAX];
};

void batch_init(struct batch *b);

/*
 * Receive what is there, without waiting.  Returns the number of datagrams in
 * b->datagrams[], 0 if there is none.  A datagram that was longer than its
 * buffer has len 0.
 */
unsigned int batch_receive(struct batch *b, int fd);

/*
 * Put an answer of len octets, which lies in d->buf, on the list to be sent: to
 * the sender of d, from the address that d was sent to.
 */
void batch_answer(struct batch *b, struct datagram *d, size_t len);

/*
 * Turn on arrival timestamps, and transmit timestamps on request, which the
 * kernel numbers from 0 (again).  Returns 0, or -1 with errno.
 */
MUST_CHECK int batch_timestamps(int fd);

/*
 * Request the transmit timestamp of answer i of the list, at most once per
 * answer.  batch_txstamps() fetches it.
 */
void batch_ask_txstamp(struct batch *b, unsigned int i);

/*
 * Read the socket's error queue, which holds only transmit timestamps.  Returns
 * the number of messages read, at most BATCH_ERRORS.
 */
unsigned int batch_txstamps(
    struct batch *b, int fd, struct batch_left left[BATCH_ERRORS]);

/* What became of the answers that were sent. */
struct batch_sent {
	unsigned int lost;
	/* Below this index all that request a timestamp were sent. */
	unsigned int sure;
	/*
	 * Sending one of these failed, if only at first: some kernels have
	 * given it a number, others have not.
	 */
	bool misnumbered;
};

/*
 * Send all answers on the list, and empty it.  An answer that cannot be sent is
 * lost, as it could be on a network.
 */
struct batch_sent batch_send(struct batch *b, int fd);

/* What the kernel reports about a socket's receive queue. */
struct batch_queue {
	bool queue_full;  /* nearly full: any datagram may soon be dropped */
	uint32_t dropped; /* since the socket was opened, with bad checksums */
};

/* Before Linux 4.12 nothing is known: all members are 0. */
struct batch_queue batch_queue(int fd);

/* The sender's port, in host byte order. */
uint16_t address_port(const union address *a);

#endif
