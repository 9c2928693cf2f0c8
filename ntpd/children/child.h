/*
 * The children: what ntpd knows of each, and what it needs to start and to end
 * them.  A child is identified by its number, see common/proc.h.
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
	struct channel channel; /* fd -1: it is not running */
	pid_t pid;		/* 0: it is not running */
	struct user_ids ids;
	bool wanted;
	bool ready;    /* it has reported MSG_READY */
	bool worked;   /* it, or an earlier one, was ready */
	bool replaced; /* ended by ntpd, to restart with other sockets */
	bool closed;   /* it closed its channel itself */
	bool guilty;   /* ended by ntpd for breaking the rules */
	uint32_t restarts;
	uint32_t no_starts; /* failed executions, while none has worked */
	int said_no_start;  /* exit status last logged for that; 0: none */
	struct pace anew;   /* of ntp-resolve: restarts to read other files */
	struct deaths deaths;
	struct pace messages; /* messages that it sent */
	struct pace believed; /* its accusations, see accuse.h */
	struct pace hints;    /* its reports about others, see alive.c */
	struct watch watch;
	int64_t started_ns; /* CLOCK_BOOTTIME; set for ntpd too */
	int64_t ended_ns; /* CLOCK_BOOTTIME of its predecessor's end; 0: none */
	int64_t ended_wall_ns;		/* the time of day then */
	int64_t retry_ns;		/* CLOCK_BOOTTIME of the next start */
	int64_t kill_ns;		/* CLOCK_BOOTTIME of the next kill */
	int64_t renewed_ns[PROC_COUNT]; /* its last new channel to each, */
	bool renew[PROC_COUNT];		/* and whether it gets another one */
};

struct children {
	struct child list[CHILD_COUNT];
	struct privileges privileges;	/* what ntpd may do to the children */
	char helpers[256];		/* folder of their programs */
	char chroot_dir[CONF_PATH_LEN]; /* empty folder for chroot; "": none */
	struct kin_dead dead;		/* children that have ended */
	struct letgo letgo;
	int64_t glance_ns; /* see alive.c */
	int64_t causes_ns;
};

/* Initialise: none is running; each is to run as the user of its program. */
void children_init(struct children *c, const struct user_ids ids[PROC_COUNT]);

/* Is the child running, with an open channel? */
bool child_runs(const struct child *c);

/* The number of the child with this pid, which may be any number; -1: none. */
int child_with(const struct children *c, pid_t pid);

#endif
