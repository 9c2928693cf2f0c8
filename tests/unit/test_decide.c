/*
 * Decisions: what ntp-clock, ntpd and the page of served time get, from sources
 * whose measurements the test makes up.
 */
#include "ntp-net/poll/decide.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/poll/known.h"
#include "ntp-net/poll/publish.h"
#include "ntp-net/poll/status.h"
#include "tests/tap.h"
#include "tests/unit/measured.h"

#define DUE_NS (32 * NS_PER_S)

static struct net n;
static struct channel clock_end, ntpd_end;
static struct mono now;

static struct channel
open_pair(struct channel *ours, enum proc other)
{
	struct channel theirs = channel_none(other, PROC_NET);
	int sv[2] = { -1, -1 };

	channel_close(ours);
	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv);
	*ours = channel_none(PROC_NET, other);
	ours->fd = sv[0];
	theirs.fd = sv[1];
	return theirs;
}

/* A net with this many servers, none of which has answered. */
static void
begin(uint32_t sources, uint32_t flags, uint32_t local_stratum)
{
	static const struct msg_addr addr = { .family = 4,
		.addr = { 192, 0, 2, 0 } };
	const struct msg_net_config c = { .flags = flags,
		.max_distance_ns = 3 * NS_PER_S,
		.local_stratum = local_stratum };
	const struct msg_net_commit k = { .sources = sources };
	struct msg_net_source m = { .port = 123, .count = 1, .name = "x" };
	struct channel parent = n.parent, clock = n.clock;

	channel_close(&clock_end);
	channel_close(&ntpd_end);
	channel_close(&parent);
	channel_close(&clock);
	memset(&n, 0, sizeof(n));
	n.parent = n.clock = n.resolve = n.observe =
	    channel_none(PROC_NET, PROC_NTPD);
	clock_end = open_pair(&n.clock, PROC_CLOCK);
	ntpd_end = open_pair(&n.parent, PROC_NTPD);
	now.ns = 1000 * NS_PER_S;
	agreement_begin(&n.decision.agreement);
	memset(&n.table, 0, sizeof(n.table));
	table_begin(&n.table, 100);
	if (table_config(&n.table, &c) == -1)
		printf("Bail out! configuration\n");
	for (uint32_t i = 0; i < sources; i++)
		if (table_line(&n.table, &m) == -1)
			printf("Bail out! line\n");
	if (table_commit(&n.table, &k, now) == -1)
		printf("Bail out! commit\n");
	for (uint32_t i = 0; i < sources; i++) {
		struct msg_addr a = addr;

		a.addr[3] = (uint8_t)(i + 1);
		(void)table_start(&n.table, i, &a, now, 0);
	}
	decide_again(&n);
}

static void
step(void)
{
	n.clocks.pair.raw_ns = now.ns;
	n.clocks.pair.real_ns = now.ns + THETA_NS;
	decide_step(&n, now);
}

/* Measurements of one source, off by off_ns; returns its slot. */
static struct slot *
measure(uint32_t i, int64_t off_ns, int count)
{
	struct slot *s = &n.table.slots[i];

	measured(&s->source, now, off_ns, count);
	s->fresh = true;
	n.decision.wanted = true;
	return s;
}

static bool
got_sample(struct msg_sample *out)
{
	union msg m;
	int fd;

	if (msg_recv(&clock_end, &m, &fd) != MSG_GOT)
		return false;
	*out = m.sample;
	return m.h.type == MSG_SAMPLE;
}

/* The last state sent to ntpd, false if there is none. */
static bool
got_state(struct msg_net_state *out)
{
	bool any = false;
	union msg m;
	int fd;

	while (msg_recv(&ntpd_end, &m, &fd) == MSG_GOT)
		if (m.h.type == MSG_NET_STATE) {
			*out = m.net_state;
			any = true;
		}
	return any;
}

