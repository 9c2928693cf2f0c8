/*
 * Is the process at the other end of a connection one of ntpd's own programs?
 */
#ifndef NTPD_KIN_H
#define NTPD_KIN_H

#include <sys/types.h>

enum kin {
	KIN_NONE,    /* it is not, for sure */
	KIN_OURS,    /* it is, or it descends from one */
	KIN_UNKNOWN, /* /proc does not tell */
	KIN_GONE     /* that process has ended */
};

/*
 * What the process is to self, by the chain of its parents, for which proc is
 * looked into, "/proc".  That pid is alive is the caller's to know.
 */
enum kin kin_of(const char *proc, pid_t self, pid_t pid);

/* The last of our programs that have ended: a ring, 0 being none. */
#define KIN_DEAD 64
struct kin_dead {
	pid_t pids[KIN_DEAD];
	unsigned int next;
};

/* One more has ended. */
void kin_note_dead(struct kin_dead *d, pid_t pid);

/*
 * What the process that made the connection fd is, whose pid is that of
 * SO_PEERCRED.  It must live, before and after the look at its parents, so that
 * its number cannot have become another's.  A kernel that cannot tell (before
 * Linux 6.5) is believed that it lives, unless it has the number of one of ours
 * that has ended.
 */
enum kin kin_of_peer(const char *proc, pid_t self, int fd, pid_t pid,
    const struct kin_dead *dead);

#endif
