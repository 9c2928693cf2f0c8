/*
 * Channels between children, see connect.h.  Run by ntpd only, which keeps
 * neither end of them.
 */
#include "ntpd/children/connect.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"

#define EVERY_NS (10 * NS_PER_S) /* minimum between renewals of a channel */
#define AGAIN_NS NS_PER_S	 /* retry after a channel could not be made */

static const enum proc links[][2] = {
#define LINK(a, b) { PROC_##a, PROC_##b },
#include "common/programs.def"
};
#define LINKS (sizeof(links) / sizeof(links[0]))

/* Two children without a channel get one within a second. */
static void
connect_again(struct children *all, enum proc a, enum proc b)
{
	int64_t past_ns = clock_read_boot() - EVERY_NS + AGAIN_NS;

	daemon_log_about((int)a, LOG_LEVEL_ERROR,
	    "cannot connect %s and %s: %s: trying again", proc_name(a),
	    proc_name(b), strerrordesc_np(errno));
	all->list[a].renewed_ns[b] = all->list[b].renewed_ns[a] = past_ns;
	connect_anew(all, a, b);
}

/* Make a channel between two children, and give each its end. */
static void
connect_two(struct children *all, enum proc a, enum proc b)
{
	struct child *ca = &all->list[a], *cb = &all->list[b];
	struct msg_peer to_a = { .peer = (uint32_t)b };
	struct msg_peer to_b = { .peer = (uint32_t)a };
	bool guarded;
	int fds[2];

	if (ca->channel.fd == -1 || cb->channel.fd == -1)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, fds) == -1) {
		connect_again(all, a, b);
		return;
	}
	/* Children pass no descriptors: see common/msg.h. */
	guarded =
	    msg_refuse_rights(fds[0]) == 0 && msg_refuse_rights(fds[1]) == 0;
	ca->renewed_ns[b] = cb->renewed_ns[a] = clock_read_boot();
	ca->renew[b] = cb->renew[a] = false;
	tell(all, (int)a, MSG_PEER, &to_a, fds[0]);
	tell(all, (int)b, MSG_PEER, &to_b, fds[1]);
	/*
	 * The children have them; one may have sent already, and the other be
	 * dead.
	 */
	letgo_sockets(&all->letgo, fds, 2, guarded);
}

void
connect_child(struct children *all, int p)
{
	for (size_t i = 0; i < LINKS; i++)
		if ((int)links[i][0] == p || (int)links[i][1] == p)
			connect_two(all, links[i][0], links[i][1]);
}

void
connect_anew(struct children *all, enum proc a, enum proc b)
{
	all->list[a].renew[b] = all->list[b].renew[a] = true;
}

/* When two children are to get a new channel; INT64_MAX: not at all. */
static int64_t
due_ns(const struct children *all, const enum proc link[2])
{
	const struct child *a = &all->list[link[0]];
	const struct child *b = &all->list[link[1]];

	/* A child that is restarted gets its channels at its start. */
	if (!a->renew[link[1]] || a->channel.fd == -1 || b->channel.fd == -1)
		return INT64_MAX;
	return a->renewed_ns[link[1]] + EVERY_NS;
}

void
connect_due(struct children *all, int64_t now_ns)
{
	for (size_t i = 0; i < LINKS; i++)
		if (due_ns(all, links[i]) <= now_ns)
			connect_two(all, links[i][0], links[i][1]);
}

int64_t
connect_deadline(const struct children *all)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < LINKS; i++)
		if (due_ns(all, links[i]) < first)
			first = due_ns(all, links[i]);
	return first;
}
