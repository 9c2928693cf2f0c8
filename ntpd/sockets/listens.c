/*
 * The addresses that are listened on, see supervise.h.  Run by ntpd only.  It must
 * leave everything as it was where one cannot be had, unless it is waited for.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/shortage.h"
#include "ntpd/journal.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/sockets/taken.h"
#include "ntpd/supervise.h"

#define WORKERS_DEFAULT_MAX 4
#define TRIES		    3
#define TRY_PAUSE_NS	    20000000

static int
find_listen(const struct conf *c, const struct conf_listen *l)
{
	for (uint32_t i = 0; i < c->listen_count; i++)
		if (await_same(&c->listens[i], l))
			return (int)i;
	return -1;
}

bool
listens_same(const struct conf *a, const struct conf *b)
{
	if (a->listen_count != b->listen_count)
		return false;
	for (uint32_t i = 0; i < a->listen_count; i++)
		if (find_listen(b, &a->listens[i]) == -1)
			return false;
	return true;
}

static const char *
why_not(const struct conf_listen *l, int error)
{
	if (error == EADDRNOTAVAIL && socket_is_broadcast(l))
		return "it is a broadcast address: what is sent to many is not "
		       "answered";
	if (error == EACCES)
		return "Permission denied: CAP_NET_BIND_SERVICE, a port above "
		       "1023, or the setting "
		       "net.ipv4.ip_unprivileged_port_start is needed";
	return strerrordesc_np(error);
}

static void
say_cannot_listen(struct supervisor *s, const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN], line[SOCKET_TEXT_LEN + 512];
	int saved = errno;

	socket_text(l, text);
	(void)snprintf(line, sizeof(line), "cannot listen on %s (%s:%u): %s",
	    text, l->file, l->line, why_not(l, saved));
	reload_keep_why(s, line);
	journal(LOG_LEVEL_ERROR, "%s", line);
	errno = saved;
}

static void
say_awaited(const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN];
	int saved = errno;

	socket_text(l, text);
	journal(LOG_LEVEL_ERROR,
	    "cannot listen on %s (%s:%u) yet: %s: it is tried again until it "
	    "can be",
	    text, l->file, l->line, why_not(l, saved));
}

static void
say_absent(const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN];

	socket_text(l, text);
	journal(LOG_LEVEL_WARNING,
	    "no interface has the address %s (%s:%u): it is listened on as "
	    "soon as this machine has it",
	    text, l->file, l->line);
}

/* The page is needed as soon as somebody is served. */
static int
make_page(struct supervisor *s)
{
	if (s->page_writer != -1)
		return 0;
	if (socket_make_page(&s->page_writer, &s->page_reader) == 0)
		return 0;
	journal(LOG_LEVEL_ERROR, "cannot make the page of served time: %s",
	    strerrordesc_np(errno));
	return -1;
}

