/*
 * Which sources serve smeared time: they say so by their reference ID, or follow
 * the curve of a leap second that the list has, farther from the agreed line
 * than the way to them explains.  Pure.
 */
#ifndef CORE_SMEARED_H
#define CORE_SMEARED_H

#include "core/leap/believe.h"
#include "core/select/agreement.h"

/* What is known of leap seconds. */
struct smeared_by {
	const struct leap_list *list;
	const struct leap_watch *watch;
	uint32_t length_s; /* over which we smear what we serve; 0: we do not */
};

/*
 * After new measurements, now: sets smeared and smear_seen of each.  One that
 * says that it smears is left alone where nobody knows of a leap second, we do
 * not smear ourselves, and the others are fewer.
 */
void smeared_judge(struct voters *v, const struct agreement *a,
    const struct smeared_by *by, struct mono now);

#endif
