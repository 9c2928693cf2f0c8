/*
 * Where ntpctl(8) finds ntpd(8) unless another path is configured: in /run.  If
 * /run is not writable (a container with a read-only root and an ordinary
 * user), the socket is in /dev/shm, the memory file system that every container
 * has, in a folder that only ntpd's user can access.
 */
#ifndef COMMON_CTLPATH_H
#define COMMON_CTLPATH_H

#define CTL_RUN_DIR	     "/run/ntpd" /* ntpd makes it */
#define CTL_PATH	     CTL_RUN_DIR "/control"
#define CTL_FALLBACK_DIR     "/dev/shm/ntpd-%u" /* the effective uid */
#define CTL_FALLBACK_PATH    CTL_FALLBACK_DIR "/control"
#define CTL_FALLBACK_DIR_LEN 32

/* The socket for changes, next to it; ntpd(8) itself listens there. */
#define CTL_CHANGE_SUFFIX ".change"

#endif
