/*
 * Where ntpctl(8) finds ntpd(8) unless something else is configured: in /run,
 * or where that cannot be written to (a container with a read-only root and an
 * ordinary user) in the memory file system that every container has, in a
 * folder that belongs to the user of ntpd and is open to nobody else.
 */
#ifndef COMMON_CTLPATH_H
#define COMMON_CTLPATH_H

#define CTL_PATH	     "/run/ntpd/control"
#define CTL_FALLBACK_DIR     "/dev/shm/ntpd-%u" /* the effective user */
#define CTL_FALLBACK_PATH    CTL_FALLBACK_DIR "/control"
#define CTL_FALLBACK_DIR_LEN 32

/* Beside it is the socket for changes, where ntpd(8) itself listens. */
#define CTL_CHANGE_SUFFIX ".change"

#endif