static void
test_extrapolate(void)
{
	const struct estimate e = { .at = { 0 },
		.theta_ns = 1000,
		.sigma_ns = 300,
		.slope = 1e-6,
		.slope_sigma = 4e-9 };
	struct estimate far = estimate_at(&e, (struct mono){ 100 * NS_PER_S });

	IS_I64(far.theta_ns, 1000 + 100000, "the line goes on by its slope");
	NEAR(far.sigma_ns, 500, 1e-6, "and gets less certain: 300 and 400");
	far = estimate_at(&e, (struct mono){ -NS_PER_S });
	IS_I64(far.theta_ns, 0, "it goes back as well");
	far = estimate_at(&e, (struct mono){ INT64_MAX });
	OK(isfinite(far.sigma_ns), "the end of time is a number");
}

static void
test_bound(void)
{
	struct agreement a = { .last = { .distance_ns = NS_PER_MS } };

	a.last.line.slope_sigma = 1e-6;
	a.last_at = now;
	IS_I64(agreement_bound_ns(&a, DUE_NS, now), NS_PER_MS,
	    "the bound begins with the root distance");
	a.last_at.ns = 0;
	NEAR(agreement_bound_ns(&a, DUE_NS, (struct mono){ 1000 * NS_PER_S }),
	    NS_PER_MS + 1e6 + 968 * 15e3 + 3e6, 1e3,
	    "and grows by 1 ppm, by 15 after 32 s, and by 3 sigma");
	a.last_at.ns = 10;
	IS_I64(agreement_bound_ns(&a, DUE_NS, (struct mono){ 0 }), NS_PER_MS,
	    "never before its beginning");
	a.last_at.ns = 0;
	a.last.distance_ns = INT64_MAX;
	IS_I64(agreement_bound_ns(&a, DUE_NS, (struct mono){ INT64_MAX }),
	    INT64_MAX, "it ends where numbers end");
}

static void
test_sample_rounding(void)
{
	struct select_output o = { .root_delay_ns = 5,
		.root_dispersion_ns = 7 };
	struct msg_sample m;

	o.line = (struct estimate){ .at = { 99 },
		.theta_ns = -12,
		.sigma_ns = 0.2,
		.slope = -1e-6,
		.slope_sigma = 1e-12 };
	OK(publish_make_sample(&o, LEAP_INSERT, false, &m),
	    "a sample can be made");
	OK(m.raw_ns == 99 && m.theta_ns == -12 && m.leap == LEAP_INSERT &&
		m.root_delay_ns == 5 && m.root_dispersion_ns == 7,
	    "it says what the line says");
	IS_I64(m.slope_q32, -4295, "slopes are rounded to 2^-32");
	IS_I64(m.sigma_ns, 1, "errors are rounded up");
	IS_I64(m.slope_sigma_q32, 1, "that of the slope too");
}

/* More than ntp-clock accepts: limited, and the clock is not in sync. */
static void
test_sample_fast(void)
{
	struct select_output o = { .root_dispersion_ns = 7 };
	struct msg_sample m;

	o.line.sigma_ns = 1;
	o.line.slope = 1000e-6;
	o.line.slope_sigma = 1000e-6;
	OK(publish_make_sample(&o, LEAP_NONE, false, &m),
	    "an oscillator of 1000 ppm");
	IS_I64(m.slope_q32, SLOPE_ONE / 1000, "is as it is");
	IS_I64(m.slope_sigma_q32, SLOPE_ONE / 1000, "and its sigma");
	IS_I64(m.root_dispersion_ns, 7, "the time is known");
	o.line.slope = -1944e-6;
	o.line.slope_sigma = 0.01;
	OK(publish_make_sample(&o, LEAP_NONE, true, &m), "one of 1944 ppm");
	IS_I64(m.slope_q32, -SLOPE_ONE / 1000, "is cut");
	IS_I64(m.slope_sigma_q32, SLOPE_ONE / 1000, "its sigma, too");
	IS_I64(m.root_dispersion_ns, 16 * NS_PER_S, "nobody is in sync by it");
}

struct insane {
	const char *what;
	double sigma_ns, slope, slope_sigma;
	int64_t root_ns;
};

