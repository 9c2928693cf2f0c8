/*
 * A number for how what ntp-net knows lies in memory.  Pieces of a recording
 * are that memory: only a program with the same number can take them up.
 */
#ifndef POLL_LAYOUT_H
#define POLL_LAYOUT_H

#include <stdint.h>

uint32_t layout_number(void);

#endif
