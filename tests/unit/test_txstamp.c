/*
 * When answers leave: what is learned, which timestamps are requested, and the
 * answer that each belongs to, with sockets on loopback.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/serve/batch.h"
#include "ntp-net/serve/txstamp.h"
#include "tests/tap.h"

#define REAL_NS	 (1700000000 * NS_PER_S) /* CLOCK_REALTIME, ... */
#define UTC_NS	 (REAL_NS - 12345)	 /* ... and served time then */
#define RAW_NS	 (1000 * NS_PER_S)
#define PRICE_NS (NS_PER_S / TXSTAMP_PER_S)

static struct txstamp txstamp;
static struct batch batch;

static struct txstamp_answer
answer(uint64_t n)
{
	return (struct txstamp_answer){ .client = n,
		.receive = { n << 32 | 1 },
		.real_ns = REAL_NS,
		.utc = { UTC_NS } };
}

/* Did answer n leave took_ns after it was written? */
static bool
told(struct txstamp_socket *s, uint32_t key, int64_t took_ns, uint64_t n)
{
	const struct batch_left left = { key, REAL_NS + took_ns };
	struct txstamp_answer a;

	return txstamp_reported(&txstamp, s, &left, &a) && a.client == n &&
	    a.receive.v == (n << 32 | 1) && a.utc.ns == UTC_NS + took_ns;
}

static struct txstamp_socket
fresh(int fd)
{
	memset(&txstamp, 0, sizeof(txstamp));
	return (struct txstamp_socket){ .fd = fd };
}

static void
ask(struct txstamp_socket *s, uint64_t n)
{
	const struct txstamp_answer a = answer(n);

	txstamp_ask(&txstamp, s, &a, RAW_NS);
}

static void
test_order(void)
{
	struct txstamp_socket s = fresh(5), other = { .fd = 6 };
	const struct batch_left nothing = { 2, 0 };
	struct txstamp_answer a;

	OK(!told(&s, 0, 1000, 1), "nothing is told where none was asked about");
	for (uint64_t i = 0; i < 4; i++)
		ask(&s, 10 + i);
	ask(&other, 20);
	OK(told(&s, 1, 5000000, 11), "the second first, after 5 ms");
	OK(told(&other, 0, 7, 20), "that of another socket");
	OK(told(&s, 0, 6000000, 10), "the first");
	OK(!told(&s, 0, 6000000, 10), "once");
	OK(!txstamp_reported(&txstamp, &s, &nothing, &a),
	    "a message about none");
	OK(told(&s, 2, 900000000, 12), "the third, still");
	OK(txstamp_waits(&s, RAW_NS), "one is waited for");
	OK(!told(&s, 3, -1, 13), "not one that left before it was written");
	OK(!txstamp_waits(&s, RAW_NS) && !txstamp_waits(&other, RAW_NS),
	    "then none");
}

static void
test_many(void)
{
	struct txstamp_socket s = fresh(5);
	struct txstamp_answer a = answer(9);

	s.key = UINT32_MAX - 1;
	for (uint64_t i = 0; i < TXSTAMP_ASKED + 1; i++)
		ask(&s, i + 1);
	OK(!told(&s, UINT32_MAX - 1, 5, 1), "of too many the oldest is gone");
	OK(told(&s, UINT32_MAX, 5, 2) && told(&s, 0, 5, 3) &&
		told(&s, TXSTAMP_ASKED - 2, 5, TXSTAMP_ASKED + 1),
	    "the others are found, across the end of their numbers");
	a.receive.v = 0;
	txstamp_ask(&txstamp, &s, &a, RAW_NS);
	OK(!told(&s, s.key - 1, 5, 9), "one that is not kept is of no use");
	OK(txstamp_waits(&s, RAW_NS + TXSTAMP_LATE_NS),
	    "what has not left in a second is waited for");
	OK(!txstamp_waits(&s, RAW_NS + TXSTAMP_LATE_NS + 1) &&
		!txstamp_waits(&s, RAW_NS),
	    "but no longer");
}

