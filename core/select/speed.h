/*
 * Is this machine's oscillator one to set a clock by?  Pure.
 */
#ifndef CORE_SPEED_H
#define CORE_SPEED_H

#include "core/select/agreement.h"

/*
 * Judge by the last agreement's line and by what the sources have measured since;
 * the result is in a->too_fast and a->wild_slope.
 */
void speed_judge(struct agreement *a, const struct voters *v);

#endif
