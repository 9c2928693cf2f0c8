/*
 * Listening on other addresses than before, with the same configuration: those
 * that interfaces have got, or that were in the way of nobody any more.
 */
#ifndef NTPD_RELISTEN_H
#define NTPD_RELISTEN_H

#include <stdbool.h>

struct supervisor;
struct conf;

/* Listen on what the interfaces of the configuration are and have now. */
void relisten_interfaces(struct supervisor *s);

/* Try those again that are waited for, and listen on what is free by now. */
void relisten_awaited(struct supervisor *s);

/*
 * What is answered fast does not fit what is to be listened on any more, or does:
 * the rights to load a program were given up with the start, so one that does not
 * fit is ended.  Returns false if there is to be one and it needs a start.
 */
bool relisten_fast(struct supervisor *s, const struct conf *next);

#endif
