/*
 * The sources at a decision, as core/select sees them.  The caller fills this
 * in for each decision from what it keeps of its sources, and takes over the
 * results afterwards.  Run by ntp-net.  Pure.
 */
#ifndef CORE_VOTERS_H
#define CORE_VOTERS_H

#include "core/filter/oscillator.h"
#include "core/select/bias.h"
#include "core/select/select.h"
#include "core/source/source.h"

/* One source.  The pointers are to what the caller keeps between decisions. */
struct voter {
	struct source *source;
	struct bias *bias;
	struct oscillator *oscillator; /* ours, as the source shows it */
	uint32_t place; /* below SELECT_MAX; fixed for this source */
	bool fresh;	/* its estimate changed since the last decision */
	bool alarm;	/* an answer since then was unpredicted */
	bool self;	/* it is this machine itself */
	bool deviating; /* excluded: it deviates from its bias */
	bool keyed;	/* its answers are authenticated */
	bool smeared;	/* it serves smeared time, see core/leap/smeared.h, */
	struct mono smear_seen; /* as its answer of this moment shows */
};

struct voters {
	struct voter of[SELECT_MAX]; /* in the order of their places */
	uint32_t count;
	/* input and result for each source, in the same order */
	struct select_input in[SELECT_MAX];
	enum select_state state[SELECT_MAX];
};

#endif