static const struct insane insanes[] = {
	{ "sigma is no number", (double)NAN, 0, 0, 0 },
	{ "sigma is negative", -1, 0, 0, 0 },
	{ "sigma is infinite", (double)INFINITY, 0, 0, 0 },
	{ "slope is no number", 1, (double)NAN, 0, 0 },
	{ "slope is beyond reason", 1, 0.03, 0, 0 },
	{ "slope is beyond reason backwards", 1, -0.03, 0, 0 },
	{ "sigma of the slope is negative", 1, 0, -1e-9, 0 },
	{ "sigma of the slope is infinite", 1, 0, (double)INFINITY, 0 },
	{ "root values are negative", 1, 0, 0, -1 },
};

static void
test_sample_insane(void)
{
	static const struct msg_sample zero;

	for (size_t i = 0; i < sizeof(insanes) / sizeof(insanes[0]); i++) {
		const struct insane *c = &insanes[i];
		struct select_output o = { .root_delay_ns = c->root_ns };
		struct msg_sample m;

		o.line.sigma_ns = c->sigma_ns;
		o.line.slope = c->slope;
		o.line.slope_sigma = c->slope_sigma;
		OK(!publish_make_sample(&o, LEAP_NONE, false, &m),
		    "no sample: %s", c->what);
		OK(memcmp(&m, &zero, sizeof(m)) == 0, "all zero: %s", c->what);
	}
}

static void
test_agreement(void)
{
	struct msg_net_state st = { .flags = 0 };
	struct msg_sample m = { .raw_ns = 0 };
	struct estimate e;

	begin(3, NET_CLOCK, 0);
	step();
	OK(!got_sample(&m) && !known_line(&n, now, &e),
	    "without answers there is no sample");
	OK(got_state(&st) && st.flags == NET_SEARCHES && st.sources == 3 &&
		st.stratum == 16,
	    "and ntpd is told so");
	(void)measure(0, 0, SOURCE_TRUST);
	(void)measure(1, 5000, SOURCE_TRUST - 1);
	step();
	OK(!got_sample(&m), "one of three has no majority");
	(void)measure(1, 5000, 1);
	(void)measure(2, 100 * NS_PER_MS, SOURCE_TRUST);
	step();
	OK(got_sample(&m) && llabs(m.theta_ns - THETA_NS - 2500) < 3000,
	    "two that agree make a sample");
	OK(got_state(&st) && st.flags == NET_SYNCED && st.selected == 2 &&
		st.stratum == 3,
	    "and ntpd is told");
	OK(n.table.slots[2].status == SLOT_FALSETICKER,
	    "one that is off by 100 ms is a falseticker");
	IS_I64(n.table.slots[2].false_count, 1, "which is counted");
	now.ns += NS_PER_S;
	n.decision.wanted = true;
	step();
	OK(!got_sample(&m), "without news there is no sample");
	IS_I64(n.table.slots[2].false_count, 1, "nor is anything counted");
	n.table.slots[2].fresh = true;
	n.decision.wanted = true;
	step();
	OK(!got_sample(&m), "news of a falseticker is no news");
	IS_I64(n.table.slots[2].false_count, 2, "but counted");
	OK(!got_state(&st), "ntpd hears nothing twice");
	decide_again(&n);
	step();
	OK(got_sample(&m), "a new ntp-clock gets a sample at once");
	OK(n.table.slope_sigma > 0, "new sources will know the slope");
}

/* After a pause, three must agree, or one with a key. */
static void
test_many(void)
{
	for (uint32_t sources = 1; sources <= 4; sources++)
		for (uint32_t keyed = 0; keyed <= sources; keyed++) {
			struct msg_sample m = { .flags = UINT32_MAX };
			bool want = sources >= 3 || keyed > 0;

			begin(sources, NET_CLOCK, 0);
			for (uint32_t i = 0; i < sources; i++) {
				uint32_t e = n.table.slots[i].entry;

				n.table.entries[e].key_id = i < keyed ? 5 : 0;
				(void)measure(i, i * 1000, SOURCE_TRUST);
			}
			step();
			OK(got_sample(&m), "%u sources, %u keys: a sample",
			    sources, keyed);
			IS_I64(m.flags, want ? SAMPLE_MANY : 0,
			    "%u sources, %u with a key: %s", sources, keyed,
			    want ? "many" : "not many");
		}
	/* The key of a source that is not selected does not count. */
	begin(3, NET_CLOCK, 0);
	n.table.entries[n.table.slots[2].entry].key_id = 5;
	(void)measure(0, 0, SOURCE_TRUST);
	(void)measure(1, 5000, SOURCE_TRUST);
	(void)measure(2, 100 * NS_PER_MS, SOURCE_TRUST);
	step();
	{
		struct msg_sample m = { .flags = UINT32_MAX };

		OK(got_sample(&m), "two agree, one with a key is off");
		IS_I64(m.flags, 0, "which is not many");
	}
}

