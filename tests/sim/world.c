/*
 * The world of one run, see world.h.  True time jumps from one due event to the
 * next, and the programs run when it is their turn.
 */
#include "tests/sim/world.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "core/leap/smear.h"
#include "core/packet/timestamp.h"
#include "tests/sim/measure.h"

#define STACK_BYTES	    (512 * 1024)
#define IDLE_TURNS_MAX	    100000 /* at one moment: more is an endless loop */
#define STREAM_RANDOM	    10
#define DAY_S		    86400
/* How long errors are excused after an event that cannot be known at once. */
#define EXCUSE_S	    30
#define EXCUSE_LEAP_S	    3
#define EXCUSE_RESUME_POLLS 4  /* a query or two may be lost */
#define EXCUSE_PAUSE_POLLS  16 /* only servers can reveal it */

int net_main(void);   /* main() of ntp-net, */
int clock_main(void); /* and of ntp-clock */

struct world world;

/* --- what is due ---------------------------------------------------------- */

static bool
is_before(const struct world_event *a, const struct world_event *b)
{
	return a->at_ns < b->at_ns ||
	    (a->at_ns == b->at_ns && a->order < b->order);
}

void
world_schedule(int64_t at_ns, enum due kind, uint32_t index)
{
	struct world *w = &world;
	struct world_event e = { at_ns, w->event_order++, kind, index };
	uint32_t i = w->event_count;

	if (i == WORLD_EVENTS)
		errx(1, "too much is due at once");
	w->event_count++;
	for (; i > 0 && is_before(&e, &w->events[(i - 1) / 2]); i = (i - 1) / 2)
		w->events[i] = w->events[(i - 1) / 2];
	w->events[i] = e;
}

static struct world_event
take_event(void)
{
	struct world *w = &world;
	struct world_event first = w->events[0];
	struct world_event last = w->events[--w->event_count];
	uint32_t i = 0;

	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= w->event_count)
			break;
		if (child + 1 < w->event_count &&
		    is_before(&w->events[child + 1], &w->events[child]))
			child++;
		if (!is_before(&w->events[child], &last))
			break;
		w->events[i] = w->events[child];
		i = child;
	}
	w->events[i] = last;
	return first;
}

/* Advance true time to t, with what happens at each full second. */
static void
pass(int64_t t_ns)
{
	struct world *w = &world;

	while (w->second_ns <= t_ns) {
		machine_pass(&w->machine, w->second_ns);
		machine_second(&w->machine);
		measure_second(w);
		w->second_ns += NS_PER_S;
	}
	machine_pass(&w->machine, t_ns);
	w->now_ns = t_ns;
}

/* --- programs ------------------------------------------------------------- */

static void
program_start(void)
{
	if (world.running == PROGRAM_CLOCK)
		(void)clock_main();
	else
		(void)net_main();
	errx(1, "a program has returned from its main function");
}

static void
program_init(enum program p)
{
	struct program_state *s = &world.programs[p];

	if (getcontext(&s->context) == -1)
		err(1, "getcontext");
	s->context.uc_stack.ss_sp = malloc(STACK_BYTES);
	s->context.uc_stack.ss_size = STACK_BYTES;
	if (s->context.uc_stack.ss_sp == NULL)
		err(1, "malloc");
	makecontext(&s->context, program_start, 0);
	s->wake_ns = 0;
}

static void
run_program(enum program p)
{
	struct program_state *s = &world.programs[p];

	world.running = p;
	s->stirred = false;
	s->turns++;
	if (swapcontext(&world.scheduler, &s->context) == -1)
		err(1, "swapcontext");
}

void
world_wait(int64_t until_ns)
{
	struct program_state *s = &world.programs[world.running];

	s->wake_ns = until_ns;
	if (s->stirred) { /* while it ran: it looks once more */
		s->stirred = false;
		return;
	}
	if (swapcontext(&s->context, &world.scheduler) == -1)
		err(1, "swapcontext");
}

void
world_end_program(void)
{
	struct program_state *s = &world.programs[world.running];

	s->ended = true;
	for (;;)
		world_wait(INT64_MAX);
}

static bool
has_turn(const struct program_state *s)
{
	return !s->ended && (s->stirred || s->wake_ns <= world.now_ns);
}

