/*
 * What is promised, checked at every moment with arithmetic of its own: doubles
 * and exact times, where ntp-clock counts in integers and parts of a period.
 *
 *  - What moves the clock beyond the band around the anchor adds up to no more
 *    than the budget, in any window of one period.
 *  - In all, the clock moves by no more than what was allowed at the start, by
 *    an operator and for a pause, a budget for each period begun, and the band.
 *  - The first anchor lies in the band, and walks by 1 ppm a day afterwards.
 *  - Once frozen, there is no step and no leap second, and the rate stays that at
 *    rest, until an operator says otherwise, whoever is started anew.
 *  - A step is no larger than its limit; one is free after a boot.
 *
 * The tolerance: TOLERANCE_NS, for an anchor that is used up to two seconds
 * before it is reported, and what a time without ntp-clock costs: it has been
 * charged for when it is over, so at most one such time is in excess; but for
 * those that are lost.
 */
#ifndef TESTS_ATTACK_ADV_CHECK_H
#define TESTS_ATTACK_ADV_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"

#define WINDOWS	     4
#define ENTRIES	     65536
#define GAPS	     64
#define TOLERANCE_NS 1e6

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

void check_begin(void);

/* The machine: time has passed, a step or a leap second is about to be made. */
void check_passed(int64_t ns);
void check_step(int64_t by_ns);
void check_leap(int64_t by_ns, int64_t at_ns);
/* The rate was set. */
void check_set(void);

/* ntp-clock reads its configuration, as a new process or not; a release. */
void check_config(const struct msg_clock_config *m, bool first);
void check_release(const struct msg_clock_release *m);
/* It reports; what ntpd has kept of that. */
void check_report(const struct msg_clock_state *m);
void check_kept(const char *frozen);
/* ntp-clock is gone, by a kill or not; it is there, but late. */
void check_gone(bool killed);
void check_late(bool late);
/* The machine was paused. */
void check_pause(int64_t for_ns);

#endif
