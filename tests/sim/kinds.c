/*
 * Random scenarios by kind, see kinds.h.
 */
#include "tests/sim/kinds.h"

#include <math.h>
#include <string.h>

#include "tests/sim/draw.h"
#include "tests/sim/rng.h"

#define STREAM	    8
#define LENGTH_S    43200
#define SETTLE_S    10800 /* before the measured window, and the events */
#define FIXED_LOG2  6
#define SERVERS_MAX 4
#define HALF_HOUR_S 1800

static struct script_event *
at(struct scenario *sc, double at_s, enum happening what, double value)
{
	static struct script_event none;
	struct script_event *e = &none;

	if (sc->event_count < SCENARIO_EVENTS)
		e = &sc->events[sc->event_count++];
	*e = (struct script_event){ .at_s = floor(at_s),
		.what = what,
		.server = SERVER_ALL,
		.value = value };
	return e;
}

static double
some_time(struct rng *r)
{
	return draw_between(r, SETTLE_S, LENGTH_S - HALF_HOUR_S);
}

static enum happening
one_way(struct rng *r, enum happening up, enum happening down)
{
	return rng_chance(r, 0.5) ? up : down;
}

/* --- the network ---------------------------------------------------------- */

/* A queue of some ten ms in one direction, on all servers, for a time. */
static void
bloat(struct rng *r, struct scenario *sc, double for_s, uint32_t times)
{
	enum happening what = one_way(r, HAPPEN_UP_QUEUE, HAPPEN_DOWN_QUEUE);
	double queue_ns = draw_spread(r, 5e6, 80e6);
	double begin_s = SETTLE_S, gap_s;

	for (uint32_t i = 0; i < sc->server_count; i++) {
		struct path_model *p = what == HAPPEN_UP_QUEUE
		    ? &sc->servers[i].up
		    : &sc->servers[i].down;

		p->queue_shape = draw_between(r, 0.2, 0.8);
		p->queue_s = draw_spread(r, 1, 300);
	}
	gap_s = (LENGTH_S - SETTLE_S - times * for_s) / (times + 1);
	for (uint32_t i = 0; i < times; i++) {
		begin_s += gap_s * draw_between(r, 0.5, 1);
		(void)at(sc, begin_s, what, queue_ns);
		(void)at(sc, begin_s + for_s, what, 0);
		begin_s += for_s;
	}
}

static void
bloat_short(struct rng *r, struct scenario *sc)
{
	bloat(r, sc, HALF_HOUR_S * draw_between(r, 0.5, 1.5),
	    1 + rng_below(r, 6));
}

static void
bloat_long(struct rng *r, struct scenario *sc)
{
	bloat(r, sc, 28800, 1);
}

/* One route flaps between two delays. */
static void
flap(struct rng *r, struct scenario *sc)
{
	enum happening what = rng_chance(r, 0.5)
	    ? HAPPEN_ROUTE
	    : one_way(r, HAPPEN_UP, HAPPEN_DOWN);
	double value = draw_spread(r, 1e5, 3e7), at_s = SETTLE_S;
	double each_s = draw_spread(r, 120, 3600);
	int server = (int)rng_below(r, sc->server_count);

	for (int i = 0; i < SCENARIO_EVENTS / 2; i++) {
		at_s += each_s * draw_between(r, 0.5, 1.5);
		if (at_s > LENGTH_S)
			return;
		at(sc, at_s, what, i % 2 == 0 ? value : -value)->server =
		    server;
	}
}

/* The delay grows slowly in both directions, by up to some ms an hour. */
static void
grow(struct rng *r, struct scenario *sc)
{
	double rate = draw_spread(r, 1e-8, 2e-6);

	(void)at(sc, SETTLE_S, HAPPEN_UP_GROW, rate);
	(void)at(sc, SETTLE_S, HAPPEN_DOWN_GROW, rate);
}

/* It grows like a saw, in one direction. */
static void
saw(struct rng *r, struct scenario *sc)
{
	bool up = rng_chance(r, 0.5);
	double rate = draw_spread(r, 1e-7, 1e-5);
	double tooth_s = draw_spread(r, 600, 7200), at_s = SETTLE_S;

	(void)at(sc, at_s, up ? HAPPEN_UP_GROW : HAPPEN_DOWN_GROW, rate);
	for (int i = 0; i < SCENARIO_EVENTS / 2; i++) {
		at_s += tooth_s;
		if (at_s > LENGTH_S)
			return;
		(void)at(sc, at_s, up ? HAPPEN_UP : HAPPEN_DOWN,
		    -rate * tooth_s * 1e9);
	}
}

