/*
 * The check of probe for a server whose interface has a queue.  An answer in
 * interleaved mode must give the time at which the one before left the queue;
 * the kernel reports that to the server some time after sending.
 *
 * Each round fills the queue with plain answers.  Then a few clients ask in
 * interleaved mode, so that their answers wait behind these.
 */
#include "tests/peers/probe.h"

#include <sys/time.h>

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLIENTS	   4
#define ROUNDS	   6
#define FILL	   60
#define OVERFLOW   500
#define LOST_MS	   1000
#define NEAR_NS	   (5 * NS_PER_MS)
#define FILL_NONCE UINT64_C(0x4000000000000000)

/* The last answer that a client got. */
struct answer {
	uint64_t receive;
	int64_t receive_ns, transmit_ns, arrival_ns;
	bool interleaved;
};

struct client {
	uint64_t nonces[2]; /* of a plain and an interleaved request */
	struct answer last, before;
	bool waits;
};

/* The result of a run. */
struct result {
	int told, lost;
	int64_t worst_ns, queue_ns; /* the shortest */
};

/* One datagram and its arrival; false: none came. */
static bool
receive(const struct probe *p, uint8_t buf[HEADER_LEN], int64_t *ns)
{
	_Alignas(struct cmsghdr) char control[256];
	struct iovec iov = { buf, HEADER_LEN };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };

	if (poll(&pfd, 1, LOST_MS) != 1 || recvmsg(p->fd, &mh, 0) != HEADER_LEN)
		return false;
	*ns = wire_arrival_ns(&mh);
	return true;
}

static void
ask_next(const struct probe *p, struct client *c)
{
	uint8_t buf[HEADER_LEN];

	c->nonces[0] = wire_random64() >> 2;
	c->nonces[1] = wire_random64() >> 2;
	request(buf, REQUEST, c->nonces[0]);
	if (c->last.receive != 0) {
		wire_put(buf + AT_ORIGIN, c->last.receive, 8);
		wire_put(buf + AT_RECEIVE, c->nonces[1], 8);
	}
	c->waits = true;
	transmit(p, buf, sizeof(buf));
}

static void
take(struct client *c, const uint8_t buf[HEADER_LEN], int64_t came_ns)
{
	c->before = c->last;
	c->last.receive = wire_get(buf + AT_RECEIVE, 8);
	c->last.receive_ns = wire_utc_ns(c->last.receive);
	c->last.transmit_ns = wire_utc_ns(wire_get(buf + AT_TRANSMIT, 8));
	c->last.arrival_ns = came_ns;
	c->last.interleaved = wire_get(buf + AT_ORIGIN, 8) == c->nonces[1];
	c->waits = false;
}

/* Fill the queue, let all clients ask, and receive the answers. */
static void
play(const struct probe *p, struct client *clients, int fill)
{
	uint8_t buf[HEADER_LEN];
	int64_t came_ns;
	int left = CLIENTS;

	for (int i = 0; i < fill; i++) {
		request(buf, REQUEST, FILL_NONCE | (uint64_t)i);
		transmit(p, buf, sizeof(buf));
	}
	for (int i = 0; i < CLIENTS; i++)
		ask_next(p, &clients[i]);
	while (left > 0 && receive(p, buf, &came_ns)) {
		uint64_t nonce = wire_get(buf + AT_ORIGIN, 8);

		for (int i = 0; i < CLIENTS; i++) {
			struct client *c = &clients[i];

			if (!c->waits ||
			    (nonce != c->nonces[0] && nonce != c->nonces[1]))
				continue;
			take(c, buf, came_ns);
			left--;
		}
	}
}

/* The given departure of the last answer must be just before its arrival. */
static void
look(struct client *c, struct result *r)
{
	int64_t off_ns, queue_ns;

	if (c->waits) {
		*c = (struct client){ .waits = false };
		r->lost++;
		return;
	}
	/* The server knows the departure of an interleaved answer only. */
	if (!c->last.interleaved || !c->before.interleaved)
		return;
	off_ns = llabs(c->before.arrival_ns - c->last.transmit_ns);
	queue_ns = c->before.arrival_ns - c->before.receive_ns;
	if (off_ns > r->worst_ns)
		r->worst_ns = off_ns;
	if (queue_ns < r->queue_ns)
		r->queue_ns = queue_ns;
	r->told++;
}

/* Run some rounds and collect the result. */
static struct result
measure(const struct probe *p, struct client clients[CLIENTS])
{
	struct result r = { .queue_ns = INT64_MAX };

	memset(clients, 0, CLIENTS * sizeof(clients[0]));
	for (int round = 0; round < ROUNDS; round++) {
		play(p, clients, FILL);
		for (int i = 0; i < CLIENTS; i++)
			look(&clients[i], &r);
	}
	(void)printf("# %d answers waited %.1f ms or longer and were told"
		     " within %.3f ms; %d lost\n",
	    r.told, 1e-6 * (double)r.queue_ns, 1e-6 * (double)r.worst_ns,
	    r.lost);
	return r;
}

/*
 * Fill more than the socket's share of the queue: the last answers, those in
 * interleaved mode, are lost.
 */
static void
overflow(const struct probe *p, struct client clients[CLIENTS])
{
	const struct timespec pause = { .tv_sec = 1,
		.tv_nsec = 500 * NS_PER_MS };

	play(p, clients, OVERFLOW);
	(void)nanosleep(&pause, NULL);
	(void)linger(p);
}

void
run_queue(const struct probe *p, const char *argument)
{
	int64_t queue_ns = strtol(argument, NULL, 10) * NS_PER_MS;
	struct client clients[CLIENTS];
	const int on = 1;
	struct result r;

	if (setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ==
	    -1)
		err(2, "timestamps");
	r = measure(p, clients);
	say(r.told >= CLIENTS * (ROUNDS - 2) && r.lost == 0 &&
		r.queue_ns >= queue_ns,
	    "answers wait in a queue, one after the other is interleaved");
	say(r.told > 0 && r.worst_ns < NEAR_NS,
	    "I-04 they tell when the one before left the queue");
	overflow(p, clients);
	r = measure(p, clients);
	say(r.told > 0 && r.queue_ns >= queue_ns && r.worst_ns < NEAR_NS,
	    "I-04 so they do after it has been too full for some");
}
