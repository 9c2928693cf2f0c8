/*
 * In sync, in holdover, neither, or not measured: ntpctl's words for it, and
 * the results of health and wait.
 */
#include "ntp-net/ctl/standing.h"

#include <string.h>

#include "tests/tap.h"

#define S INT64_C(1000000000)

#define SYNCED	 STATUS_SYNCED
#define HOLDOVER (STATUS_SYNCED | STATUS_HOLDOVER)
#define STEERED                                                                \
	(CLOCK_STATE_CONTROLLED | CLOCK_STATE_HAS_LINE | CLOCK_STATE_IN_SYNC)
#define NO_ANSWER  "no source answers"
#define UNMEASURED "time is not being measured: ntp-net is down for 12 s"

struct row {
	const char *name;
	uint32_t status;
	const char *why;
	bool clock_known;
	uint32_t clock;
	const char *frozen;
	bool clock_down;
	enum standing standing;
	bool in_sync;
	bool serves;
	const char *text; /* of health */
};

/* clang-format off */
static const struct row rows[] = {
	{ "nothing", 0, "", true, 0, "", false, STANDING_UNSYNCED, false, false,
	    "not synchronized: no agreement on the time yet" },
	{ "a reason", 0, "2 must agree\033", true, 0, "", false, STANDING_UNSYNCED, false, false,
	    "not synchronized: 2 must agree\\x1b" },
	{ "in sync", SYNCED, "", true, STEERED, "", false, STANDING_SYNCED, true, true,
	    "in sync" },
	{ "nobody speaks of the clock", SYNCED | STATUS_CONTROLLED, "", false, 0, "", false, STANDING_SYNCED, true, true,
	    "in sync" },
	{ "measuring", SYNCED, "", true, 0, "", false, STANDING_SYNCED, true, true,
	    "in sync; the clock of this machine is not touched" },
	{ "measuring, an old line", SYNCED, "", true, CLOCK_STATE_HOLDOVER, "", false, STANDING_SYNCED, true, true,
	    "in sync; the clock of this machine is not touched" },
	{ "to be set", SYNCED, "", true, CLOCK_STATE_CONTROLLED, "", false, STANDING_SYNCED, false, false,
	    "the clock has not been set yet" },
	{ "all servers dead", HOLDOVER, NO_ANSWER, true, STEERED, "", false, STANDING_HOLDOVER, false, true,
	    "holdover since 2026-11-29 15:20:31Z (2 min 10 s), error at most 12.1 ms: no source answers" },
	{ "the same, the clock not touched", HOLDOVER, NO_ANSWER, true, 0, "", false, STANDING_HOLDOVER, false, true,
	    "holdover since 2026-11-29 15:20:31Z (2 min 10 s), error at most 12.1 ms: no source answers" },
	{ "the same, never set", HOLDOVER, NO_ANSWER, true, CLOCK_STATE_CONTROLLED, "", false, STANDING_HOLDOVER, false, false,
	    "the clock has not been set yet" },
	{ "ntp-clock takes no sample", SYNCED, "", true, STEERED | CLOCK_STATE_HOLDOVER, "", false, STANDING_HOLDOVER, false, true,
	    "holdover for a while, error at most 3.00 ms: ntp-clock has taken no sample for long: see ntpctl log" },
	{ "ntp-clock is down", SYNCED, "", true, STEERED, "", true, STANDING_HOLDOVER, false, true,
	    "holdover since 2026-11-29 15:22:36Z (5 s), error at most 12.1 ms: ntp-clock is down: the clock goes on at its last rate" },
	{ "ntp-net is down, the clock goes on", HOLDOVER | STATUS_UNMEASURED, UNMEASURED, true, STEERED, "", false, STANDING_HOLDOVER, false, true,
	    "holdover since 2026-11-29 15:20:31Z (2 min 10 s), error at most 12.1 ms: " UNMEASURED },
	{ "ntp-net is down", STATUS_UNMEASURED, UNMEASURED, true, 0, "", false, STANDING_UNMEASURED, false, false,
	    "not synchronized: " UNMEASURED },
	{ "local", STATUS_LOCAL, "", true, CLOCK_STATE_CONTROLLED, "", false, STANDING_UNSYNCED, false, true,
	    "serving its own time: local stratum" },
	{ "frozen", 0, "", true, STEERED | CLOCK_STATE_FROZEN, "2000 s is over the limit", false, STANDING_UNSYNCED, false, false,
	    "the clock is frozen: 2000 s is over the limit" },
	{ "frozen in holdover", HOLDOVER, "", true, STEERED | CLOCK_STATE_FROZEN, "", false, STANDING_HOLDOVER, false, false,
	    "the clock is frozen: a limit was passed" },
	{ "frozen, by the status alone", STATUS_LOCAL | STATUS_FROZEN, "", false, 0, "", false, STANDING_UNSYNCED, false, false,
	    "the clock is frozen: a limit was passed" },
};
/* clang-format on */

