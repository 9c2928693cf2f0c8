/*
 * The promise, see adv_check.h.
 */
#include "tests/attack/adv_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/steer/ledger.h"
#include "core/types.h"
#include "tests/attack/adv_run.h"
#include "tests/attack/adv_state.h"

/* From the manual and not from the code. */
#define COLD_SPPM      (500 * INT64_C(65536))
#define KEPT_SPPM      (100 * INT64_C(65536))
#define WALK_PPM_A_DAY 1
#define STABLE_NS      (600 * NS_PER_S)
#define LEAP_DUE_NS    (11 * NS_PER_S) /* the quiet time about it, late */
#define RTC_ROUNDED_NS (1100 * NS_PER_MS)
#define COALESCE_PARTS 32768

static struct check *const c = &world.check;

static int64_t
now_ns(void)
{
	return world.machine.raw_ns;
}

void
check_begin(void)
{
	struct window *w = c->window;

	memset(c, 0, offsetof(struct check, window));
	for (int i = 0; i < WINDOWS; i++)
		w[i].head = w[i].tail = 0;
	c->worst = c->worst_formula = c->worst_ns = 0;
	c->steps = c->leaps = c->freezes = c->releases = c->charged = c->lost =
	    0;
	c->ever_anchored = false;
	c->gap = true;
}

/* --- the budget ----------------------------------------------------------- */

/*
 * What times without ntp-clock may have cost more, within a period: the largest
 * of them, and those that were never kept.
 */
static double
excess_of_gaps(const struct window *w)
{
	double most_ns = c->gap_ns, lost_ns = 0;

	for (uint32_t i = 0; i < GAPS && i < c->gap_count; i++) {
		const struct gap *g = &c->gaps[(c->gap_count - 1 - i) % GAPS];

		if (now_ns() - g->at_ns > w->period_ns)
			break;
		if (g->lost)
			lost_ns += g->ns;
		else
			most_ns = fmax(most_ns, g->ns);
	}
	return most_ns + lost_ns;
}

static void
forget(struct window *w)
{
	while (w->tail != w->head) {
		struct entry *e = &w->entries[w->tail % ENTRIES];

		if (now_ns() - e->at_ns <= w->period_ns)
			break;
		w->sum_ns -= e->ns;
		w->tail++;
	}
	if (w->tail == w->head)
		w->sum_ns = 0;
}

static void
charge_window(struct window *w, double ns)
{
	struct entry *last = &w->entries[(w->head - 1) % ENTRIES];
	double excess_ns;

	forget(w);
	if (w->head != w->tail &&
	    now_ns() - last->at_ns < w->period_ns / COALESCE_PARTS)
		last->ns += ns; /* as if it were all of the first moment */
	else
		w->entries[w->head++ % ENTRIES] =
		    (struct entry){ now_ns(), ns };
	w->sum_ns += ns;
	excess_ns = w->sum_ns - excess_of_gaps(w);
	if (excess_ns > w->budget_ns + TOLERANCE_NS)
		world_fail("%.6f s in a period of %.3f s, the budget is "
			   "%.6f s",
		    w->sum_ns / 1e9, (double)w->period_ns / 1e9,
		    w->budget_ns / 1e9);
	if (w->budget_ns > 0 && excess_ns / w->budget_ns > c->worst)
		c->worst = excess_ns / w->budget_ns;
}

static void
charge(double ns)
{
	if (c->gap)
		c->gap_ns += ns;
	for (uint32_t i = 0; i < c->windows; i++)
		charge_window(&c->window[i], ns);
}

static void
end_gap(void)
{
	c->gap = false;
	if (c->gap_ns > 0)
		c->gaps[c->gap_count++ % GAPS] =
		    (struct gap){ .at_ns = now_ns(), .ns = c->gap_ns };
	c->gaps_ns += c->gap_ns;
	c->gap_ns = 0;
}

/* What ntp-clock says of those that are over is kept. */
static void
keep_gaps(void)
{
	for (uint32_t i = 0; i < GAPS && i < c->gap_count; i++)
		c->gaps[i].kept = true;
}

/* It was killed before that. */
static void
lose_gaps(void)
{
	for (uint32_t i = 0; i < GAPS && i < c->gap_count; i++) {
		struct gap *g = &c->gaps[i];

		c->lost += !g->kept && !g->lost;
		g->lost |= !g->kept;
	}
}

/* --- the formula ---------------------------------------------------------- */

