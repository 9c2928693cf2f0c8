/*
 * Answering a client, see serve.h.  Run by ntp-serve and the tests.  It must
 * never read a clock, keep anything about a client, or write more than a
 * header.
 */
#include "core/serve/serve.h"

#include "core/octets.h"
#include "core/packet/auth.h"
#include "core/packet/timestamp.h"

#include <string.h>

#define THETA_MIN_NS  (-(INT64_C(1) << 60))
#define THETA_MAX_NS  (INT64_C(1) << 62) /* year 2116 */
#define ROOT_MAX_NS   (16 * NS_PER_S)	 /* MAXDISP, RFC 5905 section 7.2 */
#define RENEWED_NS    (64 * NS_PER_S)
#define PRECISION_MIN (-30)
#define PRECISION_MAX (-6)

/* Where the header has its timestamps (RFC 5905 section 7.3). */
#define AT_ORIGIN   24
#define AT_RECEIVE  32
#define AT_TRANSMIT 40

/* A served line must start at a believable moment. */
static bool
line_ok(const struct serve_state *st)
{
	const struct line *l = &st->line;

	return in_range(l->raw.ns, 0, RAW_MAX_NS) &&
	    in_range(l->theta_ns, THETA_MIN_NS, THETA_MAX_NS) &&
	    in_range(l->slope_q32, -SLOPE_MAX, SLOPE_MAX) &&
	    (st->clock != SERVE_SYNCED ||
		wall_believable((struct wall){ l->raw.ns + l->theta_ns }));
}

bool
serve_state_ok(const struct serve_state *st)
{
	if (st->clock == SERVE_UNSYNCED)
		return true;
	return line_ok(st) && in_range(st->root_delay_ns, 0, ROOT_MAX_NS) &&
	    in_range(st->root_dispersion_ns, 0, ROOT_MAX_NS) &&
	    in_range(st->reference.ns, THETA_MIN_NS, INT64_MAX) &&
	    st->stratum >= 1 && st->stratum <= STRATUM_MAX &&
	    st->leap <= LEAP_DELETE && smear_ok(&st->smear);
}

struct wall
serve_utc(const struct serve_state *st, struct mono now)
{
	struct wall utc;

	if (!line_utc(&st->line, now, &utc))
		utc.ns = 0; /* never for a state that is ok */
	return utc;
}

/*
 * The root dispersion after a while.  The estimator renews it; if that ends, it
 * also grows by RFC 5905's PHI.
 */
static int64_t
dispersion_ns(const struct serve_state *st, struct mono now)
{
	if (st->clock != SERVE_SYNCED || now.ns < st->line.raw.ns)
		return st->root_dispersion_ns;
	return st->root_dispersion_ns +
	    line_growth_ns(
		now.ns - st->line.raw.ns, st->silent ? 0 : RENEWED_NS);
}

/*
 * Version 1 had no mode; its clients used a port of their own.  A peer in
 * symmetric active mode (the default of Windows, and some routers) is answered
 * like a client: it needs no more, and no state is kept for it.
 */
static bool
mode_ok(uint8_t version, uint8_t mode, uint16_t port)
{
	if (version == 1 && mode == MODE_RESERVED)
		return port != NTP_PORT;
	return mode == MODE_CLIENT || mode == MODE_ACTIVE;
}

/*
 * RFC 5905 figure 20: the mode that each expects.  Nobody answers modes 2 and
 * 4.
 */
static uint8_t
answer_mode(const struct serve_request *rq)
{
	return (rq->buf[0] & 7) == MODE_ACTIVE ? MODE_PASSIVE : MODE_SERVER;
}

enum serve_verdict
serve_judge(const struct serve_request *rq)
{
	struct auth_tail tail;
	uint8_t version, mode;

	if (rq->len < NTP_PACKET_LEN || rq->len % 4 != 0)
		return SERVE_MALFORMED;
	version = rq->buf[0] >> 3 & 7;
	mode = rq->buf[0] & 7;
	if (version < 1 || version > NTP_VERSION)
		return SERVE_VERSION;
	if (!mode_ok(version, mode, rq->port))
		return SERVE_MODE;
	if (rq->port == 0)
		return SERVE_PORT;
	/* Most requests have nothing after the header. */
	if (rq->len > NTP_PACKET_LEN &&
	    auth_parse(rq->buf, rq->len, &tail) == -1)
		return SERVE_MALFORMED;
	return SERVE_ANSWER;
}

/* The time that clients are told for a moment of UTC. */
static struct wall
served(const struct serve_head *head, struct wall utc)
{
	if (head->smear.kind != LEAP_NONE)
		utc.ns += smear_offset_ns(&head->smear, utc);
	return utc;
}

/*
 * In units of 2^-32 s, a receive timestamp is odd and a transmit timestamp
 * even.  So no two are the same, as RFC 9769 section 2 requires of a server in
 * interleaved mode, and none is zero, which means "unknown" on the wire.
 */
static uint64_t
receive_stamp(const struct serve_head *head, struct wall utc)
{
	return ntp_ts_from_wall(served(head, utc)).v | 1;
}

struct ntp_ts
serve_departure(const struct serve_head *head, struct wall utc)
{
	uint64_t v = ntp_ts_from_wall(served(head, utc)).v & ~UINT64_C(1);

	return (struct ntp_ts){ v == 0 ? 2 : v };
}

