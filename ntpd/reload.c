/*
 * Reading the configuration, at the start and again at SIGHUP.  Run by ntpd
 * only.  A configuration that is wrong changes nothing.
 */
#include <sys/stat.h>

#include <bsd/string.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "interface.h"
#include "journal.h"
#include "sockets.h"
#include "supervise.h"
#include "taken.h"

#define WORKERS_DEFAULT_MAX 4

int
reload_read(const struct options *o, struct conf *c, FILE *report)
{
	const struct conf_text *texts;
	size_t n = options_texts(o, &texts);

	conf_init(c);
	if (conf_read(c, texts, n, report) == -1)
		return -1;
	interface_listens(c, report);
	interface_split(c);
	c->log_level = options_log_level(o, c->log_level);
	return 0;
}

static int
find_listen(const struct conf *c, const struct conf_listen *l)
{
	for (uint32_t i = 0; i < c->listen_count; i++)
		if (c->listens[i].len == l->len &&
		    memcmp(&c->listens[i].addr, &l->addr, l->len) == 0)
			return (int)i;
	return -1;
}

static const char *
why_not(const struct conf_listen *l, int error)
{
	if (error == EADDRNOTAVAIL && socket_is_broadcast(l))
		return "it is a broadcast address: what is sent to many is not "
		       "answered";
	if (error == EACCES)
		return "Permission denied: CAP_NET_BIND_SERVICE, a port above "
		       "1023, or the setting "
		       "net.ipv4.ip_unprivileged_port_start is needed";
	return strerrordesc_np(error);
}

/* The first thing that is wrong is what who asked for the reload gets to know. */
static void
keep_why(struct supervisor *s, const char *line)
{
	if (s->reload_why[0] == '\0')
		(void)strlcpy(s->reload_why, line, sizeof(s->reload_why));
}

static void
say_cannot_listen(struct supervisor *s, const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN], line[SOCKET_TEXT_LEN + 512];
	int saved = errno;

	socket_text(l, text);
	(void)snprintf(line, sizeof(line), "cannot listen on %s (%s:%u): %s",
	    text, l->file, l->line, why_not(l, saved));
	keep_why(s, line);
	journal(LOG_LEVEL_ERROR, "%s", line);
	errno = saved;
}

static void
say_absent(const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN];

	socket_text(l, text);
	journal(LOG_LEVEL_WARNING,
	    "no interface has the address %s (%s:%u): it is listened on as "
	    "soon as this machine has it",
	    text, l->file, l->line);
}

/* The page is needed as soon as somebody is served. */
static int
make_page(struct supervisor *s)
{
	if (s->page_writer != -1)
		return 0;
	if (socket_make_page(&s->page_writer, &s->page_reader) == 0)
		return 0;
	journal(LOG_LEVEL_ERROR, "cannot make the page of served time: %s",
	    strerrordesc_np(errno));
	return -1;
}

