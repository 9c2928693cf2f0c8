/* Can this machine's oscillator keep a clock?  Run by ntp-net.  Pure. */
#ifndef CORE_SPEED_H
#define CORE_SPEED_H

#include "core/select/agreement.h"

/*
 * Judge by the last agreed line and by what the sources have measured since.
 * The result is in a->too_fast and a->wild_slope.
 */
void speed_judge(struct agreement *a, const struct voters *v);

#endif
