/*
 * A number that identifies the memory layout of ntp-net's state.  Pieces of a
 * recording are this memory: only a program with the same number can load them.
 */
#ifndef POLL_LAYOUT_H
#define POLL_LAYOUT_H

#include <stdint.h>

uint32_t layout_number(void);

#endif
