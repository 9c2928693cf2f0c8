/*
 * The content of a recording in words, see story.h.
 */
#include "tests/sim/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/addr.h"
#include "core/types.h"

static const char *const states[] = {
	[STATE_RESOLVING] = "-",
	[STATE_UNREACHABLE] = "unreachable",
	[STATE_UNSYNCHRONIZED] = "unsynchronized",
	[STATE_UNAUTHENTICATED] = "unauthenticated",
	[STATE_DENIED] = "denied",
	[STATE_SELF] = "self",
	[STATE_FALSETICKER] = "falseticker",
	[STATE_OUTLIER] = "outlier",
	[STATE_CANDIDATE] = "candidate",
	[STATE_SELECTED] = "selected",
};

void
story_time(char text[STORY_TIME], int64_t real_ns)
{
	int64_t part_ns = real_ns % NS_PER_S;
	time_t s = (time_t)(real_ns / NS_PER_S - (part_ns < 0));
	size_t len;
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&s, &tm) == NULL)
		return;
	len = strftime(text, STORY_TIME, "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(text + len, STORY_TIME - len, ".%06" PRId64,
	    (part_ns + (part_ns < 0 ? NS_PER_S : 0)) / 1000);
}

double
story_us(int64_t ns)
{
	return (double)ns / 1e3;
}

bool
story_is_decision(const struct item *it)
{
	return it->kind == ITEM_ANSWER || it->kind == ITEM_TOLD ||
	    it->kind == ITEM_DECISION || it->kind == ITEM_OPEN;
}

static void
tell_sample(char text[STORY_TEXT], const struct msg_sample *m)
{
	(void)snprintf(text, STORY_TEXT,
	    "sample: raw %" PRId64 " theta %" PRId64 " sigma %" PRId64
	    " slope %" PRId64 " sigma %" PRId64 " root delay %" PRId64
	    " dispersion %" PRId64 " leap %" PRIu32,
	    m->raw_ns, m->theta_ns, m->sigma_ns, m->slope_q32,
	    m->slope_sigma_q32, m->root_delay_ns, m->root_dispersion_ns,
	    m->leap);
}

/* Names come from a file: print no terminal control codes. */
static void
tell_name(char text[STORY_TEXT], const char *what, const char *name)
{
	size_t len = (size_t)snprintf(text, STORY_TEXT, "%s ", what);

	for (size_t i = 0; i < NAME_LEN && name[i] != '\0'; i++)
		text[len++] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
	text[len] = '\0';
}

static void
tell_message(char text[STORY_TEXT], const union msg *m)
{
	static const char *const names[MSG_COUNT] = { [MSG_PEER] = "a channel",
		[MSG_LEVEL] = "a log level",
		[MSG_PAGE] = "a page",
		[MSG_NET_CONFIG] = "a configuration",
		[MSG_NET_COMMIT] = "the end of a configuration",
		[MSG_KEYS] = "keys, which are not shown",
		[MSG_CLOCK_STATE] = "the clock's state",
		[MSG_CLOCK_EVENT] = "an event of the clock",
		[MSG_RESOLVED] = "addresses",
		[MSG_STATUS_ASK] = "a question for the status" };

	if (m->h.type == MSG_SAMPLE)
		tell_sample(text, &m->sample);
	else if (m->h.type == MSG_NET_STATE)
		(void)snprintf(text, STORY_TEXT,
		    "state: flags %" PRIu32 ", %" PRIu32 " of %" PRIu32
		    " selected, stratum %" PRIu32,
		    m->net_state.flags, m->net_state.selected,
		    m->net_state.sources, m->net_state.stratum);
	else if (m->h.type == MSG_NET_SOURCE)
		tell_name(text, "source", m->net_source.name);
	else if (m->h.type == MSG_RESOLVE)
		tell_name(text, "look up", m->resolve.name);
	else
		(void)snprintf(text, STORY_TEXT, "%s",
		    m->h.type < MSG_COUNT && names[m->h.type] != NULL
			? names[m->h.type]
			: "?");
}

static void
tell_channel(char text[STORY_TEXT], const struct item *it)
{
	static const char *const results[] = { [MSG_GOT] = "",
		[MSG_NOTHING] = "nothing more",
		[MSG_CLOSED] = "the end",
		[MSG_BAD] = "what may not be" };
	char what[STORY_TEXT] = "";

	if (it->kind == ITEM_TOLD || it->result == MSG_GOT)
		tell_message(what, &it->u.msg);
	else
		(void)snprintf(
		    what, sizeof(what), "%s", results[it->result & 3]);
	if (it->kind == ITEM_TOLD)
		(void)snprintf(text, STORY_TEXT, "to %s, result %d: %.900s",
		    proc_name(it->who), it->result, what);
	else
		(void)snprintf(text, STORY_TEXT, "from %s: %.900s",
		    proc_name(it->who), what);
}

