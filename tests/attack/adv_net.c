/*
 * A hostile ntp-net, see adv_net.h.
 */
#include "tests/attack/adv_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/steer/ledger.h"
#include "core/types.h"
#include "tests/attack/adv_machine.h"
#include "tests/attack/adv_run.h"

#define PPM	   INT64_C(65536)
#define SECONDS(s) ((int64_t)((s)*1e9))
#define ENOUGH_NS  (60 * NS_PER_MS) /* of a budget, to go on */
#define FLOOD	   60

/* What a phase is, by its first gene. */
enum kind {
	CREEP,	   /* no error, a slope */
	SLEW,	   /* always an error just below what is stepped */
	STEP,	   /* errors that are stepped, by size and direction */
	WAIT_STEP, /* the same, when a part of the period is forgotten */
	STABLE,	   /* the slope that is to become an anchor */
	WALK,	   /* slope at the edge of the band */
	FLIP,	   /* an error that changes its sign before it is believed */
	ASK,	   /* an error until it is set aside, and then none */
	LEAP,	   /* no error, and a leap second is announced */
	MONTH,	   /* a step to shortly before the end of a month */
	PAUSED,	   /* a pause of the machine, and a step for it */
	FLOODING,
	SILENT,
	NONSENSE, /* fields at and over their limits */
	RUDE,	  /* a message that it may not send */
	HONEST,
	KINDS
};

/* The genes of a phase. */
enum gene { KIND, SIGN, SIZE, MORE, LENGTH, EVERY, FLAGS, RATE };

static struct net *const n = &world.net;

/* --- what chance and search do -------------------------------------------- */

static void
set_kind(struct genome *g, int phase, enum kind kind)
{
	g->gene[phase][KIND] = ((double)kind + 0.5) / KINDS;
}

/*
 * Some begin with what chance seldom puts together: an anchor that is faked,
 * then walked or left by a rate; a leap second, and the rest of the budget
 * after it; a rate that costs while programs are killed, and then the rest; a
 * kill at the first correction after a boot.
 */
static void
draw_script(struct genome *g, struct rng *r)
{
	static const enum kind after[] = { WALK, CREEP, STEP, LEAP };
	static const enum moment moments[] = { BEFORE_STEP, AFTER_STEP,
		EVENT_SENT, AFTER_SET, STATE_SENT };

	switch (rng_below(r, 7)) {
	case 0:
		set_kind(g, 0, STABLE);
		set_kind(g, 1, after[rng_below(r, 4)]);
		break;
	case 1:
		set_kind(g, 0, LEAP);
		set_kind(g, 1, STEP);
		g->gene[0][LENGTH] = 0.999;
		g->gene[1][LENGTH] = 0.6 + g->gene[1][LENGTH] / 3;
		g->gene[1][SIZE] = 0.05; /* all that is left */
		break;
	case 2:
		set_kind(g, 0, CREEP);
		set_kind(g, 1, STEP);
		g->gene[0][RATE] = 0.55; /* as fast as can be */
		g->gene[0][LENGTH] = 0.5 + g->gene[0][LENGTH] / 2.5;
		g->gene[1][LENGTH] = 0.5 + g->gene[1][LENGTH] / 4;
		g->gene[1][SIZE] = 0.05;
		g->kills = 0.9;
		g->moment = (WAITING + 0.5) / MOMENTS;
		g->victim = (KILL_BOTH + 0.5) / VICTIMS;
		g->careful = 0.9;
		g->phases = 2;
		return;
	case 3:
		set_kind(g, 0, STEP);
		g->gene[0][SIZE] = 0.02; /* of any size at the start */
		g->gene[0][LENGTH] = 0.5 + g->gene[0][LENGTH] / 2;
		g->gene[0][EVERY] /= 4;
		g->first = true;
		g->moment = (moments[rng_below(r, 5)] + 0.5) / MOMENTS;
		g->victim =
		    ((rng_chance(r, 0.5) ? KILL_BOTH : KILL_CLOCK) + 0.5) /
		    VICTIMS;
		break;
	default:
		return;
	}
	g->phases = g->phases < 3 ? 3 : g->phases;
}

void
genome_draw(struct genome *g, struct rng *r)
{
	g->phases = 1 + (int)rng_below(r, PHASES_MAX);
	g->careful = rng_uniform(r);
	g->kills = rng_uniform(r);
	g->moment = rng_uniform(r);
	g->victim = rng_uniform(r);
	g->first = false;
	for (int i = 0; i < PHASES_MAX; i++)
		for (int k = 0; k < GENES; k++)
			g->gene[i][k] = rng_uniform(r);
	draw_script(g, r);
}

