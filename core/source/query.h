/*
 * The queries of one source, for core/source/source.c alone: what the answers do to
 * them.  All else is in source.h.  Pure.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "core/source/source.h"

/* No answer is waited for any more: the caller closes the socket. */
void query_over(struct source *s, struct source_out *out);

/*
 * A measurement has come.  If all queries of the start were lost, they are made
 * up for, unless the server has asked to be left in peace.
 */
void query_catch_up(struct source *s);

#endif
