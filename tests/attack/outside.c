/*
 * The world outside, on loopback: outside PORT [LIE]
 *
 * An NTP server that tells raw time from where the clock stood when it began,
 * and adds the seconds in the file LIE, when that is there.  On the same port
 * it takes TCP connections, and never reads from them.
 */
#include <sys/socket.h>

#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S   INT64_C(1000000000)
#define EPOCH_1900 UINT64_C(2208988800)
#define PACKET_LEN 48
#define BACKLOG	   64

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) == -1)
		err(1, "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t
lie_ns(const char *path)
{
	FILE *f = path == NULL ? NULL : fopen(path, "re");
	double seconds = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lf", &seconds) != 1)
		seconds = 0; /* it is just being written */
	(void)fclose(f);     /* only read */
	return (int64_t)(seconds * 1e9);
}

static void
put_time(uint8_t *p, int64_t ns)
{
	uint64_t seconds = (uint64_t)(ns / NS_PER_S) + EPOCH_1900;
	uint64_t v = seconds << 32 |
	    ((uint64_t)(ns % NS_PER_S) << 32) / (uint64_t)NS_PER_S;

	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

/* Where a socket of this kind listens, on loopback. */
static int
bound(int type, uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) == -1)
		err(1, "port %u", port);
	return fd;
}

/* From the request in p its answer: stratum 1, from GPS, good to 1 us. */
static void
make_answer(uint8_t *p, int64_t base_ns)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC_RAW) + base_ns;

	memmove(p + 24, p + 40, 8); /* transmit to origin */
	memset(p, 0, 24);
	p[0] = 0x24; /* no leap second, version 4, a server */
	p[1] = 1;
	p[2] = 4;
	p[3] = 0xec;
	memcpy(p + 12, "GPS", 3);
	put_time(p + 16, now_ns - NS_PER_S);
	put_time(p + 32, now_ns);
	put_time(p + 40, clock_ns(CLOCK_MONOTONIC_RAW) + base_ns);
}

int
main(int argc, char **argv)
{
	uint16_t port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 0);
	int64_t base_ns =
	    clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC_RAW);
	int fd = bound(SOCK_DGRAM, port);
	uint8_t packet[1024];

	if (listen(bound(SOCK_STREAM, port), BACKLOG) == -1)
		err(1, "listen");
	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);

		if (recvfrom(fd, packet, sizeof(packet), 0,
			(struct sockaddr *)&from, &len) < PACKET_LEN)
			continue;
		make_answer(
		    packet, base_ns + lie_ns(argc > 2 ? argv[2] : NULL));
		(void)sendto(fd, packet, PACKET_LEN, 0,
		    (const struct sockaddr *)&from, len); /* or asked again */
	}
}
