/*
 * ntp-serve: answers NTP clients.  Started by ntpd(8), which passes it its
 * sockets and the page of served time.  It reads what anybody on the internet
 * sends.  It has no channel to any process but ntpd: if it were taken over, all
 * that it could do is to give wrong answers.
 */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/counts.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/page.h"
#include "common/random.h"
#include "common/shortage.h"
#include "ntp-net/serve/answer.h"
#include "ntp-net/serve/fast.h"
#include "ntp-net/serve/profile.h"
#include "ntp-net/serve/served_time.h"

#define PRECISION_TRIES 64

static struct server {
	struct channel parent;
	struct loop loop; /* the parent, and all sockets */
	struct answer_socket sockets[SERVE_SOCKETS_MAX];
	size_t socket_count;
	struct counts *counts;
	struct answerer answerer;
	struct fast fast;
	int64_t fast_due_ns; /* CLOCK_BOOTTIME */
} server;

/* Counters in use until ntpd passes the shared ones. */
static struct limit_client clients[LIMIT_CLIENTS];
static struct counts counts;

_Static_assert(sizeof(clients) == COUNTS_CLIENTS_BYTES, "the clients fit");
_Static_assert(SERVE_SOCKETS_MAX <= COUNTS_SOCKETS, "and the sockets");
_Static_assert(1 + SERVE_SOCKETS_MAX <= LOOP_MAX, "and all of them here");

/* The smallest step between two clock readings that is not zero. */
static int8_t
measure_precision(void)
{
	int64_t best_ns = NS_PER_S;

	for (int i = 0; i < PRECISION_TRIES; i++) {
		int64_t before_ns = clock_read_real();
		int64_t step_ns = clock_read_real() - before_ns;

		if (step_ns > 0 && step_ns < best_ns)
			best_ns = step_ns;
	}
	return serve_precision_log2(best_ns);
}

static void
on_request(void *socket, const struct pollfd *p)
{
	(void)p;
	answer_waiting(&server.answerer, socket);
}

/* End if the machine lacks a resource: another instance may get it. */
static void
end_if_shortage(void)
{
	if (is_shortage(errno))
		_exit(1);
}

static int
add_socket(struct received *r)
{
	struct server *s = &server;

	if (s->socket_count == SERVE_SOCKETS_MAX) {
		log_error("too many sockets to listen on: limit=%d",
		    SERVE_SOCKETS_MAX);
	} else if (answer_prepare(
		       &s->sockets[s->socket_count], s->counts, r->fd) == -1) {
		log_error("cannot use a socket: %s", strerrordesc_np(errno));
		end_if_shortage();
	} else {
		loop_add(&s->loop, r->fd, POLLIN, on_request,
		    &s->sockets[s->socket_count++]);
		return 0;
	}
	(void)close(r->fd); /* nothing was written to it */
	return 0;
}

static int
set_page(struct received *r)
{
	struct server *s = &server;
	struct page *page = page_map(r->fd, false);

	if (page == NULL) {
		log_error("cannot map the page of served time: %s",
		    strerrordesc_np(errno));
		end_if_shortage();
	} else {
		s->answerer.page = page;
	}
	(void)close(r->fd); /* the mapping stays */
	return 0;
}

/* ntpd has cleared the clients: they may be those of an ended process. */
static int
set_counts(struct received *r)
{
	struct server *s = &server;
	struct counts *c;

	if (s->counts != &counts || s->socket_count > 0)
		return -1; /* allowed once, and before the sockets */
	c = counts_map(r->fd);
	if (c == NULL) {
		log_error("cannot map the counters: %s: they are not shown",
		    strerrordesc_np(errno));
		end_if_shortage();
	} else {
		s->counts = c;
		counts_begin(c);
		admission_clients(&s->answerer.admission, counts_clients(c));
	}
	(void)close(r->fd); /* the mapping stays */
	return 0;
}

