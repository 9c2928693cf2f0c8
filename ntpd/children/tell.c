/*
 * Messages to the children, see tell.h.  Run by ntpd only, which never waits
 * for a child to read.
 */
#include "ntpd/children/tell.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/stop.h"
#include "ntpd/daemon_log.h"

void
tell(struct children *all, int p, enum msg_type type, void *msg, int fd)
{
	struct child *c = &all->list[p];

	if (c->channel.fd == -1 || msg_send(&c->channel, type, msg, fd) == 0)
		return;
	if (errno == EPIPE || errno == ECONNRESET)
		return; /* it has died: wait(2) will show it */
	daemon_log_about(p, LOG_LEVEL_ERROR, "cannot send to %s: %s",
	    proc_name(child_proc(p)), strerrordesc_np(errno));
	stop_child(all, p);
}

void
tell_offer(struct children *all, int p, enum msg_type type, void *msg)
{
	msg_offer(&all->list[p].channel, type, msg);
}

void
tell_level(struct children *all, enum log_level level)
{
	struct msg_level m = { .log_level = (uint32_t)level };

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		tell_offer(all, p, MSG_LEVEL, &m);
}

void
tell_process(struct children *all, int p)
{
	const struct child *c = &all->list[p];
	bool ended = c->pid == 0 && c->ended_ns != 0;
	int64_t since_ns = ended ? c->ended_ns : c->started_ns;
	struct msg_process m = { .child = (uint32_t)p,
		.pid = (uint32_t)c->pid,
		.uid = c->ids.uid,
		.restarts = c->restarts,
		.wanted = c->wanted,
		.silent = c->watch.silent,
		.age_ns = clock_read_boot() - since_ns,
		.since_ns = ended ? c->ended_wall_ns : 0 };

	if (c->started_ns == 0)
		return; /* it never ran */
	tell_offer(all, PROC_OBSERVE, MSG_PROCESS, &m);
}

void
tell_keys(struct children *all, int p, const struct conf *c,
    bool (*wanted)(const struct conf *c, uint32_t key_id))
{
	const struct keyring *keys = c->keys;
	struct msg_keys m = { .count = 0 };

	if (keys == NULL)
		return;
	for (uint32_t i = 0; i < keys->count; i++) {
		if (wanted == NULL || wanted(c, keys->keys[i].id))
			m.keys[m.count++] = keys->keys[i];
		if (m.count == KEYS_A_MESSAGE) {
			tell(all, p, MSG_KEYS, &m, -1);
			explicit_bzero(&m, sizeof(m));
		}
	}
	if (m.count != 0)
		tell(all, p, MSG_KEYS, &m, -1);
	explicit_bzero(&m, sizeof(m));
}
