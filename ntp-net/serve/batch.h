/*
 * Datagrams by the dozen: one system call receives what waits on a socket, and
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

/* So many messages are read from a socket's queue of errors at a time. */
#define BATCH_ERRORS 16

/*
 * A request is no longer than an Ethernet packet; a longer one is dropped.  No
 * power of two, which would put all of them into the same lines of a cache.
 */
#define REQUEST_MAX 1600

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Room for both control messages of a datagram, and one that is sent. */
#define CONTROL_LEN                                                            \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) +                              \
	    CMSG_SPACE(3 * sizeof(struct timespec)) + CMSG_SPACE(sizeof(int)))

/* One datagram, and what the kernel says about it. */
struct datagram {
	union address from;
	_Alignas(struct cmsghdr) char control[CONTROL_LEN];
	struct cmsghdr *to; /* where it was sent: IP_PKTINFO; NULL: not said */
	int64_t arrival_ns; /* CLOCK_REALTIME; 0: the kernel did not say */
	size_t len;
	uint8_t *buf; /* REQUEST_MAX octets; an answer is written over it */
};

/* Room for a timestamp and what it belongs to. */
#define ERROR_CONTROL_LEN 256

struct batch_error {
	_Alignas(struct cmsghdr) char control[ERROR_CONTROL_LEN];
};

/* When an answer left whose departure was asked for. */
struct batch_left {
	uint32_t key; /* it was the socket's so-manieth of those, from 0 */
	int64_t ns;   /* CLOCK_REALTIME; 0: this message says nothing */
};

struct batch {
	struct datagram datagrams[BATCH_MAX];
	struct mmsghdr in[BATCH_MAX];
	struct iovec in_iov[BATCH_MAX];
	struct mmsghdr out[BATCH_MAX];
	struct iovec out_iov[BATCH_MAX];
	struct datagram *out_of[BATCH_MAX]; /* whose answers they are */
	bool asks[BATCH_MAX];		    /* when it leaves */
	unsigned int out_count;
	struct mmsghdr err[BATCH_ERRORS];
	struct batch_error errors[BATCH_ERRORS];
	uint8_t octets[BATCH_MAX][REQUEST_MAX];
};

void batch_init(struct batch *b);

/*
 * Receive what waits, without waiting: returns how many datagrams are in
 * b->datagrams[], 0 if none was there.  One that was longer than there is room
 * for has len 0.
 */
unsigned int batch_receive(struct batch *b, int fd);

/*
 * Put an answer of len octets, which lies in d->buf, on the list of those to be
 * sent: to the sender of d, from the address that it was sent to.
 */
void batch_answer(struct batch *b, struct datagram *d, size_t len);

/*
 * Have the kernel tell when datagrams arrive, and when those leave for which
 * that is asked: it counts them, from 0 (again).  Returns 0, or -1 with errno.
 */
MUST_CHECK int batch_timestamps(int fd);

/*
 * Ask the kernel when an answer of the list leaves, by its number: to be fetched
 * with batch_departures().  Once for each.
 */
void batch_ask_departure(struct batch *b, unsigned int i);

/*
 * Read from the socket's queue of errors, which holds nothing else that anybody
 * waits for: returns how many messages there were, at most BATCH_ERRORS.
 */
unsigned int batch_departures(
    struct batch *b, int fd, struct batch_left left[BATCH_ERRORS]);

/* What became of those that were sent. */
struct batch_sent {
	unsigned int lost;
	/* Of the first so many those left that the kernel was asked about. */
	unsigned int sure;
	/*
	 * One of these failed, if only at first: some kernels have counted it,
	 * others have not.
	 */
	bool astray;
};

/*
 * Send all that are on the list, and empty it.  One that cannot be sent is
 * lost, as on a network.
 */
struct batch_sent batch_send(struct batch *b, int fd);

/* What the kernel says about a socket's queue. */
struct batch_queue {
	bool crowded; /* what comes will soon be thrown away, whosever it is */
	uint32_t dropped; /* since the socket was opened, bad checksums, too */
};

/* Before Linux 4.12 nothing is known: zeros. */
struct batch_queue batch_queue(int fd);

/* Port of a sender in host order. */
uint16_t address_port(const union address *a);

#endif