/* So is a place for each worker to count; it stays when the worker ends. */
static int
make_counts(struct supervisor *s, uint32_t workers)
{
	for (uint32_t w = 0; w < workers; w++) {
		if (s->counts_writer[w] != -1 ||
		    socket_make_counts(
			&s->counts_writer[w], &s->counts_reader[w]) == 0)
			continue;
		journal(LOG_LEVEL_ERROR,
		    "cannot make the memory for counters: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	return 0;
}

static int
make_list(const struct conf *next, int *fd)
{
	*fd = prefix_file(&next->prefixes);
	if (*fd != -1)
		return 0;
	journal(LOG_LEVEL_ERROR, "cannot make the access list: %s",
	    strerrordesc_np(errno));
	return -1;
}

/* One for each core that ntpd may run on, but no more than four. */
static uint32_t
count_workers(const struct conf *c)
{
	cpu_set_t cores;
	int n = 1;

	if (c->listen_count == 0)
		return 0;
	if (c->workers != 0)
		return c->workers;
	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		n = CPU_COUNT(&cores);
	return n < 1		      ? 1
	    : n > WORKERS_DEFAULT_MAX ? WORKERS_DEFAULT_MAX
				      : (uint32_t)n;
}

/* How many sockets of the address are open already, of so many workers? */
static uint32_t
count_open(
    const struct supervisor *s, const struct conf_listen *l, uint32_t workers)
{
	if (find_listen(&s->conf, l) == -1)
		return 0;
	return workers < s->worker_count ? workers : s->worker_count;
}

/* The sockets of one address: those that are open already, and new ones. */
static int
open_listen(struct supervisor *s, const struct conf_listen *l, int *fds,
    uint32_t workers)
{
	int old = find_listen(&s->conf, l);
	uint32_t open = count_open(s, l, workers);
	int rc;

	for (uint32_t w = 0; w < open; w++)
		fds[w] = s->listen_fds[w][old];
	rc = socket_listen_udp(l, fds, open, workers);
	if (rc == -1)
		return -1;
	if (rc == 1 && old == -1 && !l->of_interface)
		say_absent(l);
	if (workers > 1 &&
	    socket_share(fds[0], l->addr.ss_family, workers) == -1)
		journal(LOG_LEVEL_INFO,
		    "clients are divided by their ports too: %s",
		    strerrordesc_np(errno));
	return 0;
}

/* Those of one address that are new, after all. */
static void
close_new(const struct supervisor *s, const struct conf_listen *l,
    const int *fds, uint32_t workers)
{
	for (uint32_t w = count_open(s, l, workers); w < workers; w++)
		(void)close(fds[w]); /* nobody has read from it */
}

/* Those that a new configuration does not take over. */
static void
close_old(const struct supervisor *s, const struct conf *next, uint32_t workers)
{
	for (uint32_t i = 0; i < s->conf.listen_count; i++) {
		bool stays = find_listen(next, &s->conf.listens[i]) != -1;

		for (uint32_t w = stays ? workers : 0; w < s->worker_count; w++)
			(void)close(s->listen_fds[w][i]); /* its reader ends */
	}
}

/*
 * May the address be listened on?  Sockets that share it with others of ours
 * would with another ntpd of the same user as well, unnoticed.
 */
static int
check_listen(const struct supervisor *s, const struct conf_listen *l)
{
	if (find_listen(&s->conf, l) != -1)
		return 0; /* it is */
	if (!l->of_interface && socket_is_broadcast(l)) {
		errno = EADDRNOTAVAIL; /* for nobody who could be answered */
		return -1;
	}
	for (uint32_t i = 0; i < s->conf.listen_count; i++)
		if (socket_overlaps(&s->conf.listens[i], l)) {
			struct taken_own own = { .fds = s->listen_fds,
				.workers = s->worker_count,
				.listens = s->conf.listen_count };

			return taken_check(l, &own);
		}
	return socket_try_udp(l);
}

/* A kernel without IPv6 has all addresses that there are without it. */
static void
say_one_family(struct supervisor *s, const struct conf_listen *l)
{
	if (!s->said_one_family)
		journal(LOG_LEVEL_INFO,
		    "this kernel has no IPv6: \"listen on *\" (%s:%u) is IPv4 "
		    "alone",
		    l->file, l->line);
	s->said_one_family = true;
}

static void
leave_out(struct conf *next, uint32_t i)
{
	next->listen_count--;
	memmove(&next->listens[i], &next->listens[i + 1],
	    (next->listen_count - i) * sizeof(next->listens[i]));
}

/*
 * An address that failed may be waited for: but not one that an operator adds,
 * who is there to hear of it.  What a wildcard takes too is simply left out.
 */
static bool
may_wait(const struct supervisor *s, const struct conf_listen *l, bool asked,
    struct awaited *found)
{
	if (!await_heals(errno) || (asked && !await_has(&s->awaited, l)))
		return false;
	if (l->of_wildcard)
		return true;
	if (!await_has(&s->awaited, l))
		say_awaited(l);
	await_add(found, l);
	return true;
}

/* Before any is opened, so that only others can be in the way. */
static int
check_listens(
    struct supervisor *s, struct conf *next, bool asked, struct awaited *found)
{
	for (uint32_t i = 0; i < next->listen_count;) {
		const struct conf_listen *l = &next->listens[i];

		if (check_listen(s, l) == 0) {
			i++;
		} else if (errno == EAFNOSUPPORT && l->of_star) {
			say_one_family(s, l);
			leave_out(next, i);
		} else if (errno == ENODEV && l->interface[0] != '\0') {
			leave_out(next, i); /* it has just gone, and may come */
		} else if (may_wait(s, l, asked, found)) {
			leave_out(next, i);
		} else {
			say_cannot_listen(s, l);
			return -1;
		}
	}
	return 0;
}

/* As many workers as the limit of open files allows. */
static uint32_t
fit_workers(struct conf *next)
{
	uint32_t wanted = count_workers(next), workers;

	workers = socket_fit_limit(next, wanted);
	if (workers != wanted)
		journal(LOG_LEVEL_WARNING,
		    "%u of %u workers are started: more files may not be open "
		    "(RLIMIT_NOFILE)",
		    workers, wanted);
	return workers;
}

int
listens_open(struct supervisor *s, struct conf *next, bool asked)
{
	static int fds[CONF_LISTEN_MAX][WORKERS_MAX];
	static struct awaited found;
	uint32_t workers, opened = 0;
	int list = -1;

	found.count = 0;
	if (check_listens(s, next, asked, &found) == -1)
		return -1;
	workers = fit_workers(next);
	if (next->listen_count > 0 &&
	    (make_page(s) == -1 || make_counts(s, workers) == -1 ||
		make_list(next, &list) == -1))
		return -1;
	while (opened < next->listen_count) {
		const struct conf_listen *l = &next->listens[opened];

		if (open_listen(s, l, fds[opened], workers) == 0) {
			opened++;
		} else if (may_wait(s, l, asked, &found)) {
			leave_out(next, opened);
		} else {
			say_cannot_listen(s, l);
			goto undo;
		}
	}
	close_old(s, next, workers);
	s->worker_count = workers;
	for (uint32_t w = 0; w < workers; w++)
		for (uint32_t i = 0; i < opened; i++)
			s->listen_fds[w][i] = fds[i][w];
	if (s->prefixes_fd != -1)
		(void)close(s->prefixes_fd); /* who needs it has it */
	s->prefixes_fd = list;
	await_begin(&s->awaited, &found, clock_read_boot());
	return 0;
undo:
	while (opened-- > 0)
		close_new(s, &next->listens[opened], fds[opened], workers);
	if (list != -1)
		(void)close(list); /* of no use now */
	return -1;
}

void
listens_text(const struct supervisor *s, char text[LISTENS_TEXT])
{
	uint32_t count = conf_listens_named(&s->conf) + s->awaited.count;
	int n = snprintf(text, LISTENS_TEXT, "%u address%s to listen on", count,
	    count == 1 ? "" : "es");

	if (s->awaited.count > 0 && n > 0)
		(void)snprintf(text + n, LISTENS_TEXT - (size_t)n,
		    ", %u of them not yet", s->awaited.count);
}

bool
listens_free(const struct supervisor *s, const struct conf_listen *l)
{
	return check_listen(s, l) == 0;
}

int
listens_begin(struct supervisor *s)
{
	const struct timespec pause = { .tv_nsec = TRY_PAUSE_NS };
	uint32_t wanted = s->conf.listen_count;
	struct conf *next = malloc(sizeof(*next));
	int rc;

	if (next == NULL) {
		journal(LOG_LEVEL_ERROR, "no memory");
		return -1;
	}
	s->conf.listen_count = 0; /* nothing is open yet */
	for (int i = 1;; i++) {
		*next = s->conf;
		next->listen_count = wanted;
		rc = listens_open(s, next, false);
		if (rc == 0 || i == TRIES || !is_shortage(errno))
			break;
		journal(LOG_LEVEL_INFO, "it is tried again");
		(void)nanosleep(&pause, NULL); /* shorter will do */
	}
	if (rc == 0) {
		memcpy(s->conf.listens, next->listens, sizeof(next->listens));
		s->conf.listen_count = next->listen_count;
	}
	free(next);
	return rc;
}
