/*
 * The test's own eyes and hands in the virtual machine, which share no code
 * with what is tested:
 *
 *	ntpask [-n COUNT] HOST PORT   ask an NTP server a few times, more often
 *	                              while no answer is quick; print
 *	                              "OFFSET DELAY" in ns of the quickest one
 *	ntpask -a                     print what the kernel says of its clock
 *	ntpask -j SECONDS             watch the clock so long, or until SIGTERM;
 *	                              print "JUMP CHANGE" in ns: its largest jump
 *	                              between two looks 10 ms apart, and its whole
 *	                              change, both against a clock that nobody
 *	                              steers
 *	ntpask -l NAME                hold an abstract name of a socket
 *	ntpask -s NS                  put the clock forward by so much
 *
 * A positive offset: the local clock is behind.  -s works in the test's
 * virtual machine only, which it knows by the kernel's command line.
 */
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S      INT64_C(1000000000)
#define EPOCH_1900    UINT64_C(2208988800) /* from 1900 to 1970, seconds */
#define PACKET_LEN    48
#define WAIT_MS	      500
#define PATIENCE      10 /* times COUNT at most */
#define PAUSE_MS      20
#define GOOD_DELAY_NS 1000000
#define MARKER	      "ntpd-vm-test"

static volatile sig_atomic_t told_to_end;

static void
on_term(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static int64_t
now_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) == -1)
		err(2, "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* CLOCK_REALTIME less CLOCK_MONOTONIC_RAW, read without an interruption. */
static int64_t
difference_ns(void)
{
	int64_t best_ns = INT64_MAX, result_ns = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before_ns = now_ns(CLOCK_MONOTONIC_RAW);
		int64_t real_ns = now_ns(CLOCK_REALTIME);
		int64_t after_ns = now_ns(CLOCK_MONOTONIC_RAW);

		if (after_ns - before_ns < best_ns) {
			best_ns = after_ns - before_ns;
			result_ns = real_ns - before_ns - best_ns / 2;
		}
	}
	return result_ns;
}

/* An NTP timestamp at p; good until 2036. */
static int64_t
timestamp_ns(const uint8_t *p)
{
	uint64_t seconds = 0, fraction = 0;

	for (int i = 0; i < 4; i++) {
		seconds = seconds << 8 | p[i];
		fraction = fraction << 8 | p[i + 4];
	}
	return (int64_t)(seconds - EPOCH_1900) * NS_PER_S +
	    (int64_t)((fraction * (uint64_t)NS_PER_S) >> 32);
}

/* When the kernel took the packet in. */
static int64_t
arrival_ns(struct msghdr *mh)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(mh); c != NULL; c = CMSG_NXTHDR(mh, c)) {
		struct timespec ts;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		return ts.tv_sec * NS_PER_S + ts.tv_nsec;
	}
	return now_ns(CLOCK_REALTIME);
}

/* One question and its answer.  Returns false if there was none in time. */
static bool
ask(int fd, int64_t *offset_ns, int64_t *delay_ns)
{
	uint8_t question[PACKET_LEN] = { 0x23 }, answer[1024], space[256];
	struct iovec iov = { answer, sizeof(answer) };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t t1, t2, t3, t4;

	for (size_t i = 40; i < PACKET_LEN; i++)
		question[i] = (uint8_t)random();
	t1 = now_ns(CLOCK_REALTIME);
	if (send(fd, question, sizeof(question), 0) == -1)
		return false;
	if (poll(&pfd, 1, WAIT_MS) != 1)
		return false;
	if (recvmsg(fd, &mh, 0) < PACKET_LEN || (answer[0] & 7) != 4 ||
	    memcmp(answer + 24, question + 40, 8) != 0)
		return false;
	t4 = arrival_ns(&mh);
	t2 = timestamp_ns(answer + 32);
	t3 = timestamp_ns(answer + 40);
	*offset_ns = (t2 - t1 + t3 - t4) / 2;
	*delay_ns = t4 - t1 - (t3 - t2);
	return true;
}

