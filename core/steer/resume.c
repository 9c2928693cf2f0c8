/*
 * Was this machine paused?  See resume.h.  Run by ntp-clock.  If somebody moved
 * the clock, and the kernel sets the RTC to it, that must never count as a
 * pause.
 */
#include "core/steer/resume.h"

#include "core/saturate.h"

#define RTC_END_S   INT64_C(7258118400) /* 2200-01-01 */
#define DRIFT_PARTS 2000     /* raw time may gain 500 ppm on the RTC */
#define ROUNDED_NS  NS_PER_S /* down, at most */

int64_t
resume_parse(const char *text, size_t len)
{
	int64_t seconds = 0;
	size_t i;

	for (i = 0;
	     i < len && text[i] >= '0' && text[i] <= '9' && seconds < RTC_END_S;
	     i++)
		seconds = seconds * 10 + (text[i] - '0');
	if (i == 0 || i == len || text[i] != '\n' || seconds >= RTC_END_S)
		return -1;
	return seconds * NS_PER_S;
}

/*
 * The RTC has not moved, so a change of its lead is a step of the clock, which
 * makes up for a pause.
 */
static void
follow_lead(struct resume *r, int64_t lead_ns)
{
	int64_t left_ns = sat_sub(lead_ns, r->base_ns);

	if (left_ns < r->paused_ns)
		r->paused_ns = left_ns > 0 ? left_ns : 0;
}

/*
 * The RTC rounds down, so of many readings the largest is the best.  But raw
 * time may run faster, so an old reading loses value.
 */
static void
remember(struct resume *r, int64_t ahead_ns, int64_t raw_ns)
{
	int64_t age_ns = sat_sub(raw_ns, r->looked_ns);
	int64_t fade_ns = age_ns > 0 ? age_ns / DRIFT_PARTS : 0;
	int64_t faded_ns =
	    sat_sub(r->ahead_ns, fade_ns < ROUNDED_NS ? fade_ns : ROUNDED_NS);

	r->ahead_ns = ahead_ns > faded_ns ? ahead_ns : faded_ns;
}

/*
 * Does the RTC show the time that the kernel sets it to, or that minus a leap
 * second?
 */
static bool
is_at_clock(int64_t lead_ns)
{
	return lead_ns < RESUME_LEAST_NS &&
	    lead_ns > -RESUME_LEAST_NS - ROUNDED_NS;
}

int64_t
resume_look(struct resume *r, int64_t rtc_ns, int64_t raw_ns, int64_t real_ns)
{
	int64_t ahead_ns = sat_sub(rtc_ns, raw_ns);
	int64_t lead_ns = sat_sub(rtc_ns, real_ns);
	int64_t moved_ns = r->known ? sat_sub(ahead_ns, r->ahead_ns) : 0;
	bool jumped = sat_abs(moved_ns) >= RESUME_LEAST_NS;

	if (!r->known || jumped)
		r->ahead_ns = ahead_ns;
	else
		remember(r, ahead_ns, raw_ns);
	r->known = true;
	r->looked_ns = raw_ns;
	if (!jumped) {
		follow_lead(r, lead_ns);
		return 0;
	}
	/* Set back, or set to the clock: earlier pauses remain true. */
	if (moved_ns < 0 || is_at_clock(lead_ns)) {
		r->base_ns = sat_sub(lead_ns, r->paused_ns);
		return 0;
	}
	if (lead_ns > 0 && moved_ns > lead_ns)
		moved_ns = lead_ns;
	r->paused_ns = sat_add(r->paused_ns, moved_ns);
	r->base_ns = sat_sub(lead_ns, r->paused_ns);
	r->paused_at_ns = raw_ns;
	return moved_ns;
}

int64_t
resume_explains(const struct resume *r, int64_t raw_ns)
{
	int64_t age_ns = sat_sub(raw_ns, r->paused_at_ns);

	return age_ns >= 0 && age_ns < RESUME_AGE_NS ? r->paused_ns : 0;
}

void
resume_used(struct resume *r)
{
	r->paused_ns = 0;
	r->known = false;
}
