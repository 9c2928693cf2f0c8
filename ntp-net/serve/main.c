/*
 * ntp-serve: answers NTP clients.  Started by ntpd(8), which gives it its
 * sockets and the page of served time.  It reads what anybody on the internet
 * sends; it holds no channel to any process but ntpd, and all that it could
 * do if it were taken over is to give wrong answers.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "child.h"
#include "fast.h"
#include "log.h"
#include "page.h"
#include "profile.h"

#define PRECISION_TRIES 64

static struct server {
	struct channel parent;
	struct answer_socket sockets[SERVE_SOCKETS_MAX];
	size_t socket_count;
	struct page *page; /* NULL: none yet */
	struct timeline timeline;
	int8_t precision_log2;
	struct fast fast;
	int64_t fast_due_ns; /* CLOCK_BOOTTIME */
} server;

/* The smallest step between two readings of the clock that is not zero. */
static int8_t
measure_precision(void)
{
	int64_t best_ns = NS_PER_S;
	struct timespec a, b;

	for (int i = 0; i < PRECISION_TRIES; i++) {
		int64_t step_ns;

		if (clock_gettime(CLOCK_REALTIME, &a) == -1 ||
		    clock_gettime(CLOCK_REALTIME, &b) == -1)
			break;
		step_ns =
		    (b.tv_sec - a.tv_sec) * NS_PER_S + b.tv_nsec - a.tv_nsec;
		if (step_ns > 0 && step_ns < best_ns)
			best_ns = step_ns;
	}
	return serve_precision_log2(best_ns);
}

/* What ntp-net left on the page; what is not plausible counts for nothing. */
static struct serve_state
read_page(const struct server *s)
{
	struct serve_state st = { .clock = SERVE_UNSYNCED };
	struct page_time t;

	if (s->page == NULL || !page_load(s->page, &t))
		return st;
	st = (struct serve_state){ .raw = { t.raw_ns },
		.theta_ns = t.theta_ns,
		.slope = t.slope,
		.root_delay_ns = t.root_delay_ns,
		.root_dispersion_ns = t.root_dispersion_ns,
		.silent = (t.flags & PAGE_SILENT) != 0,
		.reference = { t.reference_ns },
		.stratum = t.stratum,
		.leap = t.leap,
		.refid = t.refid };
	if ((t.flags & PAGE_SYNCED) != 0)
		st.clock = SERVE_SYNCED;
	else if ((t.flags & PAGE_LOCAL) != 0)
		st.clock = SERVE_LOCAL;
	else
		st.clock = SERVE_UNSYNCED;
	if (!serve_state_ok(&st))
		st.clock = SERVE_UNSYNCED;
	return st;
}

static void
answer_sockets(struct server *s, const struct pollfd *pfds)
{
	struct answer_time t = { .state = read_page(s),
		.timeline = &s->timeline,
		.precision_log2 = s->precision_log2 };

	for (size_t i = 0; i < s->socket_count; i++) {
		if (pfds[i].revents == 0)
			continue;
		t.pair = clock_read_pair(&s->timeline);
		t.utc.ns = t.pair.real_ns;
		if (t.state.clock == SERVE_SYNCED)
			t.utc =
			    serve_utc(&t.state, (struct mono){ t.pair.raw_ns });
		answer_waiting(&s->sockets[i], &t);
	}
}

static void
add_socket(struct server *s, int fd)
{
	if (s->socket_count == SERVE_SOCKETS_MAX) {
		log_error("too many sockets to listen on: limit=%d",
		    SERVE_SOCKETS_MAX);
	} else if (answer_prepare(&s->sockets[s->socket_count], fd) == -1) {
		log_error("cannot use a socket: %s", strerrordesc_np(errno));
	} else {
		s->socket_count++;
		return;
	}
	(void)close(fd); /* nothing was written to it */
}

static void
set_page(struct server *s, int fd)
{
	struct page *page = page_map(fd, false);

	if (page == NULL)
		log_error("cannot map the page of served time: %s",
		    strerrordesc_np(errno));
	else
		s->page = page;
	(void)close(fd); /* the mapping stays */
}

static void
set_fast(struct server *s, int fd)
{
	if (fast_map(&s->fast, fd) == -1)
		log_error("cannot map the fast path's time: %s",
		    strerrordesc_np(errno));
	(void)close(fd); /* the mapping stays */
}

/*
 * Tell the fast path the time, if there is one and it is time to.  Returns how
 * long to wait until the next time in *left; NULL: for ever.
 */
static const struct timespec *
serve_fast(struct server *s, struct timespec *left)
{
	int64_t now_ns = clock_read_boot();

	if (s->fast.line == NULL)
		return NULL;
	if (now_ns >= s->fast_due_ns) {
		const struct serve_state st = read_page(s);

		fast_update(&s->fast, &st, &s->timeline, s->precision_log2);
		s->fast_due_ns = now_ns + FAST_EVERY_NS;
	}
	*left = (struct timespec){ .tv_nsec = s->fast_due_ns - now_ns };
	return left;
}

/* Everything that ntpd said.  Does not return if the channel is gone. */
static void
read_parent(struct server *s)
{
	enum msg_result got;
	union msg msg;
	int fd;

	while ((got = msg_recv(&s->parent, &msg, &fd)) == MSG_GOT) {
		if (child_common_message(&msg))
			continue;
		if (msg.h.type == MSG_SOCKET)
			add_socket(s, fd);
		else if (msg.h.type == MSG_PAGE)
			set_page(s, fd);
		else if (msg.h.type == MSG_FAST)
			set_fast(s, fd);
		else
			_exit(1);
	}
	if (got != MSG_NOTHING)
		_exit(got == MSG_CLOSED ? 0 : 1);
}

int
main(void)
{
	struct pollfd pfds[SERVE_SOCKETS_MAX + 1];
	struct server *s = &server;
	struct timespec left;

	child_begin(PROC_SERVE, &serve_profile, &s->parent, NULL);
	s->precision_log2 = measure_precision();
	for (;;) {
		size_t n = s->socket_count;

		for (size_t i = 0; i < n; i++)
			pfds[i] = (struct pollfd){ .fd = s->sockets[i].fd,
				.events = POLLIN };
		pfds[n] =
		    (struct pollfd){ .fd = s->parent.fd, .events = POLLIN };
		if (ppoll(pfds, n + 1, serve_fast(s, &left), NULL) == -1) {
			if (errno == EINTR)
				continue;
			log_error("ppoll: %s", strerrordesc_np(errno));
			return 1;
		}
		answer_sockets(s, pfds);
		if (pfds[n].revents != 0)
			read_parent(s);
	}
}
