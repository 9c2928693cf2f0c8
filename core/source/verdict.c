/*
 * What answers, or the lack of them, say of a source, see source.h; and one
 * sentence for each verdict, used wherever people are told.
 */
#include "core/source/source.h"

const char *
verdict_str(enum verdict v)
{
	/* No pointers: it stays constant in a position-independent program. */
	static const char words[VERDICT_COUNT][48] = {
		[VERDICT_USED] = "used",
		[VERDICT_OUTLIER] = "too far from what was expected",
		[VERDICT_MEASURED] = "of an exchange that was measured before",
		[VERDICT_SHORT] = "too short or of odd length",
		[VERDICT_VERSION] = "of a version that was not asked",
		[VERDICT_MODE] = "not a server's answer",
		[VERDICT_UNASKED] = "no query is waiting for an answer",
		[VERDICT_LATE] = "came too late",
		[VERDICT_ORIGIN] = "not the answer to our query",
		[VERDICT_SAME] = "the same as the last answer",
		[VERDICT_NO_MAC] = "it has no MAC, and a key is configured",
		[VERDICT_NAK] = "server does not take our key (crypto-NAK)",
		[VERDICT_OTHER_KEY] = "its MAC is of another key",
		[VERDICT_MAC] = "its MAC is wrong",
		[VERDICT_KISS_RATE] = "server asks us to ask less often",
		[VERDICT_KISS_DENY] = "server denies us its service",
		[VERDICT_KISS_OTHER] = "server has no time for us (kiss)",
		[VERDICT_UNSYNCED] = "server is not synchronized",
		[VERDICT_ZERO] = "a timestamp is missing",
		[VERDICT_BACKWARDS] = "server's timestamps make no sense",
		[VERDICT_REFERENCE] = "server was set after it answered",
		[VERDICT_DISTANCE] = "server is too far from its reference",
		[VERDICT_DELAY] = "round trip is negative",
		[VERDICT_LOOP] = "server takes its time from us",
		[VERDICT_DATE] = "server's date is years off",
	};

	if ((unsigned int)v >= VERDICT_COUNT || words[v][0] == '\0')
		return "unknown";
	return words[v];
}

bool
source_unauthenticated(const struct source *s)
{
	return s->last_reject >= VERDICT_NO_MAC &&
	    s->last_reject <= VERDICT_MAC;
}

bool
source_counts(const struct source *s, uint32_t enough)
{
	if (s->denied || (s->put_off && s->estimator.bank.count < enough))
		return false;
	return s->reach != 0 || s->unanswered < SOURCE_BURST;
}
