/*
 * The message table and its checks: who may send what, how long, and with or
 * without a descriptor.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/msg.h"
#include "tests/tap.h"

static struct channel near_end, far_end;

static void
connect_ends(enum proc a, enum proc b)
{
	int fds[2] = { -1, -1 };

	channel_close(&near_end);
	channel_close(&far_end);
	OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0,
	    "a channel between %s and %s", proc_name(a), proc_name(b));
	near_end = channel_none(a, b);
	far_end = channel_none(b, a);
	near_end.fd = fds[0];
	far_end.fd = fds[1];
}

static int
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

/* Send raw octets, with any number of descriptors, unchecked. */
static bool
send_raw(const void *buf, size_t len, int fd_count)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(8 * sizeof(int))];
	} control;
	char copy[8192];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(&control, 0, sizeof(control));
	memcpy(copy, buf, len);
	if (fd_count > 0) {
		size_t size = (size_t)fd_count * sizeof(int);
		int fds[8] = { 0 };

		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(size);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.align), fds, size);
	}
	return sendmsg(near_end.fd, &mh, MSG_NOSIGNAL) == (ssize_t)len;
}

static enum msg_result
receive(union msg *msg, int *fd)
{
	memset(msg, 0xa5, sizeof(*msg));
	return msg_recv(&far_end, msg, fd);
}

static void
test_round_trip(void)
{
	struct msg_resolve out = { .id = 7, .name = "time.example.net" };
	union msg msg;
	int fd;

	connect_ends(PROC_NET, PROC_RESOLVE);
	IS_I64(receive(&msg, &fd), MSG_NOTHING, "nothing was sent yet");
	OK(msg_send(&near_end, MSG_RESOLVE, &out, -1) == 0, "sent");
	OK(receive(&msg, &fd) == MSG_GOT && msg.h.type == MSG_RESOLVE &&
		msg.h.length == sizeof(out) && fd == -1 &&
		memcmp(&msg.resolve, &out, sizeof(out)) == 0,
	    "received as it was sent");
	channel_close(&near_end);
	IS_I64(near_end.fd, -1, "a closed end has no descriptor");
	IS_I64(receive(&msg, &fd), MSG_CLOSED, "the other end is gone");
}