/* Selected sources share a filter, as long as they are selected. */
static void
test_joint(void)
{
	struct msg_sample m;
	struct estimate e;

	begin(3, NET_CLOCK, 0);
	(void)measure(0, 0, SOURCE_TRUST);
	step();
	OK(!n.decision.agreement.joint.started,
	    "no agreement, no joint filter");
	(void)measure(1, 3000, SOURCE_TRUST);
	(void)measure(2, 6000, SOURCE_TRUST);
	step();
	OK(n.decision.agreement.joint.started &&
		n.decision.agreement.joint.sources[1].joined,
	    "three that agree are in one filter");
	OK(got_sample(&m) && known_line(&n, now, &e) &&
		llabs(m.theta_ns - THETA_NS - 3000) < 2000 &&
		m.theta_ns == e.theta_ns,
	    "the clock and the page get its line");
	now.ns += 100 * NS_PER_S;
	n.table.slots[2].source.reach = 0;
	(void)measure(0, 0, 1);
	step();
	OK(n.decision.agreement.joint.started &&
		!n.decision.agreement.joint.sources[2].joined,
	    "one that does not answer any more leaves it");
	now.ns += 100 * NS_PER_S;
	for (uint32_t i = 1; i < 3; i++) {
		n.table.slots[i].source.reach = 0;
		n.table.slots[i].source.unanswered = SOURCE_BURST;
	}
	(void)measure(0, 0, 1);
	step();
	OK(!n.decision.agreement.joint.started, "one alone needs none");
}

/* At the start, sources that have not answered yet are waited for. */
static void
test_beginning(void)
{
	struct msg_sample m;

	begin(4, NET_CLOCK, 0);
	(void)measure(0, 100 * NS_PER_MS, SOURCE_TRUST);
	(void)measure(1, 100 * NS_PER_MS, SOURCE_TRUST);
	step();
	OK(!got_sample(&m), "the quickest two of four are not believed");
	(void)measure(2, 0, SOURCE_TRUST);
	step();
	OK(!got_sample(&m), "nor two against one, before the last");
	(void)measure(3, 0, SOURCE_TRUST);
	step();
	OK(!got_sample(&m), "nor two against two");
	begin(4, NET_CLOCK, 0);
	for (uint32_t i = 0; i < 3; i++)
		(void)measure(i, 0, SOURCE_TRUST);
	step();
	OK(got_sample(&m), "three of four need not wait for the last");
	begin(2, NET_CLOCK, 0);
	(void)measure(0, 0, SOURCE_TRUST);
	step();
	OK(!got_sample(&m), "one of two waits for the other");
	n.table.slots[1].source.unanswered = SOURCE_BURST;
	n.decision.wanted = true;
	step();
	OK(got_sample(&m), "until that had its chance to answer");
	begin(2, NET_CLOCK, 0);
	(void)measure(1, 0, SOURCE_TRUST);
	n.table.slots[1].source.root_dispersion_ns = 4 * NS_PER_S;
	(void)measure(0, 0, SOURCE_TRUST);
	step();
	OK(got_sample(&m), "one that is too far to vote is not waited for");
}

