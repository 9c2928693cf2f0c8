/*
 * The adversary's world, see adv_world.h.
 */
#include "tests/attack/adv_world.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/steer/ledger.h"
#include "core/steer/steer.h"
#include "core/types.h"
#include "tests/attack/adv_check.h"
#include "tests/attack/adv_machine.h"
#include "tests/attack/adv_net.h"
#include "tests/attack/adv_run.h"

#define PPM INT64_C(65536)

/* --- what happens --------------------------------------------------------- */

static int64_t
next_ns(double a_day)
{
	double wait_ns;

	if (a_day <= 0)
		return INT64_MAX;
	wait_ns = rng_exp(&world.rng) * (double)DAY_NS / a_day;
	return world_now_ns() + (int64_t)fmin(wait_ns, 1e18);
}

/* ntp-clock, if it runs, does not go on. */
static void
kill_clock(void)
{
	if (!world.clock_alive)
		return;
	world_say("ntp-clock is killed");
	world.clock_alive = false;
	check_gone(true);
	ntpd_clock_gone();
	longjmp(world.clock_gone, 1);
}

static void
hang_ntpd(void)
{
	double for_ns = world_spread(&world.rng, 1e9, 900e9);

	world_say("ntpd hangs for %.1f s", for_ns / 1e9);
	world.ntpd.busy_until_ns = world_now_ns() + (int64_t)for_ns;
}

static void
do_kill(enum victim v)
{
	world.events.killed++;
	switch (v) {
	case KILL_NTPD:
		if (world.ntpd.alive)
			ntpd_killed();
		break;
	case STOP_NTPD:
		if (world.ntpd.alive)
			ntpd_stopped();
		break;
	case HANG_NTPD:
		hang_ntpd();
		break;
	case HANG_KILL:
		hang_ntpd();
		world.events.hang_kill_ns = world_now_ns() +
		    (int64_t)(rng_uniform(&world.rng) *
			(double)(world.ntpd.busy_until_ns - world_now_ns()));
		break;
	case KILL_BOTH:
		if (world.ntpd.alive)
			ntpd_killed();
		kill_clock();
		break;
	case KILL_CLOCK:
	case VICTIMS:
		kill_clock();
		break;
	}
}

void
world_moment(enum moment m)
{
	struct events *e = &world.events;

	if (e->countdown == 0 || e->moment != m || --e->countdown > 0)
		return;
	do_kill(e->victim);
}

/* At any of the next so many moments of a kind, seldom ones most of all. */
static void
plan_kill(void)
{
	const struct genome *g = world.net.genome;
	struct events *e = &world.events;

	e->moment = (enum moment)rng_below(&world.rng, MOMENTS);
	e->victim = (enum victim)rng_below(&world.rng, VICTIMS);
	if (rng_chance(&world.rng, 0.7))
		e->moment = (enum moment)(g->moment * MOMENTS);
	if (rng_chance(&world.rng, 0.7))
		e->victim = (enum victim)(g->victim * VICTIMS);
	e->countdown =
	    rng_chance(&world.rng, 0.6) ? 1 : 1 + (int)rng_below(&world.rng, 4);
	world_say("a kill is planned: moment %d, victim %d, in %d",
	    (int)e->moment, (int)e->victim, e->countdown);
}

static void
pause_machine(void)
{
	int64_t for_ns = (int64_t)world_spread(&world.rng, 0.5e9, 50000e9);

	world_say("the machine is paused for %.3f s", (double)for_ns / 1e9);
	machine_pause(&world.machine, for_ns);
	check_pause(for_ns);
	world.net.pause_ns = for_ns;
	world.net.pause_wanted = false;
}

static void
suspend_machine(void)
{
	int64_t for_ns = (int64_t)world_spread(&world.rng, 0.1e9, 20000e9);

	world_say("the machine is suspended for %.3f s", (double)for_ns / 1e9);
	machine_suspend(&world.machine, for_ns);
}

