/*
 * What there is in the adversary's world, and nothing that is done with it: the
 * state of each part, and the one world that holds them all.  Each part's
 * functions are in its own header.
 */
#ifndef TESTS_ATTACK_ADV_STATE_H
#define TESTS_ATTACK_ADV_STATE_H

#include <sys/timex.h>

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "ntpd/kept/state.h"
#include "tests/sim/rng.h"

/* --- the machine, adv_machine.h ------------------------------------------- */

#define TICK_US	  10000
#define PPM_SPPM  65536
#define DAY_NS	  (86400 * INT64_C(1000000000))
#define SPPM_UNIT (INT64_C(65536) * 1000000) /* 100 % as a rate */

struct machine {
	int64_t raw_ns; /* raw time, suspended time included */
	int64_t suspended_ns;
	int64_t moved_ns;   /* CLOCK_REALTIME less raw time, */
	int64_t moved_part; /* and parts of a nanosecond, 1/SPPM_UNIT */
	int64_t rate_sppm;  /* in force */
	struct timex tx;
	bool nano; /* STA_NANO */
	int time_state;
	int64_t leap_at_ns;
	int64_t second; /* of CLOCK_REALTIME, the last one that began */
	int64_t seconds;
	bool has_rtc;
	int64_t rtc_ns;	   /* RTC less raw time, */
	int64_t rtc_at_ns; /* at this raw time, */
	int64_t rtc_ppb;   /* and how fast it runs */
};

/* --- what is checked, adv_check.h ----------------------------------------- */

#define WINDOWS 4
#define ENTRIES 65536
#define GAPS	64

struct entry {
	int64_t at_ns;
	double ns;
};

/*
 * A time without ntp-clock, and what it cost.  Lost: the next ntp-clock charged
 * for it, and was killed together with ntpd before it had said so.
 */
struct gap {
	int64_t at_ns;
	double ns;
	bool kept, lost;
};

/* All windows of one length, from a raw time on. */
struct window {
	int64_t period_ns;
	double budget_ns;
	double sum_ns;
	uint32_t head, tail;
	struct entry entries[ENTRIES];
};

struct check {
	int64_t reported_ns; /* the last report, or the start */
	bool active;	     /* a rate was set */
	bool gap;  /* ntp-clock is not there, or sleeps for too long */
	bool late; /* the latter */
	double gap_ns;
	double gaps_ns; /* all of them */
	uint32_t gap_count;
	struct gap gaps[GAPS];

	/* The anchor as it was reported, and what costs nothing. */
	int64_t anchor, tolerance, flags;
	bool anchored;
	int64_t low, high;
	/* The first anchor, from which it walks. */
	bool has_first;
	int64_t first, first_ns;

	/* The formula. */
	int64_t begun_ns; /* of the formula's periods */
	int64_t moved_ns; /* what CLOCK_REALTIME less raw was at first, */
	double free_ns;	  /* and steps that were allowed */
	double low_ns, high_ns;
	double budgets_ns; /* of before an operator's release */

	bool startup;	 /* the configuration says so */
	bool started;	 /* a first step was kept */
	bool first_done; /* it was made */
	int64_t known_ns;
	bool released, release_seen;
	int64_t release_ns, margin_ns;
	int64_t pause_ns;

	bool frozen_said; /* by this ntp-clock, or to it */
	bool frozen_kept; /* by ntpd */
	bool has_rest;
	int64_t rest, frozen_ns;

	struct msg_clock_config config; /* the last one that was read */
	uint32_t windows;
	struct window window[WINDOWS];

	/* For the report at the end. */
	double worst;	      /* part of a budget that was used in a period */
	double worst_formula; /* part of the formula's bound */
	double worst_ns;      /* distance from where the clock was */
	uint32_t steps, leaps, freezes, releases, charged, lost;
	bool ever_anchored;
};

/* --- the hostile ntp-net, adv_net.h --------------------------------------- */

#define PHASES_MAX 10
#define GENES	   8

/* Of every phase, numbers in (0,1); see adv_net.c. */
struct genome {
	int phases;
	double gene[PHASES_MAX][GENES];
	double careful;	       /* stop what is charged before that freezes */
	double kills;	       /* how often a program is killed, 0 for never, */
	double moment, victim; /* most of all then, and this one */
	bool first; /* the first kill is planned from the beginning */
};

struct adv_line {
	int64_t raw_ns, theta_ns, slope;
};

struct net {
	const struct genome *genome;
	struct rng rng;
	bool connected;
	int64_t reconnect_ns;
	int phase;
	int64_t phase_end_ns;
	int64_t due_ns;	  /* its next act */
	int64_t pause_ns; /* the last pause of the machine */
	bool pause_wanted;
	int64_t slope; /* of this phase, 2^-32 */
	struct adv_line line;
	uint64_t steps; /* that it has seen */
	int64_t sign;
	uint32_t leap;
	bool heard;
	struct msg_clock_state state;
};

/* --- the world, adv_world.h ----------------------------------------------- */

#define RTC_FD 30
#define NET_FD 40 /* and above, a number for each channel */
#define QUEUE  128
#define TEXT   200
#define RUN_NS (86400 * INT64_C(1000000000))

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

#endif