/* So is a place for each worker to count; it stays when the worker ends. */
static int
make_counts(struct supervisor *s, uint32_t workers)
{
	for (uint32_t w = 0; w < workers; w++) {
		if (s->counts_writer[w] != -1 ||
		    socket_make_counts(
			&s->counts_writer[w], &s->counts_reader[w]) == 0)
			continue;
		journal(LOG_LEVEL_ERROR,
		    "cannot make the memory for counters: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	return 0;
}

static int
make_list(const struct conf *next, int *fd)
{
	*fd = prefix_file(&next->prefixes);
	if (*fd != -1)
		return 0;
	journal(LOG_LEVEL_ERROR, "cannot make the access list: %s",
	    strerrordesc_np(errno));
	return -1;
}

/* One for each core that ntpd may run on, but no more than four. */
static uint32_t
count_workers(const struct conf *c)
{
	cpu_set_t cores;
	int n = 1;

	if (c->listen_count == 0)
		return 0;
	if (c->workers != 0)
		return c->workers;
	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		n = CPU_COUNT(&cores);
	return n < 1		      ? 1
	    : n > WORKERS_DEFAULT_MAX ? WORKERS_DEFAULT_MAX
				      : (uint32_t)n;
}

/* How many sockets of the address are open already, of so many workers? */
static uint32_t
count_open(
    const struct supervisor *s, const struct conf_listen *l, uint32_t workers)
{
	if (find_listen(&s->conf, l) == -1)
		return 0;
	return workers < s->worker_count ? workers : s->worker_count;
}

/* The sockets of one address: those that are open already, and new ones. */
static int
open_listen(struct supervisor *s, const struct conf_listen *l, int *fds,
    uint32_t workers)
{
	int old = find_listen(&s->conf, l);
	uint32_t open = count_open(s, l, workers);
	int rc;

	for (uint32_t w = 0; w < open; w++)
		fds[w] = s->listen_fds[w][old];
	rc = socket_listen_udp(l, fds, open, workers);
	if (rc == -1)
		return -1;
	if (rc == 1 && old == -1 && !l->of_interface)
		say_absent(l);
	if (workers > 1 &&
	    socket_share(fds[0], l->addr.ss_family, workers) == -1)
		journal(LOG_LEVEL_INFO,
		    "clients are divided by their ports too: %s",
		    strerrordesc_np(errno));
	return 0;
}

/* Those of one address that are new, after all. */
static void
close_new(const struct supervisor *s, const struct conf_listen *l,
    const int *fds, uint32_t workers)
{
	for (uint32_t w = count_open(s, l, workers); w < workers; w++)
		(void)close(fds[w]); /* nobody has read from it */
}

/* Those that a new configuration does not take over. */
static void
close_old(const struct supervisor *s, const struct conf *next, uint32_t workers)
{
	for (uint32_t i = 0; i < s->conf.listen_count; i++) {
		bool stays = find_listen(next, &s->conf.listens[i]) != -1;

		for (uint32_t w = stays ? workers : 0; w < s->worker_count; w++)
			(void)close(s->listen_fds[w][i]); /* its reader ends */
	}
}

/*
 * May the address be listened on?  Sockets that share it with others of ours
 * would with another ntpd of the same user as well, unnoticed.
 */
static int
check_listen(const struct supervisor *s, const struct conf_listen *l)
{
	if (find_listen(&s->conf, l) != -1)
		return 0; /* it is */
	if (!l->of_interface && socket_is_broadcast(l)) {
		errno = EADDRNOTAVAIL; /* for nobody who could be answered */
		return -1;
	}
	for (uint32_t i = 0; i < s->conf.listen_count; i++)
		if (socket_overlaps(&s->conf.listens[i], l)) {
			struct taken_own own = { .fds = s->listen_fds,
				.workers = s->worker_count,
				.listens = s->conf.listen_count };

			return taken_check(l, &own);
		}
	return socket_try_udp(l);
}

/* A kernel without IPv6 has all addresses that there are without it. */
static void
say_one_family(struct supervisor *s, const struct conf_listen *l)
{
	if (!s->said_one_family)
		journal(LOG_LEVEL_INFO,
		    "this kernel has no IPv6: \"listen on *\" (%s:%u) is IPv4 "
		    "alone",
		    l->file, l->line);
	s->said_one_family = true;
}

static void
leave_out(struct conf *next, uint32_t i)
{
	next->listen_count--;
	memmove(&next->listens[i], &next->listens[i + 1],
	    (next->listen_count - i) * sizeof(next->listens[i]));
}

/* Before any is opened, so that only others can be in the way. */
static int
check_listens(struct supervisor *s, struct conf *next)
{
	for (uint32_t i = 0; i < next->listen_count;) {
		const struct conf_listen *l = &next->listens[i];

		if (check_listen(s, l) == 0) {
			i++;
		} else if (errno == EAFNOSUPPORT && l->of_star) {
			say_one_family(s, l);
			leave_out(next, i);
		} else if (errno == ENODEV && l->interface[0] != '\0') {
			leave_out(next, i); /* it has just gone, and may come */
		} else {
			say_cannot_listen(s, l);
			return -1;
		}
	}
	return 0;
}

/* As many workers as the limit of open files allows. */
static uint32_t
fit_workers(struct conf *next)
{
	uint32_t wanted = count_workers(next), workers;

	workers = socket_fit_limit(next, wanted);
	if (workers != wanted)
		journal(LOG_LEVEL_WARNING,
		    "%u of %u workers are started: more files may not be open "
		    "(RLIMIT_NOFILE)",
		    workers, wanted);
	return workers;
}

int
reload_sockets(struct supervisor *s, struct conf *next)
{
	static int fds[CONF_LISTEN_MAX][WORKERS_MAX];
	uint32_t workers, opened = 0;
	int list = -1;

	if (check_listens(s, next) == -1)
		return -1;
	workers = fit_workers(next);
	if (next->listen_count > 0 &&
	    (make_page(s) == -1 || make_counts(s, workers) == -1 ||
		make_list(next, &list) == -1))
		return -1;
	for (; opened < next->listen_count; opened++) {
		const struct conf_listen *l = &next->listens[opened];

		if (open_listen(s, l, fds[opened], workers) == -1) {
			say_cannot_listen(s, l);
			goto undo;
		}
	}
	close_old(s, next, workers);
	s->worker_count = workers;
	for (uint32_t w = 0; w < workers; w++)
		for (uint32_t i = 0; i < opened; i++)
			s->listen_fds[w][i] = fds[i][w];
	if (s->prefixes_fd != -1)
		(void)close(s->prefixes_fd); /* who needs it has it */
	s->prefixes_fd = list;
	return 0;
undo:
	while (opened-- > 0)
		close_new(s, &next->listens[opened], fds[opened], workers);
	if (list != -1)
		(void)close(list); /* of no use now */
	return -1;
}

void
reload_want_workers(struct supervisor *s)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++)
		s->children[spawn_child_of(w)].wanted = w < s->worker_count;
}