static struct report
report_of(const struct row *c)
{
	static struct report r;

	memset(&r, 0, sizeof(r));
	r.status_known = true;
	r.status.flags = c->status;
	r.status.age_ns = 130 * S;
	r.status.since_ns = INT64_C(1795965631) * S; /* 2026-11-29 15:20:31 */
	r.status.bound_ns = 12100000;
	strcpy(r.status.why, c->why);
	r.clock_known = c->clock_known;
	r.clock.flags = c->clock;
	r.clock.error_ns = 3000000;
	strcpy(r.clock.frozen, c->frozen);
	r.process_count = 1;
	r.processes[0].child = PROC_CLOCK;
	r.processes[0].pid = c->clock_down ? 0 : 42;
	r.processes[0].age_ns = 5 * S;
	r.processes[0].since_ns = INT64_C(1795965756) * S; /* 15:22:36 */
	return r;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *c = &rows[i];
		static struct report r;
		char text[STANDING_TEXT];

		r = report_of(c);
		IS_I64(standing_of(&r), c->standing, "%s: %s", c->name,
		    standing_name(c->standing));
		OK(standing_in_sync(&r, text, sizeof(text)) == c->in_sync,
		    "%s: what wait waits for, or not", c->name);
		OK((text[0] == '\0') == c->in_sync, "%s: \"%s\"", c->name,
		    text);
		OK(standing_serves(&r, text, sizeof(text)) == c->serves,
		    "%s: healthy, or not", c->name);
		OK(strcmp(text, c->text) == 0, "%s: \"%s\"", c->name, text);
	}
}

static void
test_room(void)
{
	static struct report r;
	char text[STANDING_TEXT];

	r.clock_known = true;
	r.clock.flags = CLOCK_STATE_FROZEN;
	memset(r.clock.frozen, '\033', REASON_LEN - 1);
	OK(!standing_in_sync(&r, text, sizeof(text)) &&
		strlen(text) == 21 + 4 * (REASON_LEN - 1),
	    "the longest reason fits");
	r.clock.flags = 0;
	r.status.flags = HOLDOVER;
	r.status.age_ns = r.status.bound_ns = r.status.since_ns = INT64_MAX;
	memset(r.status.why, '\033', REASON_LEN - 1);
	OK(standing_serves(&r, text, sizeof(text)) &&
		strlen(text) >= 4 * (REASON_LEN - 1) &&
		strcmp(text + strlen(text) - 4, "\\x1b") == 0,
	    "of a holdover too");
	r.status.since_ns = 0;
	r.status.bound_ns = r.status.age_ns = -1;
	strcpy(r.status.why, "x");
	OK(standing_serves(&r, text, sizeof(text)) &&
		strcmp(text,
		    "holdover for a while, error at most what is not known: "
		    "x") == 0,
	    "what is not known is not made up: \"%s\"", text);
}

/* Addresses not listened on yet are named, in every state. */
static void
test_awaited(void)
{
	static const struct {
		uint32_t flags;
		uint32_t count;
		bool serves;
		const char *text;
	} cases[] = {
		{ SYNCED, 1, true,
		    "in sync; the clock of this machine is not touched; cannot "
		    "listen on 192.0.2.1 yet" },
		{ STATUS_LOCAL, 2, true,
		    "serving its own time: local stratum; cannot listen on "
		    "192.0.2.1 and 1 more address yet" },
		{ STATUS_UNSERVED, 3, false,
		    "not serving its own time (local stratum): cannot listen "
		    "on 192.0.2.1 and 2 more addresses yet" },
		{ 0, 1, false,
		    "not synchronized: why; cannot listen on 192.0.2.1 yet" },
		{ STATUS_UNSERVED, 0, false, "not synchronized: why" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct report r;
		char text[STANDING_TEXT];

		memset(&r, 0, sizeof(r));
		r.status.flags = cases[i].flags;
		r.status.awaited = cases[i].count;
		r.status.awaited_port = 123;
		r.status.awaited_addr =
		    (struct msg_addr){ .family = 4, .addr = { 192, 0, 2, 1 } };
		strcpy(r.status.why, "why");
		OK(standing_serves(&r, text, sizeof(text)) == cases[i].serves,
		    "healthy, or not");
		OK(strcmp(text, cases[i].text) == 0, "\"%s\"", text);
	}
}

int
main(void)
{
	test_rows();
	test_awaited();
	test_room();
	return DONE();
}
