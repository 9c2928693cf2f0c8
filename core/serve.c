/*
 * Answering a client, see serve.h.  Used by ntp-serve and the tests; it must
 * never read a clock, keep anything about a client, or write more than a
 * header.
 */
#include "serve.h"

#include "ageing.h"
#include "auth.h"
#include "timestamp.h"

#include <string.h>

#define RAW_MAX_NS    (INT64_C(1) << 60) /* 36 years */
#define THETA_MIN_NS  (-(INT64_C(1) << 60))
#define THETA_MAX_NS  (INT64_C(1) << 62) /* year 2116 */
#define ROOT_MAX_NS   (16 * NS_PER_S)	 /* MAXDISP, RFC 5905 section 7.2 */
#define RENEWED_NS    (64 * NS_PER_S)
#define NTP_PORT      123
#define PRECISION_MIN (-30)
#define PRECISION_MAX (-6)

static bool
within(int64_t v, int64_t min, int64_t max)
{
	return v >= min && v <= max;
}

bool
serve_state_ok(const struct serve_state *st)
{
	if (st->clock == SERVE_UNSYNCED)
		return true;
	return within(st->raw.ns, 0, RAW_MAX_NS) &&
	    within(st->theta_ns, THETA_MIN_NS, THETA_MAX_NS) &&
	    within(st->slope, -SERVE_SLOPE_MAX, SERVE_SLOPE_MAX) &&
	    within(st->root_delay_ns, 0, ROOT_MAX_NS) &&
	    within(st->root_dispersion_ns, 0, ROOT_MAX_NS) &&
	    within(st->reference.ns, THETA_MIN_NS, INT64_MAX) &&
	    st->stratum >= 1 && st->stratum <= 15 && st->leap <= LEAP_DELETE;
}

struct wall
serve_utc(const struct serve_state *st, struct mono now)
{
	int64_t dt_ns = now.ns - st->raw.ns;
	/* dt * slope / 2^32 without a product of more than 63 bits */
	int64_t high = dt_ns / (INT64_C(1) << 32);
	int64_t low = dt_ns % (INT64_C(1) << 32);
	int64_t drift_ns =
	    high * st->slope + low * st->slope / (INT64_C(1) << 32);

	return (struct wall){ now.ns + st->theta_ns + drift_ns };
}

/*
 * What is left of the root dispersion's promise after a while.  Who estimates
 * renews it; if that ends, nothing is known but RFC 5905's PHI.
 */
static int64_t
dispersion_ns(const struct serve_state *st, struct mono now)
{
	if (st->clock != SERVE_SYNCED || now.ns < st->raw.ns)
		return st->root_dispersion_ns;
	return st->root_dispersion_ns +
	    ageing_ns(now.ns - st->raw.ns, st->silent ? 0 : RENEWED_NS);
}

/* In version 1 there was no mode; its clients had a port of their own. */
static bool
mode_ok(const struct packet *p, uint16_t port)
{
	if (p->version == 1 && p->mode == MODE_RESERVED)
		return port != NTP_PORT;
	return p->mode == MODE_CLIENT;
}

static enum serve_verdict
judge(const struct serve_request *rq, struct packet *p)
{
	struct auth_tail tail;

	if (packet_parse(rq->buf, rq->len, p) == -1)
		return SERVE_MALFORMED;
	if (p->version < 1 || p->version > NTP_VERSION)
		return SERVE_VERSION;
	if (!mode_ok(p, rq->port))
		return SERVE_MODE;
	if (rq->port == 0)
		return SERVE_PORT;
	/* Most have nothing behind the header. */
	if (rq->len > NTP_PACKET_LEN &&
	    auth_parse(rq->buf, rq->len, &tail) == -1)
		return SERVE_MALFORMED;
	return SERVE_ANSWER;
}

/* Zero on the wire says "unknown": the one moment of an era that is not so. */
static struct ntp_ts
stamp(struct wall w)
{
	struct ntp_ts ts = ntp_ts_from_wall(w);

	if (ts.v == 0)
		ts.v = 1;
	return ts;
}

static void
fill_unsynced(struct packet *p)
{
	p->leap = LEAP_UNKNOWN;
	p->stratum = 0; /* 16 is written as 0 */
	p->root_dispersion = ntp_short_from_ns(ROOT_MAX_NS);
}

/* A leap second is announced in the last day of a month, and then no more. */
static uint8_t
leap_now(const struct serve_state *st, struct wall now)
{
	struct wall end;

	return wall_month_end(now, &end) ? (uint8_t)st->leap : LEAP_NONE;
}

static void
fill_state(struct packet *p, const struct serve_state *st,
    const struct serve_request *rq)
{
	int64_t disp_ns = dispersion_ns(st, rq->raw);
	struct wall ref = st->reference;

	if (st->clock == SERVE_UNSYNCED || disp_ns >= ROOT_MAX_NS) {
		fill_unsynced(p);
		return;
	}
	p->leap = leap_now(st, rq->receive);
	p->stratum = (uint8_t)st->stratum;
	p->refid = st->refid;
	p->root_delay = ntp_short_from_ns(st->root_delay_ns);
	p->root_dispersion = ntp_short_from_ns(disp_ns);
	if (st->clock == SERVE_LOCAL || ref.ns > rq->receive.ns)
		ref = rq->receive;
	if (ref.ns != 0)
		p->reference = stamp(ref);
}

enum serve_verdict
serve_request(const struct serve_state *st, const struct serve_request *rq,
    uint8_t out[NTP_PACKET_LEN], size_t *out_len)
{
	enum serve_verdict verdict;
	struct packet in, p;
	struct wall transmit = rq->transmit;

	memset(out, 0, NTP_PACKET_LEN);
	*out_len = 0;
	verdict = judge(rq, &in);
	if (verdict != SERVE_ANSWER)
		return verdict;
	if (transmit.ns < rq->receive.ns)
		transmit = rq->receive;
	memset(&p, 0, sizeof(p));
	p.version = in.version;
	p.mode = MODE_SERVER;
	p.poll_log2 = in.poll_log2;
	p.precision_log2 = rq->precision_log2;
	fill_state(&p, st, rq);
	p.origin = in.transmit;
	p.receive = stamp(rq->receive);
	p.transmit = stamp(transmit);
	packet_format(&p, out);
	*out_len = NTP_PACKET_LEN;
	return SERVE_ANSWER;
}

int8_t
serve_precision_log2(int64_t ns)
{
	int8_t log2 = PRECISION_MIN;

	while (log2 < PRECISION_MAX && (NS_PER_S >> -log2) < ns)
		log2++;
	return log2;
}
