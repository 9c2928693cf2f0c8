/*
 * Smeared sources, see smeared.h.  Run by ntp-net.  A smeared source must never
 * move the line that others serve as UTC.
 */
#include "core/leap/smeared.h"

#include "core/saturate.h"

#define USUAL_LENGTH_S	  86400 /* of others' smears, noon to noon */
#define FIT_PARTS	  4	/* within 1/4 of the curve */
#define EXPLAINED_TIMES	  2	/* and this many times what delay explains */
#define EXPLAINED_MORE_NS NS_PER_MS

static bool
says_smeared(const struct source *s)
{
	return s->reach != 0 && s->stratum > 1 && s->refid == SMEAR_REFID;
}

/*
 * A source that says that it smears is not used if we smear, too, if a leap
 * second is known to be smeared now, or if at least as many sources do not: the
 * two kinds are never mixed.
 */
static bool
refuses_said(const struct voters *v, bool runs, bool smears)
{
	uint32_t smeared = 0, others = 0;

	for (uint32_t k = 0; k < v->count; k++) {
		const struct source *s = v->of[k].source;

		smeared += says_smeared(s);
		others += s->reach != 0 && !says_smeared(s);
	}
	return runs || smears || others >= smeared;
}

/*
 * Is the last answer smeared?  It is off the line by off_ns, and a smeared one
 * would be by curve_ns.  If its path may explain that much, the answer changes
 * nothing.
 */
static void
judge_curve(struct voter *v, int64_t off_ns, int64_t curve_ns)
{
	int64_t explained_ns = sat_add(v->source->delay_ns, EXPLAINED_MORE_NS);

	if (sat_abs(curve_ns) > EXPLAINED_TIMES * explained_ns)
		v->smeared = sat_abs(sat_sub(off_ns, curve_ns)) <
		    sat_abs(curve_ns) / FIT_PARTS;
}

static void
judge_one(struct voter *v, const struct agreement *a, const struct smear *smear)
{
	const struct source *s = v->source;
	struct estimate line = estimate_at(&a->last.line, s->updated_at);
	struct wall utc = { sat_add(line.theta_ns, s->updated_at.ns) };

	if (s->updated_at.ns == v->smear_seen.ns)
		return;
	v->smear_seen = s->updated_at;
	judge_curve(v, sat_sub(s->theta_ns, line.theta_ns),
	    smear_offset_ns(smear, utc));
}

/* The leap second that others may be smearing now; LEAP_NONE: none is known. */
static struct smear
others_smear(
    const struct agreement *a, const struct smeared_by *by, struct mono now)
{
	struct wall utc = agreement_utc(a, now);
	struct smear s = { .kind = LEAP_NONE };

	if (a->ever)
		s = leap_smear(by->list, by->watch, utc,
		    by->length_s != 0 ? by->length_s : USUAL_LENGTH_S);
	if (!smear_runs(&s, utc))
		s.kind = LEAP_NONE;
	return s;
}

void
smeared_judge(struct voters *v, const struct agreement *a,
    const struct smeared_by *by, struct mono now)
{
	struct smear smear = others_smear(a, by, now);
	bool runs = smear.kind != LEAP_NONE;
	bool refuse = refuses_said(v, runs, by->length_s != 0);

	for (uint32_t k = 0; k < v->count; k++) {
		struct voter *s = &v->of[k];

		if (says_smeared(s->source))
			s->smeared = refuse;
		else if (runs)
			judge_one(s, a, &smear);
		else
			s->smeared = false;
	}
}
