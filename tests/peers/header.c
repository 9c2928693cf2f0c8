/*
 * The checks of probe for the header of an answer, and for which requests get
 * one.
 */
#include "tests/peers/probe.h"

#include <stdlib.h>
#include <string.h>

static void
test_versions(const struct probe *p)
{
	struct reply r;
	bool mode = true, version = true;
	int others;

	for (int v = 1; v <= 4; v++) {
		mode = mode && ask_plain(p, (uint8_t)(v << 3 | 3), &r) &&
		    (r.buf[0] & 7) == 4;
		version = version && ((r.buf[0] >> 3) & 7) == v;
	}
	others = linger(p);
	say(mode && others == 0, "S-01 one answer of mode 4 to each request");
	say(version, "S-02 the answer has the version of the request, 1 to 4");
	others = 0;
	for (int v = 0; v < 8; v++) {
		uint8_t buf[HEADER_LEN];

		if (v >= 1 && v <= 4)
			continue;
		request(buf, (uint8_t)(v << 3 | 3), wire_random64());
		transmit(p, buf, sizeof(buf));
		others += control(p);
	}
	say(others + linger(p) == 0, "S-03 no answer to versions 0, 5, 6, 7");
}

static void
test_copies(const struct probe *p)
{
	static const uint8_t polls[] = { 0xfa, 0, 6, 17, 127, 128, 255 };
	const uint64_t nonces[] = { wire_random64(), 0, UINT64_MAX, 1 };
	uint8_t buf[HEADER_LEN];
	struct reply r;
	bool holds = true;

	for (size_t i = 0; i < sizeof(nonces) / sizeof(nonces[0]); i++) {
		request(buf, REQUEST, nonces[i]);
		holds = holds && ask(p, buf, sizeof(buf), &r) &&
		    r.len == HEADER_LEN && origin(&r) == nonces[i];
	}
	say(holds, "S-04 origin is the request's transmit timestamp");
	holds = true;
	for (size_t i = 0; i < sizeof(polls); i++) {
		request(buf, REQUEST, wire_random64());
		buf[AT_POLL] = polls[i];
		holds = holds && ask(p, buf, sizeof(buf), &r) &&
		    r.buf[AT_POLL] == polls[i];
	}
	say(holds, "S-05 poll is copied from the request");
	memset(buf, 0xff, sizeof(buf));
	buf[0] = 0xe3;
	holds = ask(p, buf, sizeof(buf), &r) && (r.buf[0] & 0x3f) == 0x24;
	say(holds && memcmp(r.buf + AT_ORIGIN, buf + AT_TRANSMIT, 8) == 0,
	    "a request of ones is answered like any other");
}

static void
test_times(const struct probe *p)
{
	struct reply r;
	bool order = true, near = true, address = true, reference = true;
	int8_t precision = 0;

	for (int i = 0; i < 1000; i++) {
		int64_t now_ns = wire_clock_ns(CLOCK_REALTIME);
		uint64_t t2, t3, ref;

		if (!ask_plain(p, REQUEST, &r)) {
			order = false;
			break;
		}
		t2 = wire_get(r.buf + AT_RECEIVE, 8);
		t3 = wire_get(r.buf + AT_TRANSMIT, 8);
		ref = wire_get(r.buf + AT_REFERENCE, 8);
		order = order && t2 != 0 && t2 <= t3;
		near = near && llabs(wire_utc_ns(t2) - now_ns) < 2 * NS_PER_S &&
		    llabs(wire_utc_ns(t3) - now_ns) < 2 * NS_PER_S;
		reference = reference && ref <= t3;
		address = address && r.from_server;
		precision = (int8_t)r.buf[AT_PRECISION];
	}
	say(order, "S-06 receive is not after transmit, in 1000 answers");
	say(near, "S-06 both are within 2 s of this machine's clock");
	say(address, "S-18 answers come from the address that was asked");
	say(reference, "S-19 reference is not after transmit");
	say(precision <= -6 && precision >= -32,
	    "S-19 the precision is plausible");
}

static void
test_lengths(const struct probe *p)
{
	uint8_t buf[DATAGRAM_MAX];
	int others = 0;

	memset(buf, 0, sizeof(buf));
	for (size_t len = 0; len < HEADER_LEN; len++) {
		request(buf, REQUEST, wire_random64());
		transmit(p, buf, len);
		others += control(p);
	}
	say(others + linger(p) == 0,
	    "S-11 a request of 0 to 47 octets gets no answer");
}

