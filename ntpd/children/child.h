/*
 * The children: what ntpd knows of each, and what it needs to start and to end
 * them.  A child is named by its number, see common/proc.h.
 */
#ifndef NTPD_CHILD_H
#define NTPD_CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "common/pace.h"
#include "ntpd/children/death.h"
#include "ntpd/children/watch.h"
#include "ntpd/conf/conf.h"
#include "ntpd/kin.h"
#include "ntpd/sockets/letgo.h"
#include "ntpd/users.h"

struct child {
	struct channel channel; /* fd -1: it does not run */
	pid_t pid;		/* 0: it does not run */
	struct user_ids ids;
	bool wanted;
	bool ready;    /* it said so */
	bool worked;   /* it, or one before it, was ready */
	bool replaced; /* ended by us, to be started with other sockets */
	bool closed;   /* its channel, by itself */
	bool guilty;   /* ended by us, since it broke the rules */
	uint64_t said; /* types of messages that may come once, and came */
	uint32_t restarts;
	uint32_t no_starts; /* it could not even be executed */
	int said_no_start;  /* exit status of which that was said; 0: none */
	struct pace anew;   /* of ntp-resolve: it ended for other files */
	struct deaths deaths;
	struct pace messages; /* that it sent */
	struct pace believed; /* what it says of others, see accuse.h */
	struct pace hints;    /* the same, see alive.c */
	struct watch watch;
	int64_t started_ns;    /* CLOCK_BOOTTIME; of ntpd too */
	int64_t ended_ns;      /* likewise, of the one before; 0: none */
	int64_t ended_wall_ns; /* and the time of day then */
	int64_t retry_ns;      /* when it is to be started again */
	int64_t kill_ns;       /* when it is to be killed again */
	int64_t renewed_ns[PROC_COUNT]; /* when it got a channel to another, */
	bool renew[PROC_COUNT];		/* and whether it is to get a new one */
};

struct children {
	struct child list[CHILD_COUNT];
	struct powers powers;	  /* what ntpd may do to them */
	char helpers[256];	  /* folder of their programs */
	char jail[CONF_PATH_LEN]; /* empty folder for chroot; "": none */
	struct kin_dead dead;	  /* those of the past */
	struct letgo letgo;
	int64_t glance_ns; /* see alive.c */
	int64_t causes_ns;
};

/* None runs yet; each is to run as the user of its program. */
void children_init(struct children *c, const struct user_ids ids[PROC_COUNT]);

/* Is there one, that hears what it is told? */
bool child_runs(const struct child *c);

/* The one that has this pid, which may be any number; -1: none has. */
int child_with(const struct children *c, pid_t pid);

#endif
