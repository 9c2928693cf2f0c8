/*
 * When answers leave, see txstamp.h.  Used by ntp-serve and the tests.  It must
 * never take one answer's departure for that of another.
 */
#include "ntp-net/serve/txstamp.h"

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
txstamp_first_ns(const struct txstamp *l)
{
	int64_t asking_ns = l->single_send_ns[true] - l->single_send_ns[false];
	int64_t ns = l->first_ns;

	if (asking_ns > 0)
		ns -= asking_ns;
	return ns > 0 ? ns : 0;
}

void
txstamp_learn(
    struct txstamp *l, int64_t took_ns, unsigned int count, bool asked)
{
	if (count > 1) {
		learn(&l->send_ns, took_ns / count, STEPS);
	} else if (!asked || l->single_sends[true] < l->single_sends[false]) {
		/* As many samples of both, or the difference is useless. */
		learn(&l->single_send_ns[asked], took_ns, STEPS);
		l->single_sends[asked]++;
	}
}

bool
txstamp_sample(struct txstamp *l, int64_t raw_ns)
{
	if (raw_ns - l->sampled_ns < SAMPLE_EVERY_NS)
		return false;
	l->sampled_ns = raw_ns;
	return true;
}

bool
txstamp_afford(struct txstamp *l, int64_t raw_ns)
{
	const int64_t price_ns = NS_PER_S / TXSTAMP_PER_S;

	if (l->paid_ns < raw_ns)
		l->paid_ns = raw_ns;
	if (l->paid_ns - raw_ns >= TXSTAMP_AT_ONCE * price_ns)
		return false;
	l->paid_ns += price_ns;
	return true;
}

/* Keeps the latest: of a single socket, the last TXSTAMP_ASKED. */
static struct txstamp_entry *
entry_of(struct txstamp *l, const struct txstamp_socket *s, uint32_t key)
{
	uint32_t at = key + (uint32_t)s->fd * APART;

	return &l->asked[at % TXSTAMP_ASKED];
}

void
txstamp_ask(struct txstamp *l, struct txstamp_socket *s,
    const struct txstamp_answer *a, int64_t raw_ns)
{
	*entry_of(l, s, s->key) =
	    (struct txstamp_entry){ .answer = *a, .of = s, .key = s->key };
	s->key++;
	s->open++;
	s->asked_ns = raw_ns;
}

void
txstamp_stray(struct txstamp_socket *s, int64_t raw_ns)
{
	s->misnumbered = true;
	s->open += TXSTAMP_ASKED; /* until TXSTAMP_LATE_NS is over */
	s->asked_ns = raw_ns;
}

void
txstamp_restart(struct txstamp *l, struct txstamp_socket *s)
{
	for (unsigned int i = 0; i < TXSTAMP_ASKED; i++)
		if (l->asked[i].of == s)
			l->asked[i].of = NULL;
	s->key = s->open = 0;
	s->misnumbered = false;
}

bool
txstamp_waits(struct txstamp_socket *s, int64_t raw_ns)
{
	/* A report that the queue has dropped never comes. */
	if (s->open > 0 && raw_ns - s->asked_ns > TXSTAMP_LATE_NS)
		s->open = 0;
	return s->open > 0;
}

static void
learn_first(struct txstamp *l, int64_t took_ns)
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
txstamp_reported(struct txstamp *l, struct txstamp_socket *s,
    const struct batch_left *left, struct txstamp_answer *a)
{
	struct txstamp_entry *e = entry_of(l, s, left->key);
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