static void
test_wrong_senders(void)
{
	static const struct {
		enum proc from, to;
		enum msg_type type;
		const char *what;
	} cases[] = {
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_CONFIG,
		    "ntp-net sets no limits" },
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_RELEASE,
		    "ntp-net releases nothing" },
		{ PROC_OBSERVE, PROC_NTPD, MSG_CLOCK_RELEASE,
		    "ntp-observe releases nothing" },
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_CHARGED,
		    "ntp-net says not that something is kept" },
		{ PROC_CLOCK, PROC_NTPD, MSG_CLOCK_CHARGED,
		    "nor does ntp-clock" },
		{ PROC_NET, PROC_NTPD, MSG_CLOCK_CHARGE,
		    "ntp-net charges nothing" },
		{ PROC_OBSERVE, PROC_NTPD, MSG_CLOCK_CHARGE,
		    "nor does ntp-observe" },
		{ PROC_NTPD, PROC_CLOCK, MSG_CLOCK_CHARGE,
		    "ntpd asks ntp-clock for nothing" },
		{ PROC_CLOCK, PROC_NET, MSG_CLOCK_CHARGE,
		    "ntp-net hears of no charge" },
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_RTC, "ntp-net gives no RTC" },
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_SET,
		    "nor does it say that the clock was set" },
		{ PROC_NET, PROC_CLOCK, MSG_CLOCK_PAGE, "nor gives it a page" },
		{ PROC_CLOCK, PROC_OBSERVE, MSG_CLOCK_PAGE,
		    "the page comes from ntpd alone" },
		{ PROC_NTPD, PROC_NET, MSG_CLOCK_PAGE,
		    "ntp-net has no use for it" },
		{ PROC_NET, PROC_NTPD, MSG_CLOCK_STATE,
		    "ntp-net is no ntp-clock" },
		{ PROC_OBSERVE, PROC_NTPD, MSG_CTL_CONFIRM,
		    "ntp-observe confirms nothing" },
		{ PROC_RESOLVE, PROC_NET, MSG_SAMPLE,
		    "ntp-resolve sends no samples" },
		{ PROC_CTL, PROC_OBSERVE, MSG_CTL_CHANGE,
		    "ntpctl passes no descriptor" },
		{ PROC_NET, PROC_SERVE, MSG_SERVE_CONFIG,
		    "ntp-net limits no client" },
		{ PROC_SERVE, PROC_OBSERVE, MSG_COUNTS,
		    "ntp-serve gives no file to count in" },
		{ PROC_SERVE, PROC_OBSERVE, MSG_SERVER_STATUS,
		    "ntp-serve says nothing to ntp-observe" },
		{ PROC_SERVE, PROC_OBSERVE, MSG_FAST_COUNTS,
		    "ntp-serve gives no counters of the kernel" },
		{ PROC_OBSERVE, PROC_NTPD, MSG_FAST_NONE,
		    "ntp-observe ends no fast path" },
		{ PROC_NET, PROC_NTPD, MSG_READY + 1000, "no such message" },
		{ PROC_CLOCK, PROC_NET, MSG_SAMPLE, "the wrong way" },
	};
	union msg msg;
	int fd;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union msg out;

		memset(&out, 0, sizeof(out));
		connect_ends(cases[i].from, cases[i].to);
		OK(msg_send(&near_end, cases[i].type, &out, -1) == -1 &&
			errno == EPROTO,
		    "%s: not sent", cases[i].what);
		/* any length: the sender is at fault */
		for (size_t len = 8; len <= sizeof(out); len += 8) {
			out.h.type = (uint32_t)cases[i].type;
			out.h.length = (uint32_t)len;
			if (!send_raw(&out, len, 0) ||
			    receive(&msg, &fd) != MSG_BAD) {
				OK(false, "%s: taken at length %zu",
				    cases[i].what, len);
				break;
			}
		}
		OK(true, "%s: not taken", cases[i].what);
	}
}

static void
test_lengths(void)
{
	struct msg_sample sample = { .h = { MSG_SAMPLE, sizeof(sample) } };
	struct {
		struct msg_header h;
		uint8_t rest[8000];
	} big;
	union msg msg;
	int fd, taken = 0;

	connect_ends(PROC_NET, PROC_CLOCK);
	for (size_t len = 1; len <= sizeof(sample); len++) {
		if (!send_raw(&sample, len, 0))
			break;
		if (receive(&msg, &fd) == MSG_GOT)
			taken++;
	}
	IS_I64(taken, 1, "only the whole message is taken");
	memset(&big, 0, sizeof(big));
	big.h = (struct msg_header){ MSG_SAMPLE, sizeof(sample) };
	OK(send_raw(&big, sizeof(sample) + 1, 0) &&
		receive(&msg, &fd) == MSG_BAD,
	    "one octet too many");
	OK(send_raw(&big, sizeof(big), 0) && receive(&msg, &fd) == MSG_BAD,
	    "more than any message");
	big.h.length = UINT32_MAX;
	OK(send_raw(&big, sizeof(sample), 0) && receive(&msg, &fd) == MSG_BAD,
	    "a length that lies");
	big.h = (struct msg_header){ UINT32_MAX, sizeof(sample) };
	OK(send_raw(&big, sizeof(sample), 0) && receive(&msg, &fd) == MSG_BAD,
	    "a type out of range");
	OK(send_raw(&sample, sizeof(sample), 0) &&
		receive(&msg, &fd) == MSG_GOT,
	    "and then a good one");
}

