/*
 * What ntpd saves on disk of ntp-clock's reports, by message or on its page:
 * the same, whichever comes first.
 */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/children/alive.h"
#include "ntpd/children/clock.h"
#include "ntpd/children/connect.h"
#include "ntpd/children/inbox.h"
#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"
#include "tests/tap.h"

#define S INT64_C(1000000000)

static struct supervisor s;
static struct channel clock_end;
static struct msg_clock_state page;

/* --- the rest of ntpd ----------------------------------------------------- */

const struct program *
program_of(int child)
{
	OK(child == PROC_CLOCK, "it is ntp-clock that speaks");
	return &program_CLOCK;
}

bool
view_clock(const struct clock_view *v, struct msg_clock_state *m)
{
	(void)v;
	*m = page;
	return page.raw_ns != 0;
}

void
alive_ask(struct supervisor *sv, int child)
{
	(void)sv;
	(void)child;
}

void
alive_hint(struct supervisor *sv, int from, enum proc of)
{
	(void)sv;
	(void)from;
	(void)of;
}

void
connect_anew(struct children *all, enum proc a, enum proc b)
{
	(void)all;
	(void)a;
	(void)b;
}

void
stop_child(struct children *all, int child)
{
	(void)all;
	OK(false, "nobody is ended: %d", child);
}

void
stop_guilty(struct children *all, int child)
{
	stop_child(all, child);
}

void
stop_closed(struct children *all, int child)
{
	stop_child(all, child);
}

void
daemon_log(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

void
daemon_log_about(int child, enum log_level level, const char *fmt, ...)
{
	(void)child;
	(void)level;
	(void)fmt;
}

void
daemon_log_child(int child, const struct msg_log *line)
{
	(void)child;
	(void)line;
}

const char *
privileges_advice(const struct privileges *p)
{
	(void)p;
	return "";
}

/* --- the test ------------------------------------------------------------- */

static void
begin(const char *dir)
{
	static const struct options options;
	int sv[2];

	memset(&s, 0, sizeof(s));
	memset(&page, 0, sizeof(page));
	s.options = &options;
	s.kept.spare.fd = -1;
	if (state_open(&s.kept.dir, dir) == -1 ||
	    state_load(&s.kept.dir, &s.kept.state) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sv) == -1)
		exit(1);
	for (int p = 0; p < CHILD_COUNT; p++)
		s.children.list[p].channel =
		    channel_none(PROC_NTPD, child_proc(p));
	s.children.list[PROC_CLOCK].channel.fd = sv[0];
	s.children.list[PROC_CLOCK].ready = true;
	clock_end = channel_none(PROC_CLOCK, PROC_NTPD);
	clock_end.fd = sv[1];
}

static void
end(void)
{
	channel_close(&s.children.list[PROC_CLOCK].channel);
	channel_close(&clock_end);
	(void)unlinkat(s.kept.dir.fd, "clock", 0); /* or there is none */
	(void)close(s.kept.dir.fd);
}

/* ntp-clock at a raw time, with this used, and frozen or not. */
static struct msg_clock_state
state_at(int64_t raw_ns, int64_t used_ns, const char *frozen)
{
	struct ledger_kept k = { .slot_ns = S, .used_ns = { used_ns } };
	struct msg_clock_state m = { .raw_ns = raw_ns,
		.flags = CLOCK_STATE_CONTROLLED };

	memcpy(&m.ledger, &k, sizeof(m.ledger));
	strcpy(m.frozen, frozen);
	return m;
}

static void
say(struct msg_clock_state m)
{
	OK(msg_send(&clock_end, MSG_CLOCK_STATE, &m, -1) == 0, "it says so");
}

/* What the next ntpd would begin with. */
static struct state
kept(void)
{
	struct state st;

	OK(state_load(&s.kept.dir, &st) == 0, "it can be read");
	return st;
}

/* The page is read before the message with the same content. */
static void
test_page_first(const char *dir)
{
	begin(dir);
	say(state_at(S, 0, ""));
	inbox_read(&s, PROC_CLOCK);
	OK(kept().frozen[0] == '\0', "it is not frozen");
	page = state_at(2 * S, 5 * S, "a limit");
	say(page);
	clock_look(&s);
	OK(strcmp(kept().frozen, "a limit") == 0, "a freeze is kept at once");
	IS_I64(kept().ledger.used_ns[0], 5 * S, "and what was used");
	inbox_read(&s, PROC_CLOCK);
	OK(strcmp(kept().frozen, "a limit") == 0, "and with the message");
	end();
}

/* A message older than the page changes nothing. */
static void
test_old_message(const char *dir)
{
	begin(dir);
	say(state_at(S, 0, ""));
	inbox_read(&s, PROC_CLOCK);
	say(state_at(2 * S, 0, ""));
	page = state_at(3 * S, 5 * S, "a limit");
	clock_look(&s);
	inbox_read(&s, PROC_CLOCK);
	OK(strcmp(s.kept.state.frozen, "a limit") == 0 &&
		s.kept.state.ledger.used_ns[0] == 5 * S,
	    "an older message takes nothing back");
	say(state_at(4 * S, 5 * S, ""));
	inbox_read(&s, PROC_CLOCK);
	OK(kept().frozen[0] == '\0', "a newer one does");
	end();
}

/* The page does not count before the first message, nor if invalid. */
static void
test_no_page(const char *dir)
{
	begin(dir);
	page = state_at(S, 0, "a limit");
	clock_look(&s);
	OK(!s.heard.clock_known && s.kept.state.frozen[0] == '\0',
	    "nobody has spoken");
	say(state_at(2 * S, 0, ""));
	inbox_read(&s, PROC_CLOCK);
	page = state_at(3 * S, -1, "a limit");
	clock_look(&s);
	OK(s.kept.state.frozen[0] == '\0', "nonsense is not taken over");
	end();
}

int
main(void)
{
	char dir[] = "/tmp/ntpd-kept.XXXXXX";

	if (mkdtemp(dir) == NULL)
		return 1;
	test_page_first(dir);
	test_old_message(dir);
	test_no_page(dir);
	(void)rmdir(dir); /* else it stays */
	return DONE();
}
