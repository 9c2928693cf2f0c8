/*
 * What may be done to the clock: the checks of a sample, and the limits of
 * steps.  Used by ntp-clock.  Pure: no clock is read here and none is set;
 * the only state is in the caller's struct policy.
 */
#ifndef NTP_CLOCK_POLICY_H
#define NTP_CLOCK_POLICY_H

#include "msg.h"
#include "types.h"

#define POLICY_AHEAD_NS	    NS_PER_S	      /* a sample's raw time */
#define POLICY_AGE_NS	    (3600 * NS_PER_S) /* likewise */
#define POLICY_SIGMA_MAX_NS (16 * NS_PER_S)   /* RFC 5905 MAXDISP */
#define POLICY_UTC_END_NS   (INT64_C(7258118400) * NS_PER_S) /* 2200-01-01 */
#define POLICY_ONCE_OVER_NS INT64_C(100000) /* ntpd -q steps over it */
#define POLICY_SURE_SAMPLES 3
#define POLICY_SURE_GAP_NS  NS_PER_S /* between two that count */
#define POLICY_SURE_NS	    (10 * NS_PER_S)
#define POLICY_SECONDS_LEN  24

/* Why a sample is refused. */
enum refusal {
	REFUSE_NONE,
	REFUSE_EARLY,
	REFUSE_QUIET,
	REFUSE_FUTURE,
	REFUSE_OLD,
	REFUSE_ORDER,
	REFUSE_SIGMA,
	REFUSE_SLOPE,
	REFUSE_SLOPE_SIGMA,
	REFUSE_ROOT,
	REFUSE_LEAP,
	REFUSE_UTC,
	REFUSE_COUNT
};

/* What to do about an error of the clock. */
enum verdict {
	STEP_NO,       /* it is small: slew */
	STEP_WAIT,     /* large, but not seen for long enough: slew */
	STEP_DO,       /* step it now */
	STEP_VIOLATION /* it must be stepped, and must not be */
};

/* Start from zeros, then policy_configure(). */
struct policy {
	struct msg_clock_config limits;
	bool configured;
	bool startup;  /* the first correction is still to be made */
	bool released; /* an operator allows one step, whatever its size */
	uint64_t steps;
	/*
	 * Of the budget, in the period that began at this CLOCK_BOOTTIME with
	 * its first step.  0: nothing was corrected since boot; the first
	 * correction at startup is not counted.
	 */
	int64_t used_ns;
	int64_t start_ns;
	uint32_t over_count;	 /* samples in a row that want a step */
	bool over_forward;	 /* and in which direction */
	int64_t over_since_ns;	 /* raw time of the first look at it */
	int64_t over_sample_ns;	 /* of the last sample that counted */
	char frozen[REASON_LEN]; /* why nothing may be changed, or empty */
};

/* One look at the clock. */
struct policy_look {
	int64_t error_ns; /* UTC less CLOCK_REALTIME */
	int64_t raw_ns;
	int64_t boot_ns; /* CLOCK_BOOTTIME */
	bool fresh;	 /* a sample came with it */
};

/*
 * Take the limits.  The first message also says what is known from before
 * (startup, budget used, frozen); later ones change the limits only.  Returns
 * -1 and changes nothing where a value is out of range.
 */
MUST_CHECK int policy_configure(
    struct policy *p, const struct msg_clock_config *m);

/*
 * Check every field of a sample, at raw time now; newest is the raw time of
 * the last one accepted (0: none).  Returns REFUSE_NONE where it may be used.
 */
enum refusal policy_sample(const struct msg_sample *s, int64_t now_ns,
    int64_t newest_ns, int64_t earliest_ns);

/* In words; never NULL. */
const char *policy_refusal(enum refusal r);

/*
 * Decide about an error.  An error at or below the threshold ends the startup
 * and takes back a release.  why is set with STEP_DO and STEP_VIOLATION.
 */
enum verdict policy_judge(
    struct policy *p, const struct policy_look *look, char why[REASON_LEN]);

/* The step that policy_judge() allowed was made: count it. */
void policy_stepped(struct policy *p, const struct policy_look *look);

/* Begin a new budget period if the present one is over. */
void policy_period(struct policy *p, int64_t boot_ns);

/* Nothing may be changed from now on, because of this. */
void policy_freeze(struct policy *p, const char *why);

/* An operator says: go on, and the next step is allowed. */
void policy_release(struct policy *p);

/* Seconds with as many digits as are needed: "-1200.5". */
void policy_seconds(char text[POLICY_SECONDS_LEN], int64_t ns);

#endif
