/*
 * The border of ntp-clock: what comes in messages is checked and taken over, and
 * what was decided (core/steer/permit.h) is put into words.  Pure: no clock is read
 * here and none is set.
 */
#ifndef NTP_CLOCK_POLICY_H
#define NTP_CLOCK_POLICY_H

#include "common/msg.h"
#include "core/steer/permit.h"
#include "core/types.h"

#define POLICY_AHEAD_NS	    NS_PER_S	      /* a sample's raw time */
#define POLICY_AGE_NS	    (3600 * NS_PER_S) /* likewise */
#define POLICY_SIGMA_MAX_NS (16 * NS_PER_S)   /* RFC 5905 MAXDISP */
#define POLICY_ONCE_OVER_NS INT64_C(100000)   /* ntpd -q steps over it */

/* Start from zeros, then policy_configure(). */
struct policy {
	struct msg_clock_config config;
	bool configured;
	char frozen[REASON_LEN]; /* why nothing may be changed, or empty */
};

/*
 * Take the limits, at raw time now.  The first message also says what is known
 * from before (startup, ledger, frozen); later ones change the limits only.
 * Returns -1 and changes nothing where a value is out of range.
 */
MUST_CHECK int policy_configure(struct policy *p, struct permit *permit,
    const struct msg_clock_config *m, int64_t now_ns);

/*
 * Check every field of a sample, at raw time now; it must not be from before
 * the raw time since.  Returns NULL where it may be used, or a sentence that
 * says what is wrong with it.
 */
MUST_CHECK const char *policy_sample(const struct policy *p,
    const struct msg_sample *s, int64_t now_ns, int64_t since_ns);

/* An operator says: go on, and a step of about this size is allowed. */
void policy_release(struct policy *p, struct permit *permit,
    const struct msg_clock_release *m, int64_t now_ns);

/*
 * Put into p->frozen why the clock is frozen, or that it is not.  Returns true if
 * it has become so since the last call.
 */
bool policy_says_frozen(struct policy *p, const struct permit *permit);

#endif
