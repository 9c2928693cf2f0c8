/*
 * The ledger of everything that moves the clock, see ledger.h.  Run by
 * ntp-clock and ntpd.  It must never let more than the budget be used in any
 * period, nor let an anchor move faster than oscillators do.
 */
#include "core/steer/ledger.h"

#include <string.h>

#include "core/saturate.h"

#define SPPM_NS	   65536   /* sppm times a time in this unit, / 10^6, */
#define COST_PARTS 1000000 /* is ns */

static int64_t
at_most(int64_t a, int64_t most)
{
	return a < most ? a : most;
}

/* --- what is kept --------------------------------------------------------- */

bool
ledger_ok(const struct ledger_kept *k)
{
	const int64_t flags =
	    LEDGER_ANCHORED | LEDGER_KNOWN | LEDGER_STARTED | LEDGER_ASSUMED;

	for (int i = 0; i < LEDGER_SLOTS; i++)
		if (k->used_ns[i] < 0)
			return false;
	return k->slot_ns >= 0 && k->slot >= 0 &&
	    (k->slot_ns == 0 || k->slot <= INT64_MAX / k->slot_ns - 1) &&
	    k->ahead_ns >= 0 && k->until_ns >= 0 && k->stable_ns >= 0 &&
	    sat_abs(k->anchor_sppm) <= LEDGER_COLD_SPPM &&
	    sat_abs(k->stable_sppm) <= LEDGER_COLD_SPPM &&
	    (k->flags & ~flags) == 0;
}

static int64_t *
newest(struct ledger *l)
{
	return &l->k.used_ns[l->k.slot % LEDGER_SLOTS];
}

void
ledger_reboot(struct ledger_kept *k)
{
	struct ledger_kept next = { .anchor_sppm = k->anchor_sppm,
		.flags = k->flags & (LEDGER_ANCHORED | LEDGER_KNOWN) };

	/* Without an anchor, a stable frequency is better than nothing. */
	if ((k->flags & LEDGER_ANCHORED) == 0 && k->stable_ns != 0 &&
	    sat_sub(k->until_ns, k->stable_ns) >= LEDGER_STABLE_NS) {
		next.anchor_sppm = k->stable_sppm;
		next.flags = LEDGER_KNOWN;
	}
	if (next.flags != 0)
		next.flags = LEDGER_KNOWN;
	*k = next;
}

/* --- the budget ----------------------------------------------------------- */

static int64_t
spent(const struct ledger_kept *k)
{
	int64_t used_ns = 0;

	for (int i = 0; i < LEDGER_SLOTS; i++)
		used_ns = sat_add(used_ns, k->used_ns[i]);
	return used_ns;
}

static int64_t
sum(const struct ledger_kept *k)
{
	return sat_add(spent(k), k->ahead_ns);
}

/* Forget the slots that are now before the period. */
static void
move_on(struct ledger *l, int64_t now_ns)
{
	int64_t slot = now_ns / l->k.slot_ns;
	int64_t passed = sat_sub(slot, l->k.slot);

	for (int64_t i = 1; i <= at_most(passed, LEDGER_SLOTS); i++)
		l->k.used_ns[(l->k.slot + i) % LEDGER_SLOTS] = 0;
	if (passed > 0)
		l->k.slot = slot;
}

static void
forget(struct ledger *l, int64_t now_ns)
{
	move_on(l, now_ns);
	/* An assumed use was all of the budget; now it is forgotten, too. */
	if (sum(&l->k) < l->limits.budget_ns)
		l->k.flags &= ~LEDGER_ASSUMED;
}

/* Move all that is used into this slot. */
static void
gather(struct ledger *l, int64_t slot)
{
	int64_t used_ns = spent(&l->k);

	memset(l->k.used_ns, 0, sizeof(l->k.used_ns));
	l->k.slot = slot;
	*newest(l) = used_ns;
}

void
ledger_load(struct ledger *l, const struct ledger_kept *k, int64_t now_ns)
{
	int64_t slot;

	l->k = *k;
	l->walked_ns = 0;
	if (l->k.slot_ns == 0)
		return;
	/* What is later than now is from another raw time line. */
	slot = now_ns > 0 ? now_ns / l->k.slot_ns : 0;
	l->k.until_ns = at_most(l->k.until_ns, now_ns > 0 ? now_ns : 0);
	if (l->k.slot > slot)
		gather(l, slot);
	if (l->k.stable_ns > now_ns)
		l->k.stable_ns = 0;
	move_on(l, now_ns);
	*newest(l) = sat_add(*newest(l), l->k.ahead_ns);
	l->k.ahead_ns = 0;
}