static int64_t
part_of(int64_t a)
{
	return a == LIMIT_ANY
	    ? a
	    : (int64_t)((double)a * (0.3 + 0.7 * rng_uniform(&world.rng)));
}

/* The same limits or tighter ones. */
static void
reload(void)
{
	struct msg_clock_config *k = &world.limits.config;
	struct rng *r = &world.rng;

	world_say("new limits");
	if (rng_chance(r, 0.5))
		k->budget_ns = part_of(k->budget_ns);
	if (rng_chance(r, 0.3))
		k->budget_period_ns = (int64_t)((double)k->budget_period_ns *
		    (1 + 2 * rng_uniform(r)));
	if (rng_chance(r, 0.3))
		k->frequency_limit_ppb = part_of(k->frequency_limit_ppb);
	if (rng_chance(r, 0.3))
		k->limit_ns = part_of(k->limit_ns);
	if (rng_chance(r, 0.3))
		k->slew_limit_ppb = part_of(k->slew_limit_ppb);
	if (rng_chance(r, 0.3))
		k->step_over_ns = part_of(k->step_over_ns);
	if (world.ntpd.alive && world.clock_alive)
		ntpd_configure_clock();
}

/* An operator believes what he sees. */
static void
release(void)
{
	struct msg_clock_release m = { .h = { MSG_CLOCK_RELEASE, sizeof(m) } };

	if (!world.ntpd.alive || !world.clock_alive ||
	    world.ntpd.busy_until_ns > world_now_ns())
		return;
	m.step_ns = world.net.state.offset_ns;
	m.margin_ns = llabs(m.step_ns) / 10 + 100 * NS_PER_MS;
	(void)queue_put(&world.to_clock, &m, sizeof(m), -1);
}

static void
later(int64_t *due_ns, double a_day)
{
	*due_ns = next_ns(a_day);
}

