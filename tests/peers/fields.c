/*
 * The checks of probe for extension fields and MACs without keys, and for
 * interleaved mode.
 */
#include "tests/peers/probe.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

#define FIELD	     0xf000 /* experimental: no server knows it */
#define FIELDS_MAX   16
#define SECOND_STAMP (UINT64_C(1) << 32)
#define SAMPLES	     10000
#define CROWD	     32
#define ROUNDS	     4

/* --- extension fields ------------------------------------------------------ */

/* Is the request in buf[], with tail octets behind it, answered? */
static bool
answered(const struct probe *p, uint8_t *buf, size_t tail, struct reply *r)
{
	uint64_t nonce = wire_random64();

	request(buf, REQUEST, nonce);
	return ask(p, buf, HEADER_LEN + tail, r) && origin(r) == nonce &&
	    r->len <= HEADER_LEN + tail;
}

/* The same, if no answer is wanted: how many datagrams come. */
static int
replies(const struct probe *p, uint8_t *buf, size_t tail)
{
	request(buf, REQUEST, wire_random64());
	transmit(p, buf, HEADER_LEN + tail);
	return control(p);
}

static uint8_t *
put_field(uint8_t *f, uint16_t type, size_t said, size_t len)
{
	memset(f, 0, len);
	wire_put(f, type, 2);
	wire_put(f + 2, said, 2);
	return f + len;
}

static void
test_lengths(const struct probe *p)
{
	static const uint16_t wrong[] = { 0, 1, 3, 4, 8, 12, 15, 17, 18, 19, 26,
		29, 30, 32, 64, 65532, 65535 };
	uint8_t buf[DATAGRAM_MAX];
	int others = 0;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)put_field(buf + HEADER_LEN, FIELD, wrong[i], 28);
		others += replies(p, buf, 28);
		/* After a valid field. */
		(void)put_field(put_field(buf + HEADER_LEN, FIELD, 16, 16),
		    FIELD, wrong[i], 28);
		others += replies(p, buf, 44);
	}
	say(others + linger(p) == 0,
	    "E-01, A-22 a field that is short, odd, or overruns: no answer");
	others = 0;
	for (size_t tail = 1; tail < 64; tail++) {
		(void)put_field(buf + HEADER_LEN, FIELD, tail, tail + 4);
		if (tail % 4 != 0)
			others += replies(p, buf, tail);
	}
	say(others + linger(p) == 0,
	    "E-01 a length that is no multiple of 4: no answer");
}

/* Octets that could be a field, or a MAC. */
static void
test_macs(const struct probe *p)
{
	static const size_t longer[] = { 28, 32, 36, 40, 52, 68, 84 };
	uint8_t buf[DATAGRAM_MAX];
	struct reply r;
	bool holds = true;
	int others = 0;

	for (size_t tail = 20; tail <= 24; tail += 4) {
		(void)put_field(buf + HEADER_LEN, FIELD, tail, tail);
		holds = holds && answered(p, buf, tail, &r);
		(void)put_field(buf + HEADER_LEN, FIELD, 0xfffe, tail);
		holds = holds && answered(p, buf, tail, &r);
	}
	say(holds, "E-02 20 or 24 octets are a MAC, whatever they look like");
	(void)put_field(buf + HEADER_LEN, FIELD, 16, 16);
	say(replies(p, buf, 16) + linger(p) == 0,
	    "E-02 16 octets are neither a field nor a MAC: no answer");
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		wire_random(buf + HEADER_LEN, longer[i]);
		wire_put(buf + HEADER_LEN, 1, 4); /* a key's number */
		others += replies(p, buf, longer[i]);
	}
	say(others + linger(p) == 0,
	    "E-11 a MAC of more than 24 octets: no answer");
}