/* Workers that are too many end, others begin, or begin anew. */
static void
apply_workers(struct supervisor *s, bool listens_changed, bool prefixes_changed)
{
	reload_want_workers(s);
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		int p = spawn_child_of(w);
		struct child *c = &s->children[p];

		if (c->pid > 0 && !c->wanted) {
			stop_child(s, p);
		} else if (c->pid > 0 && listens_changed) {
			c->deaths.level = 0;
			stop_replace(s, p);
		} else if (c->pid > 0) {
			spawn_configure_serve(s, p, prefixes_changed);
		} else if (c->wanted) {
			c->retry_ns = 0;
		}
	}
}

static bool
same_listens(const struct conf *a, const struct conf *b)
{
	if (a->listen_count != b->listen_count)
		return false;
	for (uint32_t i = 0; i < a->listen_count; i++)
		if (find_listen(b, &a->listens[i]) == -1)
			return false;
	return true;
}

static void
say_fixed(const struct conf *old, struct conf *next)
{
	if (strcmp(old->control_socket, next->control_socket) != 0 ||
	    old->control_mode != next->control_mode ||
	    strcmp(old->control_group, next->control_group) != 0) {
		journal(LOG_LEVEL_WARNING,
		    "a change of the control socket needs a restart");
		memcpy(next->control_socket, old->control_socket,
		    sizeof(next->control_socket));
		memcpy(next->control_group, old->control_group,
		    sizeof(next->control_group));
		next->control_mode = old->control_mode;
	}
	if (strcmp(old->state_directory, next->state_directory) != 0) {
		journal(LOG_LEVEL_WARNING,
		    "a change of the state directory needs a restart");
		memcpy(next->state_directory, old->state_directory,
		    sizeof(next->state_directory));
	}
}

/* Files are opened before privileges are given up. */
static void
say_record_fixed(const struct conf *old, struct conf *next)
{
	if (strcmp(old->record, next->record) == 0 &&
	    old->record_bytes == next->record_bytes)
		return;
	journal(LOG_LEVEL_WARNING, "a change of the recording needs a restart");
	memcpy(next->record, old->record, sizeof(next->record));
	next->record_bytes = old->record_bytes;
}

static bool
same_fasts(const struct conf *a, const struct conf *b)
{
	for (uint32_t i = 0; i < a->fast_count && i < b->fast_count; i++)
		if (strcmp(a->fasts[i].name, b->fasts[i].name) != 0 ||
		    a->fasts[i].port != b->fasts[i].port ||
		    a->fasts[i].native != b->fasts[i].native)
			return false;
	return a->fast_count == b->fast_count;
}

static bool
same_keys(const struct keyring *a, const struct keyring *b)
{
	uint32_t count = a == NULL ? 0 : a->count;

	if (count != (b == NULL ? 0 : b->count))
		return false;
	return count == 0 ||
	    memcmp(a->keys, b->keys, count * sizeof(a->keys[0])) == 0;
}

/* The program in the kernel has the gate that it was loaded with. */
static bool
same_gate(const struct conf *a, const struct conf *b)
{
	return prefix_same(&a->prefixes, &b->prefixes) &&
	    a->rate_interval_ns == b->rate_interval_ns &&
	    a->rate_burst == b->rate_burst;
}