/* Without a valid list, end: never answer a client that is denied. */
static int
set_prefixes(struct received *r)
{
	struct server *s = &server;
	uint32_t count = r->m.prefixes.count;

	if (admission_prefixes(&s->answerer.admission, r->fd, count) == -1) {
		log_error(
		    "cannot read the access list: %s", strerrordesc_np(errno));
		return -1;
	}
	log_debug("access list: prefixes=%u", count);
	(void)close(r->fd); /* it was only read */
	return 0;
}

static int
set_config(struct received *r)
{
	struct server *s = &server;
	const struct msg_serve_config *m = &r->m.serve_config;
	struct limit_rate rate = { .interval_ns = m->rate_interval_ns,
		.burst = m->rate_burst };

	if (admission_rate(&s->answerer.admission, &rate) == -1) {
		log_error("invalid rate limit from ntpd: keeping the old one");
		return -1;
	}
	return 0;
}

/* Runs before the sandbox, which does not allow getrandom(2). */
static void
begin_answers(struct server *s)
{
	struct admission_secrets secrets;

	if (random_raw(&secrets, sizeof(secrets), 0) !=
	    (ssize_t)sizeof(secrets))
		err(1, "ntp-serve: random bits");
	answer_init(&s->answerer, &secrets, clients);
	explicit_bzero(&secrets, sizeof(secrets));
}

static int
take_keys(struct received *r)
{
	struct server *s = &server;
	struct msg_keys *m = &r->m.keys;

	if (keyring_take(&s->answerer.keys, m) == -1)
		return -1; /* ntpd does not send such keys */
	explicit_bzero(m->keys, sizeof(m->keys));
	return 0;
}

static int
set_fast(struct received *r)
{
	struct server *s = &server;

	if (fast_map(&s->fast, r->fd) == -1) {
		log_error("cannot map the fast path's time: %s",
		    strerrordesc_np(errno));
		end_if_shortage();
	}
	(void)close(r->fd); /* the mapping stays */
	return 0;
}

/* Update the fast path's time, if there is one and it is due. */
static void
serve_fast(struct server *s, int64_t now_ns)
{
	if (s->fast.line == NULL)
		return;
	if (now_ns >= s->fast_due_ns) {
		const struct serve_state st =
		    served_time_read(s->answerer.page);

		fast_update(&s->fast, &st, &s->answerer.timeline,
		    s->answerer.precision_log2);
		s->fast_due_ns = now_ns + FAST_EVERY_NS;
	}
	s->loop.until_ns = s->fast_due_ns;
}

/* Messages from ntpd. */
static const struct handler handlers[MSG_COUNT] = {
	[MSG_SOCKET] = { .take = add_socket },
	[MSG_PAGE] = { .take = set_page },
	[MSG_COUNTS] = { .take = set_counts },
	[MSG_PREFIXES] = { .take = set_prefixes },
	[MSG_SERVE_CONFIG] = { .take = set_config },
	[MSG_KEYS] = { .take = take_keys },
	[MSG_FAST] = { .take = set_fast },
};

static void
on_parent(void *parent, const struct pollfd *p)
{
	(void)p;
	dispatch_all(parent, handlers);
}

int
main(void)
{
	struct server *s = &server;
	uint32_t tries = 0;

	s->counts = &counts;
	begin_answers(s);
	child_begin(PROC_SERVE, &serve_profile, &s->parent, NULL);
	s->answerer.precision_log2 = measure_precision();
	loop_clear(&s->loop);
	loop_add(&s->loop, s->parent.fd, POLLIN, on_parent, &s->parent);
	for (;;) {
		int64_t now_ns = clock_read_boot();

		serve_fast(s, now_ns);
		if (loop_wait(&s->loop, now_ns, NULL) == -1) {
			child_wait_failed(&tries);
			continue;
		}
		tries = 0;
		/* Last: a message from ntpd may change the descriptors. */
		loop_serve(&s->loop, 1, s->loop.count);
		loop_serve(&s->loop, 0, 1);
	}
}