static void
test_descriptors(void)
{
	struct msg_peer peer = { .peer = PROC_NET };
	struct msg_level level = { .h = { MSG_LEVEL, sizeof(level) } };
	union msg msg;
	int fd = -1, before;

	connect_ends(PROC_NTPD, PROC_RESOLVE);
	before = open_files();
	OK(msg_send(&near_end, MSG_PEER, &peer, 0) == 0 &&
		receive(&msg, &fd) == MSG_GOT && fd > 2 &&
		(fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "a descriptor comes along, close-on-exec");
	if (fd != -1)
		(void)close(fd);
	OK(msg_send(&near_end, MSG_PEER, &peer, -1) == -1 && errno == EPROTO,
	    "one that must have a descriptor is not sent without");
	OK(msg_send(&near_end, MSG_LEVEL, &level, 0) == -1 && errno == EPROTO,
	    "one that has none is not sent with it");
	peer.h = (struct msg_header){ MSG_PEER, sizeof(peer) };
	OK(send_raw(&peer, sizeof(peer), 0) && receive(&msg, &fd) == MSG_BAD &&
		fd == -1,
	    "nor taken without");
	for (int n = 1; n <= 8; n++)
		OK(send_raw(&level, sizeof(level), n) &&
			receive(&msg, &fd) == MSG_BAD && fd == -1,
		    "nor taken with %d", n);
	for (int n = 2; n <= 8; n++)
		OK(send_raw(&peer, sizeof(peer), n) &&
			receive(&msg, &fd) == MSG_BAD && fd == -1,
		    "%d descriptors instead of one", n);
	IS_I64(open_files(), before, "no descriptor is left behind");
}

/* The ledger passes unchanged both ways; the RTC as a descriptor. */
static void
test_ledger(void)
{
	struct msg_clock_charge out = { .number = UINT64_MAX,
		.leap_before_ns = -1 };
	struct msg_clock_rtc rtc = { .h = { MSG_CLOCK_RTC, sizeof(rtc) } };
	union msg msg;
	int fd = -1;

	for (int i = 0; i < LEDGER_NUMBERS; i++)
		out.ledger.number[i] = INT64_MIN + i;
	connect_ends(PROC_CLOCK, PROC_NTPD);
	OK(msg_send(&near_end, MSG_CLOCK_CHARGE, &out, -1) == 0 &&
		receive(&msg, &fd) == MSG_GOT &&
		memcmp(&msg.clock_charge, &out, sizeof(out)) == 0,
	    "a charge arrives as it was sent");
	connect_ends(PROC_NTPD, PROC_CLOCK);
	OK(msg_send(&near_end, MSG_CLOCK_RTC, &rtc, 0) == 0 &&
		receive(&msg, &fd) == MSG_GOT && fd > 2,
	    "an RTC has its descriptor");
	if (fd != -1)
		(void)close(fd);
	OK(send_raw(&rtc, sizeof(rtc), 0) && receive(&msg, &fd) == MSG_BAD,
	    "or is none");
}

static void
test_full(void)
{
	struct msg_resolved out = { .id = 0 };
	union msg msg;
	uint32_t sent = 0;
	int fd;

	connect_ends(PROC_RESOLVE, PROC_NET);
	while (
	    sent < 100000 && msg_send(&near_end, MSG_RESOLVED, &out, -1) == 0)
		sent++;
	OK(sent > 10 && sent < 100000 && errno == EAGAIN,
	    "a full channel does not make us wait (%u messages)", sent);
	IS_I64(near_end.dropped, 1, "the message that was left out counts");
	while (receive(&msg, &fd) == MSG_GOT)
		sent--;
	IS_I64(sent, 0, "all others arrive");
	channel_close(&far_end);
	OK(msg_send(&near_end, MSG_RESOLVED, &out, -1) == -1 && errno == EPIPE,
	    "no signal where the other end is gone");
}

/* Has the other end read what was sent to it? */
static void
test_unread(void)
{
	struct channel none = channel_none(PROC_NTPD, PROC_CLOCK);
	struct msg_level level = { .log_level = 2 };
	union msg msg;
	int fd;

	OK(!msg_unread(&none), "nothing is unread where there is no channel");
	connect_ends(PROC_NTPD, PROC_CLOCK);
	OK(!msg_unread(&near_end), "nothing was sent");
	OK(msg_send(&near_end, MSG_LEVEL, &level, -1) == 0 &&
		msg_send(&near_end, MSG_LEVEL, &level, -1) == 0,
	    "two messages");
	OK(msg_unread(&near_end), "lie there");
	OK(!msg_unread(&far_end), "which says nothing of the other direction");
	OK(receive(&msg, &fd) == MSG_GOT && msg_unread(&near_end),
	    "one is not all");
	OK(receive(&msg, &fd) == MSG_GOT && !msg_unread(&near_end),
	    "both are read");
}

/* Who may report that another does not respond. */
static void
test_silent(void)
{
	static const struct {
		enum proc from;
		bool may;
	} t[] = {
		{ PROC_CLOCK, false },
		{ PROC_NET, true },
		{ PROC_RESOLVE, false },
		{ PROC_SERVE, false },
		{ PROC_OBSERVE, true },
	};
	struct msg_silent m = { .peer = PROC_NET };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		connect_ends(t[i].from, PROC_NTPD);
		OK((msg_send(&near_end, MSG_SILENT, &m, -1) == 0) == t[i].may,
		    "%s %s say that another is silent", proc_name(t[i].from),
		    t[i].may ? "may" : "may not");
	}
}

