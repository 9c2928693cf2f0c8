/*
 * The object file of the kernel program, embedded in ntpd, so that it can be
 * neither missing nor of another version.
 */
#include "ntpd/fast/fast.h"

__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".global fast_program\n"
	"fast_program:\n"
	".incbin \"" FAST_PROGRAM "\"\n"
	"fast_program_end:\n"
	".balign 8\n"
	".global fast_program_size\n"
	"fast_program_size:\n"
	".quad fast_program_end - fast_program\n"
	".popsection\n");