static double
budgets_ns(void)
{
	const struct window *w = &c->window[0];
	double periods =
	    floor((double)(now_ns() - c->begun_ns) / (double)w->period_ns) + 1;

	return c->budgets_ns + periods * w->budget_ns;
}

static void
check_formula(void)
{
	double moved_ns =
	    (double)(world.machine.moved_ns - c->moved_ns) - c->free_ns;
	double more_ns = budgets_ns() + c->gaps_ns + c->gap_ns;
	double part;

	if (moved_ns > c->high_ns + more_ns + TOLERANCE_NS ||
	    moved_ns < c->low_ns - more_ns - TOLERANCE_NS)
		world_fail("moved by %.6f s, the formula says %.6f to %.6f s",
		    moved_ns / 1e9, (c->low_ns - more_ns) / 1e9,
		    (c->high_ns + more_ns) / 1e9);
	part = moved_ns > 0 ? moved_ns / (c->high_ns + more_ns + 1)
			    : moved_ns / (c->low_ns - more_ns - 1);
	c->worst_formula = fmax(c->worst_formula, part);
	c->worst_ns = fmax(c->worst_ns, fabs(moved_ns));
}

/* The formula has the first anchor, and by how much that may have walked. */
static void
pass_formula(int64_t ns)
{
	double walked = 0, half = (double)(c->high - c->low) / 2;
	double middle = (double)c->anchor;
	double parts = (double)ns / (double)SPPM_UNIT;

	if (c->has_first) {
		walked = (double)(now_ns() - c->first_ns) / (double)DAY_NS *
		    WALK_PPM_A_DAY * PPM_SPPM;
		middle = (double)c->first;
	}
	c->low_ns += (middle - half - walked) * parts;
	c->high_ns += (middle + half + walked) * parts;
}

void
check_passed(int64_t ns)
{
	int64_t rate = world.machine.rate_sppm, beyond = 0;

	if (!c->active)
		return;
	if (rate < c->low)
		beyond = c->low - rate;
	else if (rate > c->high)
		beyond = rate - c->high;
	if (beyond > 0) {
		c->charged += !c->gap;
		charge((double)beyond * (double)ns / (double)SPPM_UNIT);
	}
	pass_formula(ns);
	check_formula();
}

/* --- anchors -------------------------------------------------------------- */

static void
make_band(const struct ledger_kept *k)
{
	int64_t half = c->tolerance;
	int64_t first = (k->flags & LEDGER_KNOWN) != 0 ? KEPT_SPPM : COLD_SPPM;

	c->flags = k->flags;
	c->anchored = (k->flags & LEDGER_ANCHORED) != 0;
	if (!c->anchored && half < first)
		half = first;
	c->anchor = k->anchor_sppm;
	c->low = c->anchor - half;
	c->high = c->anchor + half;
}

/* By how much an anchor may have walked since; and rounding. */
static double
walk(int64_t since_ns)
{
	return (double)(now_ns() - since_ns) / (double)DAY_NS * WALK_PPM_A_DAY *
	    PPM_SPPM +
	    2;
}

/* It was found after the last report, and has walked since. */
static void
check_first_anchor(const struct ledger_kept *k)
{
	double more = walk(c->reported_ns);

	c->has_first = true;
	c->first = k->anchor_sppm;
	c->first_ns = c->reported_ns;
	if (c->active &&
	    ((double)c->first < (double)c->low - more ||
		(double)c->first > (double)c->high + more))
		world_fail(
		    "the first anchor, %.4f ppm, is out of %.4f to %.4f ppm",
		    (double)c->first / PPM_SPPM, (double)c->low / PPM_SPPM,
		    (double)c->high / PPM_SPPM);
}

/* An anchor that was found, or has walked. */
static void
check_anchor(const struct ledger_kept *k)
{
	int64_t away;

	if ((k->flags & LEDGER_ANCHORED) == 0) {
		if (c->active && !c->anchored && k->anchor_sppm != c->anchor)
			world_fail("an anchor that is none walks");
		return;
	}
	c->ever_anchored = true;
	if (!c->has_first)
		check_first_anchor(k);
	away = llabs(k->anchor_sppm - c->first);
	if ((double)away > walk(c->first_ns))
		world_fail("the anchor walked by %.4f ppm, %.4f may be",
		    (double)away / PPM_SPPM, walk(c->first_ns) / PPM_SPPM);
}

/* --- what is done --------------------------------------------------------- */

