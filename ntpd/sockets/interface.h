/* The addresses of interfaces that the configuration names. */
#ifndef NTPD_INTERFACE_H
#define NTPD_INTERFACE_H

#include "ntpd/conf/conf.h"

/*
 * Add to c->listens the addresses in c->scoped whose interface exists now, and
 * the addresses that the interfaces in c->fasts have now, each with the port of
 * its statement, except those that are listened on already, directly or by a
 * wildcard of their family.  A line in report warns of each fast interface that
 * is a loopback interface, of too many addresses, and if the kernel reports
 * none.
 */
void interface_listens(struct conf *c, FILE *report);

/* Is an interface named that may come, go, or change its addresses? */
bool interface_is_named(const struct conf *c);

/* Replace what interface_listens() has added by what it would add now. */
void interface_renew(struct conf *c, FILE *report);

/*
 * For each wildcard in c->listens, add the addresses that the machine has now,
 * except loopback and link-local ones, as far as there is room: a socket bound
 * to the one address it serves costs less for each request.  The wildcard gets
 * the rest, and addresses that appear later.
 */
void interface_split(struct conf *c);

/* The name of an interface's driver, as ethtool(8) shows it; "" if unknown. */
#define INTERFACE_DRIVER_LEN 32
void interface_driver(const char *name, char driver[INTERFACE_DRIVER_LEN]);

#endif
