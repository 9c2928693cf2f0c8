/*
 * One child accuses another, see accuse.h.  Run by ntpd only.  Pure.
 *
 * ntpd has not seen the message that one child complains of, so it has the word
 * of one against that of the other, and either may have been broken into.  It
 * believes the one that is nearer to the clock, for who is nearer has less to
 * do with the world:
 *
 *	ntp-clock of ntp-net: always.  Whoever has ntp-clock needs no lies.
 *	ntp-net of ntp-resolve and ntp-observe: they are ended, but not so often
 *	that a hostile ntp-net could keep an operator from ntpctl; eight times
 *	and then once in 450 s.  It is not held against them as a crash is.
 *	ntp-net of ntp-clock, ntp-resolve and ntp-observe of ntp-net: never.  So
 *	nobody farther away can have ntp-net or ntp-clock ended.  Instead the two
 *	get a new channel, at most one in ten seconds.  A hostile ntp-net that
 *	sends ntp-observe nonsense thus keeps its own part of the status to
 *	itself, which it could fill with lies as well; all other parts are there.
 *	A hostile ntp-observe that claims as much costs ntpd two messages in ten
 *	seconds, and ntp-net the questions that it had just been asked.
 *
 * An accusation may be late, and the accused another process by then: that
 * one comes back at once, and is hit only if the one before it was guilty.
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
