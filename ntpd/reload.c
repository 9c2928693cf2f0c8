/*
 * Reading the configuration, at the start and again at SIGHUP.  Run by ntpd
 * only.  A configuration that is wrong changes nothing.
 */
#include <sys/stat.h>

#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/journal.h"
#include "ntpd/sockets/interface.h"
#include "ntpd/supervise.h"

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

/* The first thing that is wrong is what who asked for the reload gets to know. */
void
reload_keep_why(struct supervisor *s, const char *line)
{
	if (s->reload_why[0] == '\0')
		(void)strlcpy(s->reload_why, line, sizeof(s->reload_why));
}

void
reload_want_workers(struct supervisor *s)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++)
		s->children[worker_child(w)].wanted = w < s->worker_count;
}

/* Workers that are too many end, others begin, or begin anew. */
static void
apply_workers(struct supervisor *s, bool listens_changed, bool prefixes_changed)
{
	reload_want_workers(s);
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		int p = worker_child(w);
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

/* A part of the configuration that this ntpd does not follow any more. */
static void
leave_for_start(struct supervisor *s, const char *part)
{
	journal(LOG_LEVEL_WARNING,
	    "%s: the change takes effect at the next start", part);
	if (s->reload_later[0] != '\0')
		(void)strlcat(s->reload_later, ", ", sizeof(s->reload_later));
	(void)strlcat(s->reload_later, part, sizeof(s->reload_later));
}

static void
keep_fixed(struct supervisor *s, struct conf *next)
{
	const struct conf *old = &s->conf;

	if (strcmp(old->control_socket, next->control_socket) != 0 ||
	    old->control_mode != next->control_mode ||
	    strcmp(old->control_group, next->control_group) != 0) {
		leave_for_start(s, "control socket");
		memcpy(next->control_socket, old->control_socket,
		    sizeof(next->control_socket));
		memcpy(next->control_group, old->control_group,
		    sizeof(next->control_group));
		next->control_mode = old->control_mode;
	}
	if (strcmp(old->state_directory, next->state_directory) != 0) {
		leave_for_start(s, "state directory");
		memcpy(next->state_directory, old->state_directory,
		    sizeof(next->state_directory));
	}
}

/* Files are opened before privileges are given up. */
static void
keep_record(struct supervisor *s, struct conf *next)
{
	const struct conf *old = &s->conf;

	if (strcmp(old->record, next->record) == 0 &&
	    (old->record_bytes == next->record_bytes || old->record[0] == '\0'))
		return;
	leave_for_start(s, "recording");
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

/* Does what runs in the kernel do what is configured, as far as it ever did? */
static bool
fast_fits(const struct supervisor *s, const struct conf *next, bool there)
{
	if (s->fast.line_fd == -1)
		return !s->fast_later && same_fasts(&s->conf, next);
	return there && same_fasts(&s->conf, next) && same_gate(&s->conf, next);
}

/*
 * The rights to load a program were given up with the start.  Returns false if
 * there is to be one and it needs a start.
 */
static bool
keep_fast(struct supervisor *s, const struct conf *next)
{
	bool there = fast_is_there(&s->fast, &s->conf);
	bool wanted = next->fast_count > 0;

	if (fast_fits(s, next, there)) {
		s->fast_later &= wanted;
		return true;
	}
	if (s->fast.line_fd != -1) {
		fast_close(&s->fast);
		relay_fast(s);
	}
	s->fast_later = wanted;
	if (!wanted)
		journal(LOG_LEVEL_INFO, "nothing is listened on fast any more");
	else
		journal(LOG_LEVEL_WARNING,
		    "%s: until a restart all is answered the ordinary way",
		    there ? "what is listened on fast, or whom it answers, has "
			    "changed"
			  : "an interface that is listened on fast is another "
			    "one now or gone");
	return !wanted;
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
			reload_keep_why(s, line);
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
	spawn_send_awaited(s);
	apply_workers(s, listens_changed, prefixes_changed);
	/* An operator is here: whoever failed too often may try again. */
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		s->children[p].retry_ns = 0;
}

/* What is listened on has changed, not the configuration. */
static void
use_listens(struct supervisor *s, struct conf *next, const char *why)
{
	char text[LISTENS_TEXT];
	bool changed;

	if (listens_open(s, next, false) == -1)
		return; /* it has said why; the next change may help */
	spawn_send_awaited(s);
	changed = !listens_same(&s->conf, next);
	memcpy(s->conf.listens, next->listens, sizeof(next->listens));
	s->conf.listen_count = next->listen_count;
	if (!changed)
		return; /* what was added is still in the way */
	spawn_send_page(s);
	spawn_configure_net(s);
	spawn_send_counts(s);
	apply_workers(s, true, false);
	listens_text(s, text);
	journal(LOG_LEVEL_INFO, "%s: %s", why, text);
}

void
reload_listens(struct supervisor *s, struct conf *next)
{
	(void)keep_fast(s, next); /* has said so */
	if (!await_covers(&s->awaited, &s->conf, next))
		use_listens(s, next, "interfaces have changed");
}

void
reload_awaited(struct supervisor *s)
{
	struct conf *next = malloc(sizeof(*next));
	bool one = false;

	await_tried(&s->awaited, clock_read_boot());
	for (uint32_t i = 0; i < s->awaited.count; i++)
		one |= listens_free(s, &s->awaited.list[i]);
	if (one && next != NULL) {
		*next = s->conf; /* all that it points to stays there */
		await_join(&s->awaited, next);
		use_listens(s, next, "what was in the way is gone");
	}
	free(next);
}

/*
 * What came through a pipe is gone, and waiting for more could take for ever.  A
 * missing file and a folder are errors that reading it names.
 */
static bool
can_read_again(struct supervisor *s)
{
	const struct options *o = s->options;
	struct stat st;

	if (!o->read_file || stat(o->file, &st) == -1 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode))
		return true;
	reload_keep_why(s,
	    "the configuration came through a pipe or the like: it "
	    "cannot be read again");
	journal(LOG_LEVEL_ERROR,
	    "%s is no regular file: it cannot be read again", o->file);
	return false;
}

/* One more part of the answer; what has no room is in the log. */
static void
add_part(char answer[REASON_LEN], const char *part)
{
	static const char rest[] = "; see the log";

	if (strstr(answer, rest) != NULL)
		return;
	if (strlen(answer) + strlen(part) + sizeof(rest) > REASON_LEN)
		part = rest;
	(void)strlcat(answer, part, REASON_LEN);
}

void
reload_answer(const struct supervisor *s, char answer[REASON_LEN])
{
	char part[REASON_LEN + 32];

	(void)strlcpy(answer, "configuration reloaded", REASON_LEN);
	(void)snprintf(part, sizeof(part), "; from the next start on: %s",
	    s->reload_later);
	if (s->reload_later[0] != '\0')
		add_part(answer, part);
	if (s->leaps_bad)
		add_part(answer, "; the leap file cannot be used");
	(void)snprintf(part, sizeof(part), "; %u address%s not listened on yet",
	    s->awaited.count, s->awaited.count == 1 ? "" : "es");
	if (s->awaited.count > 0)
		add_part(answer, part);
}

int
reload(struct supervisor *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *report = open_memstream(&text, &size);
	struct conf *next = calloc(1, sizeof(*next));
	bool listens_changed, prefixes_changed;
	char listens[LISTENS_TEXT];
	int rc = -1;

	s->reload_why[0] = s->reload_later[0] = '\0';
	if (report == NULL || next == NULL || !can_read_again(s))
		goto out;
	rc = reload_read(s->options, next, report);
	(void)fflush(report); /* to memory */
	say_report(s, text);
	if (rc == 0)
		rc = listens_open(s, next, true);
	if (rc == -1) {
		journal(LOG_LEVEL_ERROR,
		    "the configuration is not changed: the old one stays");
		goto out;
	}
	keep_fixed(s, next);
	keep_record(s, next);
	if (!keep_fast(s, next))
		leave_for_start(s, "fast path");
	/* A fresh ntp-serve has no old keys. */
	listens_changed = !listens_same(&s->conf, next) ||
	    !same_keys(s->conf.keys, next->keys);
	prefixes_changed = !prefix_same(&s->conf.prefixes, &next->prefixes);
	conf_clear(&s->conf);
	s->conf = *next;
	next->prefixes = (struct prefix_list){ .list = NULL }; /* moved */
	next->keys = NULL;				       /* too */
	spawn_send_page(s);
	apply(s, listens_changed, prefixes_changed);
	links_watch(s);
	listens_text(s, listens);
	journal(LOG_LEVEL_INFO, "configuration reloaded: %u source%s, %s",
	    s->conf.source_count, s->conf.source_count == 1 ? "" : "s",
	    listens);
out:
	if (report != NULL)
		(void)fclose(report);
	free(text);
	if (next != NULL)
		conf_clear(next);
	free(next);
	return rc;
}