static void
tell_decision(char text[STORY_TEXT], const struct item_decision *d)
{
	size_t len = (size_t)snprintf(text, STORY_TEXT,
	    "%s%s: %" PRIu32 " agree, %" PRIu32 " needed, %" PRIu32
	    " selected, stratum %" PRIu32 ", leap %" PRIu32 ", peer %" PRId64
	    ", bound %.3f us;",
	    d->agreed != 0 ? "agreement" : "no agreement",
	    d->synced != 0 ? "" : ", not synchronized", d->agreeing, d->needed,
	    d->selected, d->stratum, d->leap, (int64_t)d->peer - 1,
	    story_us(d->distance_ns));

	for (uint32_t i = 0; i < SOURCES_MAX && len < STORY_TEXT; i++)
		if (d->states[i] != 0)
			len += (size_t)snprintf(text + len, STORY_TEXT - len,
			    " %" PRIu32 " %s", i, states[d->states[i]]);
}

static void
tell_packet(char text[STORY_TEXT], const struct item *it)
{
	const struct item_datagram *d = &it->u.datagram;

	if (it->result != 1)
		(void)snprintf(text, STORY_TEXT, "source %" PRIu32 ": %s",
		    it->slot,
		    it->result == 0 ? "no more datagrams" : "an error");
	else
		(void)snprintf(text, STORY_TEXT,
		    "source %" PRIu32 ": a datagram of %" PRIu32
		    " bytes, stamp %" PRId64,
		    it->slot, d->len, d->stamp_ns);
}

static void
tell_local(char text[STORY_TEXT], const struct msg_addr *a)
{
	char name[ADDR_TEXT];

	addr_text(a, name);
	(void)snprintf(text, STORY_TEXT, "our address: %s",
	    a->family == 0 ? "not known" : name);
}

static void
tell_clock(char text[STORY_TEXT], const struct clock_pair *c)
{
	(void)snprintf(text, STORY_TEXT,
	    "the clocks: raw %" PRId64 " real %" PRId64 " error %" PRId64
	    " suspended %" PRId64,
	    c->raw_ns, c->real_ns, c->error_ns, c->suspended_ns);
}

void
story_item(char text[STORY_TEXT], const struct item *it)
{
	switch (it->kind) {
	case ITEM_CLOCK:
		tell_clock(text, &it->u.clock);
		return;
	case ITEM_RANDOM:
		(void)snprintf(
		    text, STORY_TEXT, "%" PRIu32 " random bytes", it->width);
		return;
	case ITEM_WAIT:
		(void)snprintf(
		    text, STORY_TEXT, "waited: %d ready", it->result);
		return;
	case ITEM_MESSAGE:
	case ITEM_TOLD:
		tell_channel(text, it);
		return;
	case ITEM_OPEN:
		(void)snprintf(text, STORY_TEXT,
		    "source %" PRIu32 ": a query, result %d", it->slot,
		    it->result);
		return;
	case ITEM_LOCAL:
		tell_local(text, &it->u.addr);
		return;
	case ITEM_SENT:
		(void)snprintf(text, STORY_TEXT, "sent, result %d", it->result);
		return;
	case ITEM_STAMP:
		(void)snprintf(text, STORY_TEXT, "time of sending: %" PRId64,
		    it->result == 1 ? it->u.stamp_ns : 0);
		return;
	case ITEM_DATAGRAM:
		tell_packet(text, it);
		return;
	case ITEM_AUTH:
		(void)snprintf(text, STORY_TEXT, "its MAC is %s",
		    it->result == AUTH_GOOD ? "right" : "not right");
		return;
	case ITEM_ANSWER:
		(void)snprintf(text, STORY_TEXT,
		    "source %" PRIu32 ": %s, theta %" PRId64 " delay %" PRId64,
		    it->slot, verdict_str((enum verdict)it->u.answer.verdict),
		    it->u.answer.theta_ns, it->u.answer.delay_ns);
		return;
	case ITEM_DECISION:
		tell_decision(text, &it->u.decision);
		return;
	case ITEM_PIECE:
		(void)snprintf(text, STORY_TEXT,
		    "what was known: %" PRIu32 " bytes at %" PRIu32,
		    it->u.piece.len, it->u.piece.offset);
		return;
	case ITEM_NONE:
	case ITEM_KINDS:
		break;
	}
	(void)snprintf(text, STORY_TEXT, "nothing");
}
