/*
 * From sources to one time, and whom to tell: ntp-clock gets samples,
 * ntp-serve gets the page, ntpd gets to know whether there is agreement.
 *
 * The time stays known after the sources have fallen silent or disagree: the
 * last line on which they agreed goes on, with an error that grows, until the
 * bound of that error is above the maximum distance that is configured.
 * ntp-clock gets no samples meanwhile; the served root dispersion grows as the
 * bound does.
 */
#ifndef POLL_DECIDE_H
#define POLL_DECIDE_H

#include "core/filter/oscillator.h"
#include "ntp-net/poll/record/record.h"

/*
 * How long to wait for the next decision where time alone may change something:
 * the page of served time grows old, or a measurement has failed to come.  Else
 * the next measurement is the next decision; but not for longer than GAP_MAX.
 */
#define DECIDE_GAP_NS	  (16 * NS_PER_S)
#define DECIDE_GAP_MAX_NS (1200 * NS_PER_S)
#define ONCE_WAIT_NS	  (30 * NS_PER_S)      /* ntpd -q: agree by then */
#define LOCAL_REFID	  UINT32_C(0x7f7f0101) /* 127.127.1.1, local clock */

/* A line at another moment: less sure, the farther away. */
struct estimate decide_extrapolate(const struct estimate *line, struct mono at);

/*
 * The bound of the error of a line that was agreed on at some moment, ns: its
 * root distance then, its ageing since (AGEING_PARTS, and PHI_PARTS
 * besides once there has been no agreement for longer than due_ns) and three
 * standard deviations of its slope.
 */
int64_t decide_bound_ns(const struct select_output *o, struct mono then,
    int64_t due_ns, struct mono now);

/* The same of the last agreement. */
int64_t decide_bound(const struct decision *d, struct mono now);

/*
 * Put an agreed line into a sample for ntp-clock: integers, rounded so that an
 * error never gets smaller.  A slope beyond OSCILLATOR_MAX is cut to that, and the
 * root dispersion is then MAXDISP of RFC 5905: the clock may be stepped after it,
 * but not be called right.  Returns false, and zeros, where a number is not one or
 * is beyond all reason.
 */
MUST_CHECK bool decide_sample(
    const struct select_output *o, enum leap leap, struct msg_sample *m);

/*
 * To be called in every turn of the loop: does what the time and the sources
 * ask for, and nothing if there is nothing new.
 */
void decide_step(struct net *n, struct mono now);

/* ntp-clock has found that the machine was paused: raw time stood still. */
void decide_paused(struct net *n, struct mono now);

/*
 * True if a source without a vote is in another state than was decided: it has
 * denied us its service, or says that it is not synchronized.
 */
bool decide_is_news(const struct slot *s);

/*
 * This machine's oscillator is no clock: by the line of the last agreement, or by
 * what most sources have shown since.
 */
bool decide_too_fast(const struct decision *d);

/* When it wants to be called at the latest. */
struct mono decide_deadline(const struct net *n);

/* True around a leap second: queries and answers have to wait. */
bool decide_quiet(const struct net *n, struct mono now);

/*
 * May the time that is known be given to others?  That of a source of stratum 15
 * may not: it is good for this machine, and no stratum is left for the next one.
 */
bool decide_serves(const struct decision *d);

/* UTC - raw as known now.  Returns false where the time is not known. */
MUST_CHECK bool decide_line(
    const struct net *n, struct mono now, struct estimate *out);

/* A new configuration, page or ntp-clock: decide anew, tell everybody. */
void decide_again(struct net *n);

#endif