/* One limit decides both the votes and whether the time is known. */
static void
test_distance(void)
{
	static const struct {
		int64_t dispersion_ns;
		int64_t most_ns;
		bool synced;
	} cases[] = {
		{ 2500 * NS_PER_MS, 3 * NS_PER_S, true },
		{ 3500 * NS_PER_MS, 3 * NS_PER_S, false },
		{ 500 * NS_PER_MS, 400 * NS_PER_MS, false },
		{ 300 * NS_PER_MS, 400 * NS_PER_MS, true },
		{ 15 * NS_PER_S, 16 * NS_PER_S, true },
	};
	struct msg_sample m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(1, NET_CLOCK, 0);
		n.table.config.max_distance_ns = cases[i].most_ns;
		(void)measure(0, 0, SOURCE_TRUST);
		n.table.slots[0].source.root_dispersion_ns =
		    cases[i].dispersion_ns;
		step();
		IS_I64(n.decision.agreement.now.agreed, cases[i].synced,
		    "a root distance of %lld ms, at most %lld: agreed",
		    (long long)(cases[i].dispersion_ns / NS_PER_MS),
		    (long long)(cases[i].most_ns / NS_PER_MS));
		IS_I64(n.decision.synced, cases[i].synced, "and known");
		IS_I64(got_sample(&m), cases[i].synced, "and told");
		IS_I64(n.table.slots[0].status == SLOT_TOO_FAR,
		    !cases[i].synced, "too far");
	}
}

/* News about a source without a vote is reported at once. */
static void
test_news(void)
{
	struct slot *s = &n.table.slots[0];

	begin(1, NET_CLOCK, 0);
	step();
	OK(!status_is_news(s), "a source that has not answered is no news");
	s->source.last_reject = VERDICT_UNSYNCED;
	OK(status_is_news(s), "one that is not synchronized is");
	n.decision.wanted = true;
	step();
	OK(s->status == SLOT_UNSYNCHRONIZED && !status_is_news(s),
	    "until that was decided");
	s->source.query = QUERY_DENIED;
	OK(status_is_news(s), "one that denies us is news, too");
	n.decision.wanted = true;
	step();
	OK(s->status == SLOT_DENIED && !status_is_news(s), "but once");
}

/* The sources fall silent: the time is known until its bound is 3 s. */
static void
test_silence(void)
{
	struct msg_net_state st = { .flags = 0 };
	struct msg_sample m;
	struct estimate e;
	int64_t held_ns = 0;

	begin(1, NET_CLOCK, 0);
	(void)measure(0, 0, 20);
	step();
	OK(got_sample(&m) && got_state(&st), "one source alone is believed");
	n.table.slots[0].source.reach = 0;
	for (; held_ns < 100000 * NS_PER_S; held_ns += DECIDE_GAP_NS) {
		now.ns += DECIDE_GAP_NS;
		step();
		if (!n.decision.synced)
			break;
	}
	OK(!got_sample(&m), "no sample is sent in silence");
	OK(held_ns > 600 * NS_PER_S && held_ns < 70000 * NS_PER_S,
	    "the time is held for %lld s", (long long)(held_ns / NS_PER_S));
	OK(got_state(&st) && (st.flags & NET_SYNCED) == 0 && st.stratum == 16,
	    "then it is not known any more");
	OK(!known_line(&n, now, &e), "to anybody");
	OK(decide_deadline(&n).ns <= now.ns + DECIDE_GAP_NS,
	    "and it is looked at again soon");
}

/* No wake-up to decide before the next measurement is overdue. */
static void
test_rest(void)
{
	const struct source *s = &n.table.slots[0].source;
	int64_t bound_ns;
	struct mono due;

	begin(2, NET_CLOCK, 0);
	(void)measure(0, 0, 20);
	(void)measure(1, 0, 20);
	step();
	due = source_due(s);
	OK(n.table.slots[0].status == SLOT_SELECTED &&
		source_due(&n.table.slots[1].source).ns >= due.ns,
	    "two are selected, the first is due first");
	IS_I64(decide_deadline(&n).ns, due.ns + 1,
	    "the next decision is when its measurement has failed to come");
	bound_ns = agreement_bound_ns(&n.decision.agreement, INT64_MAX, due);
	IS_I64(known_bound_ns(&n.decision, due), bound_ns,
	    "until then the bound grows by no PHI");
	now.ns = source_due(&n.table.slots[1].source).ns + 1;
	step();
	IS_I64(decide_deadline(&n).ns, now.ns + DECIDE_GAP_NS,
	    "nothing comes any more: it is looked at every 16 s");
	n.decision.agreement.investigation.open = true;
	n.decision.agreement.now.agreed = false;
	n.decision.wanted = true;
	step();
	IS_I64(decide_deadline(&n).ns, now.ns + DECIDE_GAP_NS,
	    "and where something is investigated");
	n.decision.agreement.investigation.open = false;
}

