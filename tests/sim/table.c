/*
 * Results for people, see table.h.
 */
#include "tests/sim/table.h"

#include <err.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 24

/* Nanoseconds with the unit that fits: "12.3us". */
static const char *
time_text(char buf[TEXT], double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	int u = 0;

	while (u < 3 && fabs(ns) >= 999.5) {
		ns /= 1e3;
		u++;
	}
	(void)snprintf(buf, TEXT, "%.3g%s", ns, units[u]);
	return buf;
}

static const char *
target_text(char buf[TEXT], double ns)
{
	if (ns > 0)
		return time_text(buf, ns);
	(void)snprintf(buf, TEXT, "-");
	return buf;
}

static const char *
seconds_text(char buf[TEXT], double s)
{
	if (s < 0)
		(void)snprintf(buf, TEXT, "never");
	else
		(void)snprintf(buf, TEXT, "%.0fs", s);
	return buf;
}

static const char *
poll_text(char buf[TEXT], int poll_log2)
{
	if (poll_log2 == POLL_DEFAULT)
		(void)snprintf(buf, TEXT, "default");
	else
		(void)snprintf(buf, TEXT, "%ds", 1 << poll_log2);
	return buf;
}

void
table_one(const struct scenario *sc, int poll_log2, const struct result *r)
{
	char a[TEXT], b[TEXT], c[TEXT], d[TEXT];

	printf("%s (%s), poll %s: %s\n", sc->name, sc->title,
	    poll_text(a, poll_log2), r->done ? "done" : "FAILED");
	printf("  offset: rms %s, largest %s, at the end %s\n",
	    time_text(a, r->rms_ns), time_text(b, r->max_ns),
	    time_text(c, r->final_error_ns));
	printf("  a plain client: rms %s, largest %s\n",
	    time_text(a, r->reference_rms_ns),
	    time_text(b, r->reference_max_ns));
	printf("  frequency: rms %.3g ppb\n", r->freq_rms * 1e9);
	printf("  within 1 ms after %s, 100 us after %s\n",
	    seconds_text(a, r->reached_s[0]), seconds_text(b, r->reached_s[1]));
	printf("  bound: mean %s, too small in %.4g %% of seconds, by %s at "
	       "%.0f s;\n  served: mean %s, too small in %.4g %%, by %s at "
	       "%.0f s\n",
	    time_text(a, r->bound_ns), r->uncovered * 100,
	    time_text(b, r->uncovered_worst_ns), r->uncovered_worst_s,
	    time_text(d, r->served_ns), r->served_uncovered * 100,
	    time_text(c, r->served_worst_ns), r->served_worst_s);
	printf("  %.0f packets a day, poll %.0f s, %llu steps\n",
	    r->packets_day, r->poll_s, (unsigned long long)r->steps);
	printf("  wake-ups a day: ntp-clock %.0f, ntp-net %.0f\n",
	    r->wakes_day[0], r->wakes_day[1]);
	printf("  %.0f s in %.3f s: %.0f times as fast\n", r->length_s,
	    r->wall_s, r->length_s / r->wall_s);
}

static int
compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* The median of a number over all seeds; -1 ("never") is the worst. */
static double
median(const struct variant *v, int seeds, size_t at)
{
	double *values = calloc((size_t)seeds, sizeof(*values)), m;

	if (values == NULL)
		err(1, "calloc");
	for (int k = 0; k < seeds; k++) {
		memcpy(&values[k], (const char *)&v->results[k] + at,
		    sizeof(double));
		if (values[k] < 0)
			values[k] = HUGE_VAL;
	}
	qsort(values, (size_t)seeds, sizeof(*values), compare);
	m = values[seeds / 2];
	free(values);
	return m == HUGE_VAL ? -1 : m;
}

#define MEDIAN(v, seeds, member)                                               \
	median(v, seeds, offsetof(struct result, member))

static const struct target *
target_of(const struct variant *v)
{
	static const struct target none;

	for (uint32_t i = 0; i < v->scenario->target_count; i++)
		if (v->scenario->targets[i].poll_log2 == v->poll_log2)
			return &v->scenario->targets[i];
	return &none;
}

static bool
missed(double got, double most)
{
	return most > 0 && (got < 0 || got > most);
}

