/*
 * How good the clock was, see measure.h.
 */
#include "tests/sim/measure.h"

#include <math.h>
#include <string.h>

#include "core/line.h"
#include "core/source/source.h"
#include "tests/sim/state.h"

#define STAYS_S 10 /* a level is reached after this time in it */
#define DAY_S	86400.0

static const double level_ns[LEVELS] = { 1e6, 1e5 };

void
measure_init(struct measure *m, double from_s, double to_s)
{
	memset(m, 0, sizeof(*m));
	m->from_s = from_s;
	m->to_s = to_s;
	m->first_step_s = -1;
	for (int i = 0; i < LEVELS; i++)
		m->within_s[i] = m->reached_s[i] = -1;
}

static void
note_levels(struct measure *m, double now_s, double error_ns)
{
	for (int i = 0; i < LEVELS; i++) {
		if (m->reached_s[i] >= 0)
			continue;
		if (fabs(error_ns) >= level_ns[i])
			m->within_s[i] = -1;
		else if (m->within_s[i] < 0)
			m->within_s[i] = now_s;
		else if (now_s - m->within_s[i] >= STAYS_S)
			m->reached_s[i] = m->within_s[i];
	}
}

void
measure_resumed(struct world *w)
{
	w->measure.away = true;
	w->measure.resumed_s = (double)w->now_ns / 1e9;
	w->measure.good_s = -1;
}

/* Recovery from a pause: the error comes and stays within 1 ms. */
static void
note_back(struct measure *m, double now_s, double error_ns)
{
	if (!m->away)
		return;
	if (fabs(error_ns) >= level_ns[0])
		m->good_s = -1;
	else if (m->good_s < 0)
		m->good_s = now_s;
	else if (now_s - m->good_s >= STAYS_S) {
		m->away = false;
		m->back_s = fmax(m->back_s, m->good_s - m->resumed_s);
	}
}

static bool
is_excused(const struct world *w)
{
	return (double)w->second_ns / 1e9 < w->measure.excused_until_s;
}

/* Does the bound that the kernel reports to programs hold? */
static void
note_bound(struct world *w, double error_ns, bool in_window)
{
	struct measure *m = &w->measure;
	double bound_ns = (double)w->machine.tx.maxerror * 1e3;

	if ((w->machine.tx.status & STA_UNSYNC) != 0)
		return;
	m->synced_seconds++;
	if (fabs(error_ns) > bound_ns && !is_excused(w)) {
		m->uncovered_seconds++;
		if (fabs(error_ns) - bound_ns > m->uncovered_worst_ns) {
			m->uncovered_worst_ns = fabs(error_ns) - bound_ns;
			m->uncovered_worst_s = (double)w->second_ns / 1e9;
		}
	}
	if (in_window) {
		m->bound_seconds++;
		m->bound_sum_ns += bound_ns;
	}
}

/* Does the bound that is served to clients hold? */
static void
note_served(struct world *w, bool in_window)
{
	struct measure *m = &w->measure;
	/* The programs' raw time includes time asleep. */
	int64_t raw_ns = machine_boot_ns(&w->machine);
	struct page_time t;
	double age_ns, error_ns, bound_ns;

	if (w->served == NULL || !page_load(w->served, &t) ||
	    (t.flags & PAGE_SYNCED) == 0)
		return;
	age_ns = (double)(raw_ns - t.raw_ns);
	error_ns = (double)(raw_ns + t.theta_ns - machine_utc_ns(&w->machine)) +
	    age_ns * (double)t.slope_q32 / (double)SLOPE_ONE;
	bound_ns = (double)(t.root_delay_ns / 2 + t.root_dispersion_ns) +
	    age_ns / GROWTH_PARTS +
	    ((t.flags & PAGE_SILENT) != 0 ? age_ns / PHI_PARTS : 0);
	m->served_seconds++;
	if (in_window) {
		m->served_in_window++;
		m->served_sum_ns += bound_ns;
	}
	if (fabs(error_ns) <= bound_ns || is_excused(w))
		return;
	m->served_uncovered++;
	if (fabs(error_ns) - bound_ns <= m->served_worst_ns)
		return;
	m->served_worst_ns = fabs(error_ns) - bound_ns;
	m->served_worst_s = (double)w->second_ns / 1e9;
}

static void
note_limit(struct world *w, double now_s, double error_ns)
{
	const struct scenario *sc = w->scenario;
	struct measure *m = &w->measure;
	double over_ns = fabs(error_ns) - sc->limit_ns;

	if (!(sc->limit_ns > 0) || now_s < sc->limit_from_s ||
	    now_s < m->excused_until_s || over_ns <= m->over_limit_ns)
		return;
	m->over_limit_ns = over_ns;
	m->over_limit_s = now_s;
}

static void
note_trace(struct world *w, double now_s, double error_ns, double gain)
{
	struct measure *m = &w->measure;

	if (m->trace == NULL || fmod(now_s, m->trace_every_s) != 0)
		return;
	(void)fprintf(m->trace, "%.0f %.3f %.6f %.6f %.6f %.3f\n", now_s,
	    error_ns / 1e3, gain * 1e6, w->machine.rate * 1e6,
	    -w->machine.freq / (1 + w->machine.freq) * 1e6,
	    (w->machine.tx.status & STA_UNSYNC) != 0
		? 0
		: (double)w->machine.tx.maxerror);
}

/*
 * At a leap second, UTC jumps: a clock that is a microsecond ahead has counted
 * it already, and is off by a second; one that is a microsecond behind is not.
 */
static bool
is_leap_moment(const struct scenario *sc, double now_s)
{
	for (uint32_t i = 0; i < sc->event_count; i++)
		if (sc->events[i].what == HAPPEN_LEAP &&
		    sc->events[i].at_s == now_s)
			return true;
	return false;
}

