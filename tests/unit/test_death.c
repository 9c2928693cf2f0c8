/*
 * How soon a program is restarted, and how often an event may happen.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/pace.h"
#include "ntpd/children/accuse.h"
#include "ntpd/children/death.h"
#include "tests/tap.h"

#define MS INT64_C(1000000)
#define S  (1000 * MS)

/* As wait(2) has it. */
#define EXITED(n)   ((n) << 8)
#define SIGNALED(n) (n)

static void
test_pace(void)
{
	const struct pace_rate rate = { 10 * S, 3 };
	struct pace p = { 0 };
	int64_t at = 1000 * S;

	OK(pace_take(&p, &rate, at) && pace_take(&p, &rate, at) &&
		pace_take(&p, &rate, at),
	    "a burst of three");
	OK(!pace_take(&p, &rate, at), "and no fourth");
	IS_I64(pace_wait_ns(&p, &rate, at), 10 * S, "which must wait");
	OK(!pace_take(&p, &rate, at + 10 * S - 1), "not a moment less");
	OK(pace_take(&p, &rate, at + 10 * S), "then there is one");
	OK(!pace_take(&p, &rate, at + 10 * S), "and one only");
	at += 1000 * S;
	for (int i = 0; i < 3; i++)
		OK(pace_take(&p, &rate, at), "later a burst again: %d", i + 1);
	OK(!pace_take(&p, &rate, at), "no larger than the first");
	pace_count(&p, &rate, at);
	IS_I64(pace_wait_ns(&p, &rate, at), 20 * S,
	    "what is counted all the same is to be waited for");
}

