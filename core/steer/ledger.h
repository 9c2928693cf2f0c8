/*
 * The ledger of everything that moves the clock.
 *
 * CLOCK_REALTIME moves against raw time for two reasons: the machine's
 * oscillator is off, and somebody says so.  The first is a rate that hardly
 * changes: the anchor, with a tolerance around it.  All other movement of the
 * clock in either direction, by a step, a slew, a frequency or a leap second,
 * is charged to one budget: a sum over the last period that never exceeds the
 * budget, wherever the period begins.
 *
 * A charge is stored before it is made.  So an amount is first set aside
 * ("ahead"), then stored by the keeper of the ledger, and only then spent.
 * After a crash, what was set aside counts as spent.
 *
 * Run by ntp-clock, and by ntpd, which stores the ledger.  Pure, integers only,
 * and no operation can overflow, whatever the arguments are.  Times are raw
 * time of one boot, with suspended time.  Rates are relative to raw time, in
 * the kernel's unit, 2^-16 ppm (sppm, see steer.h).
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/types.h"

/*
 * The period is divided into LEDGER_PARTS slots.  An amount is forgotten when
 * all of its slot is older than a period, so one more slot must be remembered.
 */
#define LEDGER_PARTS 24
#define LEDGER_SLOTS (LEDGER_PARTS + 1)

/* The first anchor of a machine is looked for within this of zero, */
#define LEDGER_COLD_SPPM   INT64_C(32768000) /* 500 ppm */
/* and the anchor of a new boot within this of the last boot's. */
#define LEDGER_KEPT_SPPM   INT64_C(6553600) /* 100 ppm */
/*
 * A frequency that is stable for LEDGER_ANCHOR_NS becomes an anchor; one that
 * is stable for LEDGER_STABLE_NS may replace a missing one.
 */
#define LEDGER_ANCHOR_NS   (7200 * NS_PER_S)
#define LEDGER_STABLE_NS   (600 * NS_PER_S)
#define LEDGER_STABLE_SPPM (10 * INT64_C(65536))
/*
 * Anchors wander: one sppm per LEDGER_WALK_NS is 1 ppm a day.  Between two
 * calls no more than LEDGER_ANCHOR_NS counts, so that no years can be saved up.
 */
#define LEDGER_WALK_NS	   INT64_C(1318359375)

/* Flags of a stored ledger. */
#define LEDGER_ANCHORED (INT64_C(1) << 0) /* the anchor is of this boot */
#define LEDGER_KNOWN	(INT64_C(1) << 1) /* the anchor is only a guess */
#define LEDGER_STARTED	(INT64_C(1) << 2) /* the first correction was made */
#define LEDGER_ASSUMED	(INT64_C(1) << 3) /* the true use is unknown */

/*
 * What must outlive a process.  In messages and in the state file it is
 * LEDGER_WORDS numbers.
 */
#define LEDGER_WORDS (LEDGER_SLOTS + 8)
struct ledger_kept {
	int64_t slot_ns;	       /* length of a slot; 0: nothing yet */
	int64_t slot;		       /* number of the newest slot */
	int64_t used_ns[LEDGER_SLOTS]; /* of slot n at n % LEDGER_SLOTS */
	int64_t ahead_ns;	       /* set aside, maybe spent */
	int64_t until_ns;    /* raw time up to which rates are charged */
	int64_t anchor_sppm; /* centre of the band of free rates */
	int64_t stable_sppm; /* the frequency, stable since ... */
	int64_t stable_ns;   /* ... this raw time; 0: unknown */
	int64_t flags;	     /* LEDGER_* */
};

/* The operator's limits. */
struct ledger_limits {
	int64_t budget_ns;	/* >= 0; INT64_MAX: no budget */
	int64_t period_ns;	/* > 0 */
	int64_t tolerance_sppm; /* around an anchor, >= 0 */
};

/*
 * The caller's memory; all zero at the start, then ledger_load() and
 * ledger_limit().
 */
