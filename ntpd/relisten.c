/*
 * Listening on other addresses, see relisten.h.  Run by ntpd only.  A failure
 * is logged, and everything stays as it was.
 */
#include "ntpd/relisten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "ntpd/children/net.h"
#include "ntpd/children/observe.h"
#include "ntpd/children/serve.h"
#include "ntpd/daemon_log.h"
#include "ntpd/sockets/interface.h"
#include "ntpd/supervisor.h"

bool
relisten_fast(struct supervisor *s, const struct conf *next)
{
	bool there = fast_is_there(&s->fast, &s->conf);
	bool wanted = next->fast_count > 0;

	if (fast_fits(&s->fast, there, &s->conf, next)) {
		s->fast.later &= wanted;
		return true;
	}
	if (s->fast.line_fd != -1) {
		fast_close(&s->fast);
		observe_tell_fast(s);
	}
	s->fast.later = wanted;
	if (!wanted)
		daemon_log(LOG_LEVEL_INFO, "the fast path is off");
	else
		daemon_log(LOG_LEVEL_WARNING,
		    "%s: no fast path until a restart",
		    there ? "what the fast path answers, or whom, has changed"
			  : "an interface that is listened on fast is another "
			    "one now or gone");
	return !wanted;
}

/* The addresses have changed, but not the configuration. */
static void
use_listens(struct supervisor *s, struct conf *next, const char *why)
{
	char text[LISTENS_TEXT];
	bool changed;

	if (listens_open(&s->listeners, &s->conf, next, NULL) == -1)
		return; /* it is logged; the next change may help */
	observe_tell_awaited(s);
	changed = !listens_same(&s->conf, next);
	memcpy(s->conf.listens, next->listens, sizeof(next->listens));
	s->conf.listen_count = next->listen_count;
	if (!changed)
		return; /* the added ones are still in use */
	net_give_page(s);
	net_configure(s);
	observe_tell_counts(s);
	serve_change(s, true, false);
	listens_text(&s->listeners, &s->conf, text);
	daemon_log(LOG_LEVEL_INFO, "%s: %s", why, text);
}

void
relisten_interfaces(struct supervisor *s)
{
	struct conf *next = malloc(sizeof(*next));
	FILE *report = fopen("/dev/null", "we");

	links_watch(&s->links, &s->conf);
	if (next != NULL && report != NULL) {
		*next = s->conf; /* what it points to is not copied */
		await_join(&s->listeners.awaited, next);
		interface_renew(next, report);
		(void)relisten_fast(s, next); /* it is logged */
		if (!await_covers(&s->listeners.awaited, &s->conf, next))
			use_listens(s, next, "interfaces have changed");
	}
	if (report != NULL)
		(void)fclose(report); /* it was logged at the start */
	free(next);
}

void
relisten_awaited(struct supervisor *s)
{
	struct awaited *a = &s->listeners.awaited;
	struct conf *next = malloc(sizeof(*next));

	await_tried(a, clock_read_boot());
	if (next != NULL && listens_any_free(&s->listeners, &s->conf)) {
		*next = s->conf; /* what it points to is not copied */
		await_join(a, next);
		use_listens(s, next, "what was in the way is gone");
	}
	free(next);
}
