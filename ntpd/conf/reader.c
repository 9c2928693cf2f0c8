/*
 * One reading, see reader.h: files, included files, macros, messages.  ntpd
 * runs this at its start, at every reload and for the check.  It must neither
 * wait for a device nor read without a limit.
 */
#include "ntpd/conf/reader.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/read_whole.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define MESSAGE_MAX 8192 /* the longest path, and a message about it */

bool
reader_is_over(const struct reader *r)
{
	return r->errors >= READER_ERRORS_MAX;
}

static void say(struct reader *r, const struct lex_place *place,
    const char *kind, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));

/*
 * Replace what a terminal would obey.  The lexer rejects ASCII control
 * characters other than the tab everywhere, but accepts those of UTF-8 in
 * quotes.
 */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\t')
			*text = ' ';
		if ((unsigned char)text[0] == 0xc2 &&
		    (unsigned char)text[1] < 0xa0 && text[1] != '\0')
			text[0] = text[1] = '?';
	}
}

/* A message without a line is about the file as a whole. */
static void
say(struct reader *r, const struct lex_place *place, const char *kind,
    const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX];
	int len;

	if (place->line == 0)
		len = snprintf(text, sizeof(text), "%s: %s", place->file, kind);
	else
		len = snprintf(text, sizeof(text), "%s:%u:%u: %s", place->file,
		    place->line, place->column, kind);
	if (len >= 0 && (size_t)len < sizeof(text))
		(void)vsnprintf(
		    text + len, sizeof(text) - (size_t)len, fmt, ap);
	make_printable(text);
	(void)fprintf(r->report, "%s\n", text);
}

void
reader_error(
    struct reader *r, const struct lex_place *place, const char *fmt, ...)
{
	va_list ap;

	if (reader_is_over(r))
		return;
	r->errors++;
	va_start(ap, fmt);
	say(r, place, "", fmt, ap);
	va_end(ap);
	if (reader_is_over(r))
		(void)fprintf(r->report,
		    "%s: too many errors, the rest was not read\n",
		    place->file);
}

void
reader_warning(
    struct reader *r, const struct lex_place *place, const char *fmt, ...)
{
	va_list ap;

	if (reader_is_over(r) || r->warnings > READER_WARNINGS_MAX)
		return;
	if (r->warnings++ == READER_WARNINGS_MAX) {
		(void)fprintf(r->report, "%s: further warnings are left out\n",
		    place->file);
		return;
	}
	va_start(ap, fmt);
	say(r, place, "warning: ", fmt, ap);
	va_end(ap);
}

/* Report that memory is out, and stop reading. */
static void
out_of_memory(struct reader *r)
{
	if (!reader_is_over(r))
		(void)fputs("configuration: out of memory\n", r->report);
	r->errors = READER_ERRORS_MAX;
}

const char *
reader_keep(struct reader *r, const char *text)
{
	size_t size = strlen(text) + 1;
	struct reader_text *t = malloc(sizeof(*t) + size);

	if (t == NULL) {
		out_of_memory(r);
		return "";
	}
	memcpy(t->text, text, size);
	t->next = r->kept;
	r->kept = t;
	return t->text;
}

const char *
reader_macro(const struct reader *r, const char *name)
{
	for (const struct reader_macro *m = r->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m->value;
	return NULL;
}

void
reader_define(struct reader *r, const char *name, const char *value,
    const struct lex_place *place)
{
	struct reader_macro *m;

	if (r->macro_count == READER_MACROS_MAX) {
		reader_error(
		    r, place, "more than %d macros", READER_MACROS_MAX);
		return;
	}
	m = malloc(sizeof(*m));
	if (m == NULL) {
		out_of_memory(r);
		return;
	}
	*m = (struct reader_macro){
		.next = r->macros, .name = name, .value = value
	};
	r->macros = m;
	r->macro_count++;
}

void
reader_clear(struct reader *r)
{
	struct reader_macro *m;
	struct reader_text *t;

	while ((m = r->macros) != NULL) {
		r->macros = m->next;
		free(m);
	}
	while ((t = r->kept) != NULL) {
		r->kept = t->next;
		free(t);
	}
}

/* True if this file is being read already. */
static bool
is_being_read(const struct reader_input *in, const struct stat *st)
{
	for (; in != NULL; in = in->parent)
		if (in->is_file && in->device == st->st_dev &&
		    in->inode == st->st_ino)
			return true;
	return false;
}

/*
 * Why an open file must not be read; NULL: it may be.  A pipe may only be the
 * first file, since it is read while nothing else waits for ntpd.
 */
static const char *
file_problem(int fd, const struct reader_input *in, struct stat *st)
{
	if (fstat(fd, st) == -1)
		return strerror(errno);
	if (S_ISDIR(st->st_mode))
		return strerror(EISDIR);
	if (S_ISFIFO(st->st_mode) && in->parent == NULL)
		return NULL;
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_size > READER_FILE_MAX)
		return "it is larger than 1 MiB";
	if (is_being_read(in->parent, st))
		return "it includes itself";
	return NULL;
}

