/*
 * Who asks for a change, and whether he may.
 */
#ifndef NTPD_ASKER_H
#define NTPD_ASKER_H

#include <sys/types.h>

#include "ntpd/children/child.h"
#include "ntpd/sockets/control_socket.h"

#define ASKERS_MAX 8

/* Somebody on the socket for changes. */
struct asker {
	struct channel channel; /* fd -1: free */
	bool asked;		/* for what follows, and is to confirm it */
	enum ctl_command command;
	int64_t step_ns;
	int64_t margin_ns;
	int64_t deadline_ns;
};

struct askers {
	struct asker list[ASKERS_MAX];
	uint64_t refusals;	 /* of changes, by who asked, */
	int64_t refusal_said_ns; /* CLOCK_BOOTTIME of its last log line */
};

/* Nobody is there. */
void askers_none(struct askers *a);

/* May one more come?  Each of them may need a process for his end. */
bool askers_have_room(struct askers *a, const struct letgo *l);

/* Take who is there on the socket for changes; NULL: he is gone again. */
struct asker *asker_accept(struct askers *a, const struct control_sockets *c);

/* Answer him; forget him, and close his connection. */
void asker_answer(struct asker *a, bool ok, const char *text);
void asker_end(struct asker *a, struct letgo *l);

/*
 * Refuse one who may not change anything, or not any more: he is told why, it is
 * logged, and he is forgotten.  A child that asks is ended.  gid: of those who may,
 * -1: none.  Returns true if that was so.
 */
bool asker_refuse(
    struct askers *all, struct asker *a, struct children *children, gid_t gid);

/* Forget those whose time is over. */
void askers_expire(struct askers *a, struct letgo *l, int64_t now_ns);

/* CLOCK_BOOTTIME at which askers_expire() has something to do; INT64_MAX: never. */
int64_t askers_deadline(const struct askers *a);

/* He has so long, from now on, to ask or to confirm. */
#define ASKER_PATIENCE_NS (2 * NS_PER_S)

#endif
