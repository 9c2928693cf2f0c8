/*
 * Reading the configuration, see reload.h.  Run by ntpd only.  An invalid
 * configuration changes nothing.
 */
#include "ntpd/reload.h"

#include <sys/stat.h>

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/children/clock.h"
#include "ntpd/children/net.h"
#include "ntpd/children/observe.h"
#include "ntpd/children/serve.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"
#include "ntpd/relisten.h"
#include "ntpd/sockets/interface.h"
#include "ntpd/supervisor.h"

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

/* A reload: the new configuration, and the report on it. */
struct renewal {
	struct conf next;
	char why[REASON_LEN];	/* the first error */
	char later[REASON_LEN]; /* the parts that need a restart */
};

/* Keep the first error for whoever asked for the reload. */
static void
keep_why(struct renewal *r, const char *line)
{
	if (r->why[0] == '\0')
		(void)strlcpy(r->why, line, sizeof(r->why));
}

/* Note a part of the configuration that takes effect only at a restart. */
static void
leave_for_start(struct renewal *r, const char *part)
{
	daemon_log(LOG_LEVEL_WARNING,
	    "%s: the change takes effect at the next start", part);
	if (r->later[0] != '\0')
		(void)strlcat(r->later, ", ", sizeof(r->later));
	(void)strlcat(r->later, part, sizeof(r->later));
}

static void
keep_fixed(struct renewal *r, const struct conf *old)
{
	struct conf *next = &r->next;

	if (strcmp(old->control_socket, next->control_socket) != 0 ||
	    old->control_mode != next->control_mode ||
	    strcmp(old->control_group, next->control_group) != 0) {
		leave_for_start(r, "control socket");
		memcpy(next->control_socket, old->control_socket,
		    sizeof(next->control_socket));
		memcpy(next->control_group, old->control_group,
		    sizeof(next->control_group));
		next->control_mode = old->control_mode;
	}
	if (strcmp(old->state_directory, next->state_directory) != 0) {
		leave_for_start(r, "state directory");
		memcpy(next->state_directory, old->state_directory,
		    sizeof(next->state_directory));
	}
}

/* Its files are opened before privileges are given up. */
static void
keep_record(struct renewal *r, const struct conf *old)
{
	struct conf *next = &r->next;

	if (strcmp(old->record, next->record) == 0 &&
	    (old->record_bytes == next->record_bytes || old->record[0] == '\0'))
		return;
	leave_for_start(r, "recording");
	memcpy(next->record, old->record, sizeof(next->record));
	next->record_bytes = old->record_bytes;
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

/*
 * Log what conf_read() reported, line by line; keep the first error, which is
 * not a warning, for whoever asked for the reload.
 */
static void
say_report(struct renewal *r, char *report)
{
	char *rest = report, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0')
			continue;
		daemon_log(LOG_LEVEL_WARNING, "%s", line);
		if (strstr(line, ": warning: ") == NULL)
			keep_why(r, line);
	}
}

/*
 * Text that came through a pipe is gone, and waiting for more could take for
 * ever.  A missing file and a folder are errors that the reading itself
 * reports.
 */
static bool
can_read_again(struct renewal *r, const struct options *o)
{
	struct stat st;

	if (!o->read_file || stat(o->file, &st) == -1 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode))
		return true;
	keep_why(r,
	    "the configuration came through a pipe or the like: it "
	    "cannot be read again");
	daemon_log(LOG_LEVEL_ERROR,
	    "%s is not a regular file: it cannot be read again", o->file);
	return false;
}

/* Append a part to the answer; a part without room is only in the log. */
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

/* What was done, and what was not. */
static void
compose_answer(const struct supervisor *s, const struct renewal *r,
    char answer[REASON_LEN])
{
	uint32_t awaited = s->listeners.awaited.count;
	char part[REASON_LEN + 32];

	(void)strlcpy(answer, "configuration reloaded", REASON_LEN);
	(void)snprintf(
	    part, sizeof(part), "; from the next start on: %s", r->later);
	if (r->later[0] != '\0')
		add_part(answer, part);
	if (s->leaps.bad)
		add_part(answer, "; the leap file cannot be used");
	(void)snprintf(part, sizeof(part), "; %u address%s not listened on yet",
	    awaited, awaited == 1 ? "" : "es");
	if (awaited > 0)
		add_part(answer, part);
}

/*
 * Everything that can fail: read the configuration, and open its listening
 * sockets.  Returns 0, or -1 with nothing changed.
 */
static int
prepare_new(struct supervisor *s, struct renewal *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *report;
	int rc;

	if (!can_read_again(r, s->options))
		return -1;
	report = open_memstream(&text, &size);
	if (report == NULL)
		return -1;
	rc = reload_read(s->options, &r->next, report);
	(void)fclose(report); /* to memory */
	say_report(r, text);
	free(text);
	if (rc == 0)
		rc = listens_open(&s->listeners, &s->conf, &r->next, r->why);
	if (rc == -1)
		daemon_log(LOG_LEVEL_ERROR,
		    "the configuration is unchanged: the old one stays in force");
	return rc;
}

/* Send the new configuration to all programs that use it. */
static void
tell_all(struct supervisor *s, bool sockets, bool prefixes)
{
	net_give_page(s);
	daemon_log_set_level(s->conf.log_level);
	tell_level(&s->children, s->conf.log_level);
	(void)leaps_read(&s->leaps, &s->conf); /* they are sent in any case */
	net_configure(s);
	clock_configure(s);
	observe_tell_counts(s);
	observe_tell_awaited(s);
	serve_change(s, sockets, prefixes);
	/*
	 * An operator is present: a program that has failed too often may try
	 * again.
	 */
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		s->children.list[p].retry_ns = 0;
}

/* Put the new one in force, except what only a start can change. */
static void
put_in_force(struct supervisor *s, struct renewal *r)
{
	struct conf *next = &r->next;
	char listens[LISTENS_TEXT];
	bool sockets, prefixes;

	keep_fixed(r, &s->conf);
	keep_record(r, &s->conf);
	if (!relisten_fast(s, next))
		leave_for_start(r, "fast path");
	/* A new ntp-serve has no old keys. */
	sockets = !listens_same(&s->conf, next) ||
	    !same_keys(s->conf.keys, next->keys);
	prefixes = !prefix_same(&s->conf.prefixes, &next->prefixes);
	conf_clear(&s->conf);
	s->conf = *next;
	next->prefixes = (struct prefix_list){ .list = NULL }; /* moved */
	next->keys = NULL;				       /* moved */
	tell_all(s, sockets, prefixes);
	links_watch(&s->links, &s->conf);
	listens_text(&s->listeners, &s->conf, listens);
	daemon_log(LOG_LEVEL_INFO, "configuration reloaded: %u source%s, %s",
	    s->conf.source_count, s->conf.source_count == 1 ? "" : "s",
	    listens);
}

int
reload(struct supervisor *s, char answer[REASON_LEN])
{
	struct renewal *r = calloc(1, sizeof(*r));
	int rc = r == NULL ? -1 : prepare_new(s, r);

	if (rc == 0) {
		put_in_force(s, r);
		compose_answer(s, r, answer);
	} else {
		(void)strlcpy(answer,
		    r != NULL && r->why[0] != '\0'
			? r->why
			: "the configuration cannot be read just now: the old "
			  "one stays in force",
		    REASON_LEN);
	}
	if (r != NULL)
		conf_clear(&r->next);
	free(r);
	return rc;
}