/* The rights to load a program were given up with the start. */
static void
say_fast_fixed(struct supervisor *s, const struct conf *next)
{
	bool there = fast_is_there(&s->fast, &s->conf);

	if (s->fast.line_fd == -1 ||
	    (there && same_fasts(&s->conf, next) && same_gate(&s->conf, next)))
		return;
	fast_close(&s->fast);
	relay_fast(s);
	journal(LOG_LEVEL_WARNING,
	    "%s: until a restart all is answered the ordinary way",
	    there ? "what is listened on fast, or whom it answers, has changed"
		  : "an interface that is listened on fast is another one now "
		    "or gone");
}

/*
 * Say what conf_read() reported, a line each; the first that is no warning is
 * kept for who asked for the reload.
 */
static void
say_report(struct supervisor *s, char *report)
{
	char *rest = report, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0')
			continue;
		journal(LOG_LEVEL_WARNING, "%s", line);
		if (strstr(line, ": warning: ") == NULL)
			keep_why(s, line);
	}
}

/* Everything that follows from a new configuration that is in s->conf. */
static void
apply(struct supervisor *s, bool listens_changed, bool prefixes_changed)
{
	struct msg_level level = { .log_level = (uint32_t)s->conf.log_level };

	journal_set_level(s->conf.log_level);
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		msg_offer(&s->children[p].channel, MSG_LEVEL, &level);
	(void)leaps_read(s); /* they are sent in any case */
	spawn_configure_net(s);
	spawn_configure_clock(s);
	spawn_send_counts(s);
	apply_workers(s, listens_changed, prefixes_changed);
	/* An operator is here: whoever failed too often may try again. */
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		s->children[p].retry_ns = 0;
}

void
reload_listens(struct supervisor *s, struct conf *next)
{
	say_fast_fixed(s, next);
	if (same_listens(&s->conf, next) || reload_sockets(s, next) == -1)
		return; /* it has said why; the next change may help */
	memcpy(s->conf.listens, next->listens, sizeof(next->listens));
	s->conf.listen_count = next->listen_count;
	spawn_send_page(s);
	spawn_configure_net(s);
	spawn_send_counts(s);
	apply_workers(s, true, false);
	journal(LOG_LEVEL_INFO,
	    "interfaces have changed: %u addresses to listen on",
	    conf_listens_named(&s->conf));
}

/* What came through a pipe is gone, and waiting for more could take for ever. */
static bool
can_read_again(struct supervisor *s)
{
	const struct options *o = s->options;
	struct stat st;

	if (!o->read_file || stat(o->file, &st) == -1 || S_ISREG(st.st_mode))
		return true; /* a missing file is an error of its own */
	keep_why(s,
	    "the configuration came through a pipe or the like: it "
	    "cannot be read again");
	journal(LOG_LEVEL_ERROR,
	    "%s is no regular file: it cannot be read again", o->file);
	return false;
}

int
reload(struct supervisor *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *report = open_memstream(&text, &size);
	struct conf *next = calloc(1, sizeof(*next));
	bool listens_changed, prefixes_changed;
	int rc = -1;

	s->reload_why[0] = '\0';
	if (report == NULL || next == NULL || !can_read_again(s))
		goto out;
	rc = reload_read(s->options, next, report);
	(void)fflush(report); /* to memory */
	say_report(s, text);
	if (rc == 0)
		rc = reload_sockets(s, next);
	if (rc == -1) {
		journal(LOG_LEVEL_ERROR,
		    "the configuration is not changed: the old one stays");
		goto out;
	}
	say_fixed(&s->conf, next);
	say_record_fixed(&s->conf, next);
	say_fast_fixed(s, next);
	/* A fresh ntp-serve has no old keys. */
	listens_changed = !same_listens(&s->conf, next) ||
	    !same_keys(s->conf.keys, next->keys);
	prefixes_changed = !prefix_same(&s->conf.prefixes, &next->prefixes);
	conf_clear(&s->conf);
	s->conf = *next;
	next->prefixes = (struct prefix_list){ .list = NULL }; /* moved */
	next->keys = NULL;				       /* too */
	spawn_send_page(s);
	apply(s, listens_changed, prefixes_changed);
	links_watch(s);
	journal(LOG_LEVEL_INFO,
	    "configuration reloaded: %u source%s, %u address%s to listen on",
	    s->conf.source_count, s->conf.source_count == 1 ? "" : "s",
	    conf_listens_named(&s->conf),
	    conf_listens_named(&s->conf) == 1 ? "" : "es");
out:
	if (report != NULL)
		(void)fclose(report);
	free(text);
	if (next != NULL)
		conf_clear(next);
	free(next);
	return rc;
}
