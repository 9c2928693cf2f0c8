/*
 * Runs a command as on a kernel before Linux 6.5, which cannot refuse
 * descriptors (SO_PASSRIGHTS) and has no pidfd of a peer (SO_PEERPIDFD).
 * usage: control_old COMMAND [ARGUMENT ...]
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

#define PEERPIDFD  77
#define PASSRIGHTS 83

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2)
		errx(1, "usage: control_old COMMAND [ARGUMENT ...]");
	if (filter == NULL ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT),
		SCMP_SYS(setsockopt), 1,
		SCMP_A2(SCMP_CMP_EQ, PASSRIGHTS)) != 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT),
		SCMP_SYS(getsockopt), 1,
		SCMP_A2(SCMP_CMP_EQ, PEERPIDFD)) != 0 ||
	    seccomp_load(filter) != 0)
		errx(1, "no filter");
	(void)execvp(argv[1], argv + 1);
	err(1, "%s", argv[1]);
}
