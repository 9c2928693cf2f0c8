/*
 * The ledger of everything that moves the clock.
 *
 * CLOCK_REALTIME moves against raw time because the machine's oscillator is not
 * right, and because somebody says so.  The first is a rate that hardly changes:
 * the anchor, with a tolerance around it.  What moves the clock beyond that, in
 * whichever way, a step, a slew, a frequency or a leap second, is charged to one
 * budget: a sum over the last period that never exceeds it, wherever the period
 * is thought to begin.
 *
 * What is charged is written down before it is done.  So an amount is first set
 * aside ("ahead"), kept by whoever keeps the ledger, and only then spent; after a
 * crash what was set aside counts as spent.
 *
 * Used by ntp-clock, and by ntpd, which keeps it.  Pure, integers only, and no
 * operation that can overflow, whatever the arguments are.  Times are raw time
 * of one boot, suspended time included; rates are relative to raw time in the
 * unit of the kernel, 2^-16 ppm (sppm, see steer.h).
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/types.h"

/*
 * The period in parts: an amount is forgotten when its whole part is older than
 * a period.  So parts and one more may be remembered at a time.
 */
#define LEDGER_PARTS 24
#define LEDGER_SLOTS (LEDGER_PARTS + 1)

/* Within this of zero the first anchor of a machine is looked for, */
#define LEDGER_COLD_SPPM   INT64_C(32768000) /* 500 ppm */
/* and within this of an earlier boot's the one of this boot. */
#define LEDGER_KEPT_SPPM   INT64_C(6553600) /* 100 ppm */
/* A frequency that stays this long is an anchor, or may do for one. */
#define LEDGER_ANCHOR_NS   (7200 * NS_PER_S)
#define LEDGER_STABLE_NS   (600 * NS_PER_S)
#define LEDGER_STABLE_SPPM (10 * INT64_C(65536))
/*
 * Anchors wander: one sppm in so long is one ppm a day.  Between two looks no
 * more time than that of an anchor counts, lest years of it be saved up.
 */
#define LEDGER_WALK_NS	   INT64_C(1318359375)

/* Flags of what is kept. */
#define LEDGER_ANCHORED (INT64_C(1) << 0) /* the anchor is of this boot */
#define LEDGER_KNOWN	(INT64_C(1) << 1) /* it is of an earlier one, or so */
#define LEDGER_STARTED	(INT64_C(1) << 2) /* the first correction was made */
#define LEDGER_ASSUMED	(INT64_C(1) << 3) /* what was used is not known */

/*
 * What must outlive a process, and stands in messages and in the state file as
 * so many numbers.
 */
#define LEDGER_WORDS (LEDGER_SLOTS + 8)
struct ledger_kept {
	int64_t slot_ns;	       /* length of a part; 0: nothing yet */
	int64_t slot;		       /* number of the newest part */
	int64_t used_ns[LEDGER_SLOTS]; /* of part n at n % LEDGER_SLOTS */
	int64_t ahead_ns;	       /* set aside, perhaps spent */
	int64_t until_ns;    /* raw time of the last account of rates */
	int64_t anchor_sppm; /* what is allowed for is around this */
	int64_t stable_sppm; /* what the frequency has been since */
	int64_t stable_ns;   /* this raw time; 0: it is not known */
	int64_t flags;	     /* LEDGER_* */
};

/* What the operator sets. */
struct ledger_limits {
	int64_t budget_ns;	/* >= 0; INT64_MAX: no budget */
	int64_t period_ns;	/* > 0 */
	int64_t tolerance_sppm; /* around an anchor, >= 0 */
};

/* The caller's; starts from zeros, then ledger_load() and ledger_limit(). */
struct ledger {
	struct ledger_kept k;
	struct ledger_limits limits;
	int64_t walked_ns; /* raw time up to which the anchor has walked */
};

/* True if every number is one that this code can have written. */
MUST_CHECK bool ledger_ok(const struct ledger_kept *k);

/*
 * Take up what is kept of this boot: what was set aside counts as spent, as of
 * now, since it may have been spent long after this was kept.
 */
void ledger_load(struct ledger *l, const struct ledger_kept *k, int64_t now_ns);

/*
 * What an earlier boot kept, for this one: its anchor, or what came next to one,
 * is where the new one is looked for; nothing else is left.
 */
void ledger_reboot(struct ledger_kept *k);

/* New limits.  A period of another length takes over all that is used, as of now. */
void ledger_limit(
    struct ledger *l, const struct ledger_limits *limits, int64_t now_ns);

/* What is used or set aside in the period that ends now; >= 0. */
int64_t ledger_used(const struct ledger *l, int64_t now_ns);

/* What can still be used or set aside; >= 0. */
int64_t ledger_left(const struct ledger *l, int64_t now_ns);

/* All of the budget is used, as far as is known: see LEDGER_ASSUMED. */
void ledger_assume(struct ledger *l, int64_t now_ns);

/* An operator vouches for the clock: nothing is used. */
void ledger_forgive(struct ledger *l, int64_t now_ns);

/* Of what is set aside only what the budget has room for stays so. */
void ledger_trim(struct ledger *l, int64_t now_ns);

/* Set aside, without a look at what is left; or give back all but so much. */
void ledger_set_aside(struct ledger *l, int64_t amount_ns);
void ledger_give_back(struct ledger *l, int64_t keep_ns);

/* Spend: first what was set aside.  amount >= 0; negative counts as 0. */
void ledger_spend(struct ledger *l, int64_t now_ns, int64_t amount_ns);

/*
 * Is more used in a later account than the earlier one had set aside?  So it is
 * after a rate that went on while no ntp-clock was there: nobody could ask first.
 */
bool ledger_overdrawn(
    const struct ledger_kept *earlier, const struct ledger_kept *later);

/* The rates that cost nothing, lowest and highest. */
struct ledger_band {
	int64_t low_sppm;
	int64_t high_sppm;
};
struct ledger_band ledger_band(const struct ledger *l);

/* The rate of the band that is nearest to this one. */
int64_t ledger_clamp(const struct ledger *l, int64_t rate_sppm);

/* What a rate costs in so long a time, rounded up; >= 0. */
int64_t ledger_cost(
    const struct ledger *l, int64_t rate_sppm, int64_t elapsed_ns);

/*
 * The machine was suspended for so long, of the time until now: the kernel has
 * moved CLOCK_REALTIME and raw time alike, so no rate has cost anything.
 */
void ledger_slept(struct ledger *l, int64_t now_ns, int64_t slept_ns);

/*
 * The clock ran at this rate from the last such account until now.  Returns what
 * that has cost.
 */
int64_t ledger_account(struct ledger *l, int64_t now_ns, int64_t rate_sppm);

/*
 * The rate that was found to follow UTC, at a moment when it is well known: the
 * first anchor comes of one that stays, and an anchor walks towards it by no more than
 * one ppm a day.
 */
void ledger_learn(struct ledger *l, int64_t now_ns, int64_t rate_sppm);

/*
 * The rate for a clock that nobody may be believed about: the anchor; before
 * there is one, the frequency that has been stable, if one has, as far as it is in
 * the band.
 */
int64_t ledger_rest(const struct ledger *l, int64_t now_ns);

/*
 * What ledger_rest() is now, it remains: a frequency that is not stable yet is
 * forgotten.
 */
void ledger_settle(struct ledger *l, int64_t now_ns);

#endif
