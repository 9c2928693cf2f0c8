/*
 * Runs a command as on a kernel without IPv6: socket(2) fails with
 * EAFNOSUPPORT.  usage: lack COMMAND [ARGUMENT ...]
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2)
		errx(1, "usage: lack COMMAND [ARGUMENT ...]");
	if (filter == NULL ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		SCMP_SYS(socket), 1,
		SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)AF_INET6)) != 0 ||
	    seccomp_load(filter) != 0)
		errx(1, "no filter");
	(void)execvp(argv[1], argv + 1);
	err(1, "%s", argv[1]);
}
