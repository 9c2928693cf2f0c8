/* Formats nanoseconds for people, see seconds.h. */
#include "common/seconds.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/types.h"

struct seconds_text
seconds_text(int64_t ns)
{
	struct seconds_text text;
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	int n = snprintf(text.s, sizeof(text.s), "%s%" PRIu64 ".%09" PRIu64,
	    ns < 0 ? "-" : "", size / (uint64_t)NS_PER_S,
	    size % (uint64_t)NS_PER_S);

	while (text.s[n - 1] == '0')
		n--;
	if (text.s[n - 1] == '.')
		n--;
	text.s[n] = '\0';
	return text;
}

void
seconds_behind(char *text, size_t size, int64_t ns, const char *said)
{
	struct seconds_text amount = seconds_text(ns);

	if (ns == 0)
		(void)snprintf(text, size, "%s", said);
	else
		(void)snprintf(text, size, "the clock was %s s %s: %s",
		    ns < 0 ? amount.s + 1 : amount.s,
		    ns > 0 ? "behind" : "ahead", said);
}
