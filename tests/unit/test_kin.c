/*
 * Which processes are ours: the process itself, its children and theirs, and no
 * others; a process that has ended is none.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/kin.h"
#include "tests/tap.h"

static struct kin_dead dead;
static char folder[] = "/tmp/kin.XXXXXX";

/* /proc/PID/stat as the kernel writes it. */
static void
make_stat(int pid, const char *name, int parent)
{
	char path[80];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%d", folder, pid);
	(void)mkdir(path, 0700); /* a failure shows below */
	(void)snprintf(path, sizeof(path), "%s/%d/stat", folder, pid);
	f = fopen(path, "w");
	if (f == NULL ||
	    fprintf(f, "%d (%s) S %d 1 1 0\n", pid, name, parent) < 0 ||
	    fclose(f) == EOF)
		OK(false, "a file in %s", folder);
}

static void
remove_folder(void)
{
	char command[80];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		OK(false, "%s", command);
}

static void
test_chain(void)
{
	static const struct {
		pid_t pid;
		enum kin want;
		const char *what;
	} cases[] = {
		{ 50, KIN_OURS, "ntpd itself" },
		{ 51, KIN_OURS, "a child" },
		{ 52, KIN_OURS, "a child's child, of an odd name" },
		{ 1, KIN_NONE, "the first process" },
		{ 60, KIN_NONE, "another child of the first process" },
		{ 61, KIN_NONE, "one that was started from outside (exec)" },
		{ 62, KIN_NONE, "one whose name looks like the rest" },
		{ 70, KIN_UNKNOWN, "one that is not there" },
		{ 71, KIN_UNKNOWN, "one whose parent is not to be seen" },
		{ 72, KIN_UNKNOWN, "one that is its own parent" },
		{ 73, KIN_UNKNOWN, "one with an empty file" },
		{ 0, KIN_UNKNOWN, "one of another pid namespace" },
		{ -1, KIN_UNKNOWN, "no pid" },
	};
	char path[80];

	if (mkdtemp(folder) == NULL)
		OK(false, "a folder");
	make_stat(1, "init", 0);
	make_stat(50, "ntpd", 1);
	make_stat(51, "ntp-resolve", 50);
	make_stat(52, "a) S 1 (b) S 1", 51);
	make_stat(60, "sh", 1);
	make_stat(61, "ntpctl", 0);
	make_stat(62, ") S 50 1 (", 60);
	make_stat(71, "x", 70);
	make_stat(72, "x", 72);
	make_stat(73, "x", 1);
	(void)snprintf(path, sizeof(path), "%s/73/stat", folder);
	OK(truncate(path, 0) == 0, "an empty file");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		IS_I64(kin_of(folder, 50, cases[i].pid), cases[i].want, "%s",
		    cases[i].what);
	IS_I64(kin_of("/nowhere", 50, 60), KIN_UNKNOWN, "without /proc");
	IS_I64(kin_of("/nowhere", 50, 50), KIN_OURS, "but for ourselves");
	remove_folder();
}

/* A connection of another process to our listening socket. */
static int
accept_from(bool deep, pid_t *child)
{
	struct sockaddr_storage name = { .ss_family = AF_UNIX };
	socklen_t len = sizeof(sa_family_t);
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int fd;

	/* No name: the kernel gives an abstract one. */
	if (bind(listener, (struct sockaddr *)&name, len) == -1 ||
	    listen(listener, 1) == -1)
		return -1;
	len = sizeof(name);
	if (getsockname(listener, (struct sockaddr *)&name, &len) == -1)
		return -1;
	*child = fork();
	if (*child == 0) {
		char c;

		if (deep && fork() != 0)
			for (;;)
				(void)pause();
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		if (connect(fd, (struct sockaddr *)&name, len) == -1)
			_exit(1);
		_exit(read(fd, &c, 1) == 1 ? 0 : 1);
	}
	fd = accept(listener, NULL, NULL);
	(void)close(listener);
	return fd;
}

static pid_t
peer_pid(int fd)
{
	struct ucred cred = { .pid = -1 };
	socklen_t len = sizeof(cred);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	return cred.pid;
}

static void
test_peers(void)
{
	int fds[2], fd;
	pid_t child, pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == -1)
		OK(false, "a pair of sockets");
	IS_I64(kin_of_peer("/proc", getpid(), fds[0], getpid(), &dead),
	    KIN_OURS, "a connection of our own");
	(void)close(fds[0]);
	(void)close(fds[1]);

	fd = accept_from(false, &child);
	IS_I64(peer_pid(fd), child, "a child connects");
	IS_I64(kin_of_peer("/proc", getpid(), fd, child, &dead), KIN_OURS,
	    "it is ours");
	IS_I64(kin_of_peer("/proc", getppid(), fd, child, &dead), KIN_OURS,
	    "and our parent's");
	IS_I64(kin_of_peer("/nowhere", getpid(), fd, child, &dead), KIN_UNKNOWN,
	    "without /proc nobody knows");
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	IS_I64(kin_of_peer("/proc", getpid(), fd, child, &dead), KIN_GONE,
	    "it has ended");
	/* As if an honest process had got its number. */
	IS_I64(kin_of_peer("/proc", getpid(), fd, getppid(), &dead), KIN_GONE,
	    "whoever has its number now");
	(void)close(fd);

	fd = accept_from(true, &child);
	pid = peer_pid(fd);
	OK(pid > 0 && pid != child, "a child's child connects");
	IS_I64(kin_of_peer("/proc", getpid(), fd, pid, &dead), KIN_OURS,
	    "it is ours");
	if (write(fd, "x", 1) != 1)
		OK(false, "it is told to end");
	for (int i = 0; i < 1000 &&
	     kin_of_peer("/proc", getpid(), fd, pid, &dead) != KIN_GONE;
	     i++)
		(void)poll(NULL, 0, 10); /* it may take its time */
	IS_I64(kin_of_peer("/proc", getpid(), fd, pid, &dead), KIN_GONE,
	    "one that nobody has waited for has ended as well");
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	(void)close(fd);
}

/* From here on, act like a kernel without a peer's pidfd. */
static bool
become_old(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	bool done = ctx != NULL &&
	    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOPROTOOPT),
		SCMP_SYS(getsockopt), 1, SCMP_A2(SCMP_CMP_EQ, 77)) == 0 &&
	    seccomp_load(ctx) == 0;

	seccomp_release(ctx);
	return done;
}

static void
test_old_kernel(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	OK(become_old(), "a kernel before Linux 6.5");

	IS_I64(kin_of_peer("/proc", getpid(), fd, getppid(), &dead), KIN_NONE,
	    "where the kernel cannot tell, its number counts");
	for (int i = 0; i < KIN_DEAD - 1; i++)
		kin_note_dead(&dead, 100000 + i);
	kin_note_dead(&dead, getppid());
	IS_I64(kin_of_peer("/proc", getpid(), fd, getppid(), &dead), KIN_OURS,
	    "unless it was that of a child");
	for (int i = 0; i < KIN_DEAD; i++)
		kin_note_dead(&dead, 200000 + i);
	IS_I64(kin_of_peer("/proc", getpid(), fd, getppid(), &dead), KIN_NONE,
	    "one of the last");
	(void)close(fd);
}

int
main(void)
{
	test_chain();
	test_peers();
	test_old_kernel();
	return DONE();
}
