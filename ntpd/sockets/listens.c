/*
 * The addresses that are listened on, see listens.h.  Run by ntpd only.  If an
 * address cannot be opened and may not be awaited, everything must stay as it
 * was.
 */
#include "ntpd/sockets/listens.h"

#include <bsd/string.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/shortage.h"
#include "ntpd/conf/listen.h"
#include "ntpd/daemon_log.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/sockets/udp_table.h"

#define WORKERS_DEFAULT_MAX 4
#define TRIES		    3
#define TRY_PAUSE_NS	    20000000

/* The input of a change, and who asked for it. */
struct change {
	struct listeners *l;
	const struct conf *now;
	struct conf *next;
	char *why; /* for the operator who asked; NULL: nobody did */
};

static int
find_listen(const struct conf *c, const struct conf_listen *a)
{
	return listen_find(c->listens, c->listen_count, a);
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
why_not(const struct conf_listen *a, int error)
{
	if (error == EADDRNOTAVAIL && socket_is_broadcast(a))
		return "it is a broadcast address: what is sent to many is not "
		       "answered";
	if (error == EACCES)
		return "Permission denied: CAP_NET_BIND_SERVICE, a port above "
		       "1023, or the setting "
		       "net.ipv4.ip_unprivileged_port_start is needed";
	return strerrordesc_np(error);
}

static void
say_cannot_listen(const struct change *c, const struct conf_listen *a)
{
	char text[LISTEN_TEXT_LEN], line[LISTEN_TEXT_LEN + 512];
	int saved = errno;

	listen_text(a, text);
	(void)snprintf(line, sizeof(line), "cannot listen on %s (%s:%u): %s",
	    text, a->file, a->line, why_not(a, saved));
	if (c->why != NULL && c->why[0] == '\0')
		(void)strlcpy(c->why, line, REASON_LEN);
	daemon_log(LOG_LEVEL_ERROR, "%s", line);
	errno = saved;
}

static void
say_awaited(const struct conf_listen *a)
{
	char text[LISTEN_TEXT_LEN];
	int saved = errno;

	listen_text(a, text);
	daemon_log(LOG_LEVEL_ERROR,
	    "cannot listen on %s (%s:%u) yet: %s: trying again until it works",
	    text, a->file, a->line, why_not(a, saved));
}

static void
say_absent(const struct conf_listen *a)
{
	char text[LISTEN_TEXT_LEN];

	listen_text(a, text);
	daemon_log(LOG_LEVEL_WARNING,
	    "no interface has the address %s (%s:%u): it is listened on as "
	    "soon as this machine has it",
	    text, a->file, a->line);
}

/* One for each core that ntpd may run on, at most four. */
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

/* How many sockets of the address are open already, for that many workers? */
static uint32_t
count_open(
    const struct change *c, const struct conf_listen *a, uint32_t workers)
{
	if (find_listen(c->now, a) == -1)
		return 0;
	return workers < c->l->workers ? workers : c->l->workers;
}

/* The sockets of one address: the open ones are reused, the others made. */
static int
open_listen(const struct change *c, const struct conf_listen *a, int *fds,
    uint32_t workers)
{
	int old = find_listen(c->now, a);
	uint32_t open = count_open(c, a, workers);
	int rc;

	for (uint32_t w = 0; w < open; w++)
		fds[w] = c->l->fds[w][old];
	rc = socket_listen_udp(a, fds, open, workers);
	if (rc == -1)
		return -1;
	if (rc == 1 && old == -1 && !a->of_interface)
		say_absent(a);
	if (workers > 1 &&
	    socket_share(fds[0], a->addr.ss_family, workers) == -1)
		daemon_log(LOG_LEVEL_INFO,
		    "clients are distributed by their ports too: %s",
		    strerrordesc_np(errno));
	return 0;
}

/* Close the new sockets of one address, after a failure. */
static void
close_new(const struct change *c, const struct conf_listen *a, const int *fds,
    uint32_t workers)
{
	for (uint32_t w = count_open(c, a, workers); w < workers; w++)
		(void)close(fds[w]); /* nobody has read from it */
}

/* Close the sockets that a new configuration does not reuse. */
static void
close_old(const struct change *c, uint32_t workers)
{
	for (uint32_t i = 0; i < c->now->listen_count; i++) {
		bool stays = find_listen(c->next, &c->now->listens[i]) != -1;

		for (uint32_t w = stays ? workers : 0; w < c->l->workers; w++)
			(void)close(c->l->fds[w][i]); /* its reader ends */
	}
}

/*
 * May the address be listened on?  With SO_REUSEPORT a second ntpd of the same
 * user would share the address unnoticed, so this tries an exclusive bind
 * first.
 */
static int
check_listen(const struct listeners *l, const struct conf *now,
    const struct conf_listen *a)
{
	if (find_listen(now, a) != -1)
		return 0; /* it is already */
	if (!a->of_interface && socket_is_broadcast(a)) {
		errno = EADDRNOTAVAIL; /* no client could be answered from it */
		return -1;
	}
	for (uint32_t i = 0; i < now->listen_count; i++)
		if (listen_overlaps(&now->listens[i], a)) {
			struct udp_table_own own = { .fds = l->fds,
				.workers = l->workers,
				.listens = now->listen_count };

			return udp_table_check(a, &own);
		}
	return socket_try_udp(a);
}

/* A kernel without IPv6 has only the IPv4 addresses. */
static void
say_one_family(struct listeners *l, const struct conf_listen *a)
{
	if (!l->said_one_family)
		daemon_log(LOG_LEVEL_INFO,
		    "this kernel has no IPv6: \"listen on *\" (%s:%u) is IPv4 "
		    "alone",
		    a->file, a->line);
	l->said_one_family = true;
}

static void
leave_out(struct conf *next, uint32_t i)
{
	next->listen_count--;
	memmove(&next->listens[i], &next->listens[i + 1],
	    (next->listen_count - i) * sizeof(next->listens[i]));
}

/*
 * May a failed address be awaited?  Not if an operator has just added it, who
 * can be told at once.  An address that a wildcard covers is simply left out.
 */
static bool
may_wait(
    const struct change *c, const struct conf_listen *a, struct awaited *found)
{
	bool awaited = await_has(&c->l->awaited, a);

	if (!await_heals(errno) || (c->why != NULL && !awaited))
		return false;
	if (a->of_wildcard)
		return true;
	if (!awaited)
		say_awaited(a);
	await_add(found, a);
	return true;
}

/* Runs before any socket is opened, so that only others can be in the way. */
static int
check_listens(const struct change *c, struct awaited *found)
{
	struct conf *next = c->next;

	for (uint32_t i = 0; i < next->listen_count;) {
		const struct conf_listen *a = &next->listens[i];

		if (check_listen(c->l, c->now, a) == 0) {
			i++;
		} else if (errno == EAFNOSUPPORT && a->of_star) {
			say_one_family(c->l, a);
			leave_out(next, i);
		} else if (errno == ENODEV && a->interface[0] != '\0') {
			leave_out(next, i); /* just gone, may return */
		} else if (may_wait(c, a, found)) {
			leave_out(next, i);
		} else {
			say_cannot_listen(c, a);
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
		daemon_log(LOG_LEVEL_WARNING,
		    "starting %u of %u workers: the limit of open files (RLIMIT_NOFILE) allows no more",
		    workers, wanted);
	return workers;
}

/*
 * Make the shared memory that the workers of the new sockets need and that is
 * missing: page, counters, access list.
 */
static int
make_published(const struct change *c, uint32_t workers, int *list)
{
	if (c->next->listen_count == 0)
		return 0;
	if (published_make(&c->l->published, workers) == -1)
		return -1;
	*list = published_list(&c->next->prefixes);
	return *list == -1 ? -1 : 0;
}

int
listens_open(struct listeners *l, const struct conf *now, struct conf *next,
    char why[REASON_LEN])
{
	static int fds[CONF_LISTEN_MAX][WORKERS_MAX];
	static struct awaited found;
	const struct change c = { l, now, next, why };
	uint32_t workers, opened = 0;
	int list = -1;

	found.count = 0;
	if (check_listens(&c, &found) == -1)
		return -1;
	workers = fit_workers(next);
	if (make_published(&c, workers, &list) == -1)
		return -1;
	while (opened < next->listen_count) {
		const struct conf_listen *a = &next->listens[opened];

		if (open_listen(&c, a, fds[opened], workers) == 0) {
			opened++;
		} else if (may_wait(&c, a, &found)) {
			leave_out(next, opened);
		} else {
			say_cannot_listen(&c, a);
			goto undo;
		}
	}
	close_old(&c, workers);
	l->workers = workers;
	for (uint32_t w = 0; w < workers; w++)
		for (uint32_t i = 0; i < opened; i++)
			l->fds[w][i] = fds[i][w];
	published_use_list(&l->published, list);
	await_begin(&l->awaited, &found, clock_read_boot());
	return 0;
undo:
	while (opened-- > 0)
		close_new(&c, &next->listens[opened], fds[opened], workers);
	if (list != -1)
		(void)close(list); /* not needed any more */
	return -1;
}

void
listens_text(
    const struct listeners *l, const struct conf *c, char text[LISTENS_TEXT])
{
	uint32_t count = conf_listens_named(c) + l->awaited.count;
	int n = snprintf(text, LISTENS_TEXT, "%u address%s to listen on", count,
	    count == 1 ? "" : "es");

	if (l->awaited.count > 0 && n > 0)
		(void)snprintf(text + n, LISTENS_TEXT - (size_t)n,
		    ", %u of them not yet", l->awaited.count);
}

bool
listens_any_free(const struct listeners *l, const struct conf *now)
{
	bool one = false;

	for (uint32_t i = 0; i < l->awaited.count; i++)
		one |= check_listen(l, now, &l->awaited.list[i]) == 0;
	return one;
}

int
listens_begin(struct listeners *l, struct conf *c)
{
	const struct timespec pause = { .tv_nsec = TRY_PAUSE_NS };
	uint32_t wanted = c->listen_count;
	struct conf *next = malloc(sizeof(*next));
	int rc;

	if (next == NULL) {
		daemon_log(LOG_LEVEL_ERROR, "no memory");
		return -1;
	}
	published_none(&l->published); /* nothing is open yet */
	c->listen_count = 0;
	for (int i = 1;; i++) {
		*next = *c;
		next->listen_count = wanted;
		rc = listens_open(l, c, next, NULL);
		if (rc == 0 || i == TRIES || !is_shortage(errno))
			break;
		daemon_log(LOG_LEVEL_INFO, "trying again");
		(void)nanosleep(&pause, NULL); /* a shorter pause will do */
	}
	if (rc == 0) {
		memcpy(c->listens, next->listens, sizeof(next->listens));
		c->listen_count = next->listen_count;
	}
	free(next);
	return rc;
}