static struct page *
open_page(void)
{
	int fd = memfd_create("page", MFD_CLOEXEC);
	struct page *page = NULL;

	if (fd != -1 && ftruncate(fd, PAGE_BYTES) == 0)
		page = page_map(fd, true);
	if (fd != -1)
		(void)close(fd);
	return page;
}

static void
test_page(void)
{
	struct page *page = open_page();
	struct page_time t;

	if (!tap_ok(page != NULL, "there is a page"))
		return;
	begin(1, NET_SERVES, 0);
	n.page = page;
	step();
	OK(page_load(page, &t) && t.flags == 0,
	    "nothing is known: neither flag");
	begin(1, NET_SERVES, 10);
	n.page = page;
	step();
	OK(page_load(page, &t) && t.flags == PAGE_LOCAL && t.stratum == 10 &&
		t.refid == LOCAL_REFID,
	    "with a local stratum the clock is served as it is");
	(void)measure(0, 0, 20);
	step();
	OK(page_load(page, &t) && t.flags == PAGE_SYNCED && t.stratum == 3 &&
		t.refid == 0xc0000201,
	    "the time and its source are served");
	OK(llabs(t.theta_ns - THETA_NS) < 1000 && t.raw_ns == now.ns &&
		t.root_dispersion_ns >= 50000 && t.root_delay_ns >= 100000,
	    "with its line and errors");
	n.table.slots[0].source.reach = 0;
	now.ns += 1000 * NS_PER_S;
	step();
	OK(page_load(page, &t) && t.flags == (PAGE_SYNCED | PAGE_SILENT) &&
		t.raw_ns == now.ns && t.root_dispersion_ns > NS_PER_MS,
	    "in silence the served dispersion grows");
	OK(t.reference_ns < now.ns + THETA_NS - 999 * NS_PER_S,
	    "and the reference time stays");
	n.page = NULL;
}

/* Names not looked up yet count, at the start and later. */
static void
test_awaited(void)
{
	struct msg_sample m;
	struct entry *e = n.table.entries;
	/* failed look-ups of each; must; is there an agreement */
	static const uint32_t cases[][4] = { { 0, 0, 2, 0 },
		{ SOURCE_BURST - 1, SOURCE_BURST, 2, 0 },
		{ SOURCE_BURST, SOURCE_BURST, 1, 1 }, { 0, 0, 2, 0 } };

	begin(3, NET_CLOCK, 0);
	table_stop(&n.table.slots[1]);
	table_stop(&n.table.slots[2]);
	(void)measure(0, 0, SOURCE_TRUST);
	for (int i = 0; i < 4; i++) {
		e[1].lookup.failed = cases[i][0];
		e[2].lookup.failed = cases[i][1];
		(void)measure(0, 0, 1);
		step();
		OK(got_sample(&m) == (cases[i][3] != 0) &&
			n.decision.agreement.now.needed == cases[i][2],
		    "one of three, and names: case %d", i);
	}
	begin(2, NET_CLOCK, 0);
	table_stop(&n.table.slots[1]);
	e[1].count = 4;
	(void)measure(0, 0, SOURCE_TRUST);
	step();
	IS_I64(n.decision.agreement.now.needed, 3, "a pool is to have four");
	n.table.config.min_sources = 1;
	(void)measure(0, 0, 1);
	step();
	OK(got_sample(&m) && n.decision.agreement.now.needed == 1,
	    "with a minimum of one it is waited for no more");
}

