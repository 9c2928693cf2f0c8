/*
 * An address that is listened on: what it is called, and when two are the same or
 * hinder each other.  Pure, but for the names.
 */
#ifndef NTPD_LISTEN_H
#define NTPD_LISTEN_H

#include "ntpd/conf/conf.h"

/* Text of the address with its port, for messages: "[::1]:123". */
#define LISTEN_TEXT_LEN 72
void listen_text(const struct conf_listen *l, char text[LISTEN_TEXT_LEN]);

/* Its port, host order. */
uint16_t listen_port(const struct conf_listen *l);

/* Is it all addresses of its family? */
bool listen_is_wildcard(const struct conf_listen *l);

/* Would sockets that do not share hinder each other there? */
bool listen_overlaps(const struct conf_listen *a, const struct conf_listen *b);

/* Is it the same address and port? */
bool listen_same(const struct conf_listen *a, const struct conf_listen *b);

/* Where it stands in a list of so many; -1: it does not. */
int listen_find(const struct conf_listen *list, uint32_t count,
    const struct conf_listen *l);

#endif
