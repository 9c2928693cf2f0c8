/*
 * Receive and answer on one socket, see answer.h.  Run by ntp-serve.  It must
 * never send more than one datagram for each that came, nor send to anybody but
 * its sender, nor log what a client does.
 */
#include "ntp-net/serve/answer.h"

#include <errno.h>
#include <string.h>

#include "common/addr.h"
#include "ntp-net/serve/reply_mac.h"
#include "ntp-net/serve/served_time.h"

#define BATCHES_MAX 8		   /* then other sockets get their turn */
#define AGE_MAX_NS  (4 * NS_PER_S) /* no client waits longer */
#define EARLY_NS    NS_PER_MS	   /* arrival after now: the clocks differ */
#define WATCH_NS    NS_PER_MS	   /* a queue takes longer to fill up */
#define LOOK_NS	    NS_PER_S	   /* for one that has not filled up */
#define SHED_NS	    (10 * NS_PER_MS)
#define SHED_MASK   7 /* random bits; if all are 0, answer even strangers */

/* One request that is answered in this batch. */
struct reply {
	struct datagram *d;
	const struct admission_client *client;
	uint32_t kiss; /* sent instead of an answer; 0: none */
	struct reply_mac reply_mac;
	struct serve_request rq;
	struct serve_answer answer;
};

/* The moment at which a batch is answered. */
struct moment {
	struct serve_state state;
	struct clock_pair pair; /* read just before */
	struct wall utc;	/* served time at pair.raw_ns */
};

/* One batch: the requests to answer, and counters of the others. */
struct replies {
	bool sampled; /* the first one's departure is a sample to learn from */
	struct moment moment;
	struct serve_now begin; /* when the answers were written */
	struct admission_client
	    clients[BATCH_MAX]; /* of all requests received */
	struct reply list[BATCH_MAX];
	unsigned int count;
	struct counts_tally tally;
};

void
answer_init(struct answerer *a, const struct admission_secrets *secrets,
    struct limit_client *clients)
{
	admission_init(&a->admission, secrets, clients);
	xleave_init(&a->xleave_store, a->sets, ANSWER_XLEAVE_SETS);
	batch_init(&a->batch);
}