static void
test_misnumbered(void)
{
	struct txstamp_socket s = fresh(5), other = { .fd = 6 };

	ask(&s, 1);
	ask(&s, 2);
	ask(&other, 3);
	OK(told(&s, 0, 5, 1), "before the numbers went wrong");
	txstamp_stray(&s, RAW_NS);
	OK(told(&s, 1, 5, 2), "one from before is known even so");
	OK(s.misnumbered && txstamp_waits(&s, RAW_NS + TXSTAMP_LATE_NS),
	    "for a second anything may come");
	OK(!txstamp_waits(&s, RAW_NS + TXSTAMP_LATE_NS + 1), "then no more");
	ask(&s, 4);
	txstamp_restart(&txstamp, &s);
	OK(!s.misnumbered && !told(&s, 2, 5, 4), "from anew, nothing is known");
	ask(&s, 5);
	OK(told(&s, 0, 5, 5), "numbers begin at 0");
	OK(told(&other, 0, 5, 3), "another socket's are not touched");
}

static void
test_budget(void)
{
	unsigned int n = 0;

	(void)fresh(5);
	while (n < 1000000 && txstamp_afford(&txstamp, RAW_NS))
		n++;
	IS_I64(n, TXSTAMP_AT_ONCE, "so many at once and no more");
	n = 0;
	for (int64_t ns = 0; ns < 10 * NS_PER_S; ns += PRICE_NS / 10)
		n += txstamp_afford(&txstamp, RAW_NS + ns);
	NEAR(n, 10 * TXSTAMP_PER_S, 1, "so many a second");
	OK(txstamp_sample(&txstamp, RAW_NS) &&
		!txstamp_sample(&txstamp, RAW_NS + NS_PER_S / 10) &&
		txstamp_sample(&txstamp, RAW_NS + NS_PER_S / 8),
	    "a sample eight times a second");
}

static void
test_learn(void)
{
	struct txstamp_socket s = fresh(5);
	uint32_t state = 1;

	IS_I64(txstamp_first_ns(&txstamp), 0, "nothing is known at first");
	for (uint32_t i = 0; i < 1000; i++) {
		struct txstamp_answer a = answer(i);
		struct batch_left left = { i, REAL_NS };

		state = state * 1664525 + 1013904223;
		a.sample = true;
		txstamp_ask(&txstamp, &s, &a, RAW_NS);
		left.ns += i % 10 == 0 ? 50000 : 4000 + (state >> 24);
		(void)txstamp_reported(&txstamp, &s, &left, &a);
		txstamp_learn(&txstamp, 9000, 1, false);
		txstamp_learn(&txstamp, 10000, 1, true);
		txstamp_learn(&txstamp, 64000, 32, true);
	}
	NEAR(txstamp_first_ns(&txstamp), 4128 - 1000, 600,
	    "when the first leaves, less what asking takes");
	NEAR(txstamp.send_ns, 2000, 200, "what each of many takes");
	(void)fresh(5);
	for (int i = 0; i < 1000; i++) {
		txstamp_learn(&txstamp, 10000, 1, true);
		if (i % 100 == 0)
			txstamp_learn(&txstamp, 9000, 1, false);
	}
	txstamp.first_ns = 4000;
	IS_I64(txstamp_first_ns(&txstamp), 4000,
	    "what asking takes is not known where nearly all are asked");
}

/* --- with the kernel ------------------------------------------------------- */

/* A bound socket on loopback; -1: loopback is missing. */
static int
bound(union address *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(a, 0, sizeof(*a));
	a->v4.sin_family = AF_INET;
	a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, &a->sa, sizeof(a->v4)) == -1 ||
	    getsockname(fd, &a->sa, &len) == -1)
		return -1;
	return fd;
}

