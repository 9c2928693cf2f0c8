/*
 * The files of the C library's resolver, see files.h.  Run by ntp-resolve,
 * which reads nsswitch.conf before it enters its sandbox.
 */
#include "ntp-net/resolve/files.h"

#include <sys/stat.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Modules that need no local service. */
static const char *const plain_modules[] = { "files", "dns", "myhostname",
	"db" };

static struct file_state
state_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return (struct file_state){ .ino = 0 };
	return (struct file_state){
		.dev = st.st_dev, .ino = st.st_ino, .changed = st.st_mtim
	};
}

static bool
same(const struct file_state *a, const struct file_state *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
	    a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

void
files_note(struct files *f)
{
	for (size_t i = 0; i < RESOLVE_FILES; i++)
		f->known[i] = state_of(resolve_readable[i]);
}

bool
files_changed(const struct files *f)
{
	for (size_t i = 0; i < RESOLVE_FILES; i++) {
		struct file_state now = state_of(resolve_readable[i]);

		if (!same(&now, &f->known[i]))
			return true;
	}
	return false;
}

static bool
is_plain(const char *module)
{
	for (size_t i = 0; i < sizeof(plain_modules) / sizeof(plain_modules[0]);
	     i++)
		if (strcmp(module, plain_modules[i]) == 0)
			return true;
	return false;
}

/*
 * For example "hosts: files mdns4_minimal [NOTFOUND=return] dns", with an
 * optional comment.
 */
static bool
line_needs_local(char *line)
{
	static const char key[] = "hosts:";
	char *save = NULL, *end;

	line += strspn(line, " \t");
	if (strncmp(line, key, sizeof(key) - 1) != 0)
		return false;
	line += sizeof(key) - 1;
	line[strcspn(line, "#")] = '\0';
	/* Brackets contain actions for the results of a module: skip them. */
	for (char *open = line; (open = strchr(open, '[')) != NULL;) {
		end = strchr(open, ']');
		if (end == NULL)
			return true; /* unclear: assume that one is needed */
		memset(open, ' ', (size_t)(end - open) + 1);
	}
	for (char *word = strtok_r(line, " \t\r\n", &save); word != NULL;
	     word = strtok_r(NULL, " \t\r\n", &save))
		if (!is_plain(word))
			return true;
	return false;
}

bool
files_need_local(const char *path)
{
	FILE *f = fopen(path, "re");
	bool needed = false;
	char line[1024];

	if (f == NULL)
		return false; /* the default is dns and files */
	while (!needed && fgets(line, sizeof(line), f) != NULL)
		needed = line_needs_local(line);
	(void)fclose(f); /* opened for reading only */
	return needed;
}
