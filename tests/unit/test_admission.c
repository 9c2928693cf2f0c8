/*
 * What ntp-serve admits: the list as ntpd passes it, each client's verdict, and
 * the counts.
 */
#include <sys/mman.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/serve/admission.h"
#include "tests/tap.h"

#define T0_NS	(1000 * NS_PER_S)
#define NO_LUCK UINT64_C(0xfff) /* neither a leak nor a kiss */

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static struct admission admission;
static const struct admission_secrets secrets = { .clients = { 1, 2 } };
static struct limit_client clients[LIMIT_CLIENTS];

static void
start(void)
{
	memset(&admission, 0, sizeof(admission));
	memset(clients, 0, sizeof(clients));
	admission_init(&admission, &secrets, clients);
}

static void
set_rate(int64_t interval_ns, uint32_t burst)
{
	struct limit_rate rate = { interval_ns, burst };

	if (admission_rate(&admission, &rate) == -1)
		abort();
}

static enum admission_verdict
judge(const char *text, int64_t now_ns, uint64_t random)
{
	struct admission_client client;
	union address a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1)
		a.v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1)
		a.v6.sin6_family = AF_INET6;
	else
		abort();
	client = admission_client(&admission, &a.sa);
	return admission_judge(&admission, &client, now_ns, random);
}

static enum admission_verdict
ask(const char *text)
{
	return judge(text, T0_NS, NO_LUCK);
}

static struct msg_prefix
prefix(const char *text, uint8_t bits, enum prefix_verdict verdict)
{
	struct msg_prefix p = { .bits = bits, .verdict = (uint8_t)verdict };

	p.family = inet_pton(AF_INET, text, p.addr) == 1 ? 4 : 6;
	if (p.family == 6 && inet_pton(AF_INET6, text, p.addr) != 1)
		abort();
	return p;
}

/* Pass a list as ntpd does, with a count, true or false. */
static int
set_prefixes(const struct msg_prefix *list, size_t size, uint32_t count)
{
	int fd = memfd_create("list", MFD_CLOEXEC), rc;

	if (fd == -1 || write(fd, list, size) != (ssize_t)size)
		abort();
	rc = admission_prefixes(&admission, fd, count);
	(void)close(fd);
	return rc;
}

static void
test_list(void)
{
	struct msg_prefix list[] = {
		prefix("192.0.2.0", 24, PREFIX_ALLOW),
		prefix("192.0.2.7", 32, PREFIX_DENY),
		prefix("192.0.2.8", 32, PREFIX_DENY_ANSWER),
		prefix("2001:db8::", 32, PREFIX_ALLOW),
	};

	start();
	OK(ask("192.0.2.1") == ADMISSION_ANSWER &&
		ask("::1") == ADMISSION_ANSWER &&
		ask("203.0.113.1") == ADMISSION_ANSWER,
	    "without a list everybody is answered");
	OK(set_prefixes(list, sizeof(list), 4) == 0, "a list");
	OK(ask("192.0.2.1") == ADMISSION_ANSWER &&
		ask("192.0.2.7") == ADMISSION_DROP &&
		ask("192.0.2.8") == ADMISSION_KISS_DENY &&
		ask("203.0.113.1") == ADMISSION_DROP &&
		ask("2001:db8::1") == ADMISSION_ANSWER &&
		ask("2001:db9::1") == ADMISSION_DROP,
	    "each gets its verdict");
	OK(ask("::ffff:192.0.2.1") == ADMISSION_ANSWER &&
		ask("::ffff:192.0.2.7") == ADMISSION_DROP &&
		ask("::ffff:192.0.2.8") == ADMISSION_KISS_DENY,
	    "S-17 an IPv4-mapped source is the IPv4 address");
	OK(admission.counts.answered == 6 && admission.counts.denied == 6 &&
		admission.counts.denied_kissed == 2 &&
		admission.counts.limited == 0,
	    "and is counted");
	OK(set_prefixes(list, 0, 0) == 0 &&
		ask("192.0.2.7") == ADMISSION_ANSWER,
	    "an empty list lets everybody in again");
}

static void
test_bad_lists(void)
{
	struct msg_prefix good = prefix("192.0.2.7", 32, PREFIX_DENY), bad[2];

	start();
	OK(set_prefixes(&good, sizeof(good), 1) == 0, "a good list");
	bad[0] = good;
#define BAD(change, what)                                                      \
	bad[1] = good;                                                         \
	change;                                                                \
	OK(set_prefixes(bad, sizeof(bad), 2) == -1 && errno == EINVAL &&       \
		ask("192.0.2.7") == ADMISSION_DROP,                            \
	    "%s: the old one stays", what)
	BAD(bad[1].family = 5, "no such family");
	BAD(bad[1].bits = 33, "too many bits");
	BAD(bad[1].bits = 31, "bits beyond the prefix");
	BAD(bad[1].verdict = 0, "no verdict");
	BAD(bad[1].verdict = 4, "no such verdict");
	OK(set_prefixes(bad, sizeof(bad), 3) == -1 && errno == EINVAL,
	    "fewer than were announced");
	OK(set_prefixes(bad, sizeof(bad) - 1, 2) == -1 && errno == EINVAL,
	    "half of one");
	OK(set_prefixes(bad, sizeof(bad), PREFIXES_MAX + 1) == -1 &&
		errno == EINVAL,
	    "more than there may be");
	OK(admission_prefixes(&admission, -1, 1) == -1 && errno == EBADF,
	    "no file");
	OK(ask("192.0.2.7") == ADMISSION_DROP,
	    "the good list is still in force");
}

