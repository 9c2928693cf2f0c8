/*
 * Leap seconds from a file, see leaps.h.  Runs in ntp-net; it must never let a
 * smeared source move the line that others serve as UTC.
 */
#include "ntp-net/poll/leaps.h"

#include "common/log.h"
#include "core/packet/timestamp.h"
#include "core/saturate.h"
#include "ntp-net/poll/decide.h"

#define AT_MAX_NS	  (INT64_C(1) << 62)
#define USUAL_LENGTH_S	  86400 /* of others' smears, noon to noon */
#define FIT_PARTS	  4	/* off the curve by at most such a part */
#define EXPLAINED_TIMES	  2	/* what a way explains, so often is enough */
#define EXPLAINED_MORE_NS NS_PER_MS

/* --- the file ------------------------------------------------------------- */

static bool
is_month_begin(int64_t at_ns)
{
	struct wall before = { at_ns - 1 }, end;

	return at_ns > 0 && at_ns <= AT_MAX_NS &&
	    wall_month_end(before, &end) && end.ns == at_ns;
}

int
leaps_take(struct leaps *l, const struct msg_leaps *m)
{
	struct smear s = { .kind = LEAP_INSERT, .length_s = m->smear_s };
	int64_t last_ns = 0;

	if (m->count > LEAPS_MAX || m->expiry_ns < 0 ||
	    (m->smear_s != 0 && !smear_ok(&s)))
		return -1;
	for (uint32_t i = 0; i < m->count; i++) {
		if (m->at_ns[i] <= last_ns || !is_month_begin(m->at_ns[i]) ||
		    (m->kind[i] != LEAP_INSERT && m->kind[i] != LEAP_DELETE))
			return -1;
		last_ns = m->at_ns[i];
	}
	l->told = *m;
	l->said_expired = false;
	return 0;
}

static bool
is_valid(const struct leaps *l, struct wall utc)
{
	return utc.ns < l->told.expiry_ns;
}

enum leap
leaps_announced(const struct leaps *l, enum leap majority, struct wall utc)
{
	const struct msg_leaps *m = &l->told;
	struct wall end;

	if (!is_valid(l, utc))
		return majority;
	if (!wall_month_end(utc, &end))
		return LEAP_NONE;
	for (uint32_t i = 0; i < m->count; i++)
		if (m->at_ns[i] == end.ns)
			return (enum leap)m->kind[i];
	return LEAP_NONE;
}

bool
leaps_listed(const struct leaps *l, struct wall utc)
{
	return is_valid(l, utc) &&
	    leaps_announced(l, LEAP_NONE, utc) != LEAP_NONE;
}

void
leaps_say(struct leaps *l, struct wall utc)
{
	struct wall expiry = { l->told.expiry_ns };
	struct wall_date d;

	if (expiry.ns == 0 || is_valid(l, utc) || l->said_expired)
		return;
	l->said_expired = true;
	d = wall_date(expiry);
	log_warning("the leap file has expired on %d-%02d-%02d: it is not used "
		    "for leap seconds to come%s",
	    d.year, d.month, d.day,
	    l->told.smear_s != 0 ? ", and none will be smeared"
				 : ", the sources' majority decides");
}

/* --- the smear ------------------------------------------------------------ */

/* Has the line made this leap second?  The watch knows of the last one. */
static bool
has_passed(const struct leap_watch *watch, int64_t at_ns, struct wall utc)
{
	if (watch->when.ns == at_ns)
		return watch->armed == LEAP_NONE;
	return utc.ns >= at_ns;
}

struct smear
leaps_smear(const struct leaps *l, const struct leap_watch *watch,
    struct wall utc, uint32_t length_s)
{
	const struct msg_leaps *m = &l->told;

	for (uint32_t i = 0; i < m->count; i++) {
		struct smear s = { .kind = (enum leap)m->kind[i],
			.leap = { m->at_ns[i] },
			.length_s = length_s };

		/* It is over, also by a line that has not made the leap. */
		if (utc.ns > s.leap.ns + (length_s / 2 + 1) * NS_PER_S)
			continue;
		/* What lay ahead when the file expired is not believed. */
		if (s.leap.ns > m->expiry_ns && !is_valid(l, utc))
			continue;
		s.passed = has_passed(watch, s.leap.ns, utc);
		return s;
	}
	return (struct smear){ .kind = LEAP_NONE };
}