int
answer_prepare(struct answer_socket *s, struct counts *c, int fd)
{
	const int on = 1;
	socklen_t len = sizeof(s->own);
	struct msg_addr own;
	uint16_t port;

	memset(s, 0, sizeof(*s));
	s->fd = s->txstamp.fd = fd;
	if (getsockname(fd, &s->own.sa, &len) == -1)
		return -1;
	port = addr_from_socket(&s->own, &own);
	if (own.family == 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	s->counts = counts_listen(c, &own, port);
	if (s->counts == NULL) {
		errno = ENOSPC;
		return -1;
	}
	if (batch_timestamps(fd) == -1)
		return -1;
	if (!addr_is_any(&own))
		return 0; /* no other address is possible */
	if (own.family == 4)
		return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

/*
 * True for a datagram that one host sent to this host alone, and that we did
 * not send to ourselves.  The destination must not be a broadcast or multicast
 * address; for IPv4 the kernel shows these by a different spec_dst.  A request
 * from the unspecified address is refused: the answer would come to this host.
 */
static bool
one_to_one_v4(const struct answer_socket *s, const struct datagram *d)
{
	struct in_addr from = d->from.v4.sin_addr;
	struct in_addr to = s->own.v4.sin_addr;
	struct in_pktinfo info;

	if (d->to != NULL) {
		memcpy(&info, CMSG_DATA(d->to), sizeof(info));
		if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr)
			return false;
		to = info.ipi_addr;
	}
	return to.s_addr != htonl(INADDR_ANY) &&
	    !IN_MULTICAST(ntohl(to.s_addr)) &&
	    from.s_addr != htonl(INADDR_ANY) &&
	    !IN_MULTICAST(ntohl(from.s_addr)) &&
	    from.s_addr != htonl(INADDR_BROADCAST) &&
	    !(from.s_addr == to.s_addr &&
		d->from.v4.sin_port == s->own.v4.sin_port);
}

static bool
one_to_one_v6(const struct answer_socket *s, const struct datagram *d)
{
	const struct in6_addr *from = &d->from.v6.sin6_addr;
	struct in6_addr to = s->own.v6.sin6_addr;
	struct in6_pktinfo info;

	if (d->to != NULL) {
		memcpy(&info, CMSG_DATA(d->to), sizeof(info));
		to = info.ipi6_addr;
	}
	return !IN6_IS_ADDR_UNSPECIFIED(&to) && !IN6_IS_ADDR_MULTICAST(&to) &&
	    !IN6_IS_ADDR_UNSPECIFIED(from) && !IN6_IS_ADDR_MULTICAST(from) &&
	    !(IN6_ARE_ADDR_EQUAL(from, &to) &&
		d->from.v6.sin6_port == s->own.v6.sin6_port);
}

static bool
one_to_one(const struct answer_socket *s, const struct datagram *d)
{
	if (d->from.sa.sa_family != s->own.sa.sa_family)
		return false;
	if (s->own.sa.sa_family == AF_INET6)
		return one_to_one_v6(s, d);
	return one_to_one_v4(s, d);
}

/* Served time of the arrival; false if the request waited too long. */
static bool
arrival_utc(const struct datagram *d, const struct moment *m, struct wall *utc)
{
	int64_t age_ns = 0;

	if (d->arrival_ns != 0)
		age_ns = m->pair.real_ns - d->arrival_ns;
	/* else the clock was stepped meanwhile, or the machine stalled */
	if (age_ns < -EARLY_NS || age_ns > AGE_MAX_NS)
		return false;
	utc->ns = m->utc.ns - (age_ns > 0 ? age_ns : 0);
	return true;
}

/* Does the sender get an answer, or a kiss instead? */
static bool
pass_gate(struct answerer *a, const struct moment *m, struct reply *r)
{
	switch (admission_judge(&a->admission, r->client, m->pair.raw_ns,
	    admission_random(&a->admission))) {
	case ADMISSION_ANSWER:
		r->kiss = 0;
		return true;
	case ADMISSION_DROP:
		return false;
	case ADMISSION_KISS_DENY:
		r->kiss = KISS_DENY;
		break;
	case ADMISSION_KISS_RATE:
		r->kiss = KISS_RATE;
		break;
	}
	return true;
}

/* Can the request be answered?  If not, it is counted. */
static bool
acceptable(const struct answer_socket *s, struct replies *all, struct reply *r)
{
	struct datagram *d = r->d;
	enum serve_verdict verdict;

	r->rq = (struct serve_request){
		.buf = d->buf, .len = d->len, .port = address_port(&d->from)
	};
	verdict = serve_judge(&r->rq);
	if (verdict == SERVE_ANSWER && one_to_one(s, d) &&
	    arrival_utc(d, &all->moment, &r->rq.receive))
		return true;
	all->tally
	    .n[verdict == SERVE_MALFORMED ? COUNT_MALFORMED : COUNT_IGNORED]++;
	return false;
}

/*
 * Answering costs more than everything else.  In a flood from forged addresses
 * the kernel would drop requests of known clients, too.  Some unknown clients
 * are answered all the same, so that they become known.
 */
static bool
shed(struct answerer *a, struct replies *all, const struct reply *r)
{
	int64_t now_ns = all->moment.pair.raw_ns;

	if (now_ns >= a->shed_until_ns || r->client->listed != ACCESS_ALLOW ||
	    limit_is_known(&a->admission.limit, &r->client->who, now_ns) ||
	    (admission_random(&a->admission) & SHED_MASK) == 0)
		return false;
	all->tally.n[COUNT_SHED]++;
	return true;
}

/* Prepare everything but the time of sending; false: no answer. */
static bool
consider(struct answerer *a, const struct answer_socket *s, struct replies *all,
    struct reply *r)
{
	struct datagram *d = r->d;
	struct ntp_ts origin;

	if (!acceptable(s, all, r) || shed(a, all, r) ||
	    !pass_gate(a, &all->moment, r))
		return false;
	r->reply_mac = reply_mac_for(&a->keys,
	    &(struct reply_mac_request){ .buf = d->buf, .len = d->len });
	if (r->reply_mac.kind == REPLY_MAC_DROP) {
		/* a denied or limited request was counted as such */
		all->tally.n[COUNT_IGNORED] += r->kiss == 0;
		return false;
	}
	if (r->kiss == 0 && serve_interleaves(d->buf, d->len, &origin))
		r->rq.earlier =
		    xleave_take(&a->xleave_store, r->client->who.hash, origin);
	return true;
}

static struct moment
read_moment(struct answerer *a)
{
	struct moment m = { .state = served_time_read(a->page),
		.pair = clock_read_pair(&a->timeline) };

	m.utc.ns = m.pair.real_ns;
	if (m.state.clock == SERVE_SYNCED)
		m.utc = serve_utc(&m.state, (struct mono){ m.pair.raw_ns });
	return m;
}

/* False if there is no answer after all. */
static bool
write_answer(const struct serve_head *head, struct reply *r)
{
	enum serve_verdict verdict = r->kiss != 0
	    ? serve_kiss(&r->rq, r->kiss, &r->answer)
	    : serve_request(head, &r->rq, &r->answer);

	if (verdict != SERVE_ANSWER)
		return false;
	if (r->reply_mac.kind != REPLY_MAC_NONE)
		r->answer.len = reply_mac_append(
		    &r->reply_mac, r->answer.octets, r->answer.len);
	return true;
}

/*
 * Write the answers, each with its predicted departure.  The prediction errs on
 * the early side: a late one could make an answer seem to arrive before it was
 * sent.
 */
static void
write_answers(struct answerer *a, struct replies *all)
{
	const struct moment *m = &all->moment;
	int64_t early_ns = txstamp_first_ns(&a->txstamp) / 4;
	unsigned int kept = 0;

	all->begin.precision_log2 = a->precision_log2;
	all->begin.raw.ns = clock_read_raw(&a->timeline);
	all->begin.utc.ns = m->utc.ns + all->begin.raw.ns - m->pair.raw_ns;
	serve_prepare(&a->head, &m->state, &all->begin);
	for (unsigned int i = 0; i < all->count; i++) {
		struct reply *r = &all->list[i];

		r->rq.transmit.ns =
		    all->begin.utc.ns + early_ns + kept * a->txstamp.send_ns;
		r->answer.octets = r->d->buf;
		if (!write_answer(&a->head, r))
			continue;
		batch_answer(&a->batch, r->d, r->answer.len);
		if (kept != i)
			all->list[kept] = *r;
		kept++;
	}
	all->count = kept;
}

/* Do the kernel's numbers match ours, or can we restart them? */
static bool
may_ask(struct answerer *a, struct answer_socket *s, int64_t raw_ns)
{
	if (!s->txstamp.misnumbered)
		return true;
	if (txstamp_waits(&s->txstamp, raw_ns) || batch_timestamps(s->fd) == -1)
		return false;
	txstamp_restart(&a->txstamp, &s->txstamp);
	return true;
}

/*
 * Request transmit timestamps for answers in interleaved mode: the client's
 * next answer is then right however long the queue is.  Requesting all would
 * cost too much, and so would those for clients that do not come back.  Now and
 * then one is requested for any answer, to learn how long sending takes.
 */
static void
ask_txstamps(struct answerer *a, struct answer_socket *s, struct replies *all)
{
	int64_t raw_ns = all->begin.raw.ns;

	all->sampled = false;
	if (!may_ask(a, s, raw_ns))
		return;
	all->sampled = txstamp_sample(&a->txstamp, raw_ns);
	if (all->sampled)
		batch_ask_txstamp(&a->batch, 0);
	for (unsigned int i = all->sampled; i < all->count; i++)
		if (all->list[i].rq.earlier.v != 0 &&
		    txstamp_afford(&a->txstamp, raw_ns))
			batch_ask_txstamp(&a->batch, i);
}

/* Remember the answers whose timestamp was requested. */
static void
note_asked(struct answerer *a, struct answer_socket *s,
    const struct replies *all, const struct batch_sent *sent)
{
	struct txstamp_answer asked = { .utc = all->begin.utc,
		.real_ns = all->moment.pair.real_ns + all->begin.raw.ns -
		    all->moment.pair.raw_ns };

	for (unsigned int i = 0; i < sent->sure; i++) {
		const struct reply *r = &all->list[i];

		if (!a->batch.asks[i])
			continue;
		asked.client = r->client->who.hash;
		asked.receive.v = r->kiss == 0 ? r->answer.receive.v : 0;
		asked.sample = i == 0 && all->sampled;
		txstamp_ask(
		    &a->txstamp, &s->txstamp, &asked, all->begin.raw.ns);
	}
	if (sent->misnumbered)
		txstamp_stray(&s->txstamp, all->begin.raw.ns);
}

/* Read the departures that the kernel reports. */
static void
read_txstamps(struct answerer *a, struct answer_socket *s)
{
	struct batch_left left[BATCH_ERRORS];
	unsigned int got;

	do {
		got = batch_txstamps(&a->batch, s->fd, left);
		for (unsigned int i = 0; i < got; i++) {
			struct txstamp_answer of;
			struct xleave_entry d;

			if (!txstamp_reported(
				&a->txstamp, &s->txstamp, &left[i], &of))
				continue;
			d = (struct xleave_entry){ .client = of.client,
				.receive = of.receive,
				.transmit = serve_departure(&a->head, of.utc) };
			xleave_correct(&a->xleave_store, &d);
		}
	} while (got == BATCH_ERRORS);
}

/*
 * Record when each answer left, as far as it is known now.  The kernel sends
 * them in order, and each takes the same time.
 */
static void
keep_xleave(struct answerer *a, const struct replies *all)
{
	int64_t took_ns = clock_read_raw(&a->timeline) - all->begin.raw.ns;
	int64_t each_ns = took_ns / all->count, first_ns;

	txstamp_learn(&a->txstamp, took_ns, all->count, a->batch.asks[0]);
	/* Rather a little early. */
	first_ns = txstamp_first_ns(&a->txstamp) * 3 / 4;
	/* Sending has evicted what was prefetched before: prefetch it again. */
	for (unsigned int i = 0; i < all->count; i++)
		xleave_prefetch(&a->xleave_store, all->list[i].client->who.hash,
		    all->list[i].answer.receive);
	for (unsigned int i = 0; i < all->count; i++) {
		const struct reply *r = &all->list[i];
		struct xleave_entry kept = { .client = r->client->who.hash,
			.receive = r->answer.receive,
			.proven = r->rq.earlier.v != 0 };
		struct wall left = { all->begin.utc.ns + first_ns +
			i * each_ns };

		kept.transmit = serve_departure(&a->head, left);
		if (r->kiss == 0)
			xleave_keep(&a->xleave_store, &kept);
	}
}

/* Send the answers, and remember when they leave. */
static void
send_answers(struct answerer *a, struct answer_socket *s, struct replies *all)
{
	struct batch_sent sent;

	ask_txstamps(a, s, all);
	sent = batch_send(&a->batch, s->fd);
	all->tally.n[COUNT_SEND_ERRORS] = sent.lost;
	keep_xleave(a, all);
	note_asked(a, s, all, &sent);
	if (txstamp_waits(&s->txstamp, all->begin.raw.ns))
		read_txstamps(a, s);
}

/*
 * Find the clients.  Their records are scattered over the memory: those of the
 * whole batch are prefetched before the first is used.
 */
static void
find_clients(const struct answerer *a, struct replies *all, unsigned int got)
{
	for (unsigned int i = 0; i < got; i++)
		all->clients[i] = admission_client(
		    &a->admission, &a->batch.datagrams[i].from.sa);
	for (unsigned int i = 0; i < got; i++) {
		const struct datagram *d = &a->batch.datagrams[i];
		struct ntp_ts origin;

		limit_prefetch_record(
		    &a->admission.limit, &all->clients[i].who);
		if (serve_interleaves(d->buf, d->len, &origin))
			xleave_prefetch(
			    &a->xleave_store, all->clients[i].who.hash, origin);
	}
}

/* Select the requests to answer. */
static void
consider_all(struct answerer *a, const struct answer_socket *s,
    struct replies *all, unsigned int got)
{
	struct admission_counts before = a->admission.counts;

	find_clients(a, all, got);
	for (unsigned int i = 0; i < got; i++) {
		struct reply *r = &all->list[all->count];

		r->d = &a->batch.datagrams[i];
		r->client = &all->clients[i];
		if (consider(a, s, all, r))
			all->count++;
	}
	all->tally.n[COUNT_RECEIVED] = got;
	all->tally.n[COUNT_DENIED] = a->admission.counts.denied - before.denied;
	all->tally.n[COUNT_RATE_LIMITED] = a->admission.counts.limited -
	    before.limited + all->tally.n[COUNT_SHED];
}

/* Count the answers that were written. */
static void
count_answers(struct replies *all)
{
	uint64_t *n = all->tally.n;

	for (unsigned int i = 0; i < all->count; i++) {
		const struct reply *r = &all->list[i];

		n[COUNT_KISSES] += r->kiss != 0;
		n[COUNT_INTERLEAVED] += r->rq.earlier.v != 0;
		n[COUNT_MAC_ANSWERED] += r->reply_mac.kind == REPLY_MAC_KEY;
		n[COUNT_MAC_FAILED] += r->reply_mac.kind == REPLY_MAC_NAK;
	}
	n[COUNT_ANSWERED] = all->count - n[COUNT_KISSES];
}

/* Count what was dropped.  After a full batch, is the queue nearly full? */
static void
watch_queue(struct answerer *a, struct answer_socket *s, struct replies *all,
    bool whole)
{
	int64_t raw_ns = all->moment.pair.raw_ns;
	struct batch_queue q;

	if (raw_ns - s->watched_ns < (whole ? WATCH_NS : LOOK_NS))
		return;
	s->watched_ns = raw_ns;
	q = batch_queue(s->fd);
	counts_lost(s->counts, &all->tally, q.dropped);
	if (whole && q.queue_full)
		a->shed_until_ns = raw_ns + SHED_NS;
}

static unsigned int
answer_batch(struct answerer *a, struct answer_socket *s)
{
	unsigned int got = batch_receive(&a->batch, s->fd);
	struct replies all;

	if (got == 0) {
		read_txstamps(a, s); /* may be what woke us from poll(2) */
		return 0;
	}
	all.count = 0;
	memset(&all.tally, 0, sizeof(all.tally));
	all.moment = read_moment(a);
	watch_queue(a, s, &all, got == BATCH_MAX);
	/* Read old reports first: new ones come before their answer leaves. */
	if (txstamp_waits(&s->txstamp, all.moment.pair.raw_ns))
		read_txstamps(a, s);
	consider_all(a, s, &all, got);
	if (all.count > 0)
		write_answers(a, &all);
	if (all.count > 0) {
		count_answers(&all);
		send_answers(a, s, &all);
	}
	counts_add(s->counts, &all.tally);
	return got;
}

void
answer_waiting(struct answerer *a, struct answer_socket *s)
{
	for (int i = 0; i < BATCHES_MAX; i++)
		if (answer_batch(a, s) < BATCH_MAX)
			return;
}
