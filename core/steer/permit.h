/*
 * What may be done to the clock: a step, a rate, a leap second, by the limits
 * that the operator sets, by the ledger of all that moves the clock, and by what
 * is known to have happened to the machine.  Past a limit nothing more is
 * permitted until an operator says so: the clock is frozen.
 *
 * Used by ntp-clock.  Pure, integers only; the only state is in the caller's
 * struct permit.  Times are raw time, errors UTC less CLOCK_REALTIME.
 */
#ifndef CORE_PERMIT_H
#define CORE_PERMIT_H

#include "core/steer/ledger.h"
#include "core/steer/resume.h"
#include "core/types.h"

#define PERMIT_BOOT_PARTS 10 /* of the threshold, after a boot */
#define PERMIT_SURE_NS	  (10 * NS_PER_S)
#define PERMIT_ASIDE_NS	  (50 * NS_PER_MS) /* more than is needed at once */
#define PERMIT_KEEP_NS	  (600 * NS_PER_S) /* so long, if it is not used */
#define PERMIT_LATE_NS	  NS_PER_S	   /* by which a wake-up may be late */
#define PERMIT_SIGMAS	  3	   /* what is no more may be noise: slewed, */
#define PERMIT_DOUBT_NS	  NS_PER_S /* but not what is over this */

/* What to do about an error of the clock. */
enum verdict {
	STEP_NO,   /* it is small: slew */
	STEP_WAIT, /* leave it: not seen for long enough, frozen, not paid */
	STEP_DO,   /* step it now, then call permit_stepped() */
	STEP_VIOLATION /* it must be stepped, and must not be: now frozen */
};

/* Why a step is done. */
enum step_reason {
	REASON_LARGE, /* more than is slewed */
	REASON_FIRST, /* the first correction after a start, */
	REASON_KNOWN, /* of a clock that was before a time known to have been, */
	REASON_BEYOND, /* or at a date that cannot be */
	REASON_PAUSED,
	REASON_OPERATOR
};

/* Why the clock is frozen. */
enum refusal {
	REFUSED_NOTHING,
	REFUSED_LIMIT,	 /* a step of amount over bound */
	REFUSED_STARTUP, /* likewise at the start */
	REFUSED_OTHER,	 /* an operator agreed to another one: bound */
	REFUSED_STEP,	 /* it is over what is left of the budget: bound */
	REFUSED_RATE,	 /* so is a rate of amount, in 10^-9 ppm */
	REFUSED_LEAP,	 /* so is a leap second */
	REFUSED_BEFORE	 /* it was frozen when this program began */
};

struct permit_limits {
	struct ledger_limits ledger;
	int64_t step_over_ns;
	int64_t startup_forward_ns;  /* INT64_MAX: any */
	int64_t startup_backward_ns; /* a magnitude; likewise */
	int64_t limit_ns;	     /* likewise */
	int64_t resume_ns;	     /* likewise */
	int64_t known_ns;	     /* UTC that has been */
	bool at_once;		     /* no lower threshold after a boot */
};

/* The clock and its error at one moment. */
struct permit_view {
	int64_t now_ns;
	int64_t real_ns; /* CLOCK_REALTIME */
	int64_t error_ns;
	int64_t sigma_ns; /* the error's standard deviation, >= 0 */
	bool many;	  /* enough sources say so to believe in a pause */
};

/* Start from zeros, then permit_begin() and permit_limit(). */
struct permit {
	struct permit_limits limits;
	struct ledger ledger;
	struct resume resume;
	bool startup; /* the first correction is still to be made */
	bool
	    started; /* and that the first one is made has been written down, */
	bool asked;  /* or is to be, with asked_ns: an answer is due */
	bool charged;  /* the rate in force costs something */
	bool released; /* an operator allows one step, of this size */
	int64_t release_ns;
	int64_t margin_ns;
	int64_t want_ns;  /* to be set aside; 0: nothing has to be written */
	int64_t asked_ns; /* of it, what the last proposal sets aside */
	int64_t aside_ns; /* raw time when something was last set aside */
	int64_t need_ns;  /* for the rate in force, of what is set aside */
	int64_t cost_ns;  /* of the step that permit_judge() allowed */
	int64_t rates_ns; /* what rates have cost, for the caller to reset */
	int64_t
	    over_since_ns; /* an error wants a step since then; 0: none does; */
	bool over_forward; /* and in which direction */
	bool leap_paid;	   /* the next leap second is */
	enum refusal refusal;
	int64_t amount; /* of what was refused, */
	int64_t bound;	/* and what would have been permitted */
};

