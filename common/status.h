/* Helpers for programs that pass on the status.  Pure. */
#ifndef COMMON_STATUS_H
#define COMMON_STATUS_H

#include <stdbool.h>

#include "common/msg.h"

/* Add the state of ntp-clock to m. */
void status_add_clock(struct msg_status *m, const struct msg_clock_state *c);

/* True if all values are valid. */
bool status_ok(const struct msg_status *m);

#endif
