/*
 * What the access list and the rate limit cost for each request: nanoseconds,
 * and instructions where the kernel counts them for us.
 *
 *	admission [REQUESTS]
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <err.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ntp-net/serve/admission.h"

#define T0_NS (1000 * NS_PER_S)

static struct admission admission;
static const struct admission_secrets secrets = { .clients = { 1, 2 } };
static struct limit_client clients[LIMIT_CLIENTS];
static uint64_t seed = 1;
static uint64_t requests = 5000000;
static int counter = -1; /* of instructions */
static volatile uint64_t sink;

static uint64_t
random64(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC_RAW, &ts) == -1)
		err(1, "clock");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void
open_counter(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1 };

	counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static uint64_t
instructions(void)
{
	uint64_t n = 0;

	if (counter == -1 || read(counter, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}

/* --- what is asked -------------------------------------------------------- */

/* The addresses that ask, a power of two of them. */
struct changes {
	uint32_t mask;
	struct sockaddr_in *v4;
	struct sockaddr_in6 *v6;
};

static struct changes
make_changes(uint32_t count)
{
	struct changes a = { .mask = count - 1 };

	a.v4 = calloc(count, sizeof(a.v4[0]));
	a.v6 = calloc(count, sizeof(a.v6[0]));
	if (a.v4 == NULL || a.v6 == NULL)
		err(1, NULL);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t r = random64();

		a.v4[i].sin_family = AF_INET;
		a.v4[i].sin_addr.s_addr = (uint32_t)r;
		a.v6[i].sin6_family = AF_INET6;
		memcpy(a.v6[i].sin6_addr.s6_addr, &r, sizeof(r));
		a.v6[i].sin6_addr.s6_addr[0] = 0x20;
	}
	return a;
}

static void
free_changes(struct changes *a)
{
	free(a->v4);
	free(a->v6);
}

static void
do_nothing(const struct changes *a, uint64_t i)
{
	sink += a->v4[i & a->mask].sin_addr.s_addr;
}

static void
do_find4(const struct changes *a, uint64_t i)
{
	sink += (uint64_t)access_find4(
	    &admission.access, a->v4[i & a->mask].sin_addr.s_addr);
}

static void
do_find6(const struct changes *a, uint64_t i)
{
	uint64_t high;

	memcpy(&high, &a->v6[i & a->mask].sin6_addr, sizeof(high));
	sink += (uint64_t)access_find6(
	    &admission.access, __builtin_bswap64(high), i);
}

static void
do_limit(const struct changes *a, uint64_t i)
{
	struct limit_address who = { .prefix =
					 a->v4[i & a->mask].sin_addr.s_addr,
		.family = LIMIT_IPV4 };

	limit_prefetch(&admission.limit, &who);
	sink += (uint64_t)limit_judge(
	    &admission.limit, &who, T0_NS + (int64_t)i * 2000, i);
}

static void
judge(const struct sockaddr *from, uint64_t i)
{
	struct admission_client client = admission_client(&admission, from);

	sink += (uint64_t)admission_judge(&admission, &client,
	    T0_NS + (int64_t)i * 2000, admission_random(&admission));
}

static void
do_gate4(const struct changes *a, uint64_t i)
{
	judge((const struct sockaddr *)&a->v4[i & a->mask], i);
}

static void
do_gate6(const struct changes *a, uint64_t i)
{
	judge((const struct sockaddr *)&a->v6[i & a->mask], i);
}

static void
measure(const char *what, void (*one)(const struct changes *, uint64_t),
    const struct changes *a)
{
	uint64_t before;
	int64_t start_ns;
	double ns, count;

	for (uint64_t i = 0; i < requests / 4; i++)
		one(a, i);
	before = instructions();
	start_ns = now_ns();
	for (uint64_t i = requests / 4; i < requests; i++)
		one(a, i);
	ns = (double)(now_ns() - start_ns) / (double)(requests * 3 / 4);
	count = (double)(instructions() - before) / (double)(requests * 3 / 4);
	(void)printf("%-48s %7.1f ns", what, ns);
	if (counter != -1)
		(void)printf(" %7.1f instructions", count);
	(void)printf("\n");
}

/* --- lists ---------------------------------------------------------------- */

/* Random prefixes as lists of networks have them; most are short of a host. */
static struct msg_prefix
random_prefix(uint32_t i)
{
	struct msg_prefix p = { .family = i % 2 == 0 ? 4 : 6 };
	uint64_t r = random64();

	p.verdict = (uint8_t)(PREFIX_ALLOW + r % 3);
	p.bits = p.family == 4 ? (uint8_t)(12 + (r >> 8) % 21)
			       : (uint8_t)(28 + (r >> 8) % 37);
	r = random64();
	memcpy(p.addr, &r, p.family == 4 ? 4 : 8);
	if (p.family == 6)
		p.addr[0] = 0x20;
	for (int b = p.bits; b < 128; b++)
		p.addr[b / 8] &= (uint8_t) ~(0x80 >> b % 8);
	return p;
}

static void
make_list(uint32_t count)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	int64_t start_ns;

	if (fd == -1)
		err(1, "memfd_create");
	for (uint32_t i = 0; i < count; i++) {
		struct msg_prefix p = random_prefix(i);

		if (i < 2) { /* most of those who ask are answered */
			memset(p.addr, 0, sizeof(p.addr));
			p.bits = 0;
			p.verdict = PREFIX_ALLOW;
		}

		if (write(fd, &p, sizeof(p)) != (ssize_t)sizeof(p))
			err(1, "write");
	}
	start_ns = now_ns();
	if (admission_prefixes(&admission, fd, count) == -1)
		err(1, "gate_prefixes");
	(void)printf("%-48s %7.1f ms for %u + %u ranges\n", "building it",
	    (double)(now_ns() - start_ns) / 1e6, admission.access.ranges4,
	    admission.access.ranges6);
	(void)close(fd);
}

static void
run_list(uint32_t count, const struct changes *few, const struct changes *many)
{
	(void)printf("\n%u prefixes\n", count);
	make_list(count);
	measure("IPv4 look-up, 1024 addresses", do_find4, few);
	measure("IPv4 look-up, 4 million addresses", do_find4, many);
	measure("IPv6 look-up, 1024 addresses", do_find6, few);
	measure("IPv6 look-up, 4 million addresses", do_find6, many);
	measure("list and limit, IPv4, 1024 clients", do_gate4, few);
	measure("list and limit, IPv6, 1024 clients", do_gate6, few);
	measure("list and limit, IPv4, 4 million clients", do_gate4, many);
}

int
main(int argc, char **argv)
{
	struct limit_rate rate = { 8 * NS_PER_S, 16 };
	struct changes few, known, many;

	if (argc > 1)
		requests = strtoull(argv[1], NULL, 10);
	open_counter();
	if (counter == -1)
		(void)printf("the kernel does not count instructions here\n");
	few = make_changes(1 << 10);
	known = make_changes(1 << 15);
	many = make_changes(1 << 22);
	admission_init(&admission, &secrets, clients);
	measure("(the loop itself)", do_nothing, &few);
	measure("records of clients without a limit, 1024", do_limit, &few);
	if (admission_rate(&admission, &rate) == -1)
		errx(1, "rate");
	measure("limit, 1024 clients", do_limit, &few);
	measure("limit, 32768 clients", do_limit, &known);
	measure("limit, 4 million clients", do_limit, &many);
	run_list(0, &few, &many);
	run_list(1000, &few, &many);
	run_list(100000, &few, &many);
	free_changes(&few);
	free_changes(&known);
	free_changes(&many);
	return 0;
}
