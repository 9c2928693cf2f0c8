/*
 * How ntpd treats one of its programs: what it sends the program, and how it
 * handles the program's messages.  Each program has a file of its own here, and
 * a row in common/programs.def.
 */
#ifndef NTPD_PROGRAM_H
#define NTPD_PROGRAM_H

#include "ntpd/children/child.h"

struct supervisor;

/*
 * A message that a program sends; messages.def says from which one it may come.
 */
struct said {
	enum msg_type type;
	void (*take)(struct supervisor *s, int child, union msg *m);
};

/* A NULL member means that the program needs no such step. */
struct program {
	/* START_* flags in its first message, besides those of all programs. */
	uint32_t (*start_flags)(const struct supervisor *s);
	/*
	 * It has started: send what it needs after the first message, in this
	 * order.
	 */
	void (*give)(struct supervisor *s, int child);
	/* It has ended, with a status of wait(2): was that no failure? */
	bool (*ends_well)(struct child *c, int status);
	const struct said *says; /* ends with a row whose take is NULL */
};

/* The program of a child. */
const struct program *program_of(int child);

/* They are named after the rows: program_CLOCK. */
#define PROGRAM_NO_CHILD(id)
#define PROGRAM_ALWAYS(id)		 extern const struct program program_##id;
#define PROGRAM_WANTED(id)		 PROGRAM_ALWAYS(id)
#define PROGRAM(id, name, folder, start) PROGRAM_##start(id)
#include "common/programs.def"
#undef PROGRAM_ALWAYS

#endif
