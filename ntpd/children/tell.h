/*
 * What ntpd says to its children, whichever they are.
 */
#ifndef NTPD_TELL_H
#define NTPD_TELL_H

#include "ntpd/children/child.h"

/*
 * Send a message, with a descriptor or -1, to a child if it runs.  One that cannot
 * be sent to, since its channel is full, is ended.
 */
void tell(
    struct children *all, int child, enum msg_type type, void *msg, int fd);

/* The same where a loss does not matter, see msg_offer(). */
void tell_offer(struct children *all, int child, enum msg_type type, void *msg);

/* What to log: to all of them. */
void tell_level(struct children *all, enum log_level level);

/* Say to ntp-observe whether a child runs, or ntpd itself. */
void tell_process(struct children *all, int child);

/*
 * Send a child the keys of a configuration for which wanted says so; none of them
 * stays in our stack.
 */
void tell_keys(struct children *all, int child, const struct conf *c,
    bool (*wanted)(const struct conf *c, uint32_t key_id));

#endif
