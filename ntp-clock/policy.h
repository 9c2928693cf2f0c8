/*
 * The border of ntp-clock: messages are checked and taken over, and decisions
 * (core/steer/permit.h) are put into words.  Run by ntp-clock.  Pure: it never
 * reads or sets a clock.
 */
#ifndef NTP_CLOCK_POLICY_H
#define NTP_CLOCK_POLICY_H

#include "common/msg.h"
#include "core/steer/permit.h"
#include "core/types.h"

#define POLICY_AHEAD_NS	    NS_PER_S /* a sample's raw time, at most ahead */
#define POLICY_AGE_NS	    (3600 * NS_PER_S) /* and at most behind */
#define POLICY_SIGMA_MAX_NS (16 * NS_PER_S)   /* RFC 5905 MAXDISP */
#define POLICY_ONCE_OVER_NS INT64_C(100000)   /* ntpd -q steps above */

/* All zero at the start, then policy_configure(). */
struct policy {
	struct msg_clock_config config;
	bool configured;
	char frozen[REASON_LEN]; /* why the clock is frozen, or empty */
};

/*
 * Take the limits, at raw time now_ns.  The first message also has the stored
 * state (startup, ledger, frozen); later ones change only the limits.  Returns
 * -1 and changes nothing if a value is out of range.
 */
MUST_CHECK int policy_configure(struct policy *p, struct permit *permit,
    const struct msg_clock_config *m, int64_t now_ns);

/*
 * Check every field of a sample, at raw time now_ns.  The sample must not be
 * from before raw time since_ns.  Returns NULL if it may be used, or a sentence
 * that says what is wrong.
 */
MUST_CHECK const char *policy_sample(const struct policy *p,
    const struct msg_sample *s, int64_t now_ns, int64_t since_ns);

/* An operator releases the clock, and allows one step of about this size. */
void policy_release(struct policy *p, struct permit *permit,
    const struct msg_clock_release *m, int64_t now_ns);

/*
 * Set p->frozen to the reason for which the clock is frozen, or to nothing.
 * Returns true if it was frozen since the last call.
 */
bool policy_says_frozen(struct policy *p, const struct permit *permit);

#endif
