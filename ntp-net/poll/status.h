/*
 * What is to be said of a source: one value, made here from what was decided,
 * and used by the log, by ntpctl and by the recording.
 */
#ifndef POLL_STATUS_H
#define POLL_STATUS_H

#include "core/select/select.h"
#include "ntp-net/poll/table.h"

/* Does the log say the same of both? */
bool status_alike(enum slot_status a, enum slot_status b);

/*
 * A decision has made this of a source: sets its status, and whether it has
 * departed from its habit, and counts answers as a falseticker.
 */
void status_decided(struct slot *s, enum select_state state);

/*
 * True if a source without a vote is in another state than was decided: it has
 * denied us its service, or says that it is not synchronized.
 */
bool status_is_news(const struct slot *s);

#endif
