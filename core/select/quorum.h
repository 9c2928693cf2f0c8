/*
 * How many sources must agree at least, whatever their majority is.  Run by
 * ntp-net.  Pure.
 */
#ifndef CORE_QUORUM_H
#define CORE_QUORUM_H

#include "core/select/agreement.h"

#define QUORUM_MANY 3 /* sources that can prove a pause */

/* The quorum by the configuration, and the sources that it names. */
struct quorum {
	uint32_t min_sources; /* 0: not configured */
	uint32_t configured;  /* sources that count for a majority */
	uint32_t awaited;     /* those of them that have no address yet */
};

/*
 * The configured number; without one, half of the sources that count.  So one
 * source alone is believed if it is the only one or one of two; two that
 * disagree are not; if four are configured, one that has answered waits for
 * another.
 */
uint32_t quorum_configured(const struct quorum *q);

/*
 * The same, but more at the start while other sources may still get a vote,
 * unless a number is configured; and more after a pause in any case.
 */
uint32_t quorum_least(
    const struct quorum *q, const struct agreement *a, const struct voters *v);

#endif