static void
test_many(const struct probe *p)
{
	uint8_t buf[DATAGRAM_MAX + 28], *f = buf + HEADER_LEN;
	struct reply r;
	int others;

	for (int i = 0; i <= FIELDS_MAX; i++)
		f = put_field(f, (uint16_t)(FIELD + i), 28, 28);
	say(answered(p, buf, (size_t)FIELDS_MAX * 28, &r) &&
		r.len == HEADER_LEN,
	    "S-22, E-12 of 16 unknown fields none comes back");
	others = replies(p, buf, (size_t)(FIELDS_MAX + 1) * 28);
	f = buf + HEADER_LEN;
	for (int i = 0; i < 90; i++)
		f = put_field(f, FIELD, 16, 16);
	others += replies(p, buf, (size_t)90 * 16);
	say(others + linger(p) == 0, "E-12 more of them: no answer");
}

/* A whole request of NTS (RFC 8915 section 5) with meaningless content. */
static void
test_nts(const struct probe *p)
{
	uint8_t buf[DATAGRAM_MAX], *f = buf + HEADER_LEN;
	uint64_t nonce = wire_random64();
	struct reply r;
	bool came;

	f = put_field(f, 0x0104, 36, 36);
	f = put_field(f, 0x0204, 104, 104);
	for (int i = 0; i < 7; i++)
		f = put_field(f, 0x0304, 104, 104);
	f = put_field(f, 0x0404, 40, 40);
	request(buf, REQUEST, nonce);
	came = ask(p, buf, (size_t)(f - buf), &r);
	say(!came || (origin(&r) == nonce && r.len == HEADER_LEN),
	    "A-36 a request with NTS gets a plain answer or none");
	say(control(p) == 0 && linger(p) == 0, "A-36 and the server goes on");
}

static void
test_extremes(const struct probe *p)
{
	uint8_t buf[HEADER_LEN];
	bool holds = true;

	for (int v = 0; v < 256; v++) {
		uint64_t nonce = wire_random64();
		struct reply r;

		memset(buf, v, sizeof(buf));
		buf[0] = (uint8_t)(v << 6 | REQUEST);
		wire_put(buf + AT_TRANSMIT, nonce, 8);
		holds = holds && ask(p, buf, sizeof(buf), &r) &&
		    r.len == HEADER_LEN &&
		    (origin(&r) == nonce || v == r.buf[AT_ORIGIN]);
	}
	say(holds, "A-21 any value of every other field: answered");
}

void
run_fields(const struct probe *p, const char *argument)
{
	(void)argument;
	test_lengths(p);
	test_macs(p);
	test_many(p);
	test_nts(p);
	test_extremes(p);
}

/* --- interleaved mode ------------------------------------------------------ */

struct stamps {
	uint64_t origin, receive, transmit;
};

/* Send a request with these timestamps; returns those of its answer. */
static bool
exchange(const struct probe *p, const struct stamps *rq, struct stamps *answer)
{
	uint8_t buf[HEADER_LEN];
	struct reply r;

	request(buf, REQUEST, rq->transmit);
	wire_put(buf + AT_ORIGIN, rq->origin, 8);
	wire_put(buf + AT_RECEIVE, rq->receive, 8);
	if (!ask(p, buf, sizeof(buf), &r) || r.len != HEADER_LEN)
		return false;
	*answer = (struct stamps){ origin(&r), wire_get(r.buf + AT_RECEIVE, 8),
		wire_get(r.buf + AT_TRANSMIT, 8) };
	return true;
}

static bool
basic(const struct probe *p, struct stamps *answer)
{
	const struct stamps rq = { 0, 0, wire_random64() };

	return exchange(p, &rq, answer) && answer->origin == rq.transmit;
}

/* The kind of answer to a request that has an earlier receive timestamp. */
enum form { FORM_NONE, FORM_BASIC, FORM_INTERLEAVED };

static enum form
after(const struct probe *p, uint64_t receive, struct stamps *answer)
{
	const struct stamps rq = { receive, wire_random64(), wire_random64() };

	if (!exchange(p, &rq, answer))
		return FORM_NONE;
	if (answer->origin == rq.receive)
		return FORM_INTERLEAVED;
	return answer->origin == rq.transmit ? FORM_BASIC : FORM_NONE;
}

static bool
near_to(uint64_t a, uint64_t b)
{
	return a - b + SECOND_STAMP / 10 < SECOND_STAMP / 5;
}

