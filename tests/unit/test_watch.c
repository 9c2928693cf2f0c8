/*
 * Whether a child responds: what is reported, and when it is ended.
 */
#include "ntpd/children/watch.h"
#include "tests/tap.h"

#define S INT64_C(1000000000)

/* Look every second after `at`; returns the first news. */
static enum watch_news
looks(struct watch *w, enum proc p, bool unread, int64_t *at, int most)
{
	enum watch_news news = WATCH_NOTHING;

	for (int i = 0; i < most && news == WATCH_NOTHING; i++) {
		*at += S;
		news = watch_look(w, p, unread, *at);
	}
	return news;
}

static void
test_alive(void)
{
	struct watch w = { .asked = false };
	int64_t at = 1000 * S;

	IS_I64(watch_look(&w, PROC_NET, true, at), WATCH_NOTHING,
	    "nobody is looked at without a cause");
	watch_begin(&w, at);
	IS_I64(w.look_ns, at + S, "the first look is a second later");
	IS_I64(watch_look(&w, PROC_NET, true, at + S - 1), WATCH_NOTHING,
	    "and none before");
	IS_I64(w.looks, 0, "which does not count");
	IS_I64(watch_look(&w, PROC_NET, false, at + S), WATCH_NOTHING,
	    "who has read is alive");
	OK(!w.asked, "and that is all");
}

static void
test_hangs(enum proc p, int said, int hung)
{
	struct watch w = { .asked = false };
	int64_t at = 1000 * S;

	watch_begin(&w, at);
	if (said != 0) {
		IS_I64(looks(&w, p, true, &at, 100), WATCH_SILENT,
		    "%s: that it does not respond is said", proc_name(p));
		IS_I64(at, (1000 + said) * S, "after %d s", said);
		OK(w.silent, "and known");
	}
	IS_I64(looks(&w, p, true, &at, 100), WATCH_HUNG, "it is ended");
	IS_I64(at, (1000 + hung) * S, "after %d s", hung);
}

static void
test_comes_back(void)
{
	struct watch w = { .asked = false };
	int64_t at = 1000 * S;

	watch_begin(&w, at);
	OK(looks(&w, PROC_CLOCK, true, &at, 100) == WATCH_SILENT,
	    "it is silent");
	IS_I64(looks(&w, PROC_CLOCK, false, &at, 1), WATCH_BACK,
	    "it responds again");
	OK(!w.silent && !w.asked, "and is as any other");
	watch_begin(&w, at);
	IS_I64(looks(&w, PROC_CLOCK, true, &at, 19) == WATCH_SILENT, 1,
	    "what was counted is forgotten");
	IS_I64(w.looks, 3, "and begins at zero");
}

/* The machine sleeps, or ntpd is stopped: nothing could be read. */
static void
test_pause(void)
{
	struct watch w = { .asked = false };
	int64_t at = 1000 * S;

	watch_begin(&w, at);
	at += 86400 * S;
	IS_I64(watch_look(&w, PROC_NET, true, at), WATCH_NOTHING,
	    "after a day's pause it is given its time");
	IS_I64(watch_look(&w, PROC_NET, true, at), WATCH_NOTHING,
	    "two looks at one moment are one");
	IS_I64(w.looks, 1, "a pause is one look");
}

static void
test_stopped(void)
{
	struct watch w = { .asked = false };
	int64_t at = 1000 * S;

	watch_begin(&w, at);
	w.stopped = w.silent = true;
	IS_I64(looks(&w, PROC_RESOLVE, false, &at, 100), WATCH_HUNG,
	    "who is stopped is ended, even with nothing to read");
	IS_I64(at, 1020 * S, "after 20 s");
	w = (struct watch){ .asked = false };
	at = 1000 * S;
	watch_begin(&w, at);
	w.stopped = w.silent = true;
	OK(looks(&w, PROC_NET, true, &at, 5) == WATCH_NOTHING,
	    "stopped for 5 s");
	w.stopped = false;
	IS_I64(looks(&w, PROC_NET, false, &at, 1), WATCH_BACK,
	    "who goes on is left in peace");
}

static void
test_hints(void)
{
	int may = 0;

	for (int from = 0; from < PROC_COUNT; from++)
		for (int of = 0; of < PROC_COUNT; of++)
			may += watch_may_hint((enum proc)from, (enum proc)of);
	IS_I64(may, 4, "three may speak of another, and one of two");
	OK(watch_may_hint(PROC_NET, PROC_CLOCK) &&
		watch_may_hint(PROC_NET, PROC_RESOLVE) &&
		watch_may_hint(PROC_OBSERVE, PROC_NET) &&
		watch_may_hint(PROC_OBSERVE, PROC_CLOCK),
	    "of whom they talk to, or whose page they read");
}

int
main(void)
{
	test_alive();
	test_hangs(PROC_CLOCK, 3, 20);
	test_hangs(PROC_NET, 3, 20);
	test_hangs(PROC_SERVE, 3, 20);
	test_hangs(PROC_OBSERVE, 3, 20);
	test_hangs(PROC_RESOLVE, 0, 40); /* it may look up a name */
	test_comes_back();
	test_pause();
	test_stopped();
	test_hints();
	return DONE();
}