/* ntp-clock first: an answer takes time to reach it. */
static void
run_programs(void)
{
	int idle = 0;
	bool again;

	do {
		again = false;
		for (int p = 0; p < PROGRAMS; p++) {
			if (!has_turn(&world.programs[p]))
				continue;
			run_program((enum program)p);
			again = true;
		}
		if (++idle > IDLE_TURNS_MAX)
			errx(1, "a program does not wait");
	} while (again);
}

/* --- descriptors ---------------------------------------------------------- */

struct object *
world_object(enum object_kind kind, enum program owner)
{
	for (int i = 0; i < OBJECTS; i++) {
		struct object *o = &world.objects[i];

		if (o->kind != OBJECT_NONE)
			continue;
		o->kind = kind;
		o->owner = owner;
		o->serial = ++world.serial;
		o->stamp_waits = false;
		o->count = 0;
		if (kind == OBJECT_CHANNEL && o->queue == NULL)
			o->queue = malloc(sizeof(*o->queue));
		if (kind == OBJECT_CHANNEL) {
			if (o->queue == NULL)
				err(1, "malloc");
			o->queue->first = o->queue->count = 0;
		}
		return o;
	}
	return NULL;
}

int
world_fd(const struct object *o)
{
	return (int)(o - world.objects) + FD_FIRST;
}

struct object *
world_find(int fd)
{
	if (fd == PARENT_FD)
		return world.programs[world.running].parent;
	if (fd < FD_FIRST || fd >= FD_FIRST + OBJECTS ||
	    world.objects[fd - FD_FIRST].kind == OBJECT_NONE)
		return NULL;
	return &world.objects[fd - FD_FIRST];
}

int
world_put(struct object *to, const void *msg, size_t length, int fd)
{
	struct queue *q = to->queue;
	struct message *m;

	if (q->count == QUEUE_LEN)
		return -1;
	m = &q->messages[(q->first + q->count++) % QUEUE_LEN];
	m->length = length;
	m->fd = fd;
	memcpy(&m->msg, msg, length);
	world.programs[to->owner].stirred = true;
	return 0;
}

/* --- packets -------------------------------------------------------------- */

static uint32_t
new_flight(const struct flight *f)
{
	for (uint32_t i = 0; i < FLIGHTS; i++) {
		if (world.flights[i].used)
			continue;
		world.flights[i] = *f;
		world.flights[i].used = true;
		return i;
	}
	errx(1, "too many packets on their way");
}

static void
send_off(const struct flight *f, enum way way, int64_t t_ns)
{
	int64_t arrive_ns[2];
	int n = network_travel(
	    &world.network.servers[f->server], way, t_ns, arrive_ns);

	for (int i = 0; i < n; i++)
		world_schedule(arrive_ns[i],
		    way == WAY_UP ? DUE_SERVER : DUE_CLIENT, new_flight(f));
}

void
world_send(struct object *o, const uint8_t bytes[NTP_PACKET_LEN])
{
	struct flight f = { .object = (uint32_t)(o - world.objects),
		.serial = o->serial,
		.server = o->server };

	memcpy(f.bytes, bytes, sizeof(f.bytes));
	f.sent_raw_ns = machine_boot_ns(&world.machine);
	measure_query(&world, o->server);
	send_off(&f, WAY_UP, world.now_ns);
	f.stamp_ns = machine_real_ns(&world.machine);
	world_schedule(world.now_ns + WAKE_NS, DUE_STAMP, new_flight(&f));
}

int64_t
world_leap_ns(const struct script_event *e)
{
	double at_s = world.scenario->utc_s + e->at_s;

	if (e->what != HAPPEN_LEAP)
		return 0;
	/* A deleted leap second removes 23:59:59. */
	return (int64_t)(at_s + (e->value > 0 ? 0 : 1) + 0.5) * NS_PER_S;
}

/* What a server's smear adds to UTC. */
static int64_t
smeared_ns(const struct server *s, int64_t utc_ns)
{
	const struct scenario *sc = world.scenario;

	for (uint32_t i = 0; i < sc->event_count; i++) {
		const struct script_event *e = &sc->events[i];
		struct smear smear = { .kind = e->value > 0 ? LEAP_INSERT
							    : LEAP_DELETE,
			.leap = { world_leap_ns(e) },
			.length_s = (uint32_t)s->model->smear_s,
			.passed = world.machine.leap_ns != 0 };

		if (smear.leap.ns != 0 && smear.length_s != 0)
			return smear_offset_ns(&smear, (struct wall){ utc_ns });
	}
	return 0;
}

