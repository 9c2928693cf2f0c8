/* Peers that ask ntpd for a change, and the check whether they may. */
#ifndef NTPD_ASKER_H
#define NTPD_ASKER_H

#include <sys/types.h>

#include "ntpd/children/child.h"
#include "ntpd/sockets/control_socket.h"

#define ASKERS_MAX 8

/* A peer connected to the change socket. */
struct asker {
	struct channel channel; /* fd -1: free */
	bool asked;		/* for the change below, not yet confirmed */
	enum ctl_command command;
	int64_t step_ns;
	int64_t margin_ns;
	int64_t deadline_ns;
};

struct askers {
	struct asker list[ASKERS_MAX];
	uint64_t refusals;	 /* requests refused so far */
	int64_t refusal_said_ns; /* CLOCK_BOOTTIME of its last log line */
};

/* Initialise *a: no peer is connected. */
void askers_none(struct askers *a);

/*
 * Is there room for one more peer?  Closing its connection may need a process.
 */
bool askers_have_room(struct askers *a, const struct letgo *l);

/*
 * Accept the next peer on the change socket.  Returns NULL if it has already
 * gone.
 */
struct asker *asker_accept(struct askers *a, const struct control_sockets *c);

/* Answer the peer; forget the peer and close its connection. */
void asker_answer(struct asker *a, bool ok, const char *text);
void asker_end(struct asker *a, struct letgo *l);

/*
 * Refuse a peer that may not, or may no longer, change anything: tell it why,
 * log it, and forget it.  A child that asks is ended.  gid is the group that
 * may ask, -1: none.  Returns true if the peer was refused.
 */
bool asker_refuse(
    struct askers *all, struct asker *a, struct children *children, gid_t gid);

/* Forget the peers whose time is up. */
void askers_expire(struct askers *a, struct letgo *l, int64_t now_ns);

/* CLOCK_BOOTTIME at which askers_expire() is next due; INT64_MAX: never. */
int64_t askers_deadline(const struct askers *a);

/* The time a peer has to ask, and then to confirm. */
#define ASKER_PATIENCE_NS (2 * NS_PER_S)

#endif
