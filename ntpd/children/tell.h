/* What ntpd sends to its children, whichever they are. */
#ifndef NTPD_TELL_H
#define NTPD_TELL_H

#include "ntpd/children/child.h"

/*
 * Send a message, with a descriptor or -1, to a child if it is running.  A
 * child whose channel is full is ended.
 */
void tell(
    struct children *all, int child, enum msg_type type, void *msg, int fd);

/* The same for a message whose loss does not matter, see msg_offer(). */
void tell_offer(struct children *all, int child, enum msg_type type, void *msg);

/* Send the log level to all of them. */
void tell_level(struct children *all, enum log_level level);

/* Tell ntp-observe whether a child, or ntpd itself, is running. */
void tell_process(struct children *all, int child);

/*
 * Send a child the keys of a configuration that wanted() selects, NULL: all of
 * them; none stays on our stack.
 */
void tell_keys(struct children *all, int child, const struct conf *c,
    bool (*wanted)(const struct conf *c, uint32_t key_id));

#endif
