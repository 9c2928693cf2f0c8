/*
 * The simulated network and its servers: how long a packet takes, whether it
 * arrives, and what a server answers.
 */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "core/packet/packet.h"
#include "tests/sim/rng.h"
#include "tests/sim/scenario.h"

enum way { WAY_UP, WAY_DOWN };

/* One direction, as it is now. */
struct path {
	struct path_model model;
	double queue; /* of a normal process with a memory */
	int64_t queue_at_ns;
	int64_t last_ns; /* when the packet before arrived */
	struct rng rng;
};

struct server {
	const struct server_model *model;
	struct path path[2];
	struct rng rng;
	/* Its clock is ahead by offset_ns at at_ns, and gains by drift. */
	int64_t at_ns;
	double offset_ns;
	double drift;
	int64_t silent_until_ns;
};

struct network {
	uint32_t count;
	struct server servers[SCENARIO_SERVERS];
};

void network_init(struct network *n, const struct scenario *sc, uint64_t seed);

/*
 * A packet sets out at t.  Returns how many copies arrive (0, 1 or 2), and
 * when.
 */
int network_travel(
    struct server *s, enum way way, int64_t t_ns, int64_t arrive_ns[2]);

/*
 * What the server answers to a query that arrived at t; leap is what it says
 * of a leap second.  Returns false where it does not answer.  *sent_ns: when.
 */
bool network_answer(struct server *s, const struct packet *query, int64_t t_ns,
    int64_t utc_ns, enum leap leap, struct packet *answer, int64_t *sent_ns);

/* By how much the server's clock is ahead at t. */
double network_offset_ns(struct server *s, int64_t t_ns);

/* Something of a script that concerns a server happens at t. */
void network_happen(
    struct network *n, const struct script_event *e, int64_t t_ns);

#endif
