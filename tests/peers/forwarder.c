/*
 * Holds an XDP program on an interface, which passes everything up.  The far
 * end of a veth must have one to receive what a program on the near end sends:
 *
 *	passer INTERFACE
 *
 * Prints a line once it is attached, and runs until it is killed.
 */
#include <bpf/bpf.h>
#include <err.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_link_create_opts opts = { .sz = sizeof(opts),
		.flags = XDP_FLAGS_DRV_MODE };
	unsigned int interface;
	int program;

	if (argc != 2 || (interface = if_nametoindex(argv[1])) == 0)
		errx(2, "usage: passer INTERFACE");
	program = bpf_prog_load(BPF_PROG_TYPE_XDP, "passer", "Dual BSD/GPL",
	    pass, sizeof(pass) / sizeof(pass[0]), NULL);
	if (program < 0)
		err(1, "cannot load");
	if (bpf_link_create(program, (int)interface, BPF_XDP, &opts) < 0)
		err(1, "cannot attach");
	if (puts("attached") == EOF || fflush(stdout) == EOF)
		err(1, "standard output");
	for (;;)
		(void)pause();
}