void
leaps_fill_page(const struct net *n, struct wall utc, struct page_time *t)
{
	const struct leaps *l = &n->leaps;
	struct smear s;

	if (l->told.smear_s == 0)
		return;
	t->flags |= PAGE_SMEARS;
	if ((t->flags & PAGE_SYNCED) == 0)
		return; /* there is no line that could be smeared */
	s = leaps_smear(l, &n->decision.leap, utc, l->told.smear_s);
	if (s.kind == LEAP_NONE)
		return;
	t->smear_leap_ns = s.leap.ns;
	t->smear_length_s = s.length_s;
	t->smear_kind = (uint32_t)s.kind;
	if (s.passed)
		t->flags |= PAGE_PASSED;
}

/* --- smeared sources ------------------------------------------------------ */

static int64_t
size_ns(int64_t ns)
{
	return ns < 0 ? sat_sub(0, ns) : ns;
}

static bool
says_smeared(const struct slot *s)
{
	return s->used && s->source.reach != 0 && s->source.stratum > 1 &&
	    s->source.refid == SMEAR_REFID;
}

/*
 * Who says that he smears is not used if we smear, too, know of a leap second
 * just now, or enough others do not: never both kinds together.
 */
static bool
refuses_said(const struct net *n, bool runs)
{
	uint32_t smeared = 0, others = 0;

	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		const struct slot *s = &n->table.slots[i];

		smeared += says_smeared(s);
		others += s->used && s->source.reach != 0 && !says_smeared(s);
	}
	return runs || n->leaps.told.smear_s != 0 || others >= smeared;
}

/*
 * By its last answer, off the line by off_ns where a smeared one is by
 * curve_ns: what is as large as its way may explain says nothing new.
 */
static void
judge_curve(struct slot *s, int64_t off_ns, int64_t curve_ns)
{
	int64_t explained_ns = sat_add(s->source.delay_ns, EXPLAINED_MORE_NS);

	if (size_ns(curve_ns) > EXPLAINED_TIMES * explained_ns)
		s->smeared = size_ns(sat_sub(off_ns, curve_ns)) <
		    size_ns(curve_ns) / FIT_PARTS;
}

static void
judge_slot(struct net *n, struct slot *slot, const struct smear *smear)
{
	const struct source *s = &slot->source;
	struct estimate line =
	    decide_extrapolate(&n->decision.last.line, s->updated_at);
	struct wall utc = { sat_add(line.theta_ns, s->updated_at.ns) };

	if (s->updated_at.ns == slot->smear_seen.ns)
		return;
	slot->smear_seen = s->updated_at;
	judge_curve(slot, sat_sub(s->theta_ns, line.theta_ns),
	    smear_offset_ns(smear, utc));
}

/* The leap second that others may smear now; LEAP_NONE: none, or who knows. */
static struct smear
others_smear(const struct net *n)
{
	const struct decision *d = &n->decision;
	struct mono now = { n->clocks.pair.raw_ns };
	struct estimate line = decide_extrapolate(&d->last.line, now);
	struct wall utc = { sat_add(line.theta_ns, now.ns) };
	uint32_t length_s = n->leaps.told.smear_s;
	struct smear s = { .kind = LEAP_NONE };

	if (length_s == 0)
		length_s = USUAL_LENGTH_S;
	if (d->ever_agreed)
		s = leaps_smear(&n->leaps, &d->leap, utc, length_s);
	if (!smear_runs(&s, utc))
		s.kind = LEAP_NONE;
	return s;
}

void
leaps_note_sources(struct net *n)
{
	struct smear smear = others_smear(n);
	bool runs = smear.kind != LEAP_NONE;
	bool refuse = refuses_said(n, runs);

	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		struct slot *s = &n->table.slots[i];

		if (!s->used)
			continue;
		if (says_smeared(s))
			s->smeared = refuse;
		else if (runs)
			judge_slot(n, s, &smear);
		else
			s->smeared = false;
	}
}
