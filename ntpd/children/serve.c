/* ntp-serve, see serve.h: what each worker is sent.  Run by ntpd only. */
#include "ntpd/children/serve.h"

#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/children/tell.h"
#include "ntpd/supervisor.h"

/* Its configuration, with or without the access list. */
static void
configure(struct supervisor *s, int p, bool with_prefixes)
{
	struct msg_serve_config m = { .rate_interval_ns =
					  s->conf.rate_interval_ns,
		.rate_burst = s->conf.rate_burst };
	struct msg_prefixes prefixes = { .count = s->conf.prefixes.count };

	tell(&s->children, p, MSG_SERVE_CONFIG, &m, -1);
	if (with_prefixes)
		tell(&s->children, p, MSG_PREFIXES, &prefixes,
		    s->listeners.published.prefixes_fd);
}

static void
give(struct supervisor *s, int p)
{
	const struct published *published = &s->listeners.published;
	struct msg_counts counts = { .worker = child_worker(p) };
	struct msg_page page = { .h = { 0, 0 } };
	struct msg_fast fast = { .h = { 0, 0 } };

	/* The counters continue; the records of clients start empty. */
	published_forget_clients(published, counts.worker);
	tell(&s->children, p, MSG_COUNTS, &counts,
	    published->counts[counts.worker].writer);
	configure(s, p, true);			    /* before anybody can ask */
	tell_keys(&s->children, p, &s->conf, NULL); /* any of them */
	tell(&s->children, p, MSG_PAGE, &page, published->page.reader);
	if (p == PROC_SERVE && s->fast.line_fd != -1) /* one worker is enough */
		tell(&s->children, p, MSG_FAST, &fast, s->fast.line_fd);
	for (uint32_t i = 0; i < s->conf.listen_count; i++) {
		struct msg_socket m = { .h = { 0, 0 } };

		tell(&s->children, p, MSG_SOCKET, &m,
		    s->listeners.fds[child_worker(p)][i]);
	}
}

void
serve_want(struct supervisor *s)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++)
		s->children.list[worker_child(w)].wanted =
		    w < s->listeners.workers;
}

void
serve_change(struct supervisor *s, bool sockets, bool prefixes)
{
	serve_want(s);
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		int p = worker_child(w);
		struct child *c = &s->children.list[p];

		if (c->pid > 0 && !c->wanted) {
			stop_child(&s->children, p);
		} else if (c->pid > 0 && sockets) {
			c->deaths.level = 0;
			stop_replace(&s->children, p);
		} else if (c->pid > 0) {
			configure(s, p, prefixes);
		} else if (c->wanted) {
			c->retry_ns = 0;
		}
	}
}

const struct program program_SERVE = { .give = give };
