/*
 * The client's side of the interleaved mode, see interleave.h.  Run by ntp-net
 * on what servers answer.  An answer must never match unless its origin
 * timestamp is a random number of our last query.
 */
#include "core/source/interleave.h"

#include <string.h>

void
interleave_forget(struct interleave *il)
{
	memset(il, 0, sizeof(*il));
}

void
interleave_query(
    struct interleave *il, bool wanted, uint64_t receive, struct packet *query)
{
	il->asked = false;
	il->query_receive = 0;
	if (il->unanswered >= INTERLEAVE_UNANSWERED_MAX)
		interleave_forget(il);
	if (!wanted || il->last == LAST_NONE)
		return;
	/*
	 * RFC 9769 section 2: a client "MUST NOT send a packet" with both
	 * equal.
	 */
	while (receive == 0 || receive == query->transmit.v)
		receive++;
	il->asked = true;
	il->unanswered++;
	il->query_receive = receive;
	query->origin = il->server_receive;
	query->receive.v = receive;
}

enum interleave_mode
interleave_match(const struct interleave *il, uint64_t query_transmit,
    const struct packet *answer)
{
	enum interleave_mode mode = INTERLEAVE_NONE;

	if (query_transmit != 0 && answer->origin.v == query_transmit)
		mode = INTERLEAVE_BASIC;
	else if (il->asked && answer->origin.v == il->query_receive)
		mode = INTERLEAVE_YES;
	/* One of the two alone may repeat: T3 of a basic answer comes again. */
	if (mode != INTERLEAVE_NONE && il->last != LAST_NONE &&
	    answer->receive.v == il->server_receive.v &&
	    answer->transmit.v == il->server_transmit.v)
		mode = INTERLEAVE_SAME;
	return mode;
}

struct times
interleave_times(const struct interleave *il, const struct packet *answer)
{
	return (struct times){ .t1 = il->sent_at,
		.t2 = il->server_receive,
		.t3 = answer->transmit,
		.t4 = il->received_at };
}

void
interleave_keep(struct interleave *il, const struct times *now, bool basic)
{
	*il = (struct interleave){ .last = basic ? LAST_MEASURED : LAST_OPEN,
		.sent_at = now->t1,
		.server_receive = now->t2,
		.server_transmit = now->t3,
		.received_at = now->t4 };
}
