/*
 * The simulated network and its servers, see network.h.
 */
#include "tests/sim/network.h"

#include <math.h>
#include <string.h>

#include "core/packet/timestamp.h"
#include "tests/sim/arith.h"

#define STREAMS_FROM	 100 /* streams of a server's random numbers */
#define STREAMS_EACH	 4
#define REORDER_MS	 20
#define DUPLICATE_NS	 (NS_PER_MS / 10)
#define REFERENCE_AGE_NS (8 * NS_PER_S)
#define DAY_S		 86400.0

static void
path_init(struct path *p, const struct path_model *model, uint64_t seed,
    uint64_t stream)
{
	memset(p, 0, sizeof(*p));
	p->model = *model;
	rng_init(&p->rng, seed, stream);
	if (model->queue_ns > 0)
		p->queue = rng_normal(&p->rng);
}

void
network_init(struct network *n, const struct scenario *sc, uint64_t seed)
{
	memset(n, 0, sizeof(*n));
	n->count = sc->server_count;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct server_model *m = &sc->servers[i];
		uint64_t stream = STREAMS_FROM + i * STREAMS_EACH;
		struct server *s = &n->servers[i];

		s->model = m;
		path_init(&s->path[WAY_UP], &m->up, seed, stream);
		path_init(&s->path[WAY_DOWN], &m->down, seed, stream + 1);
		rng_init(&s->rng, seed, stream + 2);
		s->offset_ns = m->offset_ns;
		s->drift = m->drift;
	}
}

static double
jitter_ns(struct path *p)
{
	const struct path_model *m = &p->model;

	switch (m->jitter) {
	case JITTER_NONE:
		return 0;
	case JITTER_EXP:
		return m->jitter_ns * rng_exp(&p->rng);
	case JITTER_GAMMA:
		return m->jitter_ns * rng_gamma(&p->rng, m->shape);
	case JITTER_LOGNORMAL:
		return m->jitter_ns * arith_exp(m->shape * rng_normal(&p->rng));
	}
	return 0;
}

/* A queue: log-normal, correlated over about queue_s. */
static double
queue_ns(struct path *p, int64_t t_ns)
{
	const struct path_model *m = &p->model;
	double passed, keep;

	if (!(m->queue_ns > 0))
		return 0;
	passed = (double)(t_ns - p->queue_at_ns) / 1e9 / m->queue_s;
	keep = passed < 50 ? arith_exp(-passed) : 0;
	p->queue_at_ns = t_ns;
	p->queue =
	    keep * p->queue + sqrt(1 - keep * keep) * rng_normal(&p->rng);
	return m->queue_ns *
	    arith_exp(m->queue_shape * p->queue -
		m->queue_shape * m->queue_shape / 2);
}

/* The base delay at t. */
static void
grow(struct path *p, int64_t t_ns)
{
	if (t_ns > p->grown_at_ns)
		p->model.base_ns += p->grows * (double)(t_ns - p->grown_at_ns);
	p->grown_at_ns = t_ns;
}

static int64_t
delay_ns(struct server *s, struct path *p, int64_t t_ns)
{
	const struct server_model *m = s->model;
	double load = 1, ns;

	if (m->daily > 0)
		load += m->daily * arith_sin_turns((double)t_ns / 1e9 / DAY_S);
	grow(p, t_ns);
	ns = jitter_ns(p); /* keep the order: both draw */
	ns += queue_ns(p, t_ns);
	ns = p->model.base_ns + load * ns;
	if (m->stamp_ns > 0)
		ns += m->stamp_ns * rng_exp(&p->rng);
	return ns > 0 ? (int64_t)(ns + 0.5) : 0;
}

int
network_travel(
    struct server *s, enum way way, int64_t t_ns, int64_t arrive_ns[2])
{
	const struct server_model *m = s->model;
	struct path *p = &s->path[way];
	int64_t delay = delay_ns(s, p, t_ns);

	if (t_ns < s->silent_until_ns || rng_chance(&s->rng, m->loss))
		return 0;
	if (rng_chance(&s->rng, m->reorder))
		delay += NS_PER_MS * rng_below(&s->rng, REORDER_MS);
	arrive_ns[0] = t_ns + delay;
	if (!rng_chance(&s->rng, m->duplicate))
		return 1;
	arrive_ns[1] = arrive_ns[0] + DUPLICATE_NS;
	return 2;
}

