/*
 * What the simulator passes to a program at its start.
 */
#ifndef SIM_BEGIN_H
#define SIM_BEGIN_H

#include "common/child.h"

/* The files of a recording, if there is one: for ntp-net. */
void sim_give_extra(const struct child_extra *extra);

#endif
