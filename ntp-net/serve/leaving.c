/*
 * When answers leave, see leaving.h.  Used by ntp-serve and the tests.  It must
 * never take one answer's departure for that of another.
 */
#include "ntp-net/serve/leaving.h"

#include <stddef.h>

#define SEND_MAX_NS	INT64_C(100000)
#define SAMPLE_EVERY_NS (NS_PER_S / 8)
#define STEPS		16   /* a step is 1/STEPS of the value */
#define APART		1021 /* offset between sockets: all keys begin at 0 */

/*
 * Learn how long sending takes: move a step towards the last value.  This
 * follows the median; a rare long wait counts no more than any other value.
 */
static void
learn(int64_t *ns, int64_t took_ns, int64_t steps)
{
	int64_t step_ns = *ns / steps + 1;

	*ns += took_ns > *ns ? step_ns : -step_ns;
	if (*ns < 0)
		*ns = 0;
	if (*ns > SEND_MAX_NS)
		*ns = SEND_MAX_NS;
}

/*
 * Requesting a timestamp takes time itself: the difference of sending with and
 * without.
 */
int64_t
leaving_first_ns(const struct leaving *l)
{
	int64_t asking_ns = l->alone_ns[true] - l->alone_ns[false];
	int64_t ns = l->first_ns;

	if (asking_ns > 0)
		ns -= asking_ns;
	return ns > 0 ? ns : 0;
}

void
leaving_learn(
    struct leaving *l, int64_t took_ns, unsigned int count, bool asked)
{
	if (count > 1) {
		learn(&l->send_ns, took_ns / count, STEPS);
	} else if (!asked || l->alone[true] < l->alone[false]) {
		/* As many samples of both, or the difference is useless. */
		learn(&l->alone_ns[asked], took_ns, STEPS);
		l->alone[asked]++;
	}
}

bool
leaving_sample(struct leaving *l, int64_t raw_ns)
{
	if (raw_ns - l->sampled_ns < SAMPLE_EVERY_NS)
		return false;
	l->sampled_ns = raw_ns;
	return true;
}

bool
leaving_afford(struct leaving *l, int64_t raw_ns)
{
	const int64_t price_ns = NS_PER_S / LEAVING_PER_S;

	if (l->paid_ns < raw_ns)
		l->paid_ns = raw_ns;
	if (l->paid_ns - raw_ns >= LEAVING_AT_ONCE * price_ns)
		return false;
	l->paid_ns += price_ns;
	return true;
}

/* Keeps the latest: of a single socket, the last LEAVING_ASKED. */
static struct leaving_entry *
entry_of(struct leaving *l, const struct leaving_socket *s, uint32_t key)
{
	uint32_t at = key + (uint32_t)s->fd * APART;

	return &l->asked[at % LEAVING_ASKED];
}

void
leaving_ask(struct leaving *l, struct leaving_socket *s,
    const struct leaving_answer *a, int64_t raw_ns)
{
	*entry_of(l, s, s->key) =
	    (struct leaving_entry){ .answer = *a, .of = s, .key = s->key };
	s->key++;
	s->open++;
	s->asked_ns = raw_ns;
}

void
leaving_stray(struct leaving_socket *s, int64_t raw_ns)
{
	s->astray = true;
	s->open += LEAVING_ASKED; /* until LEAVING_LATE_NS is over */
	s->asked_ns = raw_ns;
}

void
leaving_restart(struct leaving *l, struct leaving_socket *s)
{
	for (unsigned int i = 0; i < LEAVING_ASKED; i++)
		if (l->asked[i].of == s)
			l->asked[i].of = NULL;
	s->key = s->open = 0;
	s->astray = false;
}

bool
leaving_waits(struct leaving_socket *s, int64_t raw_ns)
{
	/* A report that the queue has dropped never comes. */
	if (s->open > 0 && raw_ns - s->asked_ns > LEAVING_LATE_NS)
		s->open = 0;
	return s->open > 0;
}

static void
learn_first(struct leaving *l, int64_t took_ns)
{
	if (took_ns < 0 || took_ns > SEND_MAX_NS)
		return; /* the clock was stepped, or another process ran */
	if (l->first_ns == 0)
		l->first_ns = took_ns;
	/* The first samples are slow: the code was not in the cache. */
	learn(&l->first_ns, took_ns, l->samples < STEPS ? 4 : STEPS);
	l->samples++;
}

bool
leaving_told(struct leaving *l, struct leaving_socket *s,
    const struct batch_left *left, struct leaving_answer *a)
{
	struct leaving_entry *e = entry_of(l, s, left->key);
	int64_t took_ns;

	if (left->ns == 0 || e->of != s || e->key != left->key)
		return false;
	e->of = NULL;
	if (s->open > 0)
		s->open--;
	took_ns = left->ns - e->answer.real_ns;
	if (e->answer.sample)
		learn_first(l, took_ns);
	if (e->answer.receive.v == 0 || took_ns < 0)
		return false;
	*a = e->answer;
	a->utc.ns += took_ns;
	return true;
}