double
network_offset_ns(struct server *s, int64_t t_ns)
{
	double passed_ns = (double)(t_ns - s->at_ns);

	if (passed_ns <= 0)
		return s->offset_ns;
	s->offset_ns += s->drift * passed_ns;
	if (s->model->wander > 0)
		s->drift += s->model->wander * sqrt(passed_ns / 1e9) *
		    rng_normal(&s->rng);
	s->at_ns = t_ns;
	return s->offset_ns;
}

static struct ntp_ts
stamp(struct server *s, int64_t t_ns, int64_t utc_ns)
{
	double offset_ns = network_offset_ns(s, t_ns);
	int64_t grain_ns = (int64_t)s->model->grain_ns;
	int64_t ns = utc_ns + (int64_t)floor(offset_ns + 0.5);

	if (grain_ns > 0)
		ns -= ns % grain_ns;
	return ntp_ts_from_wall((struct wall){ ns });
}

bool
network_answer(struct server *s, const struct packet *query, int64_t t_ns,
    int64_t utc_ns, enum leap leap, struct packet *answer, int64_t *sent_ns)
{
	const struct server_model *m = s->model;
	int64_t hold_ns = (int64_t)m->hold_ns;

	memset(answer, 0, sizeof(*answer));
	if (query->mode != MODE_CLIENT)
		return false;
	*sent_ns = t_ns + hold_ns;
	answer->leap =
	    m->false_leap > 0 ? (uint8_t)m->false_leap : (uint8_t)leap;
	answer->version = query->version;
	answer->mode = MODE_SERVER;
	answer->stratum = (uint8_t)m->stratum;
	answer->poll_log2 = query->poll_log2;
	answer->precision_log2 = (int8_t)m->precision_log2;
	answer->root_delay = ntp_short_from_ns((int64_t)m->root_delay_ns);
	answer->root_dispersion =
	    ntp_short_from_ns((int64_t)m->root_dispersion_ns);
	answer->refid = UINT32_C(0x50505300); /* PPS */
	answer->origin = query->transmit;
	if (m->noise_ns > 0)
		utc_ns += (int64_t)(m->noise_ns * rng_uniform(&s->rng));
	answer->receive = stamp(s, t_ns, utc_ns);
	answer->transmit = stamp(s, *sent_ns, utc_ns + hold_ns);
	answer->reference = stamp(s, t_ns, utc_ns - REFERENCE_AGE_NS);
	return true;
}

static void
happen_to(struct server *s, const struct script_event *e, int64_t t_ns)
{
	grow(&s->path[WAY_UP], t_ns);
	grow(&s->path[WAY_DOWN], t_ns);
	switch (e->what) {
	case HAPPEN_UP:
		s->path[WAY_UP].model.base_ns += e->value;
		break;
	case HAPPEN_DOWN:
		s->path[WAY_DOWN].model.base_ns += e->value;
		break;
	case HAPPEN_ROUTE:
		s->path[WAY_UP].model.base_ns += e->value;
		s->path[WAY_DOWN].model.base_ns += e->value;
		break;
	case HAPPEN_UP_GROW:
		s->path[WAY_UP].grows = e->value;
		break;
	case HAPPEN_DOWN_GROW:
		s->path[WAY_DOWN].grows = e->value;
		break;
	case HAPPEN_UP_QUEUE:
		s->path[WAY_UP].model.queue_ns = e->value;
		break;
	case HAPPEN_DOWN_QUEUE:
		s->path[WAY_DOWN].model.queue_ns = e->value;
		break;
	case HAPPEN_OUTAGE:
		s->silent_until_ns = t_ns + (int64_t)e->value;
		break;
	case HAPPEN_OFFSET:
		s->offset_ns = network_offset_ns(s, t_ns) + e->value;
		break;
	case HAPPEN_DRIFT:
		(void)network_offset_ns(s, t_ns);
		s->drift = e->value;
		break;
	case HAPPEN_FREQ:
	case HAPPEN_WANDER:
	case HAPPEN_STEP:
	case HAPPEN_SUSPEND:
	case HAPPEN_PAUSE:
	case HAPPEN_LEAP:
		break; /* of the machine */
	}
}

void
network_happen(struct network *n, const struct script_event *e, int64_t t_ns)
{
	for (uint32_t i = 0; i < n->count; i++)
		if (e->server == SERVER_ALL || e->server == (int)i)
			happen_to(&n->servers[i], e, t_ns);
}
