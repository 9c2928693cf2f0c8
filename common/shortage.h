/* Detects a temporary shortage of resources.  Pure. */
#ifndef COMMON_SHORTAGE_H
#define COMMON_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/*
 * True if the error means that memory or descriptors ran out, so that another
 * try may succeed.  A child that cannot work for this reason exits, and ntpd
 * restarts it.
 */
static inline bool
is_shortage(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EAGAIN ||
	    error == EMFILE || error == ENFILE;
}

#endif
