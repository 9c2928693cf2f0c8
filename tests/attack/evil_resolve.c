/*
 * An ntp-resolve that was taken over.  It runs in place of the real one, in the
 * real sandbox, and does what the file "attack" in ntpd's folder says: the
 * attack, the control socket, and a port of loopback where nobody reads.  What
 * comes of it is in ntpd's log, after "evil:".
 *
 * EVIL_LOOSE leaves out the sandbox: for what ntpd itself must refuse, whatever
 * the sandbox lets through.
 */
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/child.h"
#include "common/ctlpath.h"
#include "common/log.h"
#include "ntp-net/resolve/profile.h"
#include "tests/linger.h"

static struct channel parent, net;
static char attack[32], control[80];
static struct sockaddr_in sink = { .sin_family = AF_INET };
static long lives; /* before this one */

/* Before the sandbox is entered. */
static void
read_attack(void)
{
	int port = 0;
	FILE *f = fopen("attack", "r");

	if (f == NULL || fscanf(f, "%31s %79s %d", attack, control, &port) != 3)
		errx(1, "no attack");
	(void)fclose(f);
	sink.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sink.sin_port = htons((uint16_t)port);
	f = fopen("lives", "a");
	if (f == NULL || fputc('.', f) == EOF)
		errx(1, "no count");
	lives = ftell(f) - 1;
	(void)fclose(f);
}

#ifdef EVIL_LOOSE
static void
begin(void)
{
	struct msg_ready ready = { .flags = 0 };
	union msg start;
	struct pollfd pfd = { .fd = PARENT_FD, .events = POLLIN };
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	parent = channel_none(PROC_RESOLVE, PROC_NTPD);
	parent.fd = PARENT_FD;
	log_to(&parent);
	if (poll(&pfd, 1, 5000) != 1 ||
	    msg_recv(&parent, &start, &fd) != MSG_GOT ||
	    msg_send(&parent, MSG_READY, &ready, -1) == -1)
		errx(1, "no start");
}
#else
static void
begin(void)
{
	(void)child_begin(PROC_RESOLVE, &resolve_profile, &parent, NULL);
}
#endif

static int
connect_to(const char *suffix)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(
	    sun.sun_path, sizeof(sun.sun_path), "%s%s", control, suffix);
	if (fd != -1 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0) {
		log_warning("evil: connected \"%s\"", suffix);
		return fd;
	}
	log_warning(
	    "evil: no connection \"%s\": %s", suffix, strerrordesc_np(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* Answers until there are none; a confirmation is given at once. */
static void
hear(struct channel *ch)
{
	struct pollfd pfd = { .fd = ch->fd, .events = POLLIN };
	union msg m;
	int fd;

	while (poll(&pfd, 1, 3000) == 1 && msg_recv(ch, &m, &fd) == MSG_GOT) {
		if (m.h.type == MSG_CTL_RESULT) {
			log_warning("evil: result ok=%u %s", m.ctl_result.ok,
			    m.ctl_result.text);
			return;
		}
		log_warning("evil: asked to confirm");
		if (m.h.type != MSG_CTL_CONFIRM ||
		    msg_send(ch, MSG_CTL_CONFIRM, &m.ctl_confirm, -1) == -1)
			return;
	}
	log_warning("evil: no result");
}

/* At the socket for changes, as ntpctl does. */
static void
ask_ntpd(enum ctl_command command)
{
	struct msg_ctl_change change = { .version = CTL_VERSION,
		.command = (uint32_t)command };
	struct channel ch = channel_none(PROC_CTL, PROC_NTPD);

	ch.fd = connect_to(CTL_CHANGE_SUFFIX);
	if (ch.fd == -1)
		return;
	if (command == CTL_SYNC)
		change.margin_ns = CTL_MARGIN_NS(0);
	if (msg_send(&ch, MSG_CTL_CHANGE, &change, -1) == -1)
		log_warning("evil: cannot ask");
	hear(&ch);
}

/* At the control socket, where it once was done. */
static void
ask_observe(enum ctl_command command)
{
	struct msg_ctl_ask ask = { .version = CTL_VERSION,
		.command = (uint32_t)command };
	struct channel ch = channel_none(PROC_CTL, PROC_OBSERVE);

	ch.fd = connect_to("");
	if (ch.fd == -1)
		return;
	if (msg_send(&ch, MSG_CTL_ASK, &ask, -1) == -1)
		log_warning("evil: cannot ask");
	hear(&ch);
	(void)close(ch.fd);
}

/* Whoever asks is ended: so in every life another thing. */
static void
ask_all(void)
{
	enum ctl_command command = lives % 2 == 0 ? CTL_SYNC : CTL_RELOAD;

	ask_observe(command);
	ask_ntpd(command);
}

/* A child that is no child of ntpd. */
static void
ask_deep(void)
{
	if (fork() == 0) {
		if (fork() == 0) {
			ask_ntpd(lives % 2 == 0 ? CTL_SYNC : CTL_RELOAD);
			_exit(0);
		}
		(void)poll(NULL, 0, 5000);
		_exit(0);
	}
}

/* One that connects and ends; another has the connection then. */
static void
ask_dead(void)
{
	struct channel ch = channel_none(PROC_CTL, PROC_NTPD);
	struct msg_ctl_change change = { .version = CTL_VERSION,
		.command = CTL_RELOAD };

	ch.fd = connect_to(CTL_CHANGE_SUFFIX);
	if (ch.fd == -1)
		return;
	if (fork() != 0)
		_exit(0); /* whose number ntpd will see */
	(void)poll(NULL, 0, 200);
	if (msg_send(&ch, MSG_CTL_CHANGE, &change, -1) == -1)
		log_warning("evil: cannot ask");
	hear(&ch);
	_exit(0);
}

static void
send_linger(int to, const void *msg, size_t len, int count)
{
	int fds[8], made = 0, error;
	bool gone;

	while (made < count && (fds[made] = linger_socket(&sink)) != -1)
		made++;
	gone = linger_send(to, msg, len, fds, made) != -1;
	error = errno;
	linger_close(fds, made, gone);
	if (!gone)
		log_warning("evil: not sent: %s", strerrordesc_np(error));
	else
		log_warning("evil: sent %d", made);
}

/* To ntpd, and to ntp-net: what they are not to close. */
static void
linger(void)
{
	struct msg_ready ready = { .h = { MSG_READY, sizeof(ready) } };
	struct msg_resolved answer = { .h = { MSG_RESOLVED, sizeof(answer) } };
	struct pollfd pfd = { .fd = parent.fd, .events = POLLIN };
	union msg m;
	int fd;

	while (net.fd == -1 && poll(&pfd, 1, 2000) == 1 &&
	    msg_recv(&parent, &m, &fd) == MSG_GOT)
		if (m.h.type == MSG_PEER)
			net.fd = fd;
	if (lives % 2 == 0 && net.fd != -1)
		send_linger(net.fd, &answer, sizeof(answer), 8);
	/* The test stops ntpd meanwhile, so that what it has is the last. */
	(void)poll(NULL, 0, 500);
	send_linger(parent.fd, &ready, sizeof(ready), 8);
}

int
main(void)
{
	read_attack();
	net = channel_none(PROC_RESOLVE, PROC_NET);
	begin();
	log_warning("evil: %s begins", attack);
	if (strcmp(attack, "ask") == 0)
		ask_all();
	else if (strcmp(attack, "deep") == 0)
		ask_deep();
	else if (strcmp(attack, "dead") == 0)
		ask_dead();
	else
		linger();
	for (;;)
		(void)poll(NULL, 0, 1000);
}