/* May one send anything to the other? */
static bool
says(enum proc a, enum proc b)
{
	connect_ends(a, b);
	for (uint32_t type = 1; type < MSG_COUNT; type++) {
		union msg m;

		memset(&m, 0, sizeof(m));
		if (msg_send(&near_end, (enum msg_type)type, &m, -1) == 0)
			return true;
	}
	return false;
}

/* Children have a channel if one may send anything to the other. */
static void
test_links(void)
{
	static const enum proc links[][2] = {
#define LINK(a, b) { PROC_##a, PROC_##b },
#include "common/programs.def"
	};
	size_t found = 0;

	for (enum proc a = 0; a < PROC_COUNT; a++)
		for (enum proc b = 0; b < a; b++) {
			if (proc_start(a) == PROC_NO_CHILD ||
			    proc_start(b) == PROC_NO_CHILD ||
			    (!says(a, b) && !says(b, a)))
				continue;
			found++;
			for (size_t i = 0;; i++) {
				if (i == sizeof(links) / sizeof(links[0])) {
					OK(false, "%s and %s have no channel",
					    proc_name(a), proc_name(b));
					break;
				}
				if ((links[i][0] == a && links[i][1] == b) ||
				    (links[i][0] == b && links[i][1] == a))
					break;
			}
		}
	IS_I64(found, sizeof(links) / sizeof(links[0]),
	    "as many channels as pairs of children that talk");
}

/* A process that ends with unread input still has its last messages read. */
static void
test_last_words(void)
{
	struct msg_level level = { .log_level = 2 };
	struct msg_accuse accuse = { .peer = PROC_NET };
	union msg msg;
	int fd;

	connect_ends(PROC_CLOCK, PROC_NTPD);
	OK(msg_send(&far_end, MSG_LEVEL, &level, -1) == 0 &&
		msg_send(&near_end, MSG_ACCUSE, &accuse, -1) == 0,
	    "a message each way");
	channel_close(&near_end);
	OK(receive(&msg, &fd) == MSG_GOT && msg.h.type == MSG_ACCUSE &&
		msg.accuse.peer == PROC_NET,
	    "what it said before it ended is heard");
	IS_I64(receive(&msg, &fd), MSG_CLOSED, "then nothing more");
}

static void
test_text(void)
{
	char text[4] = { 'a', 'b', 'c', 'd' };

	OK(!msg_text_ok(text, sizeof(text)), "text without an end");
	text[3] = '\0';
	OK(msg_text_ok(text, sizeof(text)), "text with its end at the end");
	text[0] = '\0';
	OK(msg_text_ok(text, sizeof(text)), "empty text");
	for (int p = 0; p < PROC_COUNT; p++)
		OK(strcmp(proc_name((enum proc)p), "?") != 0,
		    "program %d has a name", p);
}

int
main(void)
{
	near_end = far_end = channel_none(PROC_NTPD, PROC_NTPD);
	test_round_trip();
	test_wrong_senders();
	test_lengths();
	test_descriptors();
	test_ledger();
	test_full();
	test_last_words();
	test_unread();
	test_silent();
	test_links();
	test_text();
	return DONE();
}