/* Report why a file cannot be read; place is the file or what includes it. */
static void
cannot_read(struct reader *r, const struct reader_input *in,
    const struct lex_place *place, const char *why)
{
	if (in->parent != NULL)
		reader_error(r, place, "cannot read \"%s\": %s", in->name, why);
	else if (strcmp(in->name, SYSCONFDIR "/ntpd.conf") == 0)
		reader_error(r, place,
		    "cannot be read: %s (-p NAME is enough to run without it)",
		    why);
	else
		reader_error(r, place, "cannot be read: %s", why);
}

static void
run_descriptor(struct reader *r, struct reader_input *in, int fd,
    const struct lex_place *place)
{
	char *buf = malloc(READER_FILE_MAX + 1);
	ssize_t len;

	if (buf == NULL) {
		out_of_memory(r);
		return;
	}
	len = read_whole(fd, buf, READER_FILE_MAX + 1);
	if (len == -1)
		cannot_read(r, in, place, strerror(errno));
	else if (len > READER_FILE_MAX)
		cannot_read(r, in, place, "it is larger than 1 MiB");
	else
		parser_run(r, in, buf, (size_t)len);
	free(buf);
}

/* Read a file that is named at `place`, in whatever way. */
static void
run_file(
    struct reader *r, struct reader_input *in, const struct lex_place *place)
{
	/* Opening a pipe that nobody writes to must not hang an include. */
	int flags = in->parent != NULL ? O_NONBLOCK : 0;
	int fd = open(in->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	const char *problem;
	struct stat st;

	if (fd == -1) {
		cannot_read(r, in, place, strerror(errno));
		return;
	}
	problem = file_problem(fd, in, &st);
	if (problem != NULL) {
		cannot_read(r, in, place, problem);
	} else {
		in->is_file = true;
		in->device = st.st_dev;
		in->inode = st.st_ino;
		run_descriptor(r, in, fd, place);
	}
	(void)close(fd);
}

/*
 * The path of an included file; a relative one starts from the folder of
 * `from`.
 */
static const char *
include_path(
    struct reader *r, const struct reader_input *from, const char *path)
{
	const char *slash = strrchr(from->name, '/');
	char full[4096];
	int len;

	if (path[0] == '/' || slash == NULL)
		return reader_keep(r, path);
	len = snprintf(full, sizeof(full), "%.*s/%s", (int)(slash - from->name),
	    from->name, path);
	return len < 0 || (size_t)len >= sizeof(full) ? NULL
						      : reader_keep(r, full);
}

void
reader_include(struct reader *r, const struct reader_input *from,
    const char *path, const struct lex_place *place)
{
	struct reader_input in = { .parent = from, .depth = from->depth + 1 };

	if (path[0] == '\0')
		reader_error(r, place, "expected a file, found \"\"");
	else if (!from->is_file && path[0] != '/')
		reader_error(r, place,
		    "expected a path that begins with \"/\", found \"%s\"",
		    path);
	else if (in.depth > READER_DEPTH_MAX)
		reader_error(r, place, "more than %d includes in each other",
		    READER_DEPTH_MAX);
	else if (r->files >= READER_FILES_MAX)
		reader_error(r, place, "more than %d files", READER_FILES_MAX);
	else if ((in.name = include_path(r, from, path)) == NULL)
		reader_error(r, place, "the path is too long");
	else {
		r->files++;
		run_file(r, &in, place);
	}
}

void
reader_run(struct reader *r, const char *name, const char *text)
{
	struct lex_place whole = { .file = name };
	struct reader_input in = { .name = name };

	if (text == NULL)
		run_file(r, &in, &whole);
	else if (strlen(text) > READER_FILE_MAX)
		reader_error(r, &whole, "larger than 1 MiB");
	else
		parser_run(r, &in, text, strlen(text));
}