/* A step that is not counted: the start, an operator, a pause. */
static double
free_part(int64_t by_ns)
{
	int64_t real_ns = world.machine.raw_ns + world.machine.moved_ns;
	int64_t known_ns = 0, paused_ns = 0;

	if (c->released && llabs(by_ns - c->release_ns) <= c->margin_ns)
		return (double)by_ns;
	if (by_ns <= 0)
		return 0;
	if (c->startup && c->known_ns > real_ns)
		known_ns = c->known_ns - real_ns;
	if (known_ns > by_ns)
		known_ns = by_ns;
	paused_ns = by_ns - known_ns;
	if (paused_ns > c->pause_ns)
		paused_ns = c->pause_ns;
	return (double)(known_ns + paused_ns);
}

/* The first correction of a boot has a limit of its own, and no cost. */
static bool
is_first(double by_ns)
{
	int64_t limit_ns = by_ns > 0 ? c->config.startup_forward_ns
				     : c->config.startup_backward_ns;

	return !c->first_done && !c->started && fabs(by_ns) <= (double)limit_ns;
}

/* What a step may be at most; that of the start is not over where it is so. */
static double
limit_ns(double by_ns)
{
	int64_t start_ns = by_ns > 0 ? c->config.startup_forward_ns
				     : c->config.startup_backward_ns;

	if (c->startup && start_ns > c->config.limit_ns)
		return (double)start_ns;
	return (double)c->config.limit_ns;
}

void
check_step(int64_t by_ns)
{
	double free_ns = free_part(by_ns), rest_ns = (double)by_ns - free_ns;

	world_say("step of %.9f s, %.9f s of it free", (double)by_ns / 1e9,
	    free_ns / 1e9);
	if (c->frozen_said)
		world_fail(
		    "a step of %.9f s of a frozen clock", (double)by_ns / 1e9);
	if (is_first(rest_ns))
		free_ns = (double)by_ns;
	else if (fabs(rest_ns) > limit_ns(rest_ns))
		world_fail("a step of %.9f s over the limit, %.9f s",
		    rest_ns / 1e9, limit_ns(rest_ns) / 1e9);
	else if (rest_ns != 0)
		charge(fabs(rest_ns));
	c->free_ns += free_ns;
	c->first_done = true;
	c->released = false;
	c->pause_ns = 0;
	c->steps++;
}

/* Is there a leap second at this end of a day? */
static bool
is_leap_day(int64_t at_ns)
{
	time_t at_s = (time_t)(at_ns / NS_PER_S);
	struct tm tm;

	(void)gmtime_r(&at_s, &tm);
	if (tm.tm_mday != 1 || tm.tm_mon % 3 != 0)
		return false;
	if (tm.tm_mon % 6 == 0)
		return true;
	for (int i = 0; i < LEAPS_MAX; i++)
		if (c->config.leaps_ns[i] == at_ns)
			return true;
	return false;
}

void
check_leap(int64_t by_ns, int64_t at_ns)
{
	world_say("leap second of %d s", (int)(by_ns / NS_PER_S));
	c->leaps++;
	/* One that is paid for may be due before the next turn. */
	if (c->frozen_said && now_ns() - c->frozen_ns > LEAP_DUE_NS)
		world_fail("a leap second of a frozen clock");
	if (!c->gap && !is_leap_day(at_ns))
		world_fail("a leap second at the wrong day");
	charge(fabs((double)by_ns));
}

void
check_set(void)
{
	if (!c->active) {
		c->active = true;
		c->moved_ns = world.machine.moved_ns;
		c->free_ns = 0;
		c->begun_ns = now_ns();
	}
	end_gap();
	if (c->frozen_said && c->has_rest && world.machine.rate_sppm != c->rest)
		world_fail("frozen, the rate is set to %.4f ppm, at rest it is "
			   "%.4f ppm",
		    (double)world.machine.rate_sppm / PPM_SPPM,
		    (double)c->rest / PPM_SPPM);
}

/* --- what is said --------------------------------------------------------- */

/* Limits only become tighter: those of the start hold all the time. */
static void
new_window(const struct msg_clock_config *m)
{
	struct window *w = &c->window[c->windows];

	if (c->windows == WINDOWS ||
	    (c->windows > 0 && w[-1].period_ns == m->budget_period_ns &&
		w[-1].budget_ns == (double)m->budget_ns))
		return;
	c->windows++;
	w->period_ns = m->budget_period_ns;
	w->budget_ns = (double)m->budget_ns;
	w->head = w->tail = 0;
	w->sum_ns = 0;
}

