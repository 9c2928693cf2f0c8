/*
 * Is the process at the other end of a connection one of ntpd's own programs?
 */
#ifndef NTPD_KIN_H
#define NTPD_KIN_H

#include <sys/types.h>

enum kin {
	KIN_NONE,    /* it is not, for certain */
	KIN_OURS,    /* it is, or it descends from one */
	KIN_UNKNOWN, /* /proc does not show it */
	KIN_GONE     /* that process has ended */
};

/*
 * How process pid relates to self, by the chain of its parents in `proc`, which
 * is "/proc".  The caller must know that pid is alive.
 */
enum kin kin_of(const char *proc, pid_t self, pid_t pid);

/* The pids of our programs that ended last: a ring, 0 is an empty slot. */
#define KIN_DEAD 64
struct kin_dead {
	pid_t pids[KIN_DEAD];
	unsigned int next;
};

/* Add a program that has ended. */
void kin_note_dead(struct kin_dead *d, pid_t pid);

/*
 * How the process that made the connection fd relates to self.  pid is that of
 * SO_PEERCRED.  The process must be alive both before and after its parents are
 * read, so that its number cannot have been reused.  A kernel that cannot tell
 * (before Linux 6.5) is assumed to say that it lives, unless pid is that of one
 * of our programs that has ended.
 */
enum kin kin_of_peer(const char *proc, pid_t self, int fd, pid_t pid,
    const struct kin_dead *dead);

#endif
