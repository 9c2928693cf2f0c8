/*
 * What ntpctl says if no answer comes, or an invalid one: which program failed.
 * The test is the other end of the connection.
 */
#include "ntp-net/ctl/client.h"
#include "ntp-net/ctl/server.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

static struct client c;
static struct report report;
static int other; /* the end that answers */

static void
begin(void)
{
	int sv[2] = { -1, -1 };

	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv);
	c = (struct client){ .fd = sv[0] };
	other = sv[1];
}

static void
end(const char *who, const char *what)
{
	OK(strncmp(c.error, who, strlen(who)) == 0 &&
		strstr(c.error, what) != NULL,
	    "\"%s\"", c.error);
	client_close(&c);
	if (other != -1)
		(void)close(other);
	other = -1;
}

/* The other end closes before or after the question. */
static void
test_closed(void)
{
	struct msg_ctl_change change = { .command = CTL_RELOAD };

	begin();
	(void)close(other);
	other = -1;
	OK(client_ask(&c, CTL_STATUS, &report) == -1, "nobody hears it");
	end("ntp-observe, ", "closed the connection");
	begin();
	(void)shutdown(other, SHUT_WR);
	OK(client_ask(&c, CTL_LOG, &report) == -1, "nobody answers it");
	end("ntp-observe, ", "closed the connection");
	begin();
	(void)shutdown(other, SHUT_WR);
	OK(client_change(&c, &change, &report) == -1, "nor a change");
	end("ntpd closed the connection", "ended");
}

/* An answer that comes before the question is read, too. */
static void
test_wrong(void)
{
	struct msg_status status = { .leap = 4 };
	struct channel to = channel_none(PROC_OBSERVE, PROC_CTL);

	begin();
	OK(send(other, "x", 1, 0) == 1 &&
		client_ask(&c, CTL_STATUS, &report) == -1,
	    "no message at all");
	end("ntp-observe, ", "sent what it may not send");
	begin();
	to.fd = other;
	OK(msg_send(&to, MSG_STATUS, &status, -1) == 0 &&
		client_ask(&c, CTL_STATUS, &report) == -1,
	    "a status that cannot be");
	end("ntp-observe, ", "sent what may not be");
}

/* ntpd would do it, or refuses at once: nothing is confirmed. */
static void
test_try(void)
{
	struct msg_ctl_change change = { .command = CTL_SYNC, .step_ns = 5 };
	struct msg_ctl_confirm confirm = { .command = CTL_SYNC, .step_ns = 5 };
	struct msg_ctl_result no = { .text = "no" };
	struct channel to = channel_none(PROC_NTPD, PROC_CTL);
	union msg m;
	int fd;

	begin();
	to.fd = other;
	OK(msg_send(&to, MSG_CTL_CONFIRM, &confirm, -1) == 0 &&
		client_try_change(&c, &change, &report) == 0 &&
		report.result.ok != 0,
	    "it would be done");
	OK(msg_recv(&to, &m, &fd) == MSG_GOT && m.h.type == MSG_CTL_CHANGE &&
		m.ctl_change.step_ns == 5,
	    "it was asked for");
	client_close(&c);
	OK(msg_recv(&to, &m, &fd) == MSG_CLOSED, "and not confirmed");
	end("", "");
	begin();
	to.fd = other;
	OK(msg_send(&to, MSG_CTL_RESULT, &no, -1) == 0 &&
		client_try_change(&c, &change, &report) == 0 &&
		report.result.ok == 0 && strcmp(report.result.text, "no") == 0,
	    "it would be refused");
	end("", "");
	begin();
	to.fd = other;
	confirm.step_ns = 6;
	OK(msg_send(&to, MSG_CTL_CONFIRM, &confirm, -1) == 0 &&
		client_try_change(&c, &change, &report) == -1,
	    "another step is none that was asked for");
	end("ntpd asked to confirm", "what was not asked for");
}

static void
test_hangs(void)
{
	struct msg_ctl_change change = { .command = CTL_RELOAD };

	begin();
	OK(client_ask(&c, CTL_CLOCK, &report) == -1, "it hangs");
	end("ntp-observe, which answers for ntpd, does not answer", "hangs");
	begin();
	OK(client_change(&c, &change, &report) == -1, "ntpd hangs");
	end("ntpd does not answer", "hangs");
}

int
main(void)
{
	test_closed();
	test_wrong();
	test_try();
	test_hangs();
	return DONE();
}
