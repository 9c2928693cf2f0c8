/* ntp-net: what it is sent besides its start message. */
#ifndef NTPD_NET_H
#define NTPD_NET_H

struct supervisor;

/* Send it its configuration, its sources, their keys and the leap seconds. */
void net_configure(struct supervisor *s);

/* Send it the page of served time, if there is one, once. */
void net_give_page(struct supervisor *s);

/* Send it the leap seconds. */
void net_tell_leaps(struct supervisor *s);

/* There may be a new route to its sources. */
void net_hurry(struct supervisor *s);

#endif
