/*
 * The sandbox of ntp-serve after its start, see sandbox.h.
 */
#ifndef SERVE_PROFILE_H
#define SERVE_PROFILE_H

#include "common/sandbox.h"

/* Maximum number of sockets that ntp-serve answers on. */
#define SERVE_SOCKETS_MAX 32

extern const struct sandbox_profile serve_profile;

#endif
