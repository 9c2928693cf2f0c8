/*
 * Read the counters of ntp-serve, see stats.h.  Run by ntp-observe, which reads
 * the files instead of mapping them: a copy cannot change while it is checked,
 * and a file that is mostly empty takes no memory.
 */
#include "ntp-net/observe/stats.h"

#include <string.h>
#include <unistd.h>

#include "core/octets.h"

_Static_assert(LIMIT_CLIENTS % STATS_VIEW == 0, "no view has two workers");
_Static_assert(
    sizeof(struct limit_client) * LIMIT_CLIENTS == COUNTS_CLIENTS_BYTES,
    "the clients are all of the file that is left");

void
stats_init(struct stats *st)
{
	memset(st, 0, sizeof(*st));
	for (size_t i = 0; i < WORKERS_MAX; i++)
		st->fds[i] = -1;
}

int
stats_take(struct stats *st, uint32_t worker, int fd)
{
	if (worker < WORKERS_MAX && st->fds[worker] == -1) {
		st->fds[worker] = fd;
		return 0;
	}
	(void)close(fd); /* nothing was read from it */
	return worker < WORKERS_MAX ? 0 : -1;
}

uint32_t
stats_socket_worker(uint64_t number)
{
	return (uint32_t)(number / COUNTS_SOCKETS);
}

uint32_t
stats_client_worker(uint64_t number)
{
	return (uint32_t)(number / LIMIT_CLIENTS);
}

/* The file's size is fixed: a read returns all. */
static bool
read_at(int fd, void *buf, size_t size, size_t at)
{
	return fd != -1 && pread(fd, buf, size, (off_t)at) == (ssize_t)size;
}

/*
 * A record belonged to one owner during the whole read if its number was the
 * same before and after, and even.
 */
static bool
is_whole(uint32_t before, uint32_t after)
{
	return before == after && before % 2 == 0;
}

/* --- sockets -------------------------------------------------------------- */

static bool
socket_ok(const struct counts_socket *s)
{
	return s->listening == 1 && s->port >= 1 && s->port <= UINT16_MAX &&
	    (s->addr.family == 4 || s->addr.family == 6);
}

bool
stats_socket(
    const struct stats *st, uint64_t number, struct msg_server_status *out)
{
	size_t at = offsetof(struct counts, sockets) +
	    number % COUNTS_SOCKETS * sizeof(struct counts_socket);
	uint32_t worker = stats_socket_worker(number);
	struct counts_socket before, s, after;

	memset(out, 0, sizeof(*out));
	if (!read_at(st->fds[worker], &before, sizeof(before), at) ||
	    !read_at(st->fds[worker], &s, sizeof(s), at) ||
	    !read_at(st->fds[worker], &after, sizeof(after), at) ||
	    !is_whole(before.owner, after.owner) || !socket_ok(&s))
		return false;
	out->worker = worker;
	out->port = s.port;
	out->addr.family = s.addr.family;
	out->addr.scope = s.addr.family == 6 ? s.addr.scope : 0;
	memcpy(out->addr.addr, s.addr.addr, s.addr.family == 4 ? 4 : 16);
	for (size_t i = 0; i < COUNT_KINDS; i++)
		out->n[i] = s.n[i];
	return true;
}

/* --- clients -------------------------------------------------------------- */

static bool
client_ok(const struct limit_client *c)
{
	if (c->first_ns <= 0 || c->last_ns < c->first_ns ||
	    c->last_ns > RAW_MAX_NS)
		return false;
	switch (c->family) {
	case LIMIT_IPV4:
		return c->prefix <= UINT32_MAX;
	case LIMIT_IPV6:
	case LIMIT_LINK_LOCAL:
		return true;
	default:
		return false;
	}
}

/* Records that are unused or not whole get family 0. */
static void
look(struct stats *st, struct stats_view *v, uint64_t begin)
{
	struct limit_client before[STATS_VIEW], after[STATS_VIEW];
	int fd = st->fds[stats_client_worker(begin)];
	size_t at = COUNTS_CLIENTS_AT +
	    begin % LIMIT_CLIENTS * sizeof(struct limit_client);
	bool got = read_at(fd, before, sizeof(before), at) &&
	    read_at(fd, v->clients, sizeof(v->clients), at) &&
	    read_at(fd, after, sizeof(after), at);

	v->begin = begin;
	v->count = STATS_VIEW;
	v->raw_ns = clock_read_pair(&st->timeline).raw_ns;
	for (size_t i = 0; i < STATS_VIEW; i++)
		if (!got || !is_whole(before[i].owner, after[i].owner) ||
		    !client_ok(&v->clients[i]))
			v->clients[i].family = 0;
}

static void
set_address(struct msg_client_status *m, const struct limit_client *c)
{
	uint8_t prefix[8];

	put_be64(prefix, c->prefix);
	m->addr.family = c->family == LIMIT_IPV4 ? 4 : 6;
	if (c->family == LIMIT_IPV4) {
		memcpy(m->addr.addr, prefix + 4, 4);
		m->bits = 32;
	} else if (c->family == LIMIT_IPV6) {
		memcpy(m->addr.addr, prefix, sizeof(prefix));
		m->bits = 64;
	} else { /* the prefix fe80::/64 is implied */
		m->addr.addr[0] = 0xfe;
		m->addr.addr[1] = 0x80;
		memcpy(m->addr.addr + 8, prefix, sizeof(prefix));
		m->bits = 128;
	}
}

static int64_t
age_ns(int64_t now_ns, int64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

bool
stats_client(struct stats *st, struct stats_view *view, uint64_t number,
    struct msg_client_status *out)
{
	const struct limit_client *c;

	memset(out, 0, sizeof(*out));
	if (number < view->begin || number - view->begin >= view->count)
		look(st, view, number - number % STATS_VIEW);
	c = &view->clients[number - view->begin];
	if (c->family == 0)
		return false;
	out->worker = stats_client_worker(number);
	set_address(out, c);
	out->answered = c->answered;
	out->dropped = c->dropped;
	out->kisses = c->kisses;
	out->first_ago_ns = age_ns(view->raw_ns, c->first_ns);
	out->last_ago_ns = age_ns(view->raw_ns, c->last_ns);
	out->known = c->last_ns - c->first_ns >= LIMIT_KNOWN_NS &&
	    out->last_ago_ns < LIMIT_FORGET_NS;
	return true;
}