static void
cut_periods(struct ledger *l, int64_t now_ns)
{
	int64_t slot_ns = l->limits.period_ns / LEDGER_PARTS + 1;

	if (l->k.slot_ns == slot_ns)
		return;
	if (l->k.slot_ns > 0)
		move_on(l, now_ns);
	l->k.slot_ns = slot_ns;
	gather(l, now_ns > 0 ? now_ns / slot_ns : 0);
}

void
ledger_limit(
    struct ledger *l, const struct ledger_limits *limits, int64_t now_ns)
{
	int64_t left_ns;

	l->limits = *limits;
	cut_periods(l, now_ns);
	/* A smaller budget limits what is set aside, too. */
	left_ns = sat_sub(limits->budget_ns, spent(&l->k));
	ledger_give_back(l, left_ns > 0 ? left_ns : 0);
}

int64_t
ledger_used(const struct ledger *l, int64_t now_ns)
{
	struct ledger copy = *l;

	if (l->k.slot_ns > 0)
		forget(&copy, now_ns);
	return sum(&copy.k);
}

int64_t
ledger_left(const struct ledger *l, int64_t now_ns)
{
	int64_t used_ns = ledger_used(l, now_ns);

	if (l->limits.budget_ns == INT64_MAX)
		return INT64_MAX;
	return used_ns < l->limits.budget_ns ? l->limits.budget_ns - used_ns
					     : 0;
}

void
ledger_assume(struct ledger *l, int64_t now_ns)
{
	if (l->k.slot_ns == 0 || l->limits.budget_ns == INT64_MAX)
		return;
	forget(l, now_ns);
	*newest(l) = l->limits.budget_ns;
	l->k.flags |= LEDGER_ASSUMED;
}

void
ledger_forgive(struct ledger *l, int64_t now_ns)
{
	memset(l->k.used_ns, 0, sizeof(l->k.used_ns));
	l->k.ahead_ns = 0;
	l->k.flags &= ~LEDGER_ASSUMED;
	if (l->k.slot_ns > 0)
		forget(l, now_ns);
}

void
ledger_trim(struct ledger *l, int64_t now_ns)
{
	int64_t used_ns = sat_sub(ledger_used(l, now_ns), l->k.ahead_ns);
	int64_t room_ns = sat_sub(l->limits.budget_ns, used_ns);

	ledger_give_back(l, room_ns > 0 ? room_ns : 0);
}

void
ledger_set_aside(struct ledger *l, int64_t amount_ns)
{
	if (amount_ns > 0)
		l->k.ahead_ns = sat_add(l->k.ahead_ns, amount_ns);
}

void
ledger_give_back(struct ledger *l, int64_t keep_ns)
{
	l->k.ahead_ns = at_most(l->k.ahead_ns, keep_ns);
}

void
ledger_spend(struct ledger *l, int64_t now_ns, int64_t amount_ns)
{
	if (amount_ns <= 0 || l->k.slot_ns == 0)
		return;
	forget(l, now_ns);
	l->k.ahead_ns -= at_most(amount_ns, l->k.ahead_ns);
	*newest(l) = sat_add(*newest(l), amount_ns);
}

/* The number of the slot that is stored at a place. */
static int64_t
part_at(const struct ledger_kept *k, int place)
{
	int64_t back = (k->slot - place) % LEDGER_SLOTS;

	return k->slot - (back < 0 ? back + LEDGER_SLOTS : back);
}

bool
ledger_overdrawn(
    const struct ledger_kept *earlier, const struct ledger_kept *later)
{
	int64_t more_ns = sat_sub(later->ahead_ns, earlier->ahead_ns);

	if (earlier->slot_ns != later->slot_ns || later->slot < earlier->slot)
		return sum(later) > sum(earlier);
	for (int i = 0; i < LEDGER_SLOTS; i++) {
		more_ns = sat_add(more_ns, later->used_ns[i]);
		if (part_at(earlier, i) == part_at(later, i))
			more_ns = sat_sub(more_ns, earlier->used_ns[i]);
	}
	return more_ns > 0;
}

/* --- rates ---------------------------------------------------------------- */

struct ledger_band
ledger_band(const struct ledger *l)
{
	int64_t half_sppm = l->limits.tolerance_sppm;

	if ((l->k.flags & LEDGER_ANCHORED) == 0) {
		int64_t first_sppm = (l->k.flags & LEDGER_KNOWN) != 0
		    ? LEDGER_KEPT_SPPM
		    : LEDGER_COLD_SPPM;

		if (half_sppm < first_sppm)
			half_sppm = first_sppm;
	}
	/* No good oscillator is farther off, whatever its anchor. */
	return (
	    struct ledger_band){ sat_clamp(sat_sub(l->k.anchor_sppm, half_sppm),
				     -LEDGER_COLD_SPPM, LEDGER_COLD_SPPM),
		sat_clamp(sat_add(l->k.anchor_sppm, half_sppm),
		    -LEDGER_COLD_SPPM, LEDGER_COLD_SPPM) };
}

