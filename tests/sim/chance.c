/*
 * Randomly drawn scenarios, see chance.h.
 */
#include "tests/sim/chance.h"

#include <math.h>
#include <string.h>

#include "tests/sim/draw.h"

#define STREAM		7
#define LENGTH_S	20000
#define SETTLE_S	1000 /* after this the clock must be right */
#define ROOM_NS		2e6
#define JITTER_ROOM	4
#define REORDER_ROOM_NS 5e6
#define PHI		15e-6
#define AGE_POLLS	1.1
#define EVENTS_MOST	3
#define EVENT_FROM_S	3000
#define EVENT_TO_S	12000
#define STEP_MOST_NS	5e9 /* three of them fit into the step budget */
#define PAUSE_MOST_NS	3e12
#define NEW_YEAR_S	1798761600.0 /* the start of 2027, UTC */

static void
draw_clock(struct rng *r, struct scenario *sc)
{
	struct oscillator_model *o = &sc->oscillator;

	o->freq = draw_between(r, -150e-6, 150e-6);
	o->wander = draw_spread(r, 1e-10, 3e-9);
	if (rng_chance(r, 0.3))
		o->white = draw_spread(r, 1e-10, 3e-9);
	if (rng_chance(r, 0.3))
		o->flicker = draw_spread(r, 1e-10, 3e-9);
	if (rng_chance(r, 0.3)) {
		o->temp = draw_spread(r, 1e-8, 5e-7);
		o->temp_s = draw_spread(r, 3600, 86400);
	}
	sc->start_ns = draw_sign(r, draw_spread(r, 1e3, 8e13));
}

static void
draw_way(struct rng *r, struct path_model *p, double base_ns)
{
	p->base_ns = base_ns;
	p->jitter = (enum jitter_kind)rng_below(r, 4);
	p->shape = p->jitter == JITTER_GAMMA ? draw_between(r, 0.5, 3)
					     : draw_between(r, 0.3, 1.2);
	p->jitter_ns = base_ns * draw_spread(r, 0.005, 0.3);
	if (!rng_chance(r, 0.2))
		return;
	p->queue_ns = base_ns * draw_spread(r, 0.01, 0.3);
	p->queue_shape = draw_between(r, 0.3, 0.8);
	p->queue_s = draw_spread(r, 1, 3600);
}

static void
draw_server(struct rng *r, struct server_model *m)
{
	double base_ns = draw_spread(r, 20e3, 60e6);

	scenario_init_server(m);
	draw_way(r, &m->up, base_ns * draw_between(r, 0.7, 1.3));
	draw_way(r, &m->down, base_ns * draw_between(r, 0.7, 1.3));
	if (rng_chance(r, 0.3))
		m->loss = draw_between(r, 0, 0.2);
	if (rng_chance(r, 0.2))
		m->duplicate = draw_between(r, 0, 0.1);
	if (rng_chance(r, 0.2))
		m->reorder = draw_between(r, 0, 0.1);
	if (rng_chance(r, 0.2))
		m->daily = draw_between(r, 0, 0.8);
	if (rng_chance(r, 0.3))
		m->stamp_ns = draw_spread(r, 1e3, 50e3);
	if (rng_chance(r, 0.3)) {
		m->stratum = 2;
		m->root_delay_ns = draw_spread(r, 1e4, 1e7);
		m->root_dispersion_ns = draw_spread(r, 1e5, 1e7);
		if (rng_chance(r, 0.5)) /* its error equals its bound */
			m->offset_ns =
			    m->root_dispersion_ns * draw_between(r, -0.9, 0.9);
	}
}

static void
draw_poll(struct rng *r, struct scenario *sc)
{
	sc->poll_min = 3 + rng_below(r, 4);
	sc->poll_max = sc->poll_min + rng_below(r, 11 - (uint32_t)sc->poll_min);
}

/* The noise that a path of this kind may cause. */
static double
noise_ns(const struct path_model *p)
{
	double ns = p->queue_ns;

	if (p->jitter == JITTER_EXP)
		ns += p->jitter_ns;
	else if (p->jitter != JITTER_NONE)
		ns += p->jitter_ns * 2;
	return ns;
}

/* The largest error of an honest server, as a client sees it. */
static double
bound_ns(const struct server_model *m)
{
	return (m->up.base_ns + m->down.base_ns) / 2 +
	    (m->reorder > 0 ? REORDER_ROOM_NS : 0) + m->root_delay_ns / 2 +
	    m->root_dispersion_ns + m->stamp_ns +
	    JITTER_ROOM * (noise_ns(&m->up) + noise_ns(&m->down));
}

