/*
 * What may be done to the clock: which step, rate or leap second, by the
 * operator's limits, by the ledger of all that moves the clock, and by what is
 * known to have happened to the machine.  Past a limit the clock is frozen:
 * nothing more is permitted until an operator releases it.
 *
 * Run by ntp-clock.  Pure, integers only; the only state is in the caller's
 * struct permit.  Times are raw time; errors are UTC - CLOCK_REALTIME.
 */
#ifndef CORE_PERMIT_H
#define CORE_PERMIT_H

#include "core/steer/ledger.h"
#include "core/steer/resume.h"
#include "core/types.h"

#define PERMIT_BOOT_PARTS 10 /* of the step threshold, after a boot */
#define PERMIT_SURE_NS	  (10 * NS_PER_S)
#define PERMIT_ASIDE_NS	  (50 * NS_PER_MS) /* more than is needed at once */
#define PERMIT_KEEP_NS	  (600 * NS_PER_S) /* until it is given back unused */
#define PERMIT_LATE_NS	  NS_PER_S	   /* how late a wake-up may be */
#define PERMIT_SIGMAS	  3	   /* below this it may be noise: slew, */
#define PERMIT_DOUBT_NS	  NS_PER_S /* but an error above this is stepped */

/* What to do about an error of the clock. */
enum verdict {
	STEP_NO,       /* small enough to slew */
	STEP_WAIT,     /* leave it: too short, frozen, not paid */
	STEP_DO,       /* step now, then call permit_stepped() */
	STEP_VIOLATION /* it needs a forbidden step: now frozen */
};

/* Why a step is done. */
enum step_reason {
	REASON_LARGE,  /* too large to slew */
	REASON_FIRST,  /* the first correction after a start, */
	REASON_KNOWN,  /* of a clock before a time known to have passed, */
	REASON_BEYOND, /* or at an invalid date */
	REASON_PAUSED,
	REASON_OPERATOR
};

/* Why the clock is frozen. */
enum refusal {
	REFUSED_NOTHING,
	REFUSED_LIMIT,	 /* a step: amount above bound */
	REFUSED_STARTUP, /* the same at startup */
	REFUSED_OTHER,	 /* an operator allowed another step: bound */
	REFUSED_STEP,	 /* above the rest of the budget: bound */
	REFUSED_RATE,	 /* the same for a rate: amount, 10^-9 ppm */
	REFUSED_LEAP,	 /* the same for a leap second */
	REFUSED_BEFORE	 /* frozen before this program started */
};

struct permit_limits {
	struct ledger_limits ledger;
	int64_t step_over_ns;
	int64_t startup_forward_ns;  /* INT64_MAX: no limit */
	int64_t startup_backward_ns; /* a magnitude; the same */
	int64_t limit_ns;	     /* the same */
	int64_t resume_ns;	     /* the same */
	int64_t known_ns;	     /* a UTC that has certainly passed */
	bool at_once;		     /* after a boot: the normal threshold */
};

/* The clock and its error at one moment. */
struct permit_view {
	int64_t now_ns;
	int64_t real_ns; /* CLOCK_REALTIME */
	int64_t error_ns;
	int64_t sigma_ns; /* the error's standard deviation, >= 0 */
	bool many;	  /* enough sources agree to believe in a pause */
};

/* All zero at the start, then permit_begin() and permit_limit(). */
struct permit {
	struct permit_limits limits;
	struct ledger ledger;
	struct resume resume;
	bool startup;  /* the first correction has not been made */
	bool started;  /* the first correction is stored as made, */
	bool asked;    /* the last proposal has no answer yet */
	bool charged;  /* the current rate is charged */
	bool released; /* an operator allows one step of release_ns */
	int64_t release_ns;
	int64_t margin_ns;
	int64_t want_ns;       /* still to be set aside; 0: nothing to store */
	int64_t asked_ns;      /* what the last proposal sets aside of it */
	int64_t aside_ns;      /* raw time of the last setting aside */
	int64_t need_ns;       /* the part of it for the current rate */
	int64_t cost_ns;       /* of the step that permit_judge() allowed */
	int64_t rates_ns;      /* cost of rates so far; the caller resets it */
	int64_t over_since_ns; /* a large error since; 0: none */
	bool over_forward;     /* its direction */
	bool leap_paid;	       /* the next leap second is paid */
	enum refusal refusal;
	int64_t amount; /* of the refused change, */
	int64_t bound;	/* and what would have been permitted */
};

