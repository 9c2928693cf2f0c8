/*
 * Excludes sources that deviate from their biases (bias.h).  A part of the
 * selection (select.h).  Run by ntp-net.  Pure.
 */
#ifndef CORE_BIAS_VOTE_H
#define CORE_BIAS_VOTE_H

#include "core/select/input.h"

/*
 * Of the n sources in[index[]], exclude those that deviate from their biases in
 * another way than the majority does, if at least `needed` sources remain.
 * Afterwards index[] has the remaining sources, and their number is returned.
 * The state of the others is SELECT_DEVIATING.
 */
uint32_t bias_vote(const struct select_input *in, uint32_t *index, uint32_t n,
    uint32_t needed, enum select_state *state);

#endif