/* A comparison with the plain client, which has no clock to be set right. */
static void
note_fair(struct world *w, double error_ns)
{
	struct measure *m = &w->measure;

	if (is_excused(w))
		return;
	m->fair_seconds++;
	m->fair_square += error_ns * error_ns;
	m->fair_max_ns = fmax(m->fair_max_ns, fabs(error_ns));
	reference_second(&w->reference, machine_boot_ns(&w->machine),
	    machine_utc_ns(&w->machine));
}

void
measure_second(struct world *w)
{
	struct measure *m = &w->measure;
	double now_s = (double)w->second_ns / 1e9;
	double error_ns = machine_error_ns(&w->machine);
	double gain = machine_gain(&w->machine);
	bool in_window = now_s > m->from_s && now_s <= m->to_s &&
	    !is_leap_moment(w->scenario, now_s);

	if (in_window) {
		m->seconds++;
		m->error_square += error_ns * error_ns;
		m->gain_square += gain * gain;
		if (fabs(error_ns) > m->error_max_ns)
			m->error_max_ns = fabs(error_ns);
		note_fair(w, error_ns);
	}
	note_levels(m, now_s, error_ns);
	note_back(m, now_s, error_ns);
	note_bound(w, error_ns, in_window);
	note_served(w, in_window);
	note_limit(w, now_s, error_ns);
	note_trace(w, now_s, error_ns, gain);
}

void
measure_step(struct world *w)
{
	struct measure *m = &w->measure;
	double error_ns = fabs(machine_error_ns(&w->machine));

	if (m->first_step_s < 0) {
		m->first_step_s = (double)w->now_ns / 1e9;
		return;
	}
	m->later_steps++;
	if (m->least_step_ns == 0 || error_ns < m->least_step_ns)
		m->least_step_ns = error_ns > 1 ? error_ns : 1;
}

void
measure_excuse(struct world *w, double for_s)
{
	double until_s = (double)w->now_ns / 1e9 + for_s;

	if (until_s > w->measure.excused_until_s)
		w->measure.excused_until_s = until_s;
}

void
measure_frozen(struct world *w)
{
	w->measure.frozen = true;
}

void
measure_query(struct world *w, uint32_t server)
{
	struct measure *m = &w->measure;
	double now_s = (double)w->now_ns / 1e9;
	uint64_t n = m->queries_to[server]++;

	m->queries++;
	m->queries_window += now_s > m->from_s && now_s <= m->to_s;
	for (uint64_t i = 0; i < MEASURE_GAPS; i++) {
		uint64_t back = (i + 1) * SOURCE_BURST;
		double gap_s;

		if (n < back)
			break;
		gap_s =
		    now_s - m->query_s[server][(n - back) % MEASURE_QUERIES];
		if (m->least_gap_s[i] <= 0 || gap_s < m->least_gap_s[i])
			m->least_gap_s[i] = gap_s;
	}
	m->query_s[server][n % MEASURE_QUERIES] = now_s;
}

static double
part(uint64_t some, uint64_t all)
{
	return all == 0 ? 0 : (double)some / (double)all;
}

void
measure_result(const struct world *w, struct result *r)
{
	const struct measure *m = &w->measure;
	double n = m->seconds == 0 ? 1 : (double)m->seconds;
	double length_s = (double)w->end_ns / 1e9;
	double window_s = m->to_s - m->from_s;

	memset(r, 0, sizeof(*r));
	r->rms_ns = sqrt(m->error_square / n);
	r->max_ns = m->error_max_ns;
	if (m->fair_seconds != 0)
		r->fair_rms_ns = sqrt(m->fair_square / (double)m->fair_seconds);
	r->fair_max_ns = m->fair_max_ns;
	r->reference_rms_ns = reference_rms_ns(&w->reference);
	r->reference_max_ns = w->reference.error_max_ns;
	r->freq_rms = sqrt(m->gain_square / n);
	if (m->bound_seconds != 0)
		r->bound_ns = m->bound_sum_ns / (double)m->bound_seconds;
	if (m->served_in_window != 0)
		r->served_ns = m->served_sum_ns / (double)m->served_in_window;
	memcpy(r->reached_s, m->reached_s, sizeof(r->reached_s));
	r->back_s = m->away ? -1 : m->back_s;
	r->uncovered = part(m->uncovered_seconds, m->synced_seconds);
	r->served_uncovered = part(m->served_uncovered, m->served_seconds);
	r->queries = m->queries;
	r->packets_day = (double)m->queries / length_s * DAY_S;
	if (m->queries_window != 0)
		r->poll_s =
		    window_s * w->network.count / (double)m->queries_window;
	r->final_error_ns = machine_error_ns(&w->machine);
	r->final_excused = length_s < m->excused_until_s;
	r->steps = w->machine.steps;
	r->later_steps = m->later_steps;
	r->least_step_ns = m->least_step_ns;
	r->over_limit_ns = m->over_limit_ns;
	r->over_limit_s = m->over_limit_s;
	r->uncovered_worst_ns = m->uncovered_worst_ns;
	r->uncovered_worst_s = m->uncovered_worst_s;
	r->served_worst_ns = m->served_worst_ns;
	r->served_worst_s = m->served_worst_s;
	for (int i = 0; i < PROGRAMS; i++) {
		r->turns[i] = w->programs[i].turns;
		r->wakes_day[i] = (double)r->turns[i] / length_s * DAY_S;
		r->wakes_sum_day += r->wakes_day[i];
	}
	r->length_s = length_s;
	memcpy(r->least_gap_s, m->least_gap_s, sizeof(r->least_gap_s));
	r->frozen = m->frozen;
	r->done = true;
}
