/* Changes that an operator asks for. */
#ifndef NTPD_CONTROL_H
#define NTPD_CONTROL_H

struct supervisor;
struct change;

/* A peer has connected to the change socket. */
void control_accept(struct supervisor *s);

/* A peer's connection is readable. */
void control_read(struct supervisor *s, struct change *a);

#endif
