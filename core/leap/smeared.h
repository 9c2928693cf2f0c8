/*
 * Which sources serve smeared time.  They say so in their reference ID. Or they
 * follow the curve of a leap second in the list, farther from the agreed line
 * than their path explains.  Run by ntp-net.  Pure.
 */
#ifndef CORE_SMEARED_H
#define CORE_SMEARED_H

#include "core/leap/believe.h"
#include "core/select/agreement.h"

/* What is known of leap seconds. */
struct smeared_by {
	const struct leap_list *list;
	const struct leap_watch *watch;
	uint32_t length_s; /* of the smear that we serve; 0: none */
};

/*
 * After new measurements: set smeared and smear_seen of each source.  A source
 * that says that it smears is still used if no leap second is known, we do not
 * smear ourselves, and most sources smear.
 */
void smeared_judge(struct voters *v, const struct agreement *a,
    const struct smeared_by *by, struct mono now);

#endif