struct ledger {
	struct ledger_kept k;
	struct ledger_limits limits;
	int64_t walked_ns; /* raw time up to which the anchor was moved */
};

/* True if every number is in the range that this code writes. */
MUST_CHECK bool ledger_ok(const struct ledger_kept *k);

/*
 * Load a ledger that was stored in this boot.  What was set aside counts as
 * spent now, since it may have been spent long after the ledger was stored.
 */
void ledger_load(struct ledger *l, const struct ledger_kept *k, int64_t now_ns);

/*
 * Convert a ledger of an earlier boot for this one: its anchor, or else its
 * stable frequency, is where the new anchor is looked for; nothing else
 * remains.
 */
void ledger_reboot(struct ledger_kept *k);

/*
 * Set new limits.  If the period changes, all that is used counts as used now.
 */
void ledger_limit(
    struct ledger *l, const struct ledger_limits *limits, int64_t now_ns);

/* What is used or set aside in the period that ends now, ns, >= 0. */
int64_t ledger_used(const struct ledger *l, int64_t now_ns);

/* What can still be used or set aside, ns, >= 0. */
int64_t ledger_left(const struct ledger *l, int64_t now_ns);

/* The true use is unknown: assume all of the budget, see LEDGER_ASSUMED. */
void ledger_assume(struct ledger *l, int64_t now_ns);

/* An operator vouches for the clock: clear all that is used or set aside. */
void ledger_forgive(struct ledger *l, int64_t now_ns);

/* Reduce what is set aside to the room that the budget has for it. */
void ledger_trim(struct ledger *l, int64_t now_ns);

/* Set aside without checking the budget; or give back all but keep_ns. */
void ledger_set_aside(struct ledger *l, int64_t amount_ns);
void ledger_give_back(struct ledger *l, int64_t keep_ns);

/* Spend, first from what was set aside.  An amount below 0 counts as 0. */
void ledger_spend(struct ledger *l, int64_t now_ns, int64_t amount_ns);

/*
 * Does the later ledger use more than the earlier one had set aside?  It does
 * after a rate that went on while there was no ntp-clock, which could not ask
 * first.
 */
bool ledger_overdrawn(
    const struct ledger_kept *earlier, const struct ledger_kept *later);

/* The band of rates that cost nothing, lowest and highest. */
struct ledger_band {
	int64_t low_sppm;
	int64_t high_sppm;
};
struct ledger_band ledger_band(const struct ledger *l);

/* The rate in the band that is nearest to this one. */
int64_t ledger_clamp(const struct ledger *l, int64_t rate_sppm);

/* The cost of a rate over elapsed_ns, ns, rounded up, >= 0. */
int64_t ledger_cost(
    const struct ledger *l, int64_t rate_sppm, int64_t elapsed_ns);

/*
 * Of the time until now, the machine was suspended for slept_ns.  The kernel
 * has moved CLOCK_REALTIME and raw time alike, so that part costs nothing.
 */
void ledger_slept(struct ledger *l, int64_t now_ns, int64_t slept_ns);

/*
 * Charge the rate at which the clock ran from the last call until now.  Returns
 * the cost, ns.
 */
int64_t ledger_account(struct ledger *l, int64_t now_ns, int64_t rate_sppm);

/*
 * Learn the rate that follows UTC, at a moment when it is well known.  A rate
 * that stays becomes the first anchor.  An anchor moves towards the rate by at
 * most 1 ppm a day.
 */
void ledger_learn(struct ledger *l, int64_t now_ns, int64_t rate_sppm);

/*
 * The rate for a clock when nobody can be believed: the anchor; without one,
 * the stable frequency, if there is one, limited to the band.
 */
int64_t ledger_rest(const struct ledger *l, int64_t now_ns);

/*
 * Freeze ledger_rest() at its value now: a frequency that is not stable yet is
 * forgotten.
 */
void ledger_settle(struct ledger *l, int64_t now_ns);

#endif
