/*
 * Symmetric keys for the programs that check and make what they authenticate.
 */
#ifndef NTPD_KEYS_H
#define NTPD_KEYS_H

#include "ntpd/children/child.h"

/*
 * Send a child the keys of a configuration for which wanted says so; none of them
 * stays in our stack.
 */
void keys_give(struct children *all, int child, const struct conf *c,
    bool (*wanted)(const struct conf *c, uint32_t key_id));

#endif
