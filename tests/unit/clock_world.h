/*
 * The world in which the test of ntp-clock runs it: a machine with a simulated
 * kernel, and the other ends of its channels.  Time passes only when the
 * program waits.  No real clock is read or set.
 */
#ifndef TESTS_CLOCK_WORLD_H
#define TESTS_CLOCK_WORLD_H

#include <sys/timex.h>

#include <setjmp.h>

#include "common/msg.h"
#include "core/types.h"

#define S(n) ((n)*NS_PER_S)
#define PPM  1e-6

enum { EVENTS_MAX = EVENT_COUNT };

/* The world: a machine, its kernel's clock, and the time. */
struct world {
	double passed_ns; /* raw time since the start */
	double behind_ns; /* UTC minus CLOCK_REALTIME */
	double slope;	  /* of UTC against raw time */
	int64_t utc_ns;	  /* at the start */
	int64_t leap_ns;  /* sum of leap seconds in UTC */
	bool has_rtc;
	int64_t rtc_ahead_ns; /* of UTC */
	double rtc_sync_s;    /* when the kernel next sets it */
	int64_t suspended_ns;
	struct timex tx;
	bool refuse; /* EPERM for a change */
	bool forbid; /* EPERM for every call */
	bool controlled;
	bool leap_done;	 /* by UTC */
	bool kernel_did; /* false if it was not told */

	bool no_page;	      /* ntp-clock cannot map its page */
	double deaf_s, ear_s; /* ntpd reads nothing from .. to */
	int parent;
	int net;
	double next_sample_s;
	double sample_every_s;
	double sample_error_ns;
	double sample_slope_error;
	double sample_runs; /* growth of the error, a fraction */
	uint32_t sample_flags;
	uint32_t sample_leap;
	double net_ends_s;
	struct msg_sample *early; /* sent before the limits, or NULL */
	double end_s;
	void (*at)(void); /* called once, */
	double at_s;	  /* at this time */

	double answer_s; /* ntpd's time to write; negative: for ever */
	double answer_at_s;
	uint64_t unanswered; /* number of the charge being saved, or 0 */
	int charges;
	struct msg_clock_charge kept; /* the last saved one */
	double answered_s;	      /* when it was saved */

	struct msg_clock_state state; /* the last, by message or page */
	uint32_t told_flags;	      /* of the last message */
	double frozen_told_s;	      /* first message that said so, or 0 */
	double told_s;		      /* when the last one came, */
	double longest_s;	      /* and the longest time between two */
	struct msg_clock_event last[EVENTS_MAX];
	int events[EVENTS_MAX];
	int states;
	int sets; /* clock_adjtime() with modes */
	int steps;
	double stepped_s; /* time of the last step */
	int waits;
	double fastest_ppm; /* rate minus slope */
	double jump_ns;	    /* largest step of the clock */
	int status;
	jmp_buf out;
};

extern struct world w;

/*
 * A new world: the clock is behind UTC by behind_s, and UTC's slope against raw
 * time is slope_ppm.  A sample every 16 s, the first after 1 s; ntpd ends it
 * after 100 s.
 */
void world(double behind_s, double slope_ppm);

/* The limits that are ntpd.conf(5)'s defaults. */
struct msg_clock_config defaults(void);

/* Run ntp-clock in it, from its start to its end. */
void play(struct msg_clock_config m);

/* Pause the machine for s seconds: only UTC and the RTC go on. */
void stop_machine(double s);

/* Send a message to ntp-clock, with a descriptor or -1. */
void give(int to, enum proc from, enum msg_type type, void *msg, int fd);

#endif