/* True if the limits are such that the rest can work with them. */
MUST_CHECK bool permit_limits_ok(const struct permit_limits *limits);

/* What is known from before: the ledger, and whether the start is still to be. */
void permit_begin(struct permit *p, const struct ledger_kept *kept,
    int64_t now_ns, bool startup);

/* New limits. */
void permit_limit(
    struct permit *p, const struct permit_limits *limits, int64_t now_ns);

/*
 * The ledger was not kept, and the clock has been corrected since boot: all of
 * the budget counts as used, and this is no first start.
 */
void permit_assume(struct permit *p, int64_t now_ns);

/*
 * Decide about an error.  One at or below the threshold (a tenth of it for the
 * first correction after a boot; after that no less than PERMIT_SIGMAS times sigma,
 * up to PERMIT_DOUBT_NS) ends the startup and takes back a release.  The
 * first correction of a clock that is before known_ns may go up to there whatever
 * the limits, and after a pause of the machine it may go forward by as much.  A
 * step that is not paid for yet must wait, see permit_want().  *why is set where
 * the verdict is STEP_DO.
 */
MUST_CHECK enum verdict permit_judge(
    struct permit *p, const struct permit_view *v, enum step_reason *why);

/* The step that was allowed is made: charge it. */
void permit_stepped(struct permit *p, int64_t now_ns);

/*
 * The rate in force was this one until now; from now on, for up to wait_ns, it is
 * to be want.  Returns the rate that it may be: less where that is not paid for
 * yet; that at rest where the clock is frozen, or becomes so by this.
 */
MUST_CHECK int64_t permit_rate(struct permit *p, int64_t now_ns,
    int64_t was_sppm, int64_t want_sppm, int64_t wait_ns);

/* ledger_learn(), but of a frozen clock nothing is learnt. */
void permit_learn(struct permit *p, int64_t now_ns, int64_t rate_sppm);

/*
 * Is there something to be looked at within a few seconds: a step that waits, an
 * answer that is due, a rate that costs?  Else nothing that is asked here depends
 * on how much time passes.
 */
bool permit_busy(const struct permit *p);

/* Must something be written down before more is done? */
bool permit_wants(const struct permit *p);

/* The ledger to be written down, with that set aside. */
struct ledger_kept permit_proposal(struct permit *p);

/*
 * The ledger as it may be written down at any time: what has been proposed counts
 * from then on, lest a later word take it back.
 */
struct ledger_kept permit_kept(const struct permit *p);

/* The last proposal has been written down. */
void permit_agreed(struct permit *p, int64_t now_ns);

/*
 * What the kernel may be told of a leap second: what is wanted, once that is paid
 * for; a budget that is used up freezes.
 */
MUST_CHECK enum leap permit_leap(
    struct permit *p, int64_t now_ns, enum leap wanted);

/* The kernel has made it. */
void permit_leapt(struct permit *p, int64_t now_ns);

/*
 * An operator says: go on, and one step within margin of this size is allowed.
 * What was used of the budget is forgiven.
 */
void permit_release(
    struct permit *p, int64_t step_ns, int64_t margin_ns, int64_t now_ns);

/* In words why a step is done. */
const char *permit_reason(enum step_reason why);

/* In words why the clock is frozen: "WHAT amount UNIT is RELATION bound s". */
struct refusal_words {
	const char *what;
	const char *unit;
	const char *relation;
};
struct refusal_words permit_words(const struct permit *p);

#endif
