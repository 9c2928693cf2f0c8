/*
 * Which nsswitch.conf(5) needs more than name servers and files.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/resolve/files.h"
#include "tests/tap.h"

static const struct {
	const char *what;
	const char *text;
	bool local;
} cases[] = {
	{ "an empty file", "", false },
	{ "files and dns", "hosts: files dns\n", false },
	{ "tabs, a comment, no end of line", "\thosts:\tfiles\tdns # mdns",
	    false },
	{ "actions", "hosts: files [NOTFOUND=return SUCCESS=continue] dns\n",
	    false },
	{ "myhostname", "hosts: files myhostname dns\n", false },
	{ "resolve", "hosts: resolve [!UNAVAIL=return] files dns\n", true },
	{ "mdns4_minimal after an action",
	    "hosts: files [!UNAVAIL=return] mdns4_minimal dns\n", true },
	{ "mymachines", "hosts: mymachines files\n", true },
	{ "one that nobody knows", "hosts: files dns xyz\n", true },
	{ "a name that only begins alike", "hosts: dnsx\n", true },
	{ "an action that does not end", "hosts: files [NOTFOUND=return\n",
	    true },
	{ "another line", "passwd: files sss\nhosts: dns\n", false },
	{ "a line in a comment", "# hosts: resolve\nhosts: dns\n", false },
	{ "the second of two lines", "hosts: dns\nhosts: sss\n", true },
	{ "no space", "hosts:sss\n", true },
};

int
main(void)
{
	char path[] = "/tmp/test-files-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);

		if (ftruncate(fd, 0) == -1 ||
		    pwrite(fd, cases[i].text, len, 0) != (ssize_t)len)
			return 1;
		OK(files_need_local(path) == cases[i].local,
		    "%s: %s local service", cases[i].what,
		    cases[i].local ? "a" : "no");
	}
	if (unlink(path) == -1 || close(fd) == -1)
		return 1;
	OK(!files_need_local(path), "no file: no local service");
	return DONE();
}
