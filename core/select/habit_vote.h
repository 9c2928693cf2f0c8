/*
 * Who is set aside because it has departed from its habit (habit.h).  A part of
 * the selection (select.h).  Pure.
 */
#ifndef CORE_HABIT_VOTE_H
#define CORE_HABIT_VOTE_H

#include "core/select/input.h"

/*
 * Of the n sources in[index[]], set those aside that have departed from their
 * habit when a majority has not, or has in another way, as far as at least needed
 * are left: index[] has those that are left, and their number is returned; the
 * state of the others is SELECT_ESTRANGED.
 */
uint32_t habit_vote(const struct select_input *in, uint32_t *index, uint32_t n,
    uint32_t needed, enum select_state *state);

#endif