void
genome_change(struct genome *g, struct rng *r)
{
	int changes = 1 + (int)rng_below(r, 4);
	double *others[] = { &g->careful, &g->kills, &g->moment, &g->victim };

	if (rng_chance(r, 0.2))
		g->phases = 1 + (int)rng_below(r, PHASES_MAX);
	if (rng_chance(r, 0.3))
		*others[rng_below(r, 4)] = rng_uniform(r);
	while (changes-- > 0) {
		double *gene = &g->gene[rng_below(r, (uint32_t)g->phases)]
				       [rng_below(r, GENES)];

		if (rng_chance(r, 0.5))
			*gene = rng_uniform(r);
		else
			*gene = fmin(
			    fmax(*gene + 0.05 * rng_normal(r), 1e-6), 1 - 1e-6);
	}
}

static double
gene(enum gene k)
{
	return n->genome->gene[n->phase][k];
}

static enum kind
kind(void)
{
	return (enum kind)(gene(KIND) * KINDS);
}

static double
spread(double u, double low, double high)
{
	return low * exp(u * log(high / low));
}

/* --- what it knows -------------------------------------------------------- */

static int64_t
left_ns(void)
{
	struct ledger l;
	int64_t left;

	if (!n->heard)
		return world.limits.config.budget_ns;
	memcpy(&l.k, &n->state.ledger, sizeof(l.k));
	l.limits.budget_ns = n->state.budget_ns;
	left = ledger_left(&l, world_now_ns());
	return left;
}

static int64_t
over_ns(void)
{
	return world.limits.config.step_over_ns;
}

/* Slopes worth a try, of the state as it was last reported. */
static int64_t
choose_slope(double u)
{
	int64_t low = n->heard ? n->state.low_ppb : -500000;
	int64_t high = n->heard ? n->state.high_ppb : 500000;
	int64_t edge = n->sign > 0 ? high : low;
	int64_t middle = (low + high) / 2, ppb = middle;
	double part = fmod(u * 8, 1);

	switch ((int)(u * 8)) {
	case 0:
		ppb = middle;
		break;
	case 1:
		ppb = edge - n->sign;
		break;
	case 2:
		ppb = edge + n->sign * 2;
		break;
	case 3:
		ppb = edge + n->sign * (int64_t)spread(part, 10, 1000000);
		break;
	case 4:
		ppb = n->sign * 1000000;
		break;
	case 5:
		ppb = low + (int64_t)((double)(high - low) * part);
		break;
	case 6:
		ppb = edge - n->sign * (int64_t)spread(part, 10, 50000);
		break;
	default:
		ppb = (int64_t)(part * 2000000) - 1000000;
		break;
	}
	ppb = ppb > 1000000 ? 1000000 : ppb < -1000000 ? -1000000 : ppb;
	return (int64_t)((double)ppb * 4.294967296);
}

static int64_t
choose_size(double u)
{
	bool startup =
	    !n->heard || (n->state.flags & CLOCK_STATE_STARTUP_DONE) == 0;
	int64_t left = left_ns(), limit = world.limits.config.limit_ns;
	int64_t budget = world.limits.config.budget_ns;
	double part = fmod(u * 12, 1);

	if (startup && part < 0.5)
		return (int64_t)spread(part * 2, 1e8, 1e12);
	switch ((int)(u * 12)) {
	case 0:
	case 1:
		return left - (int64_t)(part * 1000);
	case 2:
		return left - (int64_t)spread(part, 1e3, 60e6);
	case 3:
		return (int64_t)((double)left * part);
	case 4:
		return left / 2;
	case 5:
		return limit < left ? limit - 1 : left - 1;
	case 6:
		return over_ns() + 1;
	case 7:
		return over_ns() + (int64_t)spread(part, 1, 1e9);
	case 8:
		return budget;
	case 9:
		return n->genome->careful > 0.2
		    ? left / 3
		    : limit + 1 - (int64_t)(part * 2);
	case 10:
		return n->genome->careful > 0.2 ? left / 10 : left + 1;
	default:
		return n->genome->careful > 0.2
		    ? left - 51 * NS_PER_MS
		    : (int64_t)spread(part, 1e6, 1e12);
	}
}

/* --- what it says --------------------------------------------------------- */

static void
send(const void *msg, uint32_t type, uint32_t length)
{
	struct msg_header h = { type, length };
	union msg m;

	memcpy(&m, msg, length);
	memcpy(&m, &h, sizeof(h));
	(void)queue_put(&world.samples, &m, length, -1); /* or it is full */
}

/* A sample on the line, as of now. */
static struct msg_sample
sample(void)
{
	int64_t age_ns = world_now_ns() - n->line.raw_ns;
	bool many = gene(FLAGS) > 0.5;

	return (struct msg_sample){ .raw_ns = world_now_ns(),
		.theta_ns = n->line.theta_ns +
		    (int64_t)((double)age_ns * (double)n->line.slope /
			(double)SLOPE_ONE),
		.sigma_ns = 1000,
		.slope_q32 = n->line.slope,
		.slope_sigma_q32 = gene(FLAGS) * 8 < 1 ? 100000 : 5,
		.root_delay_ns = 1000000,
		.root_dispersion_ns = 100000,
		.leap = n->leap,
		.flags = many ? SAMPLE_MANY : 0 };
}

