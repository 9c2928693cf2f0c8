/*
 * A hostile ntp-net: it knows the code of ntp-clock and all that ntp-clock says.
 * What it does is a list of phases, which is a list of numbers, so that chance
 * can draw one and a search can change it.
 */
#ifndef TESTS_ATTACK_ADV_NET_H
#define TESTS_ATTACK_ADV_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "tests/sim/rng.h"

#define PHASES_MAX 10
#define GENES	   8

/* Of every phase, numbers in (0,1); see adv_net.c. */
struct genome {
	int phases;
	double gene[PHASES_MAX][GENES];
	double careful;	       /* stop what is charged before that freezes */
	double kills;	       /* how often a program is killed, 0 for never, */
	double moment, victim; /* most of all then, and this one */
	bool first; /* the first kill is planned from the beginning */
};

struct adv_line {
	int64_t raw_ns, theta_ns, slope;
};

struct net {
	const struct genome *genome;
	struct rng rng;
	bool connected;
	int64_t reconnect_ns;
	int phase;
	int64_t phase_end_ns;
	int64_t due_ns;	  /* its next act */
	int64_t pause_ns; /* the last pause of the machine */
	bool pause_wanted;
	int64_t slope; /* of this phase, 2^-32 */
	struct adv_line line;
	uint64_t steps; /* that it has seen */
	int64_t sign;
	uint32_t leap;
	bool heard;
	struct msg_clock_state state;
};

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
