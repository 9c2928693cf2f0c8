/*
 * A closed loop of NTP clients: as many requests are on their way as there are
 * clients, each with an address of its own, and who gets an answer asks again.
 *
 *   load [-a FIRST] [-c CLIENTS] [-p PORTS] [-s SECONDS] [-w WINDOW] [-bi]
 *        ADDRESS PORT
 *
 * -b: all that are sent at one time go as one burst from one address, cut into
 *     packets by the kernel (UDP_SEGMENT): costs the load less, and the server
 *     the same.
 * -a: the address of the first client; the others follow it.  The machine must
 *     take them for its own (ip route add local 10.64.0.0/10 dev lo).
 * -c: how many addresses take turns (1); -w: how many requests are on their
 *     way at a time (64); -i: in interleaved mode (RFC 9769), for which there
 *     are no more clients than -w; -p: from so many ports, by which the kernel
 *     divides them among the workers of a server (1).
 *
 * Prints: requests sent, answers, answers in interleaved mode, seconds.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PACKET	   48
#define WINDOW_MAX 1024
#define PORTS_MAX  16
#define SEGMENTS   64
#define LOST_S	   0.02
#define BASIC	   UINT64_C(0x1000000000000000) /* marks in what is echoed */
#define RECEIVE	   UINT64_C(0x2000000000000000)

struct slot {
	uint8_t octets[PACKET];
	uint8_t answer[PACKET];
	uint64_t received; /* the server's receive timestamp, wire order */
	struct sockaddr_in to, from;
	_Alignas(
	    struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec out, in;
};

static struct load {
	struct slot slots[WINDOW_MAX];
	uint8_t burst[WINDOW_MAX][PACKET];
	struct mmsghdr out[WINDOW_MAX], in[WINDOW_MAX];
	int fds[PORTS_MAX];
	uint32_t first, clients, window, ports, next;
	bool interleaved, bursts;
	struct sockaddr_in server;
	uint64_t sent, answers, interleaved_answers;
} load;

static double
now_s(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static void
put64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static void
slot_init(uint32_t i)
{
	struct slot *s = &load.slots[i];
	struct cmsghdr *c = (struct cmsghdr *)(void *)s->control;

	s->octets[0] = 0x23;
	s->octets[3] = 0x20;
	s->to = load.server;
	s->out = (struct iovec){ s->octets, PACKET };
	s->in = (struct iovec){ s->answer, PACKET };
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO };
	load.in[i].msg_hdr = (struct msghdr){ .msg_iov = &s->in,
		.msg_iovlen = 1,
		.msg_name = &s->from,
		.msg_namelen = sizeof(s->from) };
}

/* The next request of a slot; its number comes back in the answer. */
static void
fill(struct mmsghdr *m, uint32_t i)
{
	struct slot *s = &load.slots[i];
	struct in_pktinfo info = { .ipi_ifindex = 0 };
	uint32_t client = load.interleaved ? i : load.next++;

	info.ipi_spec_dst.s_addr = htonl(load.first + client % load.clients);
	memcpy(CMSG_DATA((struct cmsghdr *)(void *)s->control), &info,
	    sizeof(info));
	put64(s->octets + 40, BASIC | i);
	if (load.interleaved && s->received != 0) {
		memcpy(s->octets + 24, &s->received, 8);
		put64(s->octets + 32, RECEIVE | i);
	}
	m->msg_hdr = (struct msghdr){ .msg_name = &s->to,
		.msg_namelen = sizeof(s->to),
		.msg_iov = &s->out,
		.msg_iovlen = 1,
		.msg_control = s->control,
		.msg_controllen = sizeof(s->control) };
}

/* Up to SEGMENTS requests, whose octets lie in load.burst[], as one datagram. */
static void
send_burst(int fd, unsigned int count)
{
	_Alignas(
	    struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec iov = { load.burst, (size_t)count * PACKET };
	struct msghdr mh = load.out[0].msg_hdr;

	memcpy(control, mh.msg_control, sizeof(control));
	mh.msg_control = control;
	mh.msg_iov = &iov;
	while (sendmsg(fd, &mh, 0) == -1)
		if (errno != EINTR && errno != EAGAIN)
			err(1, "sendmsg");
}

static void
send_bursts(int fd, unsigned int count)
{
	for (unsigned int at = 0; at < count; at += SEGMENTS) {
		unsigned int n = count - at < SEGMENTS ? count - at : SEGMENTS;

		for (unsigned int i = 0; i < n; i++)
			memcpy(load.burst[i],
			    load.out[at + i].msg_hdr.msg_iov->iov_base, PACKET);
		send_burst(fd, n);
	}
}

static void
send_all(int fd, unsigned int count)
{
	unsigned int at = 0;

	load.sent += count;
	if (load.bursts) {
		send_bursts(fd, count);
		return;
	}
	while (at < count) {
		int n = sendmmsg(fd, load.out + at, count - at, 0);

		if (n == -1 && errno != EINTR && errno != EAGAIN)
			err(1, "sendmmsg");
		if (n > 0)
			at += (unsigned int)n;
	}
}

/* Everybody of one socket's share asks, at the start and after a loss. */
static void
ask_all(uint32_t port)
{
	unsigned int count = 0;

	for (uint32_t i = port; i < load.window; i += load.ports)
		fill(&load.out[count++], i);
	send_all(load.fds[port], count);
}

/* Who got an answer asks again. */
static void
turn(uint32_t port)
{
	int got =
	    recvmmsg(load.fds[port], load.in, WINDOW_MAX, MSG_DONTWAIT, NULL);
	unsigned int count = 0;

	for (int k = 0; k < got; k++) {
		const uint8_t *answer = load.slots[k].answer;
		uint64_t echo = get64(answer + 24);
		uint32_t i = (uint32_t)echo;

		if (load.in[k].msg_len != PACKET || i >= load.window)
			continue;
		load.answers++;
		if ((echo & RECEIVE) != 0)
			load.interleaved_answers++;
		memcpy(&load.slots[i].received, answer + 32, 8);
		fill(&load.out[count++], i);
	}
	if (count > 0)
		send_all(load.fds[port], count);
}

/*
 * Without rest: a wait between the answers would be a wait for the server too,
 * and what it costs would be the cost of waking up.
 */
static void
run(double seconds)
{
	double now = now_s(), end = now + seconds, heard = now;

	for (uint32_t p = 0; p < load.ports; p++)
		ask_all(p);
	while (now < end) {
		uint64_t before = load.answers;

		for (uint32_t p = 0; p < load.ports; p++)
			turn(p);
		now = now_s();
		if (load.answers != before) {
			heard = now;
		} else if (now - heard > LOST_S) {
			for (uint32_t p = 0; p < load.ports; p++)
				ask_all(p);
			heard = now;
		}
	}
}

static void
open_sockets(void)
{
	const int bytes = 4 << 20, size = PACKET;

	for (uint32_t p = 0; p < load.ports; p++) {
		struct sockaddr_in any = { .sin_family = AF_INET };

		load.fds[p] = socket(AF_INET, SOCK_DGRAM, 0);
		if (load.fds[p] == -1 ||
		    bind(load.fds[p], (struct sockaddr *)&any, sizeof(any)) ==
			-1)
			err(1, "socket");
		if (load.bursts &&
		    setsockopt(load.fds[p], IPPROTO_UDP, UDP_SEGMENT, &size,
			sizeof(size)) == -1)
			err(1, "UDP_SEGMENT");
		(void)setsockopt(load.fds[p], SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes)); /* less will do */
	}
}

static uint32_t
number(const char *text, uint32_t max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end != '\0' || v < 1 || v > max)
		errx(1, "not a number from 1 to %u: %s", max, text);
	return (uint32_t)v;
}