static void
set_limit(struct scenario *sc)
{
	double most_ns = 0;

	for (uint32_t i = 0; i < sc->server_count; i++)
		if (sc->servers[i].liar == 0)
			most_ns = fmax(most_ns, bound_ns(&sc->servers[i]));
	/* A bound grows with its age by PHI (RFC 5905). */
	sc->limit_ns += most_ns + ROOM_NS +
	    PHI * AGE_POLLS * (double)(1 << (int)sc->poll_max) * 1e9;
	sc->limit_from_s = SETTLE_S;
}

/* The number of liars: the first servers, fewer than half. */
static uint32_t
liars(struct rng *r, const struct scenario *sc)
{
	uint32_t most = (sc->server_count - 1) / 2;

	return most == 0 ? 0 : 1 + rng_below(r, most);
}

static void
lie_from_start(struct rng *r, struct scenario *sc)
{
	double together_ns = draw_sign(r, draw_spread(r, 1e6, 1e12));
	bool conspire = rng_chance(r, 0.5);

	for (uint32_t i = liars(r, sc); i-- > 0;) {
		struct server_model *m = &sc->servers[i];

		m->liar = 1;
		m->root_dispersion_ns = m->root_delay_ns = 0;
		m->stratum = 1;
		m->offset_ns = conspire
		    ? together_ns
		    : draw_sign(r, draw_spread(r, 1e6, 1e12));
		if (rng_chance(r, 0.3))
			m->drift = draw_sign(r, draw_spread(r, 1e-7, 1e-4));
		if (rng_chance(r, 0.2))
			m->wander = draw_spread(r, 1e-9, 1e-7);
		/*
		 * The liar is near, so that it looks better than all others; or
		 * its root distance allows its false time.
		 */
		if (rng_chance(r, 0.5))
			m->up.base_ns = m->down.base_ns = 20e3;
		else if (rng_chance(r, 0.3))
			m->root_dispersion_ns = draw_spread(r, 1e6, 3e9);
	}
}

static struct script_event *
add_event(struct rng *r, struct scenario *sc, enum happening what)
{
	struct script_event *e = &sc->events[sc->event_count++];

	memset(e, 0, sizeof(*e));
	e->what = what;
	e->at_s = floor(draw_between(r, EVENT_FROM_S, EVENT_TO_S));
	e->server = SERVER_ALL;
	return e;
}

/*
 * A minority becomes false: a clock jumps or drifts, or one direction of its
 * path is delayed.  A delay makes it no liar: its bound includes half of the
 * delay.
 */
static void
lie_later(struct rng *r, struct scenario *sc)
{
	uint32_t way = rng_below(r, 4);

	for (uint32_t i = liars(r, sc); i-- > 0;) {
		struct script_event *e;

		if (way == 0) {
			e = add_event(r, sc, HAPPEN_OFFSET);
			e->value = draw_sign(r, draw_spread(r, 1e6, 1e12));
		} else if (way == 1) {
			e = add_event(r, sc, HAPPEN_DRIFT);
			e->value = draw_sign(r, draw_spread(r, 1e-7, 1e-4));
		} else {
			e = add_event(
			    r, sc, way == 2 ? HAPPEN_UP : HAPPEN_DOWN);
			e->value = draw_spread(r, 1e6, 1e9);
		}
		e->server = (int)i;
		sc->servers[i].liar = 1;
	}
}

/*
 * Only servers can reveal the end of a pause or a suspend: such an event
 * happens only if they answer.
 */
static bool
has_gap(const struct scenario *sc)
{
	for (uint32_t i = 0; i < sc->event_count; i++)
		if (sc->events[i].what == HAPPEN_PAUSE ||
		    sc->events[i].what == HAPPEN_SUSPEND ||
		    sc->events[i].what == HAPPEN_OUTAGE)
			return true;
	return false;
}

/* All servers, or one of them. */
static int
draw_target(struct rng *r, const struct scenario *sc)
{
	if (sc->server_count < 2 || rng_chance(r, 0.5))
		return SERVER_ALL;
	return (int)rng_below(r, sc->server_count);
}

