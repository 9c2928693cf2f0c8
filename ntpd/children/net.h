/*
 * ntp-net: what it is told beside its start.
 */
#ifndef NTPD_NET_H
#define NTPD_NET_H

struct supervisor;

/* Its configuration, its sources, their keys and the leap seconds, anew. */
void net_configure(struct supervisor *s);

/* The page of served time, if there is one, once. */
void net_give_page(struct supervisor *s);

/* The leap seconds. */
void net_tell_leaps(struct supervisor *s);

/* There may be a way to its sources that was not there before. */
void net_hurry(struct supervisor *s);

#endif
