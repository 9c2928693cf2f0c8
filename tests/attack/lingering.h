/*
 * A connection that is full, to somebody who never reads, and whose close
 * waits for an hour: SO_LINGER.
 */
#ifndef ATTACK_LINGERING_H
#define ATTACK_LINGERING_H

#include <stdint.h>

/* To a port on this machine that listens.  Returns it, or -1 with errno. */
int lingering_socket(uint16_t port);

#endif