int64_t
ledger_clamp(const struct ledger *l, int64_t rate_sppm)
{
	struct ledger_band b = ledger_band(l);

	return sat_clamp(rate_sppm, b.low_sppm, b.high_sppm);
}

/* Rounded up twice, so that many short times are never free. */
int64_t
ledger_cost(const struct ledger *l, int64_t rate_sppm, int64_t elapsed_ns)
{
	int64_t beyond_sppm =
	    sat_abs(sat_sub(rate_sppm, ledger_clamp(l, rate_sppm)));
	int64_t product;

	if (elapsed_ns <= 0 || beyond_sppm == 0)
		return 0;
	if (__builtin_mul_overflow(
		elapsed_ns / SPPM_NS + 1, beyond_sppm, &product))
		return INT64_MAX;
	return product / COST_PARTS + 1;
}

void
ledger_slept(struct ledger *l, int64_t now_ns, int64_t slept_ns)
{
	if (l->k.until_ns != 0 && slept_ns > 0)
		l->k.until_ns = at_most(sat_add(l->k.until_ns, slept_ns),
		    now_ns > l->k.until_ns ? now_ns : l->k.until_ns);
}

int64_t
ledger_account(struct ledger *l, int64_t now_ns, int64_t rate_sppm)
{
	int64_t elapsed_ns = sat_sub(now_ns, l->k.until_ns);
	int64_t cost_ns = 0;

	if (l->k.until_ns != 0)
		cost_ns = ledger_cost(l, rate_sppm, elapsed_ns);
	ledger_spend(l, now_ns, cost_ns);
	if (now_ns > l->k.until_ns)
		l->k.until_ns = now_ns;
	return cost_ns;
}

/* --- the anchor ----------------------------------------------------------- */

static void
walk(struct ledger *l, int64_t now_ns, int64_t rate_sppm)
{
	int64_t away_sppm = sat_sub(rate_sppm, l->k.anchor_sppm);
	int64_t most_sppm;

	if (l->walked_ns == 0 || l->walked_ns > now_ns)
		l->walked_ns = now_ns;
	if (sat_sub(now_ns, l->walked_ns) > LEDGER_ANCHOR_NS)
		l->walked_ns = now_ns - LEDGER_ANCHOR_NS;
	most_sppm = (now_ns - l->walked_ns) / LEDGER_WALK_NS;
	/* Keep the remainder of a step for the next one. */
	l->walked_ns += most_sppm * LEDGER_WALK_NS;
	l->k.anchor_sppm = sat_clamp(
	    l->k.anchor_sppm + sat_clamp(away_sppm, -most_sppm, most_sppm),
	    -LEDGER_COLD_SPPM, LEDGER_COLD_SPPM);
}

void
ledger_learn(struct ledger *l, int64_t now_ns, int64_t rate_sppm)
{
	rate_sppm = sat_clamp(
	    ledger_clamp(l, rate_sppm), -LEDGER_COLD_SPPM, LEDGER_COLD_SPPM);
	if ((l->k.flags & LEDGER_ANCHORED) != 0) {
		walk(l, now_ns, rate_sppm);
		return;
	}
	if (l->k.stable_ns == 0 || l->k.stable_ns > now_ns ||
	    sat_abs(rate_sppm - l->k.stable_sppm) > LEDGER_STABLE_SPPM) {
		l->k.stable_sppm = rate_sppm;
		l->k.stable_ns = now_ns;
	}
	if (sat_sub(now_ns, l->k.stable_ns) < LEDGER_ANCHOR_NS)
		return;
	l->k.anchor_sppm = rate_sppm;
	l->k.flags |= LEDGER_ANCHORED;
	l->walked_ns = now_ns;
}

static bool
is_stable(const struct ledger *l, int64_t now_ns)
{
	return l->k.stable_ns != 0 &&
	    sat_sub(now_ns, l->k.stable_ns) >= LEDGER_STABLE_NS;
}

int64_t
ledger_rest(const struct ledger *l, int64_t now_ns)
{
	if ((l->k.flags & LEDGER_ANCHORED) == 0 && is_stable(l, now_ns))
		return ledger_clamp(l, l->k.stable_sppm);
	return l->k.anchor_sppm;
}

void
ledger_settle(struct ledger *l, int64_t now_ns)
{
	if (!is_stable(l, now_ns))
		l->k.stable_ns = 0;
}
