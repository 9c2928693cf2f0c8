/* The programs and the descriptors that they start with. */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stdint.h>

enum proc {
#define PROGRAM(id, ...) PROC_##id,
#include "common/programs.def"
	PROC_COUNT
};

/* Whether a program is a child of ntpd, and whether it always runs. */
enum proc_start { PROC_NO_CHILD, PROC_ALWAYS, PROC_WANTED };

/*
 * There may be several ntp-serve processes, all alike.  Their child numbers are
 * PROC_SERVE and PROC_COUNT onwards.
 */
#define WORKERS_MAX 16
#define CHILD_COUNT (PROC_COUNT + WORKERS_MAX - 1)

/* The program of a child, 0 to CHILD_COUNT - 1. */
static inline enum proc
child_proc(int child)
{
	return child < PROC_COUNT ? (enum proc)child : PROC_SERVE;
}

/* The worker number of an ntp-serve, from 0; 0 for other children. */
static inline uint32_t
child_worker(int child)
{
	return child < PROC_COUNT ? 0 : (uint32_t)(child - PROC_COUNT + 1);
}

/* The child number of an ntp-serve worker. */
static inline int
worker_child(uint32_t worker)
{
	return worker == 0 ? PROC_SERVE : PROC_COUNT + (int)worker - 1;
}

/* The first descriptor of every child: its channel to ntpd. */
#define PARENT_FD 3

/* Further descriptors that ntpd passes at the start begin here, see child.h. */
#define EXTRA_FD 4

/* The program's name as in ps(1): "ntp-clock".  Both are defined in msg.c. */
const char *proc_name(enum proc p);
enum proc_start proc_start(enum proc p);

#endif