/* True if the limits are in the ranges that the rest needs. */
MUST_CHECK bool permit_limits_ok(const struct permit_limits *limits);

/*
 * Start with the stored ledger. startup: the first correction is still to come.
 */
void permit_begin(struct permit *p, const struct ledger_kept *kept,
    int64_t now_ns, bool startup);

/* Set new limits. */
void permit_limit(
    struct permit *p, const struct permit_limits *limits, int64_t now_ns);

/*
 * The ledger was not stored, but the clock was corrected in this boot: assume
 * that all of the budget is used, and that this is no first start.
 */
void permit_assume(struct permit *p, int64_t now_ns);

/*
 * Decide about an error.  An error up to the threshold (a tenth of it for the
 * first correction after a boot; later at least PERMIT_SIGMAS times sigma, up
 * to PERMIT_DOUBT_NS) ends the startup and an operator's release.  If the clock
 * is before known_ns, its first correction may go up to known_ns whatever the
 * limits are.  After a pause of the machine, the clock may go forward by that
 * pause.  A step that is not paid for must wait, see permit_wants().  *why is
 * set if the verdict is STEP_DO.
 */
MUST_CHECK enum verdict permit_judge(
    struct permit *p, const struct permit_view *v, enum step_reason *why);

/* The allowed step was made: charge it. */
void permit_stepped(struct permit *p, int64_t now_ns);

/*
 * The rate until now was was_sppm.  From now on, for up to wait_ns, it should
 * be want_sppm.  Returns the permitted rate: a smaller one if want_sppm is not
 * paid for yet; the rate at rest if the clock is frozen, or becomes so by this
 * call.
 */
MUST_CHECK int64_t permit_rate(struct permit *p, int64_t now_ns,
    int64_t was_sppm, int64_t want_sppm, int64_t wait_ns);

/* The same as ledger_learn(), but nothing is learned while frozen. */
void permit_learn(struct permit *p, int64_t now_ns, int64_t rate_sppm);

/*
 * Must something be done within a few seconds: is there a waiting step, an
 * answer that is due, or a rate that costs?  Otherwise nothing here depends on
 * the time that passes.
 */
bool permit_busy(const struct permit *p);

/* Must something be stored before more is permitted? */
bool permit_wants(const struct permit *p);

/* The ledger to store, with the wanted amount set aside. */
struct ledger_kept permit_proposal(struct permit *p);

/*
 * The ledger as it may be stored at any time.  It includes the last proposal,
 * so that storing it later does not undo the proposal.
 */
struct ledger_kept permit_kept(const struct permit *p);

/* The last proposal was stored. */
void permit_agreed(struct permit *p, int64_t now_ns);

/*
 * The leap second that the kernel may be told: `wanted`, once it is paid for.
 * If the budget does not suffice, the clock is frozen.
 */
MUST_CHECK enum leap permit_leap(
    struct permit *p, int64_t now_ns, enum leap wanted);

/* The kernel has made the leap second. */
void permit_leapt(struct permit *p, int64_t now_ns);

/*
 * An operator releases the clock and allows one step within margin_ns of
 * step_ns.  What was used of the budget is forgiven.
 */
void permit_release(
    struct permit *p, int64_t step_ns, int64_t margin_ns, int64_t now_ns);

/* The reason of a step in words. */
const char *permit_reason(enum step_reason why);

/* Why the clock is frozen, in words: "WHAT amount UNIT is RELATION bound s". */
struct refusal_words {
	const char *what;
	const char *unit;
	const char *relation;
};
struct refusal_words permit_words(const struct permit *p);

#endif
