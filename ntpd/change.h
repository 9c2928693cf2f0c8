/* Peers that ask ntpd for a change, and the check whether they may. */
#ifndef NTPD_CHANGE_H
#define NTPD_CHANGE_H

#include <sys/types.h>

#include "ntpd/children/child.h"
#include "ntpd/sockets/control_socket.h"

#define CHANGES_MAX 8

/* A peer connected to the change socket. */
struct change {
	struct channel channel; /* fd -1: free */
	bool asked;		/* for the change below, not yet confirmed */
	enum ctl_command command;
	int64_t step_ns;
	int64_t margin_ns;
	int64_t deadline_ns;
};

struct changes {
	struct change list[CHANGES_MAX];
	uint64_t refusals;	 /* requests refused so far */
	int64_t refusal_said_ns; /* CLOCK_BOOTTIME of its last log line */
};

/* Initialise *a: no peer is connected. */
void changes_none(struct changes *a);

/*
 * Is there room for one more peer?  Closing its connection may need a process.
 */
bool changes_have_room(struct changes *a, const struct letgo *l);

/*
 * Accept the next peer on the change socket.  Returns NULL if it has already
 * gone.
 */
struct change *change_accept(
    struct changes *a, const struct control_sockets *c);

/* Answer the peer; forget the peer and close its connection. */
void change_answer(struct change *a, bool ok, const char *text);
void change_end(struct change *a, struct letgo *l);

/*
 * Refuse a peer that may not, or may no longer, change anything: tell it why,
 * log it, and forget it.  A child that asks is ended.  gid is the group that
 * may ask, -1: none.  Returns true if the peer was refused.
 */
bool change_refuse(struct changes *all, struct change *a,
    struct children *children, gid_t gid);

/* Forget the peers whose time is up. */
void changes_expire(struct changes *a, struct letgo *l, int64_t now_ns);

/* CLOCK_BOOTTIME at which changes_expire() is next due; INT64_MAX: never. */
int64_t changes_deadline(const struct changes *a);

/* The time a peer has to ask, and then to confirm. */
#define CHANGE_PATIENCE_NS (2 * NS_PER_S)

#endif
