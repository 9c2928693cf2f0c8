/*
 * The checks of probe that send from forged source addresses.
 */
#include "tests/peers/probe.h"

#include <err.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define UDP_LEN (sizeof(struct udphdr) + HEADER_LEN)

struct forger {
	const struct probe *p;
	int raw;  /* to send */
	int eyes; /* sees everything that arrives at this host */
};

/* The forged sender; the port in host order. */
struct forged {
	struct in_addr from;
	uint16_t port;
	uint8_t first; /* octet */
};

static struct forger
open_forger(const struct probe *p)
{
	struct forger f = { .p = p,
		.raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW),
		.eyes = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP) };

	if (f.raw == -1 || f.eyes == -1 || p->server.sa.sa_family != AF_INET)
		err(2, "raw sockets");
	return f;
}

static void
close_forger(struct forger *f)
{
	(void)close(f->raw);
	(void)close(f->eyes);
}

static void
put_udp(uint8_t *udp, uint16_t from, uint16_t to, uint8_t first)
{
	wire_put(udp, from, 2);
	wire_put(udp + 2, to, 2);
	wire_put(udp + 4, UDP_LEN, 2);
	request(udp + sizeof(struct udphdr), first, wire_random64());
}

static void
send_forged(const struct forger *f, const struct forged *g)
{
	uint8_t buf[sizeof(struct iphdr) + UDP_LEN];
	const struct probe *p = f->p;

	memset(buf, 0, sizeof(buf));
	buf[0] = 0x45;
	wire_put(buf + 2, sizeof(buf), 2);
	buf[8] = 64; /* time to live */
	buf[9] = IPPROTO_UDP;
	memcpy(buf + 12, &g->from, 4);
	memcpy(buf + 16, &p->server.v4.sin_addr, 4);
	put_udp(buf + sizeof(struct iphdr), g->port,
	    ntohs(p->server.v4.sin_port), g->first);
	if (sendto(f->raw, buf, sizeof(buf), 0, &p->server.sa, p->server_len) ==
	    -1)
		err(2, "sendto");
}

/* Packets seen between the server and the forged sender. */
struct seen {
	int there; /* ours */
	int back;
};

static struct seen
look(const struct forger *f, const struct forged *g)
{
	uint8_t buf[DATAGRAM_MAX];
	const size_t udp = sizeof(struct iphdr);
	const uint16_t server = ntohs(f->p->server.v4.sin_port);
	struct seen seen = { 0, 0 };
	ssize_t n;

	while ((n = recv(f->eyes, buf, sizeof(buf), MSG_DONTWAIT)) >=
	    (ssize_t)(udp + UDP_LEN)) {
		uint64_t from = wire_get(buf + udp, 2);
		uint64_t to = wire_get(buf + udp + 2, 2);
		uint8_t first = buf[udp + sizeof(struct udphdr)];

		if (from == g->port && to == server && first == g->first &&
		    memcmp(buf + 12, &g->from, 4) == 0)
			seen.there++;
		else if (from == server && to == g->port &&
		    memcmp(buf + 16, &g->from, 4) == 0)
			seen.back++;
	}
	return seen;
}

static struct seen
send_and_look(const struct forger *f, const struct forged *g, int *others)
{
	send_forged(f, g);
	*others = control(f->p) + linger(f->p);
	return look(f, g);
}

static void
check_silence(
    const struct forger *f, const struct forged *g, const char *sentence)
{
	int others;
	struct seen seen = send_and_look(f, g, &others);

	say(others == 0 && seen.there == 1 && seen.back == 0, sentence);
}

void
run_forged(const struct probe *p, const char *argument)
{
	struct forger f = open_forger(p);
	struct forged g = { p->server.v4.sin_addr, 0, REQUEST };

	(void)argument;
	check_silence(&f, &g, "S-13 a request from port 0 gets no answer");
	g.port = ntohs(p->server.v4.sin_port);
	check_silence(
	    &f, &g, "S-13 a request from the server's own port gets no answer");
	close_forger(&f);
}

/*
 * The other server listens on the same port: it gets the answer, and must not
 * answer that in turn.
 */
void
run_loop(const struct probe *p, const char *argument)
{
	struct forger f = open_forger(p);
	struct forged g = { .port = ntohs(p->server.v4.sin_port),
		.first = REQUEST };
	union address other;
	struct seen seen;
	int others;

	(void)parse_address(argument, g.port, &other);
	g.from = other.v4.sin_addr;
	seen = send_and_look(&f, &g, &others);
	say(others == 0 && seen.there == 1 && seen.back == 1,
	    "A-30 a request as if from another server: one answer, no more");
	g.first = 0x24;
	check_silence(
	    &f, &g, "A-30 an answer as if from another server: none to it");
	g.first = 0x26;
	check_silence(
	    &f, &g, "A-30 mode 6 as if from another server: no answer");
	close_forger(&f);
}

/* RFC 8200 section 8.1; buf is a whole packet with only UDP in it. */
static uint16_t
checksum6(const uint8_t *buf, size_t len)
{
	uint32_t sum = IPPROTO_UDP + (uint32_t)UDP_LEN;

	for (size_t i = 8; i < len; i += 2)
		sum += (uint32_t)wire_get(buf + i, 2);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : (uint16_t)~sum;
}

static void
send_forged6(const struct probe *p, const union address *from)
{
	int raw = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	const size_t udp = sizeof(struct ip6_hdr);
	uint16_t server = ntohs(p->server.v6.sin6_port);
	uint8_t buf[sizeof(struct ip6_hdr) + UDP_LEN];
	struct sockaddr_in6 to = p->server.v6;

	if (raw == -1)
		err(2, "raw sockets");
	to.sin6_port = 0; /* required for a raw socket */
	memset(buf, 0, sizeof(buf));
	buf[0] = 0x60;
	wire_put(buf + 4, UDP_LEN, 2);
	buf[6] = IPPROTO_UDP;
	buf[7] = 64; /* hop limit */
	memcpy(buf + 8, &from->v6.sin6_addr, 16);
	memcpy(buf + 24, &to.sin6_addr, 16);
	put_udp(buf + udp, server, server, REQUEST);
	wire_put(buf + udp + 6, checksum6(buf, sizeof(buf)), 2);
	if (sendto(raw, buf, sizeof(buf), 0, (const struct sockaddr *)&to,
		sizeof(to)) == -1)
		err(2, "sendto");
	(void)close(raw);
}

void
run_from(const struct probe *p, const char *argument)
{
	struct forged g = { .port = ntohs(p->server.v4.sin_port),
		.first = REQUEST };
	union address from;
	struct forger f;

	(void)parse_address(argument, 0, &from);
	if (from.sa.sa_family != p->server.sa.sa_family)
		errx(2, "not of the server's family: %s", argument);
	if (from.sa.sa_family == AF_INET6) {
		send_forged6(p, &from);
		return;
	}
	f = open_forger(p);
	g.from = from.v4.sin_addr;
	send_forged(&f, &g);
	close_forger(&f);
}
