/*
 * Fuzz target: a state and a datagram, both of any bytes; what is served from
 * it must hold for every one of them.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/packet/packet.h"
#include "core/serve/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fields of the state that come first, the rest is the datagram. */
struct head {
	int64_t raw_ns;
	int64_t theta_ns;
	int64_t slope;
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t reference_ns;
	uint32_t stratum;
	uint32_t leap;
	uint32_t now_s;
	uint16_t port;
	uint8_t clock;
	uint8_t smear; /* kind, and bits */
	int32_t smear_from_s;
	uint32_t smear_length_s;
	int8_t scale; /* bits by which the large numbers are made smaller */
};

static struct serve_state
make_state(const struct head *h)
{
	int shift = h->scale & 63;
	struct serve_state st = { .clock = (enum serve_clock)(h->clock % 3),
		.line.raw = { h->raw_ns >> shift },
		.line.theta_ns = h->theta_ns >> (shift & 3),
		.line.slope_q32 = h->slope >> shift,
		.root_delay_ns = h->root_delay_ns >> shift,
		.root_dispersion_ns = h->root_dispersion_ns >> shift,
		.reference = { h->reference_ns },
		.stratum = h->stratum,
		.leap = h->leap,
		.smears = (h->smear & 4) != 0,
		.smear = { .kind = (enum leap)(h->smear & 3),
		    .leap = { h->smear_from_s * NS_PER_S },
		    .length_s = h->smear_length_s,
		    .passed = (h->smear & 8) != 0 } };

	if (!serve_state_ok(&st))
		st = (struct serve_state){ .clock = SERVE_UNSYNCED };
	return st;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[NTP_PACKET_LEN];
	struct serve_answer answer = { .octets = buf };
	struct serve_now now = { .precision_log2 = -20 };
	struct serve_request rq;
	struct serve_head head;
	struct serve_state st;
	struct head h;
	struct packet in, out;
	struct ntp_ts origin;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	st = make_state(&h);
	rq = (struct serve_request){
		.buf = data + sizeof(h), .len = size - sizeof(h), .port = h.port
	};
	now.raw.ns = h.now_s * NS_PER_S / 4;
	now.utc.ns = h.reference_ns / 2;
	if (st.clock != SERVE_UNSYNCED)
		now.utc = serve_utc(&st, now.raw);
	rq.receive = now.utc;
	if (serve_interleaves(rq.buf, rq.len, &origin))
		rq.earlier.v = origin.v + (uint8_t)h.scale;
	rq.transmit.ns = rq.receive.ns + h.scale;
	serve_prepare(&head, &st, &now);
	if (serve_request(&head, &rq, &answer) != SERVE_ANSWER) {
		assert(answer.len == 0);
		return 0;
	}
	assert(answer.len == NTP_PACKET_LEN && answer.len <= rq.len);
	assert(packet_parse(buf, answer.len, &out) == 0);
	assert(packet_parse(rq.buf, rq.len, &in) == 0);
	assert(
	    out.mode == (in.mode == MODE_ACTIVE ? MODE_PASSIVE : MODE_SERVER));
	assert(out.version == in.version);
	assert(out.poll_log2 == in.poll_log2);
	assert((out.leap == LEAP_UNKNOWN) == (out.stratum == 0));
	assert(out.stratum <= 15 && out.receive.v != 0 && out.transmit.v != 0);
	assert(out.receive.v == answer.receive.v);
	assert(out.receive.v % 2 == 1);
	if (rq.earlier.v != 0) {
		assert(out.origin.v == in.receive.v);
		assert(out.transmit.v == rq.earlier.v);
		return 0;
	}
	assert(out.origin.v == in.transmit.v && out.transmit.v % 2 == 0);
	assert((int64_t)(out.transmit.v - out.receive.v) >= 0);
	return 0;
}