static int
query(const char *host, const char *port, int count)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)) };
	int64_t offset_ns, delay_ns, best_ns = INT64_MAX, result_ns = 0;
	const int on = 1;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == -1 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1)
		err(2, "%s port %s", host, port);
	srandom((unsigned int)now_ns(CLOCK_MONOTONIC));
	for (int i = 0; i < PATIENCE * count; i++) {
		if (i >= count &&
		    (best_ns < GOOD_DELAY_NS || best_ns == INT64_MAX))
			break;
		if (i >= count)
			(void)poll(NULL, 0, PAUSE_MS); /* let it calm down */
		if (!ask(fd, &offset_ns, &delay_ns) || delay_ns >= best_ns)
			continue;
		best_ns = delay_ns;
		result_ns = offset_ns;
	}
	(void)close(fd); /* nothing was written to a file */
	if (best_ns == INT64_MAX)
		return 1;
	printf("%" PRId64 " %" PRId64 "\n", result_ns, best_ns);
	return 0;
}

static int
show(void)
{
	struct timex tx = { .modes = 0 };

	if (adjtimex(&tx) == -1)
		err(2, "adjtimex");
	printf("status=%d\nunsync=%d\nmaxerror_us=%ld\nesterror_us=%ld\n"
	       "freq_ppb=%" PRId64 "\ntick_us=%ld\n",
	    tx.status, (tx.status & STA_UNSYNC) != 0, tx.maxerror, tx.esterror,
	    ((int64_t)tx.freq * 1000) / 65536, tx.tick);
	return 0;
}

static int
watch(int64_t for_ns)
{
	int64_t end_ns = now_ns(CLOCK_MONOTONIC_RAW) + for_ns;
	int64_t first_ns = difference_ns(), last_ns = first_ns, jump_ns = 0;

	if (signal(SIGTERM, on_term) == SIG_ERR)
		err(2, "signal");
	while (told_to_end == 0 && now_ns(CLOCK_MONOTONIC_RAW) < end_ns) {
		int64_t this_ns = difference_ns();

		if (llabs(this_ns - last_ns) > llabs(jump_ns))
			jump_ns = this_ns - last_ns;
		last_ns = this_ns;
		(void)poll(NULL, 0, 10); /* early or late does not matter */
	}
	printf("%" PRId64 " %" PRId64 "\n", jump_ns, last_ns - first_ns);
	return 0;
}

static int
put_forward(int64_t by_ns)
{
	struct timex tx = { .modes = ADJ_SETOFFSET | ADJ_NANO };
	char line[4096] = "";
	FILE *f = fopen("/proc/cmdline", "re");

	if (f == NULL || fgets(line, sizeof(line), f) == NULL ||
	    strstr(line, MARKER) == NULL)
		errx(2, "this is not the test's virtual machine");
	(void)fclose(f); /* only read */
	tx.time.tv_sec = by_ns / NS_PER_S;
	tx.time.tv_usec = by_ns % NS_PER_S; /* nanoseconds, by ADJ_NANO */
	if (tx.time.tv_usec < 0) {
		tx.time.tv_sec--;
		tx.time.tv_usec += NS_PER_S;
	}
	if (adjtimex(&tx) == -1)
		err(2, "adjtimex");
	return 0;
}

/* Hold an abstract name, as somebody who means harm may. */
static int
squat(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	(void)snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1, "%s", name);
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&sun,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		    strlen(name))) == -1 ||
	    listen(fd, 128) == -1)
		err(2, "%s", name);
	for (;;)
		(void)pause();
}

int
main(int argc, char **argv)
{
	int count = 8, c;

	while ((c = getopt(argc, argv, "aj:l:n:s:")) != -1) {
		switch (c) {
		case 'a':
			return show();
		case 'j':
			return watch(strtoll(optarg, NULL, 10) * NS_PER_S);
		case 'l':
			return squat(optarg);
		case 'n':
			count = atoi(optarg);
			break;
		case 's':
			return put_forward(strtoll(optarg, NULL, 10));
		default:
			return 2;
		}
	}
	if (argc - optind != 2)
		errx(2,
		    "usage: ntpask [-n count] host port | -a | -j s | -l name | "
		    "-s ns");
	return query(argv[optind], argv[optind + 1], count);
}
