/*
 * What ntp-serve may do once it has begun, see sandbox.h.
 */
#ifndef SERVE_PROFILE_H
#define SERVE_PROFILE_H

#include "common/sandbox.h"

/* Sockets that ntp-serve answers on, at most. */
#define SERVE_SOCKETS_MAX 32

extern const struct sandbox_profile serve_profile;

#endif