static void
do_events(void)
{
	struct events *e = &world.events;
	int64_t now_ns = world_now_ns();

	if (e->pause_ns <= now_ns || world.net.pause_wanted) {
		later(&e->pause_ns, e->pauses);
		pause_machine();
	}
	if (e->suspend_ns <= now_ns) {
		later(&e->suspend_ns, e->suspends);
		suspend_machine();
	}
	if (e->reload_ns <= now_ns) {
		later(&e->reload_ns, e->reloads);
		reload();
	}
	if (e->release_ns <= now_ns) {
		later(&e->release_ns, e->releases);
		release();
	}
	if (e->kill_ns <= now_ns) {
		later(&e->kill_ns, e->kills);
		plan_kill();
	}
	if (e->hang_kill_ns <= now_ns) {
		e->hang_kill_ns = INT64_MAX;
		do_kill(KILL_BOTH);
	}
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
next_due_ns(void)
{
	const struct events *e = &world.events;
	const struct net *net = &world.net;
	int64_t due_ns = sooner(e->pause_ns, e->suspend_ns);

	due_ns = sooner(due_ns, sooner(e->reload_ns, e->release_ns));
	due_ns = sooner(due_ns, sooner(e->kill_ns, e->hang_kill_ns));
	if (world.ntpd.alive && !queue_empty(&world.to_ntpd))
		due_ns = sooner(due_ns, world.ntpd.busy_until_ns);
	if (world.clock_alive)
		due_ns = sooner(
		    due_ns, net->connected ? net->due_ns : net->reconnect_ns);
	return due_ns;
}

static void
do_due(void)
{
	struct net *net = &world.net;
	int64_t now_ns = world_now_ns();

	if (world.ntpd.alive && !queue_empty(&world.to_ntpd) &&
	    world.ntpd.busy_until_ns <= now_ns)
		ntpd_take();
	if (world.clock_alive && net->connected && net->due_ns <= now_ns)
		net_act();
	else if (world.clock_alive && !net->connected && world.ntpd.alive &&
	    net->reconnect_ns <= now_ns)
		ntpd_connect_net();
	do_events();
}

void
world_wait(int64_t until_ns, bool (*ready)(void))
{
	for (;;) {
		int64_t due_ns = next_due_ns();
		int64_t to_ns = sooner(sooner(due_ns, until_ns), world.end_ns);

		if (ready != NULL && ready())
			return;
		machine_pass(&world.machine, to_ns);
		if (world_now_ns() >= world.end_ns)
			longjmp(world.over, 1);
		if (due_ns <= world_now_ns())
			do_due();
		else if (until_ns <= world_now_ns())
			return;
	}
}

/* --- a run ---------------------------------------------------------------- */

static int64_t
pick(const int64_t *list, uint32_t count)
{
	return list[rng_below(&world.rng, count)];
}

static void
draw_limits(void)
{
	static const int64_t budgets[] = { 30 * NS_PER_S, 3 * NS_PER_S,
		NS_PER_S / 2, 10 * NS_PER_S, 1500 * NS_PER_MS };
	static const int64_t periods[] = { 86400, 60, 600, 3600, 7200, 21600 };
	static const int64_t limits[] = { 1000 * NS_PER_S, 5 * NS_PER_S,
		NS_PER_S / 4 };
	static const int64_t overs[] = { 10 * NS_PER_MS, 10 * NS_PER_MS,
		128 * NS_PER_MS, NS_PER_S, NS_PER_MS / 2 };
	static const int64_t starts[] = { LIMIT_ANY, 1000 * NS_PER_S,
		NS_PER_S };
	static const int64_t slews[] = { 500000, 500000, 500000, 100000000,
		10000 };
	static const int64_t tolerances[] = { 50000, 50000, 10000, 200000 };
	struct msg_clock_config *k = &world.limits.config;
	bool usual = rng_chance(&world.rng, 0.3);

	*k = (struct msg_clock_config){ .step_over_ns = pick(overs, 5),
		.startup_forward_ns = pick(starts, 3),
		.startup_backward_ns = 86400 * NS_PER_S,
		.limit_ns = pick(limits, 3),
		.budget_ns = usual ? budgets[0] : pick(budgets, 5),
		.budget_period_ns =
		    (usual ? periods[0] : pick(periods, 6)) * NS_PER_S,
		.frequency_limit_ppb = pick(tolerances, 4),
		.resume_limit_ns = 30 * DAY_NS,
		.slew_limit_ppb = pick(slews, 5),
		.leaps_ns = { 1790812800 * NS_PER_S } };
	if (rng_chance(&world.rng, 0.5))
		k->leaps_ns[0] = 0;
	world.limits.has_dir = rng_chance(&world.rng, 0.85);
}

/* CLOCK_REALTIME at the start: often a day or less before a month's end. */
static int64_t
draw_real_ns(void)
{
	/* 2026-07-01, 2027-01-01, 2028-01-01, 2026-10-01, 2026-09-01 */
	static const int64_t ends_s[] = { 1782864000, 1798761600, 1830297600,
		1790812800, 1788220800 };
	struct rng *r = &world.rng;
	int64_t end_ns = pick(ends_s, 5) * NS_PER_S;

	if (rng_chance(r, 0.08))
		return 100 * NS_PER_S; /* no battery */
	if (rng_chance(r, 0.3))
		return end_ns - (int64_t)world_spread(r, 10e9, 5000e9);
	return end_ns - (int64_t)(rng_uniform(r) * 1.2 * (double)DAY_NS);
}

/* Something has been kept, of an earlier boot or of this one. */
static void
draw_kept(void)
{
	struct ledger_kept *k = &world.ntpd.disk.ledger;
	struct machine *m = &world.machine;
	struct rng *r = &world.rng;
	int64_t anchor = (int64_t)((rng_uniform(r) - 0.5) * 600 * PPM);
	uint32_t kind = rng_below(r, 4);

	memset(&world.ntpd.disk, 0, sizeof(world.ntpd.disk));
	if (kind == 0)
		return;
	k->anchor_sppm = anchor;
	k->flags = LEDGER_KNOWN;
	if (kind == 1)
		return;
	/* This boot: as a ntpd that ended a while ago. */
	k->flags = LEDGER_STARTED | (kind == 2 ? LEDGER_ANCHORED : 0);
	k->anchor_sppm = kind == 2 ? anchor : 0;
	k->until_ns = RAW_START_NS - 20 * NS_PER_S;
	world.ntpd.disk.drift_known = true;
	world.ntpd.disk.drift_q32 = anchor * 1024 / 15625;
	world.ntpd.disk.drift_sigma_q32 = 100;
	m->tx.freq = (long)anchor;
	m->rate_sppm = anchor;
	m->tx.constant = 10;
	m->tx.status = 0;
	m->tx.maxerror = 10000;
}

static void
draw_events(const struct genome *g)
{
	struct events *e = &world.events;
	struct rng *r = &world.rng;

	memset(e, 0, sizeof(*e));
	if (g->kills > 0.2) /* up to 500 a day */
		e->kills = exp((g->kills - 0.2) / 0.8 * log(500));
	if (rng_chance(r, 0.15))
		e->pauses = world_spread(r, 1, 10);
	if (rng_chance(r, 0.1))
		e->suspends = world_spread(r, 1, 10);
	if (rng_chance(r, 0.2))
		e->reloads = world_spread(r, 1, 10);
	if (rng_chance(r, 0.5))
		e->releases = world_spread(r, 2, 50);
	if (rng_chance(r, 0.2))
		e->lates = world_spread(r, 1, 100);
	e->kill_ns = next_ns(e->kills);
	e->pause_ns = next_ns(e->pauses);
	e->suspend_ns = next_ns(e->suspends);
	e->reload_ns = next_ns(e->reloads);
	e->release_ns = next_ns(e->releases);
	e->hang_kill_ns = INT64_MAX;
	if (g->first || rng_chance(r, 0.3))
		plan_kill(); /* of the first start */
}

static void
make_queues(void)
{
	static union msg msgs[3][QUEUE];

	world.to_clock = (struct queue){ .msgs = msgs[0] };
	world.to_ntpd = (struct queue){ .msgs = msgs[1] };
	world.samples = (struct queue){ .msgs = msgs[2] };
}

/* One start of ntp-clock, until its end. */
static void
play_clock(void)
{
	struct ntpd *n = &world.ntpd;

	if (!n->alive) {
		world_wait(n->back_ns, NULL);
		ntpd_start();
	}
	world_wait(n->clock_due_ns, NULL);
	if (!n->alive)
		return;
	ntpd_spawn_clock();
	world.clock_alive = true;
	if (setjmp(world.clock_gone) == 0)
		(void)adv_clock_main();
	world.clock_alive = false;
}

void
world_run(uint64_t seed, const struct genome *g, bool verbose)
{
	world.failed = false;
	world.verbose = verbose;
	world.seed = seed;
	world.clock_alive = world.parent_closed = false;
	world.net_fd = -1;
	make_queues();
	rng_init(&world.rng, seed, 1);
	check_begin();
	machine_begin(&world.machine, RAW_START_NS, draw_real_ns());
	world.net.genome = g;
	world.end_ns = RAW_START_NS + RUN_NS;
	world.machine.has_rtc = rng_chance(&world.rng, 0.7);
	world.machine.rtc_ppb =
	    (int64_t)((rng_uniform(&world.rng) - 0.5) * 200000);
	draw_limits();
	draw_kept();
	draw_events(g);
	world.ntpd.delay_ns = (int64_t)world_spread(&world.rng, 1e4, 5e8);
	net_begin(g, seed);
	if (setjmp(world.over) != 0)
		return;
	ntpd_start();
	for (;;)
		play_clock();
}
