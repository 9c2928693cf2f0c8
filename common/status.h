/*
 * What the status says, for those who pass it on.  Pure.
 */
#ifndef COMMON_STATUS_H
#define COMMON_STATUS_H

#include <stdbool.h>

#include "common/msg.h"

/* What ntp-clock says of itself; added to m. */
void status_add_clock(struct msg_status *m, const struct msg_clock_state *c);

/* Can all of its values be? */
bool status_ok(const struct msg_status *m);

#endif
