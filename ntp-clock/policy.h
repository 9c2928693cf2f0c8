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
#define POLICY_BOOT_PARTS   10		    /* of the threshold, after a boot */
#define POLICY_SURE_NS	    (10 * NS_PER_S)

/* What to do about an error of the clock. */
enum verdict {
	STEP_NO,       /* it is small: slew */
	STEP_WAIT,     /* leave it: not seen for long enough, or frozen */
	STEP_DO,       /* step it now */
	STEP_VIOLATION /* it must be stepped, and must not be: now frozen */
};

/* Start from zeros, then policy_configure(). */
struct policy {
	struct msg_clock_config limits;
	bool configured;
	bool startup;  /* the first correction is still to be made */
	bool released; /* an operator allows one step, whatever its size */
	/*
	 * Of the budget, in the period that began at this CLOCK_BOOTTIME with
	 * its first step.  0: nothing was corrected since boot; the first
	 * correction at startup is not counted.
	 */
	int64_t used_ns;
	int64_t start_ns;
	int64_t real_ns;	 /* CLOCK_REALTIME, before policy_judge() */
	int64_t over_since_ns;	 /* CLOCK_BOOTTIME: an error wants a step, 0: */
	bool over_forward;	 /* none does; and in which direction */
	char frozen[REASON_LEN]; /* why nothing may be changed, or empty */
};

/* A number in words. */
struct policy_text {
	char s[24];
};

/*
 * Take the limits.  The first message also says what is known from before
 * (startup, budget used, frozen); later ones change the limits only.  Returns
 * -1 and changes nothing where a value is out of range.
 */
MUST_CHECK int policy_configure(
    struct policy *p, const struct msg_clock_config *m);

/*
 * Check every field of a sample, at raw time now; it must not be from before
 * the raw time since.  Returns NULL where it may be used, or a sentence that
 * says what is wrong with it.
 */
MUST_CHECK const char *policy_sample(const struct policy *p,
    const struct msg_sample *s, int64_t now_ns, int64_t since_ns);

/*
 * Decide about an error (UTC less CLOCK_REALTIME) at a CLOCK_BOOTTIME.  One at
 * or below the threshold (a tenth of it for the first correction after a boot)
 * ends the startup and takes back a release.  The first correction of a clock
 * that is before limits.known_ns may go up to there whatever the limits.  A step
 * that is allowed is counted as made.  *why says the reason of a step or of a
 * violation, as long as the policy is not changed.
 */
MUST_CHECK enum verdict policy_judge(
    struct policy *p, int64_t error_ns, int64_t boot_ns, const char **why);

/* Begin a new budget period if the present one is over. */
void policy_period(struct policy *p, int64_t boot_ns);

/* An operator says: go on, and the next step is allowed. */
void policy_release(struct policy *p);

/* Seconds with as many digits as are needed: "-1200.5". */
struct policy_text policy_seconds(int64_t ns);

#endif