static void
test_pair(const struct probe *p)
{
	struct stamps first = { 0, 0, 0 }, second = { 0, 0, 0 }, rq, third;
	bool holds = basic(p, &first);

	holds = holds && after(p, first.receive, &second) == FORM_INTERLEAVED;
	say(holds, "I-04 a request after an answer: in interleaved mode");
	say(holds && near_to(second.transmit, first.transmit) &&
		second.transmit > first.receive &&
		second.transmit < second.receive,
	    "I-04 it tells when the answer before has left");
	say(holds && after(p, first.receive, &third) == FORM_BASIC &&
		third.transmit >= third.receive,
	    "I-05 but only once");
	say(after(p, wire_random64() | 1, &third) == FORM_BASIC &&
		third.transmit >= third.receive,
	    "I-03 after an answer that never was: a basic one");
	holds = basic(p, &first);
	rq = (struct stamps){ first.receive, 77, 77 };
	holds = holds && exchange(p, &rq, &third) && third.origin == 77;
	say(holds && third.transmit >= third.receive,
	    "I-02 receive is transmit: a basic one");
}

/* A second socket; from the address own, unless it is NULL. */
static struct probe
sibling(const struct probe *p, const struct sockaddr_in *own)
{
	struct probe q = *p;

	q.fd = socket(p->server.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (q.fd == -1 ||
	    (own != NULL &&
		bind(q.fd, (const struct sockaddr *)own, sizeof(*own)) == -1))
		err(2, "another socket");
	return q;
}

static void
test_others(const struct probe *p)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8) };
	struct probe q = sibling(p, NULL);
	struct stamps first, second;
	bool holds = basic(p, &first);

	holds = holds && after(&q, first.receive, &second) == FORM_INTERLEAVED;
	say(holds, "I-06 from another port: in interleaved mode");
	(void)close(q.fd);
	if (p->server.sa.sa_family != AF_INET ||
	    p->server.v4.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
		return;
	q = sibling(p, &address);
	holds = basic(p, &first);
	say(holds && after(&q, first.receive, &second) == FORM_BASIC,
	    "I-06 from another address: a basic one");
	(void)close(q.fd);
}

/* Many clients behind one address, as behind a NAT router, in turn. */
static void
test_crowd(const struct probe *p)
{
	struct probe crowd[CROWD];
	struct stamps last[CROWD];
	int answers = 0, interleaved = 0;

	for (int i = 0; i < CROWD; i++) {
		crowd[i] = sibling(p, NULL);
		answers += basic(&crowd[i], &last[i]);
	}
	for (int i = 0; i < CROWD * ROUNDS && answers == CROWD; i++)
		interleaved += after(&crowd[i % CROWD], last[i % CROWD].receive,
				   &last[i % CROWD]) == FORM_INTERLEAVED;
	for (int i = 0; i < CROWD; i++)
		(void)close(crowd[i].fd);
	/* Places are random; the odds that two find none are 1e-9. */
	say(interleaved >= CROWD * ROUNDS - 1,
	    "I-06 32 of one address in turn: all in interleaved mode");
}

static void
test_samples(const struct probe *p)
{
	struct stamps last = { 0, 1, 0 }, answer;
	int same = 0, forms[FORM_INTERLEAVED + 1] = { 0 };

	for (int i = 0; i < SAMPLES; i++) {
		enum form f = after(p, last.receive, &answer);

		forms[f]++;
		if (f == FORM_NONE)
			break;
		same += answer.receive == answer.transmit;
		last = answer;
	}
	say(forms[FORM_NONE] == 0 && same == 0,
	    "I-01 receive is not transmit, in 10000 answers");
	/* Other clients' answers may evict an answer. */
	say(forms[FORM_INTERLEAVED] > SAMPLES * 9 / 10,
	    "I-04 one after the other is interleaved");
}

void
run_interleaved(const struct probe *p, const char *argument)
{
	test_pair(p);
	test_others(p);
	if (strcmp(argument, "few") == 0)
		return;
	test_crowd(p);
	test_samples(p);
}