static void
test_large_list(void)
{
	struct msg_prefix *list = calloc(PREFIXES_MAX, sizeof(list[0]));
	unsigned int wrong = 0;

	if (list == NULL)
		abort();
	for (uint32_t i = 0; i < PREFIXES_MAX; i++) {
		uint32_t addr = htonl(0x0a000000 + 2 * i);

		list[i] = (struct msg_prefix){
			.family = 4, .bits = 32, .verdict = PREFIX_DENY
		};
		memcpy(list[i].addr, &addr, 4);
	}
	start();
	OK(set_prefixes(list, PREFIXES_MAX * sizeof(list[0]), PREFIXES_MAX) ==
		0,
	    "%d prefixes", PREFIXES_MAX);
	for (uint32_t i = 0; i < 2 * PREFIXES_MAX; i++) {
		union address a = { .v4 = { .sin_family = AF_INET } };
		struct admission_client client;

		a.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
		client = admission_client(&admission, &a.sa);
		wrong += (admission_judge(&admission, &client, T0_NS, 0) ==
			     ADMISSION_DROP) != (i % 2 == 0);
	}
	IS_I64(wrong, 0, "each of them and none of the others is denied");
	free(list);
}

static void
test_rate(void)
{
	struct limit_rate bad = { 1, 1 };

	start();
	set_rate(8 * NS_PER_S, 2);
	OK(ask("192.0.2.1") == ADMISSION_ANSWER &&
		ask("192.0.2.1") == ADMISSION_ANSWER &&
		ask("192.0.2.1") == ADMISSION_DROP,
	    "over the rate: silence");
	OK(judge("192.0.2.1", T0_NS, 7) == ADMISSION_KISS_RATE,
	    "S-15 or a kiss, by chance");
	OK(judge("192.0.2.1", T0_NS, 0) == ADMISSION_ANSWER,
	    "A-08 or an answer, by chance");
	OK(ask("::ffff:192.0.2.1") == ADMISSION_DROP,
	    "S-17 with the mapped address it is the same client");
	OK(ask("192.0.2.2") == ADMISSION_ANSWER, "another address is not");
	OK(ask("2001:db8::1") == ADMISSION_ANSWER &&
		ask("2001:db8::2") == ADMISSION_ANSWER &&
		ask("2001:db8::3:0:0:3") == ADMISSION_DROP &&
		ask("2001:db8:0:1::1") == ADMISSION_ANSWER,
	    "of IPv6 the /64 is the client");
	OK(ask("fe80::1") == ADMISSION_ANSWER &&
		ask("fe80::1") == ADMISSION_ANSWER &&
		ask("fe80::1") == ADMISSION_DROP &&
		ask("fe80::2") == ADMISSION_ANSWER,
	    "but on a link the interface");
	OK(admission.counts.answered == 10 && admission.counts.leaked == 1 &&
		admission.counts.limited == 5 &&
		admission.counts.limited_kissed == 1,
	    "and all is counted");
	OK(admission_rate(&admission, &bad) == -1 &&
		ask("192.0.2.1") == ADMISSION_DROP,
	    "a rate that cannot be changes nothing");
	set_rate(0, 0);
	OK(ask("192.0.2.1") == ADMISSION_ANSWER, "no limit: answered again");
}

static void
test_denied_rate(void)
{
	struct msg_prefix list[] = {
		prefix("192.0.2.8", 32, PREFIX_DENY_ANSWER),
	};

	start();
	set_rate(8 * NS_PER_S, 2);
	if (set_prefixes(list, sizeof(list), 1) == -1)
		abort();
	OK(ask("192.0.2.8") == ADMISSION_KISS_DENY &&
		ask("192.0.2.8") == ADMISSION_KISS_DENY &&
		ask("192.0.2.8") == ADMISSION_DROP &&
		judge("192.0.2.8", T0_NS, 7) == ADMISSION_DROP &&
		judge("192.0.2.8", T0_NS, 0) == ADMISSION_KISS_DENY,
	    "who is denied is told so at the rate of answers, and no RATE");
	OK(admission.counts.denied == 5 &&
		admission.counts.denied_kissed == 3 &&
		admission.counts.answered == 0 && admission.counts.limited == 0,
	    "and counted as denied");
}

static void
test_random(void)
{
	uint64_t ones = 0;

	start();
	for (int i = 0; i < 64000; i++)
		ones += (admission_random(&admission) & 7) == 0;
	NEAR(ones, 8000, 400, "random bits are random enough");
}

/* RFC 8439's function with a nonce of zeros, whose first words are known. */
static void
test_draw(void)
{
	static const uint8_t zeros[DRAW_KEY_LEN], ones[DRAW_KEY_LEN] = { 1 };
	static struct draw d, other;
	uint64_t sums[2] = { 0, 0 };
	uint64_t last = 0;

	draw_init(&d, zeros);
	for (int i = 0; i < DRAW_PIECES; i++)
		last = draw_piece(&d);
	IS_I64(
	    last, 0x41da, "the stream of ChaCha20, after the key that is next");
	draw_init(&other, ones);
	for (int i = 0; i < 1000; i++) {
		sums[0] ^= draw_piece(&d);
		sums[1] ^= draw_piece(&other);
	}
	OK(sums[0] != 0 && sums[0] != sums[1], "another key, other bits");
	draw_init(&d, zeros);
	(void)draw_piece(&d);
	OK(memcmp(d.key, zeros, sizeof(zeros)) != 0 &&
		d.pieces[DRAW_PIECES - 1] == 0,
	    "what was used is forgotten");
}

int
main(void)
{
	test_list();
	test_bad_lists();
	test_large_list();
	test_rate();
	test_denied_rate();
	test_random();
	test_draw();
	return DONE();
}