/* A source of stratum 15: all receivers get the same. */
static void
test_stratum_15(void)
{
	struct page *page = open_page();
	struct msg_net_state st = { .flags = 0 };
	struct msg_sample m;
	struct page_time t;
	struct estimate e;

	if (!tap_ok(page != NULL, "there is a page"))
		return;
	for (uint32_t local = 0; local <= 10; local += 10) {
		begin(1, NET_CLOCK | NET_SERVES, local);
		n.page = page;
		measure(0, 0, 20)->source.stratum = 15;
		step();
		OK(got_sample(&m), "the clock follows it");
		OK(known_line(&n, now, &e) && got_state(&st) &&
			(st.flags & NET_SYNCED) != 0 && st.stratum == 16,
		    "the time is known, with stratum 16");
		OK(!known_serves(&n.decision) && page_load(page, &t) &&
			t.flags == (local != 0 ? PAGE_LOCAL : 0) &&
			t.stratum == local,
		    "and given to nobody, or the clock is");
		measure(0, 0, 1)->source.stratum = 14;
		step();
		OK(page_load(page, &t) && t.flags == PAGE_SYNCED &&
			t.stratum == 15 && known_serves(&n.decision),
		    "one of stratum 14 is, with stratum 15");
	}
	n.page = NULL;
}

static void
test_once(void)
{
	struct msg_net_state st = { .flags = 0 };

	begin(1, NET_ONCE, 0);
	step();
	(void)got_state(&st);
	OK((st.flags & NET_GAVE_UP) == 0, "-q does not give up at once");
	OK(decide_deadline(&n).ns <= now.ns + ONCE_WAIT_NS, "but it looks");
	now.ns += ONCE_WAIT_NS - 1;
	step();
	(void)got_state(&st);
	OK((st.flags & NET_GAVE_UP) == 0, "nor before its time");
	now.ns += 1;
	step();
	OK(got_state(&st) && (st.flags & NET_GAVE_UP) != 0, "but after 30 s");
	begin(1, NET_ONCE, 0);
	(void)measure(0, 0, 20);
	step();
	now.ns += ONCE_WAIT_NS;
	step();
	OK(got_state(&st) && (st.flags & NET_GAVE_UP) == 0,
	    "never if there was agreement");
}

/* The end of 2026-06-30 UTC, if a leap second is announced. */
#define JUNE_END_NS (INT64_C(1782864000) * NS_PER_S)

/* The base of a source's estimate: UTC - raw at its last measurement. */
static int64_t
based_ns(const struct slot *s)
{
	const struct estimator *from = &s->source.estimator;
	struct estimate e;

	return estimator_predict(from, estimator_at(from), &e) ? e.theta_ns : 0;
}

static void
test_leap(void)
{
	int64_t quiet_from = 0, quiet_to = 0, before_ns;
	struct slot *s;
	struct estimate e;
	struct msg_sample m = { .leap = 9 };

	begin(1, NET_CLOCK, 0);
	now.ns = JUNE_END_NS - THETA_NS - 600 * NS_PER_S;
	s = measure(0, 0, 20);
	s->source.leap = LEAP_INSERT;
	step();
	OK(got_sample(&m) && m.leap == LEAP_INSERT,
	    "an announced leap second is passed on");
	before_ns = based_ns(s);
	for (int i = 0; i < 610; i++) {
		now.ns += NS_PER_S;
		s->fresh = true;
		n.decision.wanted = true;
		step();
		if (decide_quiet(&n, now)) {
			quiet_from = quiet_from == 0 ? i + 1 : quiet_from;
			quiet_to = i + 1;
			OK(!got_sample(&m), "quiet: no sample at %d s",
			    i + 1 - 600);
		}
		while (got_sample(&m))
			;
	}
	IS_I64(quiet_from, 595, "the quiet time begins 5 s before");
	OK(quiet_to >= 604 && quiet_to <= 606, "and ends 5 s after");
	IS_I64(based_ns(s), before_ns - NS_PER_S,
	    "each estimate is shifted by a second, once");
	OK(known_line(&n, now, &e) &&
		llabs(e.theta_ns - THETA_NS + NS_PER_S) < NS_PER_MS,
	    "and the line too");
}