static void
say(void)
{
	struct msg_sample m = sample();

	send(&m, MSG_SAMPLE, sizeof(m));
}

/* From now on, UTC is CLOCK_REALTIME and this error, and goes by this slope. */
static void
aim(int64_t error_ns, int64_t slope)
{
	n->line = (struct adv_line){ .raw_ns = world_now_ns(),
		.theta_ns = world.machine.moved_ns + error_ns,
		.slope = slope };
}

static int64_t
aimed_error_ns(void)
{
	struct msg_sample m = sample();

	return m.theta_ns - world.machine.moved_ns;
}

/* --- phases --------------------------------------------------------------- */

static void
aim_step(void)
{
	int64_t size_ns = choose_size(gene(SIZE));

	if (size_ns <= over_ns())
		size_ns = 0; /* nothing is left to do it with */
	aim(n->sign * size_ns, n->slope);
	if (gene(MORE) < 0.5)
		n->sign = -n->sign;
}

/* The next time that something is forgotten. */
static int64_t
next_slot_ns(void)
{
	struct ledger_kept k;

	memcpy(&k, &n->state.ledger, sizeof(k));
	if (!n->heard || k.slot_ns <= 0)
		return world_now_ns() + NS_PER_S;
	return (world_now_ns() / k.slot_ns + 1) * k.slot_ns;
}

static void
aim_month(void)
{
	/* As in adv_world.c, and its leap days. */
	static const int64_t ends_s[] = { 1782864000, 1798761600, 1814400000 };
	int64_t end_ns = ends_s[(int)(gene(SIZE) * 3)] * NS_PER_S;
	int64_t before_ns = SECONDS(spread(gene(MORE), 5, 4000));
	int64_t real_ns = machine_real_ns(&world.machine);

	aim(end_ns - before_ns - real_ns, n->slope);
}

static void
begin_paused(void)
{
	int64_t more_ns = (int64_t)((gene(SIZE) - 0.5) * 4e9);

	if (gene(MORE) < 0.7 && n->genome->careful > 0.1)
		more_ns = -llabs(more_ns);
	n->pause_wanted = world.events.pauses > 0;
	aim(n->sign * n->pause_ns + more_ns, n->slope);
}

static void
begin_phase(void)
{
	int64_t most_s = kind() == FLOODING || kind() == RUDE ? 60 : 30000;

	n->phase_end_ns =
	    world_now_ns() + SECONDS(spread(gene(LENGTH), 3, (double)most_s));
	n->sign = gene(SIGN) < 0.5 ? -1 : 1;
	n->slope = choose_slope(gene(RATE));
	n->leap = LEAP_NONE;
	aim(0, n->slope);
	world_say("phase %d: kind %d, sign %d, slope %.3f ppm", n->phase,
	    (int)kind(), (int)n->sign, (double)n->slope / 4294.967296);
	switch (kind()) {
	case STEP:
		aim_step();
		break;
	case MONTH:
		aim_month();
		break;
	case PAUSED:
		begin_paused();
		break;
	case LEAP:
		n->leap = gene(SIZE) < 0.5 ? LEAP_INSERT : LEAP_DELETE;
		n->slope = choose_slope(gene(MORE) / 4); /* within the band */
		break;
	case STABLE:
		n->phase_end_ns += 7300 * NS_PER_S;
		n->slope = choose_slope(gene(MORE) < 0.7 ? 0.2 : 0.7);
		break;
	case CREEP:
	case SLEW:
	case WAIT_STEP:
	case WALK:
	case FLIP:
	case ASK:
	case FLOODING:
	case SILENT:
	case NONSENSE:
	case RUDE:
	case HONEST:
	case KINDS:
		break;
	}
}

static void
act_step(void)
{
	if (n->heard && n->state.steps != n->steps) {
		n->steps = n->state.steps;
		aim_step();
	}
	say();
}

/* Silence until shortly around the moment, then a step. */
static void
act_wait_step(void)
{
	int64_t at_ns = next_slot_ns() - NS_PER_S / 2 +
	    (int64_t)((gene(MORE) - 0.5) * 11e9);
	bool held = llabs(aimed_error_ns()) > over_ns();

	if (n->heard && n->state.steps != n->steps) {
		n->steps = n->state.steps;
		held = false;
	}
	if (!held)
		aim(0, n->slope);
	if (!held && at_ns - world_now_ns() < 10 * NS_PER_S)
		aim_step();
	say();
}