/* Send count datagrams there; request a timestamp of every third. */
static void
send_some(int fd, const union address *to, unsigned int count)
{
	struct batch_sent sent;

	for (unsigned int i = 0; i < count; i++) {
		batch.datagrams[i].from = *to;
		batch.datagrams[i].to = NULL;
		batch_answer(&batch, &batch.datagrams[i], 48);
		if (i % 3 == 2)
			batch_ask_txstamp(&batch, i);
	}
	sent = batch_send(&batch, fd);
	OK(sent.lost == 0 && sent.sure == count && !sent.misnumbered,
	    "%u datagrams are sent", count);
}

static void
test_kernel(int fd, const union address *to)
{
	struct batch_left left[BATCH_ERRORS];
	unsigned int got, wrong = 0, sum = 0;

	OK(batch_timestamps(fd) == 0, "the kernel counts");
	send_some(fd, to, 60);
	do {
		got = batch_txstamps(&batch, fd, left);
		for (unsigned int i = 0; i < got; i++) {
			wrong += left[i].key != sum++ || left[i].ns == 0;
			wrong += i > 0 && left[i].ns < left[i - 1].ns;
		}
	} while (got > 0);
	OK(sum == 20 && wrong == 0,
	    "when 20 of 60 left, which is told in order: %u, %u wrong", sum,
	    wrong);
	send_some(fd, to, 3);
	OK(batch_txstamps(&batch, fd, left) == 1 && left[0].key == 20,
	    "it counts on");
	OK(batch_timestamps(fd) == 0, "it begins anew");
	send_some(fd, to, 3);
	OK(batch_txstamps(&batch, fd, left) == 1 && left[0].key == 0, "at 0");
}

/* One of them cannot be sent. */
static void
test_failure(int fd, const union address *to)
{
	static const unsigned int asked[] = { 1, 3, 5 };
	struct batch_sent sent;

	for (unsigned int failing = 2; failing < 4; failing++) {
		for (unsigned int i = 0; i < 6; i++) {
			batch.datagrams[i].from = *to;
			if (i == failing) /* without SO_BROADCAST: EACCES */
				batch.datagrams[i].from.v4.sin_addr.s_addr =
				    htonl(INADDR_BROADCAST);
			batch_answer(&batch, &batch.datagrams[i], 48);
		}
		for (unsigned int i = 0; i < 3; i++)
			batch_ask_txstamp(&batch, asked[i]);
		sent = batch_send(&batch, fd);
		IS_I64(sent.lost, 1, "one is lost");
		OK(sent.misnumbered == (failing == 3) &&
			sent.sure == (failing == 3 ? 3 : 6),
		    "the count is in doubt from one that was asked about");
	}
}

/* Datagrams wait in a queue that is soon full. */
static void
test_full(void)
{
	struct batch_sent sent;
	const int room = 1; /* the kernel raises it to its minimum */
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) == -1 ||
	    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ==
		-1) {
		SKIP("no pair of sockets here");
		return;
	}
	for (unsigned int i = 0; i < BATCH_MAX; i++) {
		batch.datagrams[i].to = NULL;
		batch_answer(&batch, &batch.datagrams[i], 48);
		batch.out[i].msg_hdr.msg_name = NULL;
		batch.out[i].msg_hdr.msg_namelen = 0;
	}
	batch_ask_txstamp(&batch, BATCH_MAX - 1);
	sent = batch_send(&batch, fds[0]);
	OK(sent.lost > 0 && sent.lost < BATCH_MAX &&
		sent.sure == BATCH_MAX - sent.lost && !sent.misnumbered,
	    "%u of %d find no room: it is known that the last has not left",
	    sent.lost, BATCH_MAX);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	union address a, b;
	int from, to;

	test_order();
	test_many();
	test_misnumbered();
	test_budget();
	test_learn();
	batch_init(&batch);
	from = bound(&a);
	to = bound(&b);
	if (from == -1 || to == -1) {
		SKIP("no loopback here");
		return DONE();
	}
	test_kernel(from, &b);
	test_failure(from, &b);
	test_full();
	(void)close(from);
	(void)close(to);
	return DONE();
}