static uint32_t
address(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		errx(1, "not an IPv4 address: %s", text);
	return ntohl(a.s_addr);
}

int
main(int argc, char **argv)
{
	uint32_t seconds = 5;
	double begin;
	int c;

	load.clients = 1;
	load.window = 64;
	load.ports = 1;
	while ((c = getopt(argc, argv, "a:bc:ip:s:w:")) != -1) {
		if (c == 'a')
			load.first = address(optarg);
		else if (c == 'b')
			load.bursts = true;
		else if (c == 'c')
			load.clients = number(optarg, 1U << 24);
		else if (c == 'i')
			load.interleaved = true;
		else if (c == 'p')
			load.ports = number(optarg, PORTS_MAX);
		else if (c == 's')
			seconds = number(optarg, 3600);
		else if (c == 'w')
			load.window = number(optarg, WINDOW_MAX);
		else
			errx(1, "see the head of load.c");
	}
	if (argc - optind != 2)
		errx(1, "an address and a port are needed");
	load.server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(argv[optind + 1], 65535)),
		.sin_addr.s_addr = htonl(address(argv[optind])) };
	open_sockets();
	for (uint32_t i = 0; i < WINDOW_MAX; i++)
		slot_init(i);
	begin = now_s();
	run(seconds);
	printf("%llu %llu %llu %.3f\n", (unsigned long long)load.sent,
	    (unsigned long long)load.answers,
	    (unsigned long long)load.interleaved_answers, now_s() - begin);
	return 0;
}