/*
 * Not before the request came, and never 0, even at the one such moment of an
 * era.
 */
static uint64_t
transmit_stamp(const struct serve_head *head, struct wall utc, uint64_t receive)
{
	uint64_t v = serve_departure(head, utc).v;

	if ((int64_t)(v - receive) < 0)
		v = receive + 1;
	return v == 0 ? 2 : v;
}

static void
fill_unsynced(struct packet *p)
{
	p->leap = LEAP_UNKNOWN;
	p->stratum = 0; /* 16 is written as 0 */
	p->root_dispersion = ntp_short_from_ns(ROOT_MAX_NS);
}

/*
 * A leap second is announced on the last day of a month, and at no other time.
 * One that is or would be smeared is never announced (RFC 8633 section 3.7.1).
 */
static uint8_t
leap_now(const struct serve_state *st, struct wall now)
{
	struct wall end;

	return !st->smears && wall_month_end(now, &end) ? (uint8_t)st->leap
							: LEAP_NONE;
}

static void
fill_state(struct packet *p, const struct serve_head *head,
    const struct serve_state *st, const struct serve_now *now)
{
	int64_t disp_ns = dispersion_ns(st, now->raw);
	struct wall ref = st->reference;

	if (st->clock == SERVE_UNSYNCED || disp_ns >= ROOT_MAX_NS) {
		fill_unsynced(p);
		return;
	}
	p->leap = leap_now(st, now->utc);
	p->stratum = (uint8_t)st->stratum;
	p->refid = st->refid;
	if (st->clock == SERVE_SYNCED && smear_runs(&st->smear, now->utc))
		p->refid = SMEAR_REFID;
	p->root_delay = ntp_short_from_ns(st->root_delay_ns);
	p->root_dispersion = ntp_short_from_ns(disp_ns);
	if (st->clock == SERVE_LOCAL || ref.ns > now->utc.ns)
		ref = now->utc;
	if (ref.ns != 0)
		p->reference = serve_departure(head, ref);
}

void
serve_prepare(struct serve_head *head, const struct serve_state *st,
    const struct serve_now *now)
{
	struct packet p;

	head->smear = (struct smear){ .kind = LEAP_NONE };
	if (st->clock == SERVE_SYNCED)
		head->smear = st->smear;
	memset(&p, 0, sizeof(p));
	p.mode = MODE_SERVER;
	p.precision_log2 = now->precision_log2;
	fill_state(&p, head, st, now);
	packet_format(&p, head->octets);
}

bool
serve_interleaves(const uint8_t *buf, size_t len, struct ntp_ts *origin)
{
	uint64_t receive;

	origin->v = 0;
	/* A peer's packet has its own timestamps in these fields. */
	if (len < NTP_PACKET_LEN || (buf[0] & 7) != MODE_CLIENT)
		return false;
	receive = get_be64(buf + AT_RECEIVE);
	if (receive == 0 || receive == get_be64(buf + AT_TRANSMIT))
		return false;
	origin->v = get_be64(buf + AT_ORIGIN);
	/* Only our own receive timestamps are odd. */
	return origin->v % 2 == 1;
}

enum serve_verdict
serve_request(const struct serve_head *head, const struct serve_request *rq,
    struct serve_answer *out)
{
	enum serve_verdict verdict = serve_judge(rq);
	const uint8_t *origin = rq->buf + AT_TRANSMIT;
	uint8_t echo[8];

	out->len = 0;
	if (verdict != SERVE_ANSWER)
		return verdict;
	out->receive.v = receive_stamp(head, rq->receive);
	out->transmit.v = transmit_stamp(head, rq->transmit, out->receive.v);
	if (rq->earlier.v != 0) {
		origin = rq->buf + AT_RECEIVE;
		out->transmit = rq->earlier;
	}
	/* The request may be in the same memory as the answer. */
	memcpy(echo, origin, sizeof(echo));
	out->octets[0] = (uint8_t)((head->octets[0] & 0xc0) |
	    (rq->buf[0] & 0x38) | answer_mode(rq));
	out->octets[1] = head->octets[1];
	out->octets[2] = rq->buf[2];
	memcpy(out->octets + 3, head->octets + 3, AT_ORIGIN - 3);
	memcpy(out->octets + AT_ORIGIN, echo, sizeof(echo));
	put_be64(out->octets + AT_RECEIVE, out->receive.v);
	put_be64(out->octets + AT_TRANSMIT, out->transmit.v);
	out->len = NTP_PACKET_LEN;
	return SERVE_ANSWER;
}

enum serve_verdict
serve_kiss(
    const struct serve_request *rq, uint32_t code, struct serve_answer *out)
{
	enum serve_verdict verdict = serve_judge(rq);
	struct packet p;

	out->len = 0;
	if (verdict != SERVE_ANSWER)
		return verdict;
	memset(&p, 0, sizeof(p));
	p.version = rq->buf[0] >> 3 & 7;
	p.mode = answer_mode(rq);
	p.poll_log2 = (int8_t)rq->buf[2];
	p.precision_log2 = PRECISION_MAX;
	fill_unsynced(&p);
	p.refid = code;
	/* A client that takes it for an answer learns nothing from it. */
	p.origin.v = get_be64(rq->buf + AT_TRANSMIT);
	p.receive = p.transmit = p.origin;
	packet_format(&p, out->octets);
	out->len = NTP_PACKET_LEN;
	out->receive = out->transmit = p.origin;
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
