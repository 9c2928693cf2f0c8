/*
 * The programs, see program.h.  Run by ntpd only.
 */
#include "ntpd/children/program.h"

#define PROGRAM_ALWAYS(id) [PROC_##id] = &program_##id,
static const struct program *const programs[PROC_COUNT] = {
#define PROGRAM(id, name, folder, start) PROGRAM_##start(id)
#include "common/programs.def"
};

const struct program *
program_of(int child)
{
	return programs[child_proc(child)];
}
