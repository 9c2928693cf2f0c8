/*
 * Is the machine short of something just now?  Pure.
 */
#ifndef COMMON_SHORTAGE_H
#define COMMON_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/*
 * Does this error say that memory or descriptors are out, which another try may
 * find again?  A child that cannot do its work for that ends: ntpd starts it
 * anew.
 */
static inline bool
is_shortage(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EAGAIN ||
	    error == EMFILE || error == ENFILE;
}

#endif
