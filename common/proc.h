/*
 * The programs, and the descriptors that they are started with.
 */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stdint.h>

enum proc {
#define PROGRAM(id, ...) PROC_##id,
#include "common/programs.def"
	PROC_COUNT
};

/* Which of them are children of ntpd, and whether they are always there. */
enum proc_start { PROC_NO_CHILD, PROC_ALWAYS, PROC_WANTED };

/*
 * Of ntp-serve there may be several, all alike: they are the children with the
 * numbers PROC_SERVE and from PROC_COUNT on.
 */
#define WORKERS_MAX 16
#define CHILD_COUNT (PROC_COUNT + WORKERS_MAX - 1)

/* What the child of a number, 0 to CHILD_COUNT - 1, is. */
static inline enum proc
child_proc(int child)
{
	return child < PROC_COUNT ? (enum proc)child : PROC_SERVE;
}

/* Which ntp-serve it is, from 0 on. */
static inline uint32_t
child_worker(int child)
{
	return child < PROC_COUNT ? 0 : (uint32_t)(child - PROC_COUNT + 1);
}

/* The child that is the ntp-serve of this number. */
static inline int
worker_child(uint32_t worker)
{
	return worker == 0 ? PROC_SERVE : PROC_COUNT + (int)worker - 1;
}

/* The first descriptor of every child: its channel to ntpd. */
#define PARENT_FD 3

/* From here on, what else ntpd gives one at its start: see child.h. */
#define EXTRA_FD 4

/* The program's name as in ps(1): "ntp-clock".  Both are defined in msg.c. */
const char *proc_name(enum proc p);
enum proc_start proc_start(enum proc p);

#endif