static void
act_flip(void)
{
	int64_t size_ns = llabs(choose_size(gene(SIZE)));

	n->sign = -n->sign;
	aim(n->sign * (size_ns > over_ns() ? size_ns : over_ns() + 1),
	    n->slope);
	say();
}

/* The error stays for so long that it is about to be stepped, then is none. */
static void
act_ask(void)
{
	bool held = llabs(aimed_error_ns()) > over_ns();

	if (held)
		aim(0, n->slope);
	else
		aim_step();
	say();
	n->due_ns = world_now_ns() + SECONDS(held ? 2 : 9.5 + 3 * gene(EVERY));
}

static void
act_nonsense(void)
{
	static const int64_t edges[] = { INT64_MIN, INT64_MAX, 0, -1, 1,
		SLOPE_MAX, -SLOPE_MAX, SLOPE_MAX + 1, 16 * NS_PER_S,
		16 * NS_PER_S + 1, 3600 * NS_PER_S };
	struct msg_sample m = sample();
	int64_t *fields[] = { &m.raw_ns, &m.theta_ns, &m.sigma_ns, &m.slope_q32,
		&m.slope_sigma_q32, &m.root_delay_ns, &m.root_dispersion_ns };
	int64_t *field = fields[rng_below(&n->rng, 7)];
	int64_t edge = edges[rng_below(&n->rng, 11)];

	if (rng_chance(&n->rng, 0.5))
		*field = edge;
	else if (__builtin_add_overflow(*field, edge, field))
		*field = edge;
	if (rng_chance(&n->rng, 0.2))
		m.leap = (uint32_t)rng_bits(&n->rng);
	send(&m, MSG_SAMPLE, sizeof(m));
}

static void
act_flood(void)
{
	for (int i = 0; i < FLOOD; i++) {
		aim((int64_t)((rng_uniform(&n->rng) - 0.5) * 2 *
			(double)over_ns()),
		    choose_slope(rng_uniform(&n->rng)));
		say();
	}
}

/* Without an error, at a rate that costs nothing. */
static void
be_careful(void)
{
	aim(0, choose_slope(0));
	say();
}

static void
act_phase(void)
{
	bool spent = n->genome->careful > 0.25 && left_ns() < ENOUGH_NS;

	switch (kind()) {
	case SLEW:
		aim(n->sign * (over_ns() - (int64_t)(gene(SIZE) * 1e5)),
		    n->slope);
		break;
	case CREEP:
	case LEAP:
		aim(0, n->slope);
		break;
	case WALK:
		aim(0, choose_slope(0.2));
		say();
		return;
	case STABLE:
		aim(0, n->slope);
		say();
		return;
	case STEP:
		act_step();
		return;
	case WAIT_STEP:
		act_wait_step();
		return;
	case FLIP:
		act_flip();
		return;
	case ASK:
		act_ask();
		return;
	case FLOODING:
		act_flood();
		return;
	case NONSENSE:
		act_nonsense();
		return;
	case RUDE:
		send(&n->state, MSG_CLOCK_STATE, sizeof(n->state));
		return;
	case SILENT:
		return;
	case MONTH:
	case PAUSED:
		say();
		return;
	case HONEST:
	case KINDS:
		be_careful();
		return;
	}
	if (spent)
		be_careful();
	else
		say();
}

void
net_act(void)
{
	double most_s = kind() == CREEP || kind() == WALK ? 64 : 16;

	if (world_now_ns() >= n->phase_end_ns) {
		n->phase = (n->phase + 1) % n->genome->phases;
		begin_phase();
	}
	n->due_ns = world_now_ns() + SECONDS(spread(gene(EVERY), 1, most_s));
	act_phase();
}

void
net_hear(const union msg *msg)
{
	if (msg->h.type == MSG_CLOCK_EVENT &&
	    msg->clock_event.event == EVENT_LEAP)
		n->phase_end_ns = world_now_ns() + 10 * NS_PER_S;
	if (msg->h.type != MSG_CLOCK_STATE)
		return;
	n->state = msg->clock_state;
	n->heard = true;
}

void
net_connected(void)
{
	n->connected = true;
	n->steps = n->state.steps = 0;
	/* It began anew, perhaps, and has forgotten something. */
	if (kind() == STEP)
		aim_step();
}

void
net_dropped(void)
{
	n->connected = false;
	n->reconnect_ns =
	    world_now_ns() + (int64_t)world_spread(&world.rng, 0.02e9, 30e9);
}

void
net_begin(const struct genome *g, uint64_t seed)
{
	memset(n, 0, sizeof(*n));
	n->genome = g;
	rng_init(&n->rng, seed, 3);
	n->due_ns = world_now_ns() + NS_PER_S;
	n->reconnect_ns = INT64_MAX;
	begin_phase();
	if (rng_chance(&n->rng, 0.5))
		n->due_ns += 3 * NS_PER_S;
}
