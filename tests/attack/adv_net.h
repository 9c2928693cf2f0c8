/*
 * A hostile ntp-net: it knows the code of ntp-clock and all that ntp-clock
 * says.  What it does is a list of phases, which is a list of numbers, so that
 * chance can draw one and a search can change it.
 */
#ifndef TESTS_ATTACK_ADV_NET_H
#define TESTS_ATTACK_ADV_NET_H

#include <stdint.h>

#include "common/msg.h"
#include "tests/attack/adv_state.h"
#include "tests/sim/rng.h"

void genome_draw(struct genome *g, struct rng *r);
/* Another one, near it. */
void genome_change(struct genome *g, struct rng *r);

void net_begin(const struct genome *g, uint64_t seed);
void net_act(void);
void net_hear(const union msg *msg);
/* There is a channel to ntp-clock; ntp-clock closed it. */
void net_connected(void);
void net_dropped(void);

#endif
