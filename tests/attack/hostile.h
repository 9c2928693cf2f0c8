/*
 * What the hostile programs share.  Each is a child of ntpd that was broken
 * into: it enters the real sandbox of the program whose name it bears, and
 * then does what its plan says.
 *
 * The plan is the file beside the program with ".plan" behind its name, one
 * line: "NAME [ARGUMENT]".  It is read before the sandbox, at each start anew.
 */
#ifndef ATTACK_HOSTILE_H
#define ATTACK_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg.h"

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

struct plan {
	char name[32];
	char text[108]; /* the argument, or empty */
	int64_t number; /* the argument, or 0 */
};

struct strategy {
	const char *name;
	NORETURN void (*run)(void);
};

/* The channel to ntpd, and the plan: one of each in a process. */
extern struct channel hostile_parent;
extern struct plan hostile_plan;

/* Read the plan.  Before child_begin(). */
void hostile_read_plan(void);

/* Do what the plan says; the table ends with a row without a name. */
NORETURN void hostile_run(const struct strategy *table);

/*
 * Rest, but end when ntpd wants that, as an honest child does: whoever is to
 * be ended the hard way does not call it.
 */
void hostile_rest(int ms);

/* Raw time, for what depends on how long something has lasted. */
int64_t hostile_raw_ns(void);

/* A random number by which programs that live again and again vary. */
uint32_t hostile_random(void);

/*
 * Send bytes as they are, with a descriptor unless it is -1.  No table is
 * asked; returns 0, or -1 with errno.
 */
int hostile_send(int channel_fd, void *bytes, size_t length, int pass_fd);

/* Messages to ntpd without end that any child may send it. */
NORETURN void hostile_chatter(void);

/* One message that the table has no row for, in every life another. */
NORETURN void hostile_forbidden(void);

/* Descriptors for ntpd with messages that bring none. */
NORETURN void hostile_descriptors(int pass_fd);

/* Never read, never answer, not even that ntpd has gone. */
NORETURN void hostile_hang(void);

/* Be ended, and again, as soon as one is started. */
NORETURN void hostile_crash(void);

#endif