static void
each_way(struct rng *r, struct scenario *sc,
    void (*change)(struct rng *r, struct path_model *p))
{
	for (uint32_t i = 0; i < sc->server_count; i++) {
		change(r, &sc->servers[i].up);
		change(r, &sc->servers[i].down);
	}
}

static void
gamma_way(struct rng *r, struct path_model *p)
{
	p->jitter = JITTER_GAMMA;
	p->shape = draw_between(r, 2, 6);
	p->jitter_ns = p->base_ns * draw_spread(r, 0.01, 0.2);
}

static void
gamma_queue(struct rng *r, struct scenario *sc)
{
	each_way(r, sc, gamma_way);
}

static void
heavy_way(struct rng *r, struct path_model *p)
{
	p->jitter = JITTER_LOGNORMAL;
	p->shape = draw_between(r, 1, 2.2);
	p->jitter_ns = p->base_ns * draw_spread(r, 0.002, 0.1);
}

static void
heavy_tail(struct rng *r, struct scenario *sc)
{
	each_way(r, sc, heavy_way);
}

static void
slow_way(struct rng *r, struct path_model *p)
{
	p->queue_ns = p->base_ns * draw_spread(r, 0.05, 0.5);
	p->queue_shape = draw_between(r, 0.4, 1);
	p->queue_s = draw_spread(r, 900, 10000);
}

/* Queues that are correlated over an hour. */
static void
slow_queue(struct rng *r, struct scenario *sc)
{
	each_way(r, sc, slow_way);
}

static void
wild_way(struct rng *r, struct path_model *p)
{
	p->jitter = JITTER_EXP;
	p->jitter_ns = draw_spread(r, 20e6, 200e6);
}

/* Jitter of some 100 ms, and a clock that begins a second off. */
static void
wild(struct rng *r, struct scenario *sc)
{
	each_way(r, sc, wild_way);
	sc->start_ns = draw_sign(r, draw_spread(r, 1e8, 5e9));
}

/* --- the oscillator ------------------------------------------------------- */

static void
freq_step(struct rng *r, struct scenario *sc)
{
	(void)at(sc, some_time(r), HAPPEN_FREQ,
	    draw_sign(r, draw_spread(r, 1e-6, 20e-6)));
}

/* As when a virtual machine moves from host to host. */
static void
freq_jumps(struct rng *r, struct scenario *sc)
{
	for (uint32_t i = 2 + rng_below(r, 4); i > 0; i--)
		(void)at(sc, some_time(r), HAPPEN_FREQ,
		    draw_sign(r, draw_spread(r, 5e-6, 60e-6)));
}

static void
wander_changes(struct rng *r, struct scenario *sc)
{
	for (uint32_t i = 1 + rng_below(r, 4); i > 0; i--)
		(void)at(sc, some_time(r), HAPPEN_WANDER,
		    draw_spread(r, 1e-10, 3e-8));
}

static void
suspends(struct rng *r, struct scenario *sc)
{
	for (uint32_t i = 1 + rng_below(r, 3); i > 0; i--) {
		struct script_event *e = at(sc, some_time(r), HAPPEN_SUSPEND,
		    floor(draw_spread(r, 10, 3000)) * 1e9);

		e->other = draw_sign(r, draw_spread(r, 1e5, 1e9));
	}
}

/* --- the servers ----------------------------------------------------------- */

static void
only_one(struct scenario *sc)
{
	sc->server_count = 1;
}

/* The only server jumps, and stays. */
static void
server_jumps(struct rng *r, struct scenario *sc)
{
	only_one(sc);
	(void)at(sc, some_time(r), HAPPEN_OFFSET,
	    draw_sign(r, draw_spread(r, 1e6, 1e8)));
}

static void
server_drifts(struct rng *r, struct scenario *sc)
{
	only_one(sc);
	for (uint32_t i = 1 + rng_below(r, 3); i > 0; i--)
		(void)at(sc, some_time(r), HAPPEN_DRIFT,
		    draw_sign(r, draw_spread(r, 1e-8, 1e-6)));
}