static int64_t
rest_rate(const struct ledger_kept *k, int64_t frozen_ns)
{
	if ((k->flags & LEDGER_ANCHORED) != 0 || k->stable_ns == 0 ||
	    frozen_ns - k->stable_ns < STABLE_NS)
		return k->anchor_sppm;
	if (k->stable_sppm < c->low)
		return c->low;
	return k->stable_sppm > c->high ? c->high : k->stable_sppm;
}

static void
check_first_config(const struct msg_clock_config *m)
{
	struct ledger_kept k;

	memcpy(&k, &m->ledger, sizeof(k));
	if (c->frozen_kept && m->frozen[0] == '\0' && world.limits.has_dir)
		world_fail("a freeze is forgotten");
	lose_gaps();
	c->frozen_said = c->frozen_kept = m->frozen[0] != '\0';
	/* It may be the freeze before a release that was not kept. */
	c->has_rest &= c->frozen_said && !c->release_seen;
	c->startup = (m->flags & CLOCK_CONFIG_STARTUP) != 0;
	c->started = (k.flags & LEDGER_STARTED) != 0 || !c->startup;
	c->released = c->release_seen = false;
	c->pause_ns = 0;
	if ((k.flags & LEDGER_ANCHORED) == 0)
		c->has_first = false;
	c->reported_ns = now_ns();
	c->anchored = false;
	c->anchor = k.anchor_sppm;
	c->high = INT64_MAX;
	c->low = INT64_MIN;
	check_anchor(&k);
	make_band(&k);
	if (c->frozen_said && !c->has_rest) /* then no rate was accounted for */
		c->rest = rest_rate(&k, k.until_ns);
	c->has_rest = c->frozen_said;
}

void
check_config(const struct msg_clock_config *m, bool first)
{
	struct ledger_kept k = { .anchor_sppm = c->anchor, .flags = c->flags };

	c->config = *m;
	c->tolerance = m->frequency_limit_ppb * 8192 / 125;
	c->known_ns = m->known_ns;
	new_window(m);
	if (first)
		check_first_config(m);
	else
		make_band(&k);
	if (c->has_rest) /* new limits may be narrower */
		c->rest = c->rest < c->low ? c->low
		    : c->rest > c->high	   ? c->high
					   : c->rest;
}

void
check_release(const struct msg_clock_release *m)
{
	world_say("an operator allows %.9f s", (double)m->step_ns / 1e9);
	c->budgets_ns = budgets_ns();
	c->begun_ns = now_ns();
	for (uint32_t i = 0; i < c->windows; i++) {
		c->window[i].head = c->window[i].tail = 0;
		c->window[i].sum_ns = 0;
	}
	c->released = c->release_seen = true;
	c->release_ns = m->step_ns;
	c->margin_ns = m->margin_ns;
	c->frozen_said = c->has_rest = false;
	c->releases++;
}

void
check_report(const struct msg_clock_state *m)
{
	struct ledger_kept k;

	memcpy(&k, &m->ledger, sizeof(k));
	check_anchor(&k);
	make_band(&k);
	c->reported_ns = now_ns();
	c->started |= (m->flags & CLOCK_STATE_STARTUP_DONE) != 0;
	if (m->frozen[0] == '\0') {
		if (c->frozen_said)
			world_fail("the clock is not frozen any more");
		return;
	}
	if (!c->frozen_said) {
		world_say("frozen: %s", m->frozen);
		c->freezes++;
		c->has_rest = true;
		c->rest = rest_rate(&k, now_ns());
		c->frozen_ns = now_ns();
	}
	c->frozen_said = true;
	if (world.machine.rate_sppm != c->rest)
		world_fail("frozen at %.4f ppm, at rest it is %.4f ppm",
		    (double)world.machine.rate_sppm / PPM_SPPM,
		    (double)c->rest / PPM_SPPM);
}

void
check_kept(const char *frozen)
{
	keep_gaps();
	if (frozen[0] != '\0') {
		c->frozen_kept = true;
		return;
	}
	if (c->frozen_kept && !c->release_seen)
		world_fail("ntpd keeps a freeze no more");
	c->frozen_kept = c->release_seen = false;
}

void
check_gone(bool killed)
{
	int64_t rate = world.machine.rate_sppm;

	if (!killed && c->active && (rate < c->low || rate > c->high))
		world_fail("the rate that it leaves, %.4f ppm, is out of the "
			   "band",
		    (double)rate / PPM_SPPM);
	c->gap = true;
	c->late = false;
}

void
check_late(bool late)
{
	if (late)
		c->gap = true;
	else if (c->late)
		end_gap();
	c->late = late;
}

void
check_pause(int64_t for_ns)
{
	c->pause_ns += for_ns + RTC_ROUNDED_NS;
}
