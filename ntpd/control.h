/*
 * Changes that an operator asks for.
 */
#ifndef NTPD_CONTROL_H
#define NTPD_CONTROL_H

struct supervisor;
struct asker;

/* Somebody is there, on the socket for changes. */
void control_accept(struct supervisor *s);

/* What an asker says can be read. */
void control_read(struct supervisor *s, struct asker *a);

#endif