/* Two of four are off the same way, within their distance. */
static void
two_off(struct rng *r, struct scenario *sc)
{
	double off_ns = draw_sign(r, draw_spread(r, 3e5, 5e6));

	sc->server_count = 4;
	for (uint32_t i = 0; i < 4; i++) {
		sc->servers[i].stratum = 2;
		sc->servers[i].root_dispersion_ns = 2 * fabs(off_ns);
		if (i < 2)
			sc->servers[i].offset_ns = off_ns;
	}
}

static void
coarse(struct rng *r, struct scenario *sc)
{
	for (uint32_t i = 0; i < sc->server_count; i++)
		sc->servers[i].grain_ns = draw_spread(r, 1e4, 2e7);
}

/* --- all of them ----------------------------------------------------------- */

static void
calm(struct rng *r, struct scenario *sc)
{
	(void)r;
	(void)sc;
}

static void mixture(struct rng *r, struct scenario *sc);

static const struct kind {
	const char *name;
	void (*draw)(struct rng *r, struct scenario *sc);
} kinds[] = {
	{ "calm", calm },
	{ "bufferbloat, half hours", bloat_short },
	{ "bufferbloat, eight hours", bloat_long },
	{ "a route flaps", flap },
	{ "delay grows, both ways", grow },
	{ "delay like a saw, one way", saw },
	{ "gamma-shaped queue", gamma_queue },
	{ "heavy tails", heavy_tail },
	{ "queues over an hour", slow_queue },
	{ "jitter of 100 ms", wild },
	{ "a frequency step", freq_step },
	{ "frequency jumps", freq_jumps },
	{ "wander changes", wander_changes },
	{ "suspends", suspends },
	{ "the only server jumps", server_jumps },
	{ "the only server drifts", server_drifts },
	{ "two of four off", two_off },
	{ "coarse stamps", coarse },
	{ "a mixture of two", mixture },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Of two kinds before this one. */
static void
mixture(struct rng *r, struct scenario *sc)
{
	for (int i = 0; i < 2; i++)
		kinds[rng_below(r, KINDS - 1)].draw(r, sc);
}

static void
draw_usual_server(struct rng *r, struct server_model *m)
{
	double base_ns = draw_spread(r, 50e3, 60e6);

	scenario_init_server(m);
	m->up.base_ns = base_ns * draw_between(r, 0.9, 1.1);
	m->down.base_ns = base_ns * draw_between(r, 0.9, 1.1);
	m->up.jitter = m->down.jitter = JITTER_EXP;
	m->up.jitter_ns = base_ns * draw_spread(r, 0.01, 0.2);
	m->down.jitter_ns = base_ns * draw_spread(r, 0.01, 0.2);
}

uint32_t
kinds_count(void)
{
	return KINDS;
}

const char *
kinds_name(uint32_t kind)
{
	return kinds[kind].name;
}

uint32_t
kinds_of(uint64_t seed)
{
	return (uint32_t)(seed % KINDS);
}

bool
kinds_is_fixed(uint64_t seed)
{
	return seed / KINDS % KINDS_EACH == 0;
}

void
kinds_draw(struct scenario *sc, uint64_t seed)
{
	const struct kind *k = &kinds[kinds_of(seed)];
	struct rng r;

	rng_init(&r, seed, STREAM);
	scenario_init(sc);
	(void)snprintf(
	    sc->name, sizeof(sc->name), "%llu", (unsigned long long)seed);
	(void)snprintf(sc->title, sizeof(sc->title), "%s, number %llu", k->name,
	    (unsigned long long)seed);
	sc->length_s = sc->to_s = LENGTH_S;
	sc->from_s = SETTLE_S;
	sc->oscillator.freq = draw_between(&r, -100e-6, 100e-6);
	sc->oscillator.wander = draw_spread(&r, 1e-10, 3e-9);
	sc->start_ns = draw_sign(&r, draw_spread(&r, 1e3, 1e9));
	sc->server_count = 1 + rng_below(&r, SERVERS_MAX);
	/* All are drawn, since a kind may use more. */
	for (uint32_t i = 0; i < SERVERS_MAX; i++)
		draw_usual_server(&r, &sc->servers[i]);
	k->draw(&r, sc);
	scenario_fix_poll(sc, kinds_is_fixed(seed) ? FIXED_LOG2 : POLL_DEFAULT);
}
