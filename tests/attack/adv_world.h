/*
 * The adversary's world: a machine, ntpd as far as it matters to ntp-clock, a
 * hostile ntp-net, and whoever kills, hangs, pauses, reloads and releases.  The
 * real ntp-clock runs in it, as one process that is begun anew after each of its
 * ends; its system calls are adv_calls.c.  Time passes when it waits, and while
 * it is not there.
 */
#ifndef TESTS_ATTACK_ADV_WORLD_H
#define TESTS_ATTACK_ADV_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "ntpd/kept/state.h"
#include "tests/attack/adv_check.h"
#include "tests/attack/adv_machine.h"
#include "tests/attack/adv_net.h"
#include "tests/sim/rng.h"

#define RTC_FD	   30
#define NET_FD	   40 /* and above, a number for each channel */
#define QUEUE	   128
#define TEXT	   200
#define RUN_NS	   (86400 * INT64_C(1000000000))
#define EARLIEST_S INT64_C(1767225600) /* 2026-01-01, as in ntpd/kept/epoch.c */

/* Moments at which somebody may be killed. */
enum moment {
	BEFORE_STEP,
	AFTER_STEP,
	BEFORE_SET,
	AFTER_SET,
	CHARGE_SENT,
	CHARGED_READ,
	STATE_SENT,
	EVENT_SENT,
	SAMPLE_READ,
	WAITING,
	MOMENTS
};

enum victim {
	KILL_CLOCK,
	KILL_NTPD, /* ntp-clock ends in order then */
	KILL_BOTH,
	HANG_NTPD, /* for a while */
	STOP_NTPD, /* in good order: SIGTERM */
	HANG_KILL, /* ntpd hangs, and is killed later, ntp-clock too */
	VICTIMS
};

struct queue {
	union msg *msgs; /* QUEUE of them */
	int fds[QUEUE];
	uint32_t head, tail;
};

/* ntpd(8), see adv_ntpd.c. */
struct ntpd {
	bool alive;
	bool stopping;
	struct state kept; /* in its memory */
	struct state disk;
	int64_t saved_ns, noted_ns;
	bool startup_done;
	struct msg_clock_state clock;
	bool clock_known, slope_known;
	int64_t slope;
	int64_t busy_until_ns; /* it takes a message then */
	int64_t delay_ns;      /* usually, for a message */
	int64_t back_ns;       /* when it is started again */
	int64_t clock_due_ns;  /* when it starts ntp-clock again */
};

/* What does not change in a run but by a reload. */
struct limits {
	struct msg_clock_config config; /* the operator's part of it */
	bool has_dir;			/* a directory keeps the state */
};

/* What happens besides what ntp-net does; so often a day. */
struct events {
	double kills, pauses, suspends, reloads, releases, lates;
	int64_t kill_ns, pause_ns, suspend_ns, reload_ns, release_ns;
	int64_t hang_kill_ns; /* INT64_MAX: nobody will be */
	enum moment moment;   /* the next kill, */
	enum victim victim;
	int countdown; /* at this one of these moments; 0: none is planned */
	uint32_t killed;
};

struct world {
	struct machine machine;
	struct check check;
	struct ntpd ntpd;
	struct net net;
	struct limits limits;
	struct events events;
	struct rng rng; /* of the environment */
	int64_t end_ns;
	struct queue to_clock; /* from ntpd */
	struct queue to_ntpd;
	struct queue samples; /* from ntp-net */
	bool clock_alive;
	bool parent_closed; /* ntpd's end of the channel */
	bool configured;    /* ntp-clock has read its limits */
	int net_fd;	    /* ntp-clock's end of the channel; -1: none */
	bool verbose;
	bool failed;
	char why[TEXT];
	jmp_buf clock_gone; /* where a process ends */
	jmp_buf over;	    /* where a run does */
	uint64_t seed;
};

extern struct world world;

/* Play a run; afterwards world.failed and world.check say how it was. */
void world_run(uint64_t seed, const struct genome *g, bool verbose);

/* The promise is broken: ends the run. */
__attribute__((noreturn, format(printf, 1, 2))) void world_fail(
    const char *fmt, ...);

/* A line of the trace. */
__attribute__((format(printf, 1, 2))) void world_say(const char *fmt, ...);

/* One of the moments has come; ntp-clock may not return from this. */
void world_moment(enum moment m);

/* Time passes until then, or until ntp-clock has something to read. */
void world_wait(int64_t until_ns, bool (*ready)(void));

int64_t world_now_ns(void);

/* Log-uniform between two numbers above 0. */
double world_spread(struct rng *r, double low, double high);

/* Queues. */
void queue_clear(struct queue *q);
bool queue_empty(const struct queue *q);
bool queue_put(struct queue *q, const void *msg, size_t length, int fd);
/* The next one, or NULL; it is valid until the next call. */
const union msg *queue_take(struct queue *q, int *fd);

/* adv_ntpd.c */
void ntpd_start(void);
void ntpd_connect_net(void);
void ntpd_spawn_clock(void);
void ntpd_configure_clock(void);
/* It takes one message. */
void ntpd_take(void);
void ntpd_killed(void);
void ntpd_stopped(void);
void ntpd_clock_gone(void);

/* main() of ntp-clock. */
int adv_clock_main(void);

#endif
