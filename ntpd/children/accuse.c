/*
 * One child accuses another, see accuse.h.  Run by ntpd only.  Pure.
 *
 * ntpd has not seen the message that a child complains about.  It has one
 * child's word against the other's, and either may have been taken over.  It
 * believes the child that is closer to the clock, since that one is less
 * exposed:
 *
 *	ntp-clock about ntp-net: always.  An attacker there needs no lies.
 *	ntp-net about ntp-resolve and ntp-observe: they are ended, but not so
 *	often that a hostile ntp-net could keep an operator from using ntpctl:
 *	eight times, then once in 450 s.  It does not count as a crash.
 *	ntp-net about ntp-clock; ntp-resolve and ntp-observe about ntp-net:
 *	never.  So no child farther from the clock can have ntp-net or ntp-clock
 *	ended.  Instead the two get a new channel, at most one in ten seconds.
 *	A hostile ntp-net that sends ntp-observe invalid messages thus hides
 *	only its own part of the status, which it could fill with lies anyway.
 *	A hostile ntp-observe that makes such claims costs ntpd two messages in
 *	ten seconds, and ntp-net the questions pending on the channel.
 *
 * An accusation may arrive late, when the accused has been replaced by a new
 * process.  The new process is restarted at once; the penalty applies only if
 * its predecessor was guilty.
 */
#include "ntpd/children/accuse.h"

#include <stddef.h>

static const struct pace_rate believed_rate = { 450 * NS_PER_S, 8 };

static const struct {
	enum proc accuser, accused;
	enum sentence sentence;
} table[] = {
	{ PROC_CLOCK, PROC_NET, SENTENCE_GUILTY },
	{ PROC_NET, PROC_RESOLVE, SENTENCE_REPLACE },
	{ PROC_NET, PROC_OBSERVE, SENTENCE_REPLACE },
	{ PROC_NET, PROC_CLOCK, SENTENCE_RENEW },
	{ PROC_RESOLVE, PROC_NET, SENTENCE_RENEW },
	{ PROC_OBSERVE, PROC_NET, SENTENCE_RENEW },
};

enum sentence
accuse_judge(
    enum proc accuser, enum proc accused, struct pace *believed, int64_t now_ns)
{
	enum sentence sentence = SENTENCE_LIAR;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].accuser == accuser && table[i].accused == accused)
			sentence = table[i].sentence;
	if (sentence == SENTENCE_REPLACE &&
	    !pace_take(believed, &believed_rate, now_ns))
		return SENTENCE_RENEW;
	return sentence;
}
