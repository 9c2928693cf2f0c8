/*
 * How many sources must agree at least, whatever their majority is.  Runs in
 * ntp-net.
 */
#ifndef POLL_QUORUM_H
#define POLL_QUORUM_H

#include "ntp-net/poll/notice.h"

#define QUORUM_MANY 3 /* sources, so that a pause is believed */

/*
 * As the configuration says, and where it does not, half of those that count
 * (table_configured()), and at the start more while there are sources that may
 * come to have a vote; in any case so after a pause.
 */
uint32_t quorum_least(const struct net *n, const struct voters *v);

#endif