/* Servers announce a leap second during the day at whose end it is. */
static enum leap
announced_leap(void)
{
	const struct scenario *sc = world.scenario;

	for (uint32_t i = 0; i < sc->event_count; i++) {
		const struct script_event *e = &sc->events[i];
		double left_s = e->at_s - (double)world.now_ns / 1e9;

		if (e->what == HAPPEN_LEAP && left_s > 0 && left_s < DAY_S)
			return e->value > 0 ? LEAP_INSERT : LEAP_DELETE;
	}
	return LEAP_NONE;
}

static void
at_server(const struct flight *query)
{
	struct server *s = &world.network.servers[query->server];
	struct packet in, out;
	struct flight f = *query;
	int64_t sent_ns, utc_ns = machine_utc_ns(&world.machine);
	bool smears = s->model->smear_s > 0;

	utc_ns += smeared_ns(s, utc_ns);
	if (packet_parse(query->bytes, sizeof(query->bytes), &in) == -1 ||
	    world.now_ns < s->silent_until_ns ||
	    !network_answer(s, &in, world.now_ns, utc_ns,
		smears ? LEAP_NONE : world.leap, &out, &sent_ns))
		return;
	packet_format(&out, f.bytes);
	send_off(&f, WAY_DOWN, sent_ns);
}

/* The socket that a packet belongs to; NULL: it was closed. */
static struct object *
socket_of(const struct flight *f)
{
	struct object *o = &world.objects[f->object];

	return o->kind == OBJECT_SOCKET && o->serial == f->serial ? o : NULL;
}

static void
at_program(const struct flight *f, bool stamp)
{
	struct object *o = socket_of(f);

	if (o == NULL)
		return;
	if (stamp) {
		o->stamp_waits = true;
		o->stamp_ns = f->stamp_ns;
	} else if (o->count < DATAGRAMS) {
		struct datagram *d = &o->datagrams[o->count++];

		memcpy(d->bytes, f->bytes, sizeof(d->bytes));
		d->stamp_ns = f->stamp_ns;
	}
	world.programs[o->owner].stirred = true;
}

/* The plain client sees every answer, too. */
static void
tell_reference(const struct flight *f)
{
	struct wall now = { machine_utc_ns(&world.machine) };
	struct reference_exchange e = { .sent_ns = f->sent_raw_ns,
		.received_ns = machine_boot_ns(&world.machine) };
	struct packet p;

	if (packet_parse(f->bytes, sizeof(f->bytes), &p) == -1)
		return;
	e.server_received_ns = ntp_ts_to_wall(p.receive, now).ns;
	e.server_sent_ns = ntp_ts_to_wall(p.transmit, now).ns;
	e.root_ns = (double)ntp_short_to_ns(p.root_delay) / 2 +
	    (double)ntp_short_to_ns(p.root_dispersion);
	reference_take(&world.reference, f->server, &e);
}

static void
handle_flight(enum due kind, uint32_t index)
{
	struct flight f = world.flights[index];

	world.flights[index].used = false;
	if (kind == DUE_SERVER) {
		at_server(&f);
	} else if (kind == DUE_CLIENT) {
		f.stamp_ns = machine_real_ns(&world.machine);
		tell_reference(&f);
		world_schedule(
		    world.now_ns + WAKE_NS, DUE_READY, new_flight(&f));
	} else {
		at_program(&f, kind == DUE_STAMP);
	}
}

/* --- the script ----------------------------------------------------------- */

/*
 * The machine sleeps: answers that arrive meanwhile are lost, and timers do not
 * count the time.
 */
