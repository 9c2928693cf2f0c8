/*
 * What ntpd has to do with one of its programs: what it gives it, and what it does
 * about what it says.  Each has a file of its own here, and a row in
 * common/programs.def.
 */
#ifndef NTPD_PROGRAM_H
#define NTPD_PROGRAM_H

#include "ntpd/children/child.h"

struct supervisor;

/* A message that a program sends; from which it may come is in messages.def. */
struct said {
	enum msg_type type;
	const char
	    *once; /* NULL: at any time; else what it does that repeats it */
	void (*take)(struct supervisor *s, int child, union msg *m);
};

/* What is NULL there is nothing of. */
struct program {
	/* START_* in its first message, beside those of all programs. */
	uint32_t (*start_flags)(const struct supervisor *s);
	/* It has started: what it gets, in this order, after the first message. */
	void (*give)(struct supervisor *s, int child);
	/* It has ended, with a status of wait(2): was that no failure? */
	bool (*ends_well)(struct child *c, int status);
	const struct said *says; /* the last has no function */
};

/* That of a child. */
const struct program *program_of(int child);

/* They are named after the rows: program_CLOCK. */
#define PROGRAM_NO_CHILD(id)
#define PROGRAM_ALWAYS(id)		 extern const struct program program_##id;
#define PROGRAM_WANTED(id)		 PROGRAM_ALWAYS(id)
#define PROGRAM(id, name, folder, start) PROGRAM_##start(id)
#include "common/programs.def"
#undef PROGRAM_ALWAYS

#endif