/* Draws values by kind; some of them widen the limit. */
static void
draw_event(struct rng *r, struct scenario *sc)
{
	struct script_event *e;
	double slowest_s = (double)(1 << (int)sc->poll_max);

	switch (rng_below(r, has_gap(sc) ? 4 : 7)) {
	case 0:
		e = add_event(r, sc, HAPPEN_FREQ);
		e->value = draw_sign(r, draw_spread(r, 1e-8, 1e-6));
		sc->limit_ns += fabs(e->value) * 4 * slowest_s * 1e9;
		break;
	case 1:
		e = add_event(r, sc, HAPPEN_STEP);
		e->value = draw_sign(r, draw_spread(r, 1e5, STEP_MOST_NS));
		break;
	case 2:
		e = add_event(r, sc, HAPPEN_ROUTE);
		e->server = draw_target(r, sc);
		e->value = draw_spread(r, 1e5, 5e7);
		sc->limit_ns += e->value;
		break;
	case 3:
		e = add_event(
		    r, sc, rng_chance(r, 0.5) ? HAPPEN_UP : HAPPEN_DOWN);
		e->server = draw_target(r, sc);
		e->value = draw_spread(r, 1e5, 5e7);
		sc->limit_ns += e->value / 2;
		break;
	case 4:
		e = add_event(r, sc, HAPPEN_SUSPEND);
		e->value = floor(draw_spread(r, 1, 3000)) * 1e9;
		e->other = draw_sign(r, draw_spread(r, 1e5, 1e9));
		break;
	case 5:
		e = add_event(r, sc, HAPPEN_PAUSE);
		/* Only three sources, and the RTC, can reveal a long pause. */
		e->value = draw_spread(r, 1e7,
		    sc->server_count >= 3 ? PAUSE_MOST_NS : STEP_MOST_NS);
		break;
	default:
		e = add_event(r, sc, HAPPEN_OUTAGE);
		e->server = draw_target(r, sc);
		e->value = floor(draw_spread(r, 10, 4000)) * 1e9;
		/* The frequency is known to 0.1 ppm. */
		sc->limit_ns +=
		    e->value * 1e-7 + e->value * sc->oscillator.temp;
		break;
	}
}

/* A minority smears it, mostly as the large operators do. */
static void
draw_smear(struct rng *r, struct scenario *sc)
{
	double length_s = 86400;

	if (rng_chance(r, 0.3))
		length_s = 2 * floor(draw_spread(r, 1800, 86400));
	for (uint32_t i = liars(r, sc); i-- > 0;) {
		sc->servers[i].smear_s = length_s;
		sc->servers[i].liar = 1;
	}
}

/*
 * The night of a leap second: it may happen or not, and a minority may announce
 * one that does not happen, or the wrong one.
 */
static void
draw_leap(struct rng *r, struct scenario *sc)
{
	double at_s = floor(draw_between(r, EVENT_FROM_S, EVENT_TO_S));
	struct script_event *e;

	sc->utc_s = NEW_YEAR_S - at_s;
	if (rng_chance(r, 0.7)) {
		e = add_event(r, sc, HAPPEN_LEAP);
		e->value = draw_sign(r, 1e9);
		/* Just before the second at which the error is taken. */
		e->at_s = at_s - (e->value > 0 ? 0 : 1) - 1e-6;
	}
	if (rng_chance(r, 0.5))
		for (uint32_t i = liars(r, sc); i-- > 0;)
			sc->servers[i].false_leap = 1 + rng_below(r, 2);
	sc->leap_file = rng_chance(r, 0.5);
	if (rng_chance(r, 0.5))
		draw_smear(r, sc);
}

void
chance_scenario(struct scenario *sc, uint64_t seed)
{
	enum chance_kind kind = (enum chance_kind)(seed % CHANCE_KINDS);
	bool lies = kind == CHANCE_LIARS || kind == CHANCE_TURN;
	struct rng r;

	rng_init(&r, seed, STREAM);
	scenario_init(sc);
	(void)snprintf(
	    sc->name, sizeof(sc->name), "%llu", (unsigned long long)seed);
	(void)snprintf(sc->title, sizeof(sc->title), "by chance, number %llu",
	    (unsigned long long)seed);
	sc->length_s = sc->to_s = LENGTH_S;
	sc->from_s = LENGTH_S / 2.0;
	draw_poll(&r, sc);
	draw_clock(&r, sc);
	sc->server_count = lies ? 3 + rng_below(&r, 5) : 1 + rng_below(&r, 6);
	for (uint32_t i = 0; i < sc->server_count; i++)
		draw_server(&r, &sc->servers[i]);
	if (kind == CHANCE_LIARS)
		lie_from_start(&r, sc);
	else if (kind == CHANCE_TURN)
		lie_later(&r, sc);
	else if (kind == CHANCE_EVENTS)
		for (uint32_t n = 1 + rng_below(&r, EVENTS_MOST); n > 0; n--)
			draw_event(&r, sc);
	else if (kind == CHANCE_LEAP)
		draw_leap(&r, sc);
	set_limit(sc);
}
