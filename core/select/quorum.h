/*
 * How many sources must agree at least, whatever their majority is.  Pure.
 */
#ifndef CORE_QUORUM_H
#define CORE_QUORUM_H

#include "core/select/agreement.h"

#define QUORUM_MANY 3 /* sources, so that a pause is believed */

/* What the configuration says, and the sources that it names. */
struct quorum {
	uint32_t min_sources; /* 0: it does not say */
	uint32_t configured;  /* sources that count for a majority */
	uint32_t awaited;     /* of these, those that are yet to be found */
};

/*
 * What is configured; and where nothing is, half of those that count.  So one
 * source alone is believed if it is the only one or one of two; two that
 * disagree are not; of four configured, one that has answered waits for another.
 */
uint32_t quorum_configured(const struct quorum *q);

/*
 * That, and more at the start while there are sources that may come to have a
 * vote, unless a number is configured; and in any case so after a pause.
 */
uint32_t quorum_least(
    const struct quorum *q, const struct agreement *a, const struct voters *v);

#endif
