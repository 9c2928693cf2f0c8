/*
 * What "ntpctl sync" shows and asks its user, on a terminal of the test.
 */
#include "ntp-net/ctl/agree.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

static struct msg_clock_state clock_state = {
	.flags = CLOCK_STATE_CONTROLLED | CLOCK_STATE_HAS_LINE,
	.offset_ns = INT64_C(-5000012345678),
};

/* In a session of its own, with this as its terminal. */
static void
ask_there(const char *name)
{
	int tty;

	(void)setsid();
	tty = open(name, O_RDWR | O_CLOEXEC); /* that makes it its terminal */
	if (tty == -1 || dup2(tty, STDIN_FILENO) == -1)
		_exit(99);
	_exit((int)agree_ask(&clock_state, "off"));
}

/* Read the output up to the question, or all of it. */
static void
read_question(int fd, char *seen, size_t size)
{
	size_t n = 0;
	ssize_t got;

	seen[0] = '\0';
	while (n + 1 < size && strstr(seen, "[y/N] ") == NULL &&
	    (got = read(fd, seen + n, size - n - 1)) > 0)
		seen[n += (size_t)got] = '\0';
}

/* Answer the question; seen is what the terminal showed. */
static int
ask(const char *answer, char *seen, size_t size)
{
	int status = -1, fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	pid_t pid;

	if (fd == -1 || grantpt(fd) == -1 || unlockpt(fd) == -1 ||
	    ptsname_r(fd, name, sizeof(name)) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		ask_there(name);
	if (pid > 0) {
		read_question(fd, seen, size);
		if (write(fd, answer, strlen(answer)) == -1)
			printf("# the terminal is gone\n");
		(void)waitpid(pid, &status, 0);
	}
	(void)close(fd); /* the process has ended */
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_ask(void)
{
	static const struct {
		const char *answer;
		enum agree_answer means;
	} cases[] = { { "y\n", AGREE_YES }, { "Y\n", AGREE_YES },
		{ "yes\n", AGREE_YES }, { "n\n", AGREE_NO }, { "\n", AGREE_NO },
		{ "yess\n", AGREE_NO }, { "\004", AGREE_NO } };
	char seen[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		IS_I64(ask(cases[i].answer, seen, sizeof(seen)), cases[i].means,
		    "answer %zu", i);
		OK(strcmp(seen, "off: step it back by that? [y/N] ") == 0,
		    "the question: \"%s\"", seen);
	}
	strcpy(clock_state.frozen, "too far");
	(void)ask("n\n", seen, sizeof(seen));
	OK(strncmp(seen, "frozen: too far", 15) == 0, "\"%s\"", seen);
}

static void
test_nobody(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	OK(null != -1 && dup2(null, STDIN_FILENO) != -1 &&
		agree_ask(&clock_state, "off") == AGREE_NOBODY,
	    "without a terminal nobody is asked");
}

static void
test_words(void)
{
	char text[AGREE_LEN];

	OK(agree_describe(&clock_state, text, sizeof(text)) &&
		strcmp(text,
		    "the clock is 5000.012 s ahead of UTC as the sources have "
		    "it") == 0,
	    "\"%s\"", text);
	agree_command(&clock_state, NULL, text, sizeof(text));
	OK(strcmp(text, "ntpctl sync -s -5000.012") == 0, "\"%s\"", text);
	agree_command(&clock_state, "/s", text, sizeof(text));
	OK(strcmp(text, "ntpctl -s /s sync -s -5000.012") == 0, "\"%s\"", text);
	clock_state.flags = CLOCK_STATE_CONTROLLED;
	OK(!agree_describe(&clock_state, text, sizeof(text)) &&
		strstr(text, "there is no step to agree to") != NULL,
	    "\"%s\"", text);
}

int
main(void)
{
	test_ask();
	test_nobody();
	test_words();
	return DONE();
}
