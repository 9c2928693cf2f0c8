/*
 * ntp-net, see net.h: what it is sent, and what it reports.  Run by ntpd only,
 * which trusts its reports for nothing that affects the clock or a file.
 */
#include "ntpd/children/net.h"

#include <stdio.h>

#include "ntpd/children/clock.h"
#include "ntpd/children/program.h"
#include "ntpd/children/tell.h"
#include "ntpd/sockets/answers.h"
#include "ntpd/supervisor.h"

/* True if a source is queried with this key. */
static bool
is_asked_with(const struct conf *c, uint32_t key_id)
{
	for (uint32_t i = 0; i < c->source_count; i++)
		if (c->sources[i].key_id == key_id)
			return true;
	return false;
}

/* What it has to know of the network and the clock together. */
static struct msg_net_config
config_of(const struct supervisor *s)
{
	struct msg_net_config m = { .flags = NET_CLOCK };

#define NET_SETTING(member, ...) m.member = s->conf.member;
#include "common/limits.def"
	if (s->listeners.published.page.writer != -1)
		m.flags |= NET_SERVES;
	if (s->options->once)
		m.flags |= NET_ONCE;
	if (s->ways.fd != -1)
		m.flags |= NET_NOTICES;
	if (heard_slope(
		&s->heard, &s->kept.state, &m.drift_q32, &m.drift_sigma_q32))
		m.flags |= NET_SLOPE_KNOWN;
	return m;
}

static void
tell_source(struct children *all, const struct conf_source *cs)
{
	struct msg_net_source m = { .kind = cs->kind,
		.port = cs->port,
		.poll_min_log2 = cs->poll_min_log2,
		.poll_max_log2 = cs->poll_max_log2,
		.count = cs->count,
		.key_id = cs->key_id,
		.flags = cs->interleaved ? SOURCE_INTERLEAVED : 0 };

	(void)snprintf(m.name, sizeof(m.name), "%s", cs->name);
	tell(all, PROC_NET, MSG_NET_SOURCE, &m, -1);
}

void
net_configure(struct supervisor *s)
{
	struct children *all = &s->children;
	struct msg_net_config m = config_of(s);
	struct msg_net_listens listens = answers_message(&s->conf);
	struct msg_net_commit commit = { .sources = s->conf.source_count };

	tell(all, PROC_NET, MSG_NET_CONFIG, &m, -1);
	tell_keys(all, PROC_NET, &s->conf, is_asked_with);
	for (uint32_t i = 0; i < s->conf.source_count; i++)
		tell_source(all, &s->conf.sources[i]);
	tell(all, PROC_NET, MSG_NET_LISTENS, &listens, -1);
	tell(all, PROC_NET, MSG_NET_COMMIT, &commit, -1);
	net_tell_leaps(s);
}

void
net_give_page(struct supervisor *s)
{
	struct published *p = &s->listeners.published;
	struct msg_page page = { .h = { 0, 0 } };

	if (p->page.writer == -1 || p->page_sent)
		return;
	tell(&s->children, PROC_NET, MSG_PAGE, &page, p->page.writer);
	p->page_sent = true;
}

void
net_tell_leaps(struct supervisor *s)
{
	struct msg_leaps m = s->leaps.message;

	tell(&s->children, PROC_NET, MSG_LEAPS, &m, -1);
}

void
net_hurry(struct supervisor *s)
{
	struct msg_net_hurry m = { .h = { 0, 0 } };

	tell_offer(&s->children, PROC_NET, MSG_NET_HURRY, &m);
}

static uint32_t
start_flags(const struct supervisor *s)
{
	return s->recording.fds[0] != -1 ? START_EXTRA : 0;
}

static void
give_records(struct supervisor *s)
{
	for (int i = 0; i < RECORD_FILES && s->recording.fds[0] != -1; i++) {
		struct msg_record m;

		recording_describe(&s->recording, i, s->conf.record_bytes, &m);
		tell(&s->children, PROC_NET, MSG_RECORD, &m,
		    s->recording.fds[i]);
	}
}

static void
give(struct supervisor *s, int p)
{
	(void)p; /* only one exists */
	give_records(s);
	s->listeners.published.page_sent = false;
	net_give_page(s);
	clock_look(s); /* for the slope */
	net_configure(s);
}

static void
take_state(struct supervisor *s, int p, union msg *msg)
{
	const struct msg_net_state *m = &msg->net_state;

	(void)p; /* ntp-net */
	if (m->flags == s->heard.net.flags &&
	    m->selected == s->heard.net.selected &&
	    m->sources == s->heard.net.sources)
		return;
	s->heard.net = *m;
	s->heard.net_known = true;
	if (s->options->once && s->ending == ENDING_NONE &&
	    (m->flags & (NET_GAVE_UP | NET_NO_SOURCES)) != 0)
		s->ending = ENDING_ONCE_FAILED;
}

static const struct said says[] = {
	{ MSG_NET_STATE, take_state },
	{ .take = NULL },
};

const struct program program_NET = {
	.start_flags = start_flags, .give = give, .says = says
};