static void
test_suspend(void)
{
	struct slot *s;

	begin(1, NET_CLOCK, 0);
	s = measure(0, 0, 20);
	step();
	s->source.next_query.ns = now.ns + 1000 * NS_PER_S;
	now.ns += 8 * 3600 * NS_PER_S;
	s->source.next_query.ns = now.ns + 900 * NS_PER_S;
	n.clocks.suspended_ns = 8 * 3600 * NS_PER_S;
	step();
	IS_I64(n.clocks.suspended_ns, 0, "a suspend is dealt with once");
	OK(s->source.next_query.ns <= now.ns + NS_PER_S,
	    "and the sources are asked at once");
}

/* This many sources agree, then the machine is paused for 3 h. */
static void
pause_with(uint32_t sources)
{
	struct msg_sample m;

	begin(sources, NET_CLOCK, 0);
	for (uint32_t i = 0; i < sources; i++)
		(void)measure(i, i * 1000, SOURCE_TRUST);
	step();
	OK(got_sample(&m), "%u sources agree", sources);
	now.ns += NS_PER_S;
	decide_paused(&n, now);
}

#define PAUSE_NS (10800 * NS_PER_S)

/* After a pause a few must not decide before others answer; time is unknown. */
static void
test_paused(void)
{
	const uint32_t needed[] = { 0, 1, 2, 3, 3, 3, 4, 4 };
	struct msg_sample m = { .flags = 0 };
	struct msg_net_state st;
	struct estimate e;

	for (uint32_t sources = 1; sources <= 7; sources++) {
		uint32_t heard = 0;

		pause_with(sources);
		step();
		OK(!got_sample(&m) && !known_line(&n, now, &e) &&
			got_state(&st) && (st.flags & NET_SYNCED) == 0,
		    "after a pause nothing is known");
		while (heard < sources) {
			now.ns += NS_PER_S;
			(void)measure(heard, PAUSE_NS + heard * 1000, 1);
			heard++;
			step();
			if (got_sample(&m))
				break;
		}
		IS_I64(heard, needed[sources], "of %u so many are heard first",
		    sources);
		IS_I64(m.flags, sources >= 3 ? SAMPLE_MANY : 0, "many or not");
		NEAR((double)(m.theta_ns - THETA_NS - PAUSE_NS), 0, 1e4,
		    "and say how long it was");
	}
	pause_with(3);
	(void)measure(0, PAUSE_NS, 1);
	(void)measure(1, PAUSE_NS, 1);
	n.table.slots[2].source.unanswered = SOURCE_BURST;
	step();
	OK(got_sample(&m) && m.flags == 0, "who does not answer is left out");
	pause_with(3);
	(void)measure(0, PAUSE_NS, 1);
	(void)measure(1, 0, 1);
	step();
	OK(!got_sample(&m), "two that differ");
	(void)measure(2, PAUSE_NS, 1);
	step();
	OK(got_sample(&m) && m.flags == 0 &&
		llabs(m.theta_ns - THETA_NS - PAUSE_NS) < 10000,
	    "the third decides");
	pause_with(3);
	n.table.config.min_sources = 1;
	(void)measure(0, PAUSE_NS, 1);
	step();
	OK(!got_sample(&m), "one does not, even where one is configured");
}

int
main(void)
{
	clock_end = channel_none(PROC_CLOCK, PROC_NET);
	ntpd_end = channel_none(PROC_NTPD, PROC_NET);
	n.parent = n.clock = channel_none(PROC_NET, PROC_NTPD);
	test_extrapolate();
	test_bound();
	test_sample_rounding();
	test_sample_fast();
	test_sample_insane();
	test_agreement();
	test_many();
	test_joint();
	test_beginning();
	test_distance();
	test_news();
	test_silence();
	test_rest();
	test_page();
	test_awaited();
	test_stratum_15();
	test_once();
	test_leap();
	test_suspend();
	test_paused();
	return DONE();
}
