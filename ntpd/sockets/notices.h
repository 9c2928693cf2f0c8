/*
 * The kernel's notices of links, addresses and routes, see rtnetlink(7).
 */
#ifndef NTPD_NOTICES_H
#define NTPD_NOTICES_H

#include <stdint.h>

#include "common/attr.h"

/*
 * A socket that has the notices of these groups, RTMGRP_*; the caller closes it.
 * It never waits.  Returns -1 with errno where the kernel or a filter allows none.
 */
MUST_CHECK int notices_open(uint32_t groups);

#endif
