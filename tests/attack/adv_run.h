/*
 * What each part of the adversary's world needs of the run that it is in: the
 * time, the trace, a promise that is broken, and the queues between the parts.
 */
#ifndef TESTS_ATTACK_ADV_RUN_H
#define TESTS_ATTACK_ADV_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "core/types.h"
#include "tests/attack/adv_state.h"
#include "tests/sim/rng.h"

#define RAW_START_NS (1000 * NS_PER_S)

/* The promise is broken: ends the run. */
__attribute__((noreturn, format(printf, 1, 2))) void world_fail(
    const char *fmt, ...);

/* A line of the trace. */
__attribute__((format(printf, 1, 2))) void world_say(const char *fmt, ...);

int64_t world_now_ns(void);

/* Log-uniform between two numbers above 0. */
double world_spread(struct rng *r, double low, double high);

/* Queues. */
void queue_clear(struct queue *q);
bool queue_empty(const struct queue *q);
bool queue_put(struct queue *q, const void *msg, size_t length, int fd);
/* The next one, or NULL; it is valid until the next call. */
const union msg *queue_take(struct queue *q, int *fd);

#endif
