/*
 * The simulated network and its servers: the delay of a packet, whether it
 * arrives, and the server's answer.
 */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "core/packet/packet.h"
#include "tests/sim/rng.h"
#include "tests/sim/scenario.h"

enum way { WAY_UP, WAY_DOWN };

/* One direction and its present state. */
struct path {
	struct path_model model;
	double grows;	     /* by this the base delay grows, a fraction, ... */
	int64_t grown_at_ns; /* ... and has until then */
	double queue;	     /* state of an autocorrelated normal process */
	int64_t queue_at_ns;
	int64_t last_ns; /* arrival of the previous packet */
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
 * A packet is sent at t.  Returns how many copies arrive (0, 1 or 2), and when.
 */
int network_travel(
    struct server *s, enum way way, int64_t t_ns, int64_t arrive_ns[2]);

/*
 * The server's answer to a query that arrived at t; leap is its leap indicator.
 * Returns false if it does not answer.  *sent_ns: time of sending.
 */
bool network_answer(struct server *s, const struct packet *query, int64_t t_ns,
    int64_t utc_ns, enum leap leap, struct packet *answer, int64_t *sent_ns);

/* By how much the server's clock is ahead at t. */
double network_offset_ns(struct server *s, int64_t t_ns);

/* An event of the script that concerns a server happens at t. */
void network_happen(
    struct network *n, const struct script_event *e, int64_t t_ns);

#endif