static void
test_kinds(void)
{
	static const struct {
		const char *name;
		int status;
		bool guilty;
		enum death want;
	} t[] = {
		{ "kill -9", SIGNALED(SIGKILL), false, DEATH_FOREIGN },
		{ "kill", SIGNALED(SIGTERM), false, DEATH_FOREIGN },
		{ "an upgrade", EXITED(0), false, DEATH_EXIT },
		{ "exit status 1", EXITED(1), false, DEATH_EXIT },
		{ "the filter", SIGNALED(SIGSYS), false, DEATH_CRASH },
		{ "SEGV", SIGNALED(SIGSEGV), false, DEATH_CRASH },
		{ "SEGV with a core", SIGNALED(SIGSEGV) | 0x80, false,
		    DEATH_CRASH },
		{ "BUS", SIGNALED(SIGBUS), false, DEATH_CRASH },
		{ "ILL", SIGNALED(SIGILL), false, DEATH_CRASH },
		{ "ABRT", SIGNALED(SIGABRT), false, DEATH_CRASH },
		{ "FPE", SIGNALED(SIGFPE), false, DEATH_CRASH },
		{ "TRAP", SIGNALED(SIGTRAP), false, DEATH_CRASH },
		{ "ended for what it did", SIGNALED(SIGKILL), true,
		    DEATH_CRASH },
		{ "it ended just then", EXITED(0), true, DEATH_CRASH },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		IS_I64(death_kind(t[i].status, t[i].guilty), t[i].want,
		    "kind of death: %s", t[i].name);
}

/* The delays after deaths of one kind, each after life_ns. */
static void
test_waits(void)
{
	static const struct {
		const char *name;
		enum death kind;
		int64_t life_ns;
		int deaths;
		int64_t want_ms;
	} t[] = {
		{ "the first kill", DEATH_FOREIGN, 0, 1, 20 },
		{ "the second", DEATH_FOREIGN, 0, 2, 40 },
		{ "the fourth", DEATH_FOREIGN, 0, 4, 160 },
		{ "the fifth", DEATH_FOREIGN, 0, 5, 250 },
		{ "the thousandth", DEATH_FOREIGN, 0, 1000, 250 },
		{ "lives of 59 s are short", DEATH_FOREIGN, 59 * S, 7, 250 },
		{ "one of 60 s makes up for a death", DEATH_FOREIGN, 60 * S, 7,
		    20 },
		{ "the first exit", DEATH_EXIT, 0, 1, 20 },
		{ "the eleventh", DEATH_EXIT, 0, 11, 20480 },
		{ "the twelfth", DEATH_EXIT, 0, 12, 30000 },
		{ "the thousandth exit", DEATH_EXIT, 0, 1000, 30000 },
		{ "the first crash", DEATH_CRASH, 0, 1, 20 },
		{ "the seventh crash", DEATH_CRASH, 0, 7, 1280 },
		{ "long lives do not make crashes undone", DEATH_CRASH, 10 * S,
		    8, 450000 - 7 * 10000 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct deaths d = { 0 };
		int64_t wait = 0, now = 5 * S;

		for (int n = 0; n < t[i].deaths; n++) {
			now += t[i].life_ns + (n == 0 ? 0 : wait);
			wait = death_wait_ns(&d, t[i].kind, t[i].life_ns, now);
		}
		if (t[i].life_ns != 10 * S)
			IS_I64(wait, t[i].want_ms * MS, "%s", t[i].name);
		else
			NEAR(wait, t[i].want_ms * MS, 5 * S, "%s", t[i].name);
	}
}

static void
test_mixed(void)
{
	struct deaths d = { 0 };
	int64_t now = 5 * S;

	for (int i = 0; i < 20; i++)
		(void)death_wait_ns(&d, DEATH_EXIT, 0, now);
	IS_I64(death_wait_ns(&d, DEATH_FOREIGN, 0, now), 250 * MS,
	    "a kill after many exits waits for no more than a quarter of a second");
	d = (struct deaths){ 0 };
	for (int i = 0; i < 100; i++)
		(void)death_wait_ns(&d, DEATH_FOREIGN, 0, now);
	IS_I64(death_wait_ns(&d, DEATH_CRASH, 0, now), 320 * MS,
	    "a hundred kills are no crashes");
	IS_I64(death_wait_ns(&d, DEATH_FOREIGN, 3600 * S, now), 20 * MS,
	    "an hour makes all forgotten but the crashes");
}

/* An attacker who crashes it at once: the limit that SECURITY gives. */
static void
test_guesses(void)
{
	struct deaths d = { 0 };
	int64_t now = 0;
	int quick = 0, first = 0, second = 0;

	while (now < 2 * 86400 * S) {
		int64_t at = now;

		now += death_wait_ns(&d, DEATH_CRASH, MS, now);
		quick += at < 60 * S;
		first += at < 86400 * S;
		second += at >= 86400 * S;
	}
	IS_I64(quick, DEATH_CRASHES, "crashes in the first minute");
	OK(first <= 200 && first > 150, "in a day of crashes: %d", first);
	OK(second <= 192 && second > 150, "in the next one: %d", second);
}

static void
test_accuse(void)
{
	static const enum proc procs[] = { PROC_NTPD, PROC_CLOCK, PROC_NET,
		PROC_RESOLVE, PROC_SERVE, PROC_OBSERVE, PROC_CTL };
	struct pace believed = { 0 };
	int64_t now = 5 * S;

	for (size_t i = 0; i < sizeof(procs) / sizeof(procs[0]); i++) {
		enum sentence of_net =
		    accuse_judge(procs[i], PROC_NET, &believed, now);
		enum sentence of_clock =
		    accuse_judge(procs[i], PROC_CLOCK, &believed, now);

		OK((of_net == SENTENCE_GUILTY) == (procs[i] == PROC_CLOCK) &&
			of_net != SENTENCE_REPLACE,
		    "only ntp-clock can have ntp-net ended, not %s",
		    proc_name(procs[i]));
		OK(of_clock == SENTENCE_RENEW || of_clock == SENTENCE_LIAR,
		    "nor can %s have ntp-clock ended", proc_name(procs[i]));
	}
	IS_I64(accuse_judge(PROC_OBSERVE, PROC_CLOCK, &believed, now),
	    SENTENCE_LIAR, "who has no channel has seen no message");
	IS_I64(accuse_judge(PROC_NET, PROC_NET, &believed, now), SENTENCE_LIAR,
	    "nor does anybody accuse itself");
	for (int i = 0; i < 8; i++)
		IS_I64(accuse_judge(PROC_NET,
			   i % 2 == 0 ? PROC_RESOLVE : PROC_OBSERVE, &believed,
			   now),
		    SENTENCE_REPLACE, "ntp-net is believed: %d", i + 1);
	IS_I64(accuse_judge(PROC_NET, PROC_OBSERVE, &believed, now),
	    SENTENCE_RENEW, "but not for ever");
	IS_I64(accuse_judge(PROC_NET, PROC_OBSERVE, &believed, now + 450 * S),
	    SENTENCE_REPLACE, "and later again");
	for (int i = 0; i < 100; i++)
		if (accuse_judge(PROC_CLOCK, PROC_NET, &believed, now) !=
		    SENTENCE_GUILTY)
			OK(0, "ntp-clock is always believed");
}

/* The exit status says why a program could not be executed. */
static void
test_exec_error(void)
{
	static const int errors[] = { ENOENT, EACCES, ENOEXEC, ENOMEM,
		ELIBBAD };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int status = death_no_exec(errors[i]) << 8; /* wait(2) */

		IS_I64(death_exec_error(status), errors[i], "%s",
		    strerrordesc_np(errors[i]));
		OK(death_at_start(status), "it was at the start");
	}
	IS_I64(death_no_exec(EHWPOISON + 100), 127, "what has no room");
	IS_I64(death_no_exec(0), 127, "no reason");
	IS_I64(death_exec_error(127 << 8), 0, "a loader that lacks a library");
	IS_I64(death_exec_error(1 << 8), 0, "an end of its own");
	IS_I64(death_exec_error(SIGKILL), 0, "a signal");
}

int
main(void)
{
	test_exec_error();
	test_pace();
	test_kinds();
	test_waits();
	test_mixed();
	test_guesses();
	test_accuse();
	return DONE();
}
