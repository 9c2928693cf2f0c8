/*
 * The status of a source: one value, made here from what was decided, and used
 * by the log, by ntpctl and by the recording.
 */
#ifndef POLL_STATUS_H
#define POLL_STATUS_H

#include "core/select/select.h"
#include "ntp-net/poll/table.h"

/* True if the log does not distinguish the two. */
bool status_alike(enum slot_status a, enum slot_status b);

/*
 * Apply a decision to a source: set its status, set whether it deviates from
 * its learned bias, and count its answers as a falseticker.
 */
void status_decided(struct slot *s, enum select_state state);

/*
 * True if a source without a vote is no longer in the decided state: it has
 * denied us its service, or says that it is not synchronized.
 */
bool status_is_news(const struct slot *s);

#endif