/* Which targets a variant misses, in words; true if none. */
static bool
judge(const struct variant *v, int seeds, char text[], size_t size)
{
	const struct target *t = target_of(v);
	const char *what[] = { " rms", " peak", " packets", " poll", " wakes",
		" 1ms", " 100us", " unfinished", " frozen", " steps", " back" };
	bool bad[] = {
		missed(MEDIAN(v, seeds, rms_ns), t->rms_ns),
		missed(MEDIAN(v, seeds, max_ns), t->peak_ns),
		missed(MEDIAN(v, seeds, packets_day), t->packets_day),
		MEDIAN(v, seeds, poll_s) < t->poll_s,
		missed(MEDIAN(v, seeds, wakes_sum_day), t->wakes_day),
		missed(MEDIAN(v, seeds, reached_s[0]), t->reach_1ms_s),
		missed(MEDIAN(v, seeds, reached_s[1]), t->reach_100us_s),
		false,
		false,
		false,
		false,
	};
	bool good = true;

	text[0] = '\0';
	for (int k = 0; k < seeds; k++) {
		bad[7] = bad[7] || !v->results[k].done;
		bad[8] = bad[8] || v->results[k].frozen;
		bad[9] =
		    bad[9] || missed((double)v->results[k].steps, t->steps);
		bad[10] = bad[10] || missed(v->results[k].back_s, t->back_s);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!bad[i])
			continue;
		(void)strncat(text, what[i], size - strlen(text) - 1);
		good = false;
	}
	return good;
}

static bool
print_row(const struct variant *v, int seeds)
{
	const struct target *t = target_of(v);
	char a[TEXT], b[TEXT], c[TEXT], d[TEXT], e[TEXT], f[TEXT], g[TEXT];
	char h[TEXT], served[TEXT], miss[64];
	double uncovered = 0, steps = 0;
	bool good = judge(v, seeds, miss, sizeof(miss));

	for (int k = 0; k < seeds; k++) {
		uncovered = fmax(uncovered, v->results[k].uncovered);
		steps = fmax(steps, (double)v->results[k].steps);
	}
	printf("%-20s %7s %8s %8s %8s %8s %8.3g %6s %6s %5.0f %7.0f %7.0f %8s "
	       "%8s %6.3f %8.0f %8.0f %s%s\n",
	    v->scenario->name, poll_text(a, v->poll_log2),
	    time_text(b, MEDIAN(v, seeds, rms_ns)), target_text(c, t->rms_ns),
	    time_text(d, MEDIAN(v, seeds, max_ns)), target_text(e, t->peak_ns),
	    MEDIAN(v, seeds, freq_rms) * 1e9,
	    seconds_text(f, MEDIAN(v, seeds, reached_s[0])),
	    seconds_text(g, MEDIAN(v, seeds, reached_s[1])), steps,
	    MEDIAN(v, seeds, packets_day), MEDIAN(v, seeds, poll_s),
	    time_text(h, MEDIAN(v, seeds, bound_ns)),
	    time_text(served, MEDIAN(v, seeds, served_ns)), uncovered * 100,
	    MEDIAN(v, seeds, wakes_day[0]), MEDIAN(v, seeds, wakes_day[1]),
	    good ? "" : "MISSES", miss);
	return good;
}

/* If there were pauses: the longest recovery. */
static void
print_back(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct variant *v = &plan->variants[i];
		double least = HUGE_VAL, most = 0;
		bool never = false;
		char a[TEXT], b[TEXT], c[TEXT];

		for (int k = 0; k < plan->seeds; k++) {
			never = never || v->results[k].back_s < 0;
			least = fmin(least, v->results[k].back_s);
			most = fmax(most, v->results[k].back_s);
		}
		if (most > 0 || never)
			printf("%s, poll %s: within 1 ms %s to %s after a "
			       "pause\n",
			    v->scenario->name, poll_text(a, v->poll_log2),
			    seconds_text(b, least),
			    seconds_text(c, never ? -1 : most));
	}
}

bool
table_print(const struct plan *plan)
{
	uint32_t good = 0;

	printf("%-20s %7s %8s %8s %8s %8s %8s %6s %6s %5s %7s %7s %8s %8s "
	       "%6s %8s %8s\n",
	    "scenario", "poll", "rms", "target", "largest", "target",
	    "freq/ppb", "1ms", "100us", "steps", "pkt/day", "poll/s", "bound",
	    "served", "unc/%", "w.clock", "w.net");
	for (uint32_t i = 0; i < plan->count; i++)
		good += print_row(&plan->variants[i], plan->seeds);
	print_back(plan);
	printf("%u of %u meet their targets; medians of %d seeds from %llu\n",
	    good, plan->count, plan->seeds,
	    (unsigned long long)plan->first_seed);
	return good == plan->count;
}
