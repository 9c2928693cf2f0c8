/*
 * An address that is listened on: its text, and whether two are the same or
 * conflict.  Pure, except for the names.
 */
#ifndef NTPD_LISTEN_H
#define NTPD_LISTEN_H

#include "ntpd/conf/conf.h"

/* Text of the address with its port, for messages: "[::1]:123". */
#define LISTEN_TEXT_LEN 72
void listen_text(const struct conf_listen *l, char text[LISTEN_TEXT_LEN]);

/* Its port, host order. */
uint16_t listen_port(const struct conf_listen *l);

/* Is it the wildcard of its family? */
bool listen_is_wildcard(const struct conf_listen *l);

/* Would sockets that do not share conflict there? */
bool listen_overlaps(const struct conf_listen *a, const struct conf_listen *b);

/* Its index in a list of count entries; -1: it is not there. */
int listen_find(const struct conf_listen *list, uint32_t count,
    const struct conf_listen *l);

#endif