static void
test_modes(const struct probe *p)
{
	uint8_t buf[HEADER_LEN];
	int others = 0;

	for (int v = 1; v <= 4; v++)
		for (int mode = 0; mode < 8; mode++) {
			if (mode == 3 || mode == 1 || (mode == 0 && v == 1))
				continue;
			request(buf, (uint8_t)(v << 3 | mode), wire_random64());
			transmit(p, buf, sizeof(buf));
			others += control(p);
		}
	say(others + linger(p) == 0,
	    "S-12 modes 0, 2, 4, 5, 6, 7 get no answer");
	others = 0;
	for (uint8_t code = 0; code < 64; code++) {
		memset(buf, 0, sizeof(buf));
		buf[0] = 0x17; /* version 2, mode 7 */
		buf[2] = 3;
		buf[3] = code;
		transmit(p, buf, 8);
		buf[0] = 0x16; /* version 2, mode 6 */
		buf[1] = code & 31;
		transmit(p, buf, 12);
		others += control(p);
	}
	say(others + linger(p) == 0,
	    "A-01, A-02 management requests (monlist) get no answer");
}

/* Windows and some routers ask in mode 1 (symmetric active), and get mode 2. */
static void
test_symmetric(const struct probe *p)
{
	bool good = true;
	struct reply r;

	for (uint8_t v = 1; v <= 4; v++)
		good = good && ask_plain(p, (uint8_t)(v << 3 | 1), &r) &&
		    (r.buf[0] & 0x3f) == (v << 3 | 2) && r.len == HEADER_LEN;
	say(good, "S-12 mode 1 is answered in mode 2, in the same length");
}

/* Version 1 had no modes; a server's port is not a client's. */
static void
test_version1(const struct probe *p)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	uint8_t buf[HEADER_LEN];
	struct reply r;
	uint16_t port = 0;

	if (getsockname(p->fd, (struct sockaddr *)&own, &len) == 0)
		port = own.ss_family == AF_INET6
		    ? ntohs(((const struct sockaddr_in6 *)&own)->sin6_port)
		    : ntohs(((const struct sockaddr_in *)&own)->sin_port);
	if (port != 123) {
		say(ask_plain(p, 1 << 3, &r) && (r.buf[0] & 0x3f) == 0x0c,
		    "S-02 version 1 without a mode is answered");
		return;
	}
	request(buf, 1 << 3, wire_random64());
	transmit(p, buf, sizeof(buf));
	say(control(p) + linger(p) == 0,
	    "S-12 version 1 without a mode from port 123 gets no answer");
}

/* Octets that may follow the header. */
static void
test_tails(const struct probe *p)
{
	uint8_t buf[HEADER_LEN + 64];
	struct reply r;
	uint64_t nonce = wire_random64();
	bool holds;

	memset(buf, 0, sizeof(buf));
	request(buf, REQUEST, nonce);
	wire_put(buf + HEADER_LEN, 0xf000, 2);
	wire_put(buf + HEADER_LEN + 2, 28, 2);
	holds = ask(p, buf, HEADER_LEN + 28, &r) && origin(&r) == nonce;
	say(holds && r.len == HEADER_LEN,
	    "S-22 an unknown extension field is ignored and not repeated");
	request(buf, REQUEST, ++nonce);
	memset(buf + HEADER_LEN, 0x55, 20);
	holds = ask(p, buf, HEADER_LEN + 20, &r) && origin(&r) == nonce;
	say(holds && r.len == HEADER_LEN + 4 &&
		wire_get(r.buf + HEADER_LEN, 4) == 0,
	    "E-04 a crypto-NAK is the answer to a MAC of an unknown key");
	request(buf, REQUEST, ++nonce);
	memset(buf + HEADER_LEN, 0, 4);
	transmit(p, buf, HEADER_LEN + 4);
	say(control(p) + linger(p) == 0, "a crypto-NAK gets no answer");
	request(buf, REQUEST, ++nonce);
	wire_put(buf + HEADER_LEN, 0xf000, 2);
	wire_put(buf + HEADER_LEN + 2, 0xfffc, 2);
	transmit(p, buf, HEADER_LEN + 28);
	say(control(p) + linger(p) == 0,
	    "A-22 an extension field that overruns gets no answer");
}

void
run_header(const struct probe *p, const char *argument)
{
	(void)argument;
	test_versions(p);
	test_version1(p);
	test_copies(p);
	test_times(p);
	test_lengths(p);
	test_modes(p);
	test_symmetric(p);
	test_tails(p);
}
