/*
 * The addresses of interfaces, where the configuration names those.
 */
#ifndef NTPD_INTERFACE_H
#define NTPD_INTERFACE_H

#include "ntpd/conf/conf.h"

/*
 * Add to c->listens the addresses in c->scoped whose interface is there now,
 * and those that the interfaces in c->fasts have now, each with the port of its
 * statement, but for those that are listened on already or by a wildcard of
 * their family.  A line in report warns of each fast one that is a loopback
 * interface, of addresses that are too many, and where the kernel does not tell
 * of any.
 */
void interface_listens(struct conf *c, FILE *report);

/* Is there an interface that may come, go, or get other addresses? */
bool interface_is_named(const struct conf *c);

/* What interface_listens() has added, anew. */
void interface_renew(struct conf *c, FILE *report);

/*
 * Add, for each wildcard in c->listens, the addresses that the machine has now,
 * but for those of the loopback and of links, and no more than there is room
 * for: a socket that is bound to the one address it serves costs less for each
 * request.  The wildcard takes the others, and those that come later.
 */
void interface_split(struct conf *c);

/* The name of an interface's driver, as ethtool(8) says it; "" if unknown. */
#define INTERFACE_DRIVER_LEN 32
void interface_driver(const char *name, char driver[INTERFACE_DRIVER_LEN]);

#endif
