/*
 * The sandbox of ntp-observe after its start, see sandbox.h.
 */
#ifndef OBSERVE_PROFILE_H
#define OBSERVE_PROFILE_H

#include "common/sandbox.h"

/* Connections that are served at once; others wait to be accepted. */
#define OBSERVE_CLIENTS_MAX 16

extern const struct sandbox_profile observe_profile;

#endif
