/*
 * The sources at a decision, as core/select sees them.  The caller makes this
 * anew for each decision from what it keeps of its sources, and takes over what
 * was decided of them.  Pure.
 */
#ifndef CORE_VOTERS_H
#define CORE_VOTERS_H

#include "core/filter/oscillator.h"
#include "core/select/habit.h"
#include "core/select/select.h"
#include "core/source/source.h"

/* The pointers are to what the caller keeps from one decision to the next. */
struct voter {
	struct source *source;
	struct habit *habit;
	struct oscillator *oscillator; /* ours, as the source shows it */
	uint32_t place; /* below SELECT_MAX; fixed as long as it is the same */
	bool fresh;	/* its estimate changed since the last decision */
	bool alarm;	/* an answer since then was not predicted at all */
	bool self;	/* it is this machine */
	bool estranged; /* it has departed from its habit */
	bool keyed;	/* its answers are authenticated */
	bool smeared;	/* it serves smeared time, see core/leap/smeared.h, */
	struct mono smear_seen; /* by its answer of that moment */
};

struct voters {
	struct voter of[SELECT_MAX]; /* in the order of their places */
	uint32_t count;
	/* the caller's, of SELECT_MAX: what each says, and what comes of it */
	struct select_input *in;
	enum select_state *state;
};

#endif