static void
sleep_for(const struct script_event *e)
{
	struct world *w = &world;
	int64_t for_ns = (int64_t)e->value, until_ns = w->now_ns + for_ns;
	struct world_event kept[WORLD_EVENTS];
	uint32_t n = 0;

	while (w->event_count > 0 && w->events[0].at_ns < until_ns) {
		struct world_event due = take_event();

		if (due.kind == DUE_SCRIPT)
			kept[n++] = due;
		else
			w->flights[due.index].used = false;
	}
	while (n-- > 0)
		world_schedule(until_ns, kept[n].kind, kept[n].index);
	if (e->what == HAPPEN_SUSPEND)
		machine_slept(&w->machine, for_ns, e->other);
	else
		machine_paused(&w->machine, for_ns);
	w->now_ns = until_ns;
	w->second_ns = until_ns / NS_PER_S * NS_PER_S + NS_PER_S;
	for (int p = 0; p < PROGRAMS; p++)
		if (w->programs[p].wake_ns != INT64_MAX)
			w->programs[p].wake_ns += for_ns;
}

static void
happen(const struct script_event *e)
{
	struct world *w = &world;
	double slowest_s = (double)(1 << (int)w->scenario->poll_max);

	switch (e->what) {
	case HAPPEN_FREQ:
		w->machine.walk += e->value;
		w->machine.freq += e->value;
		break;
	case HAPPEN_WANDER:
		w->machine.wander = e->value;
		break;
	case HAPPEN_STEP:
		machine_step(&w->machine, e->value);
		ntpd_clock_set();
		measure_excuse(w, EXCUSE_S);
		break;
	case HAPPEN_SUSPEND:
		sleep_for(e);
		ntpd_clock_set();
		measure_excuse(w, EXCUSE_S + EXCUSE_RESUME_POLLS * slowest_s);
		break;
	case HAPPEN_PAUSE:
		sleep_for(e);
		measure_resumed(w);
		measure_excuse(w, EXCUSE_PAUSE_POLLS * slowest_s);
		break;
	case HAPPEN_LEAP:
		w->machine.leap_ns -= (int64_t)e->value;
		measure_excuse(w, EXCUSE_LEAP_S);
		break;
	case HAPPEN_UP:
	case HAPPEN_DOWN:
	case HAPPEN_ROUTE:
	case HAPPEN_UP_GROW:
	case HAPPEN_DOWN_GROW:
	case HAPPEN_UP_QUEUE:
	case HAPPEN_DOWN_QUEUE:
	case HAPPEN_OUTAGE:
	case HAPPEN_OFFSET:
	case HAPPEN_DRIFT:
		network_happen(&w->network, e, w->now_ns);
		break;
	}
}

/* --- the run -------------------------------------------------------------- */

static int64_t
next_due_ns(void)
{
	int64_t next_ns = world.end_ns;

	if (world.event_count > 0 && world.events[0].at_ns < next_ns)
		next_ns = world.events[0].at_ns;
	for (int p = 0; p < PROGRAMS; p++)
		if (!world.programs[p].ended &&
		    world.programs[p].wake_ns < next_ns)
			next_ns = world.programs[p].wake_ns;
	return next_ns;
}

static void
begin(const struct scenario *sc, uint64_t seed, int log_level)
{
	struct world *w = &world;

	w->scenario = sc;
	w->second_ns = NS_PER_S;
	w->end_ns = (int64_t)(sc->length_s * 1e9);
	w->verbose = log_level >= 0;
	machine_init(&w->machine, sc, seed);
	network_init(&w->network, sc, seed);
	rng_init(&w->random[0], seed, STREAM_RANDOM);
	rng_init(&w->random[1], seed, STREAM_RANDOM + 1);
	for (uint32_t i = 0; i < sc->event_count; i++)
		world_schedule(
		    (int64_t)(sc->events[i].at_s * 1e9), DUE_SCRIPT, i);
	program_init(PROGRAM_CLOCK);
	program_init(PROGRAM_NET);
	ntpd_begin(log_level);
}

void
world_run(const struct scenario *sc, uint64_t seed, int log_level)
{
	struct world *w = &world;

	begin(sc, seed, log_level);
	for (;;) {
		int64_t next_ns;

		run_programs();
		next_ns = next_due_ns();
		pass(next_ns);
		if (next_ns >= w->end_ns)
			return;
		while (w->event_count > 0 && w->events[0].at_ns <= w->now_ns) {
			struct world_event e = take_event();

			w->leap = announced_leap();
			if (e.kind == DUE_SCRIPT)
				happen(&sc->events[e.index]);
			else
				handle_flight(e.kind, e.index);
		}
	}
}
