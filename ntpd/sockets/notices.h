/*
 * The kernel's notices of links, addresses and routes, see rtnetlink(7).
 */
#ifndef NTPD_NOTICES_H
#define NTPD_NOTICES_H

#include <stdint.h>

#include "common/attr.h"

/*
 * A socket that receives the notices of these groups, RTMGRP_*.  It is
 * non-blocking; the caller closes it.  Returns -1 with errno if the kernel or a
 * filter allows none.
 */
MUST_CHECK int notices_open(uint32_t groups);

#endif
