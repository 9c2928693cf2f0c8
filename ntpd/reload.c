/*
 * Reading the configuration, at the start and again at SIGHUP.  Run by ntpd
 * only.  A configuration that is wrong changes nothing.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interface.h"
#include "journal.h"
#include "sockets.h"
#include "supervise.h"

int
reload_read(const struct options *o, struct conf *c, FILE *report)
{
	const struct conf_text *texts;
	size_t n = options_texts(o, &texts);

	conf_init(c);
	if (conf_read(c, texts, n, report) == -1 ||
	    interface_listens(c, report) == -1)
		return -1;
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

static void
say_cannot_listen(const struct conf_listen *l)
{
	char text[SOCKET_TEXT_LEN];
	int saved = errno;

	socket_text(l, text);
	journal(LOG_LEVEL_ERROR, "cannot listen on %s (line %u): %s%s", text,
	    l->line, strerrordesc_np(saved),
	    saved == EACCES ? ": CAP_NET_BIND_SERVICE, a port above 1023, or "
			      "the setting net.ipv4.ip_unprivileged_port_start "
			      "is needed"
			    : "");
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

int
reload_sockets(struct supervisor *s, const struct conf *next)
{
	int fds[CONF_LISTEN_MAX];
	uint32_t opened = 0;

	if (next->listen_count > 0 && make_page(s) == -1)
		return -1;
	for (; opened < next->listen_count; opened++) {
		const struct conf_listen *l = &next->listens[opened];
		int old = find_listen(&s->conf, l);

		fds[opened] =
		    old == -1 ? socket_listen_udp(l) : dup(s->listen_fds[old]);
		if (fds[opened] == -1) {
			say_cannot_listen(l);
			goto undo;
		}
	}
	for (uint32_t i = 0; i < s->conf.listen_count; i++)
		(void)close(s->listen_fds[i]); /* kept ones were duplicated */
	memcpy(s->listen_fds, fds, sizeof(int) * opened);
	return 0;
undo:
	while (opened > 0)
		(void)close(fds[--opened]); /* of no use now */
	return -1;
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

/* The rights to load a program were given up with the start. */
static void
say_fast_fixed(struct supervisor *s, const struct conf *next)
{
	if (same_fasts(&s->conf, next))
		return;
	fast_close(&s->fast);
	journal(LOG_LEVEL_WARNING,
	    "what is listened on fast has changed: until a restart all is "
	    "answered the ordinary way");
}

/* Say what conf_read() reported, a line each. */
static void
say_report(char *report)
{
	char *rest = report, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0')
			journal(LOG_LEVEL_WARNING, "%s", line);
}

/* Everything that follows from a new configuration that is in s->conf. */
static void
apply(struct supervisor *s, bool listens_changed)
{
	struct child *serve = &s->children[PROC_SERVE];
	struct msg_level level = { .log_level = (uint32_t)s->conf.log_level };

	journal_set_level(s->conf.log_level);
	for (int p = PROC_CLOCK; p < PROC_CTL; p++)
		msg_offer(&s->children[p].channel, MSG_LEVEL, &level);
	spawn_configure_clock(s, false);
	spawn_configure_net(s);
	serve->wanted = s->conf.listen_count > 0;
	if (listens_changed && serve->pid > 0) {
		serve->quick_deaths = 0;
		spawn_replace(s, PROC_SERVE);
	} else if (serve->wanted && serve->pid == 0) {
		serve->retry_ns = 0;
	}
}

/* What came through a pipe is gone, and waiting for more could take for ever. */
static bool
can_read_again(const struct options *o)
{
	struct stat st;

	if (!o->read_file || stat(o->file, &st) == -1 || S_ISREG(st.st_mode))
		return true; /* a missing file is an error of its own */
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
	bool listens_changed;
	int rc = -1;

	if (report == NULL || next == NULL || !can_read_again(s->options))
		goto out;
	rc = reload_read(s->options, next, report);
	(void)fflush(report); /* to memory */
	say_report(text);
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
	listens_changed = !same_listens(&s->conf, next);
	s->conf = *next;
	spawn_send_page(s);
	apply(s, listens_changed);
	journal(LOG_LEVEL_INFO,
	    "configuration reloaded: %u sources, %u "
	    "addresses to listen on",
	    s->conf.source_count, s->conf.listen_count);
out:
	if (report != NULL)
		(void)fclose(report);
	free(text);
	free(next);
	return rc;
}
