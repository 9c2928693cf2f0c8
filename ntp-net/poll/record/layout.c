/*
 * A number for the memory layout of struct net, see layout.h.  It is made of
 * sizes and offsets, so that a change of any struct in it is noticed.
 */
#include "ntp-net/poll/record/layout.h"

#include <stddef.h>

#include "ntp-net/poll/net.h"

static const uint32_t places[] = {
	sizeof(struct net),
	offsetof(struct net, clocks),
	offsetof(struct net, table),
	offsetof(struct net, decision),
	offsetof(struct net, leaps),
	offsetof(struct net, report),
	offsetof(struct net, page),
	offsetof(struct table, entries),
	offsetof(struct table, slots),
	offsetof(struct table, staging),
	offsetof(struct table, refids),
	sizeof(struct entry),
	offsetof(struct entry, addrs),
	offsetof(struct entry, lookup),
	offsetof(struct entry, bad),
	sizeof(struct slot),
	offsetof(struct slot, source),
	offsetof(struct slot, smeared),
	sizeof(struct source_config),
	sizeof(struct estimator),
	sizeof(struct filter_bank),
	offsetof(struct filter_bank, members),
	sizeof(struct min_delay),
	offsetof(struct min_delay, blocks_ns),
	offsetof(struct estimator, min_delay),
	offsetof(struct estimator, last),
	sizeof(struct poll),
	offsetof(struct source, next_query),
	offsetof(struct source, interleave),
	sizeof(struct interleave),
	offsetof(struct source, offset_ns),
	offsetof(struct source, verdicts),
	offsetof(struct decision, agreement),
	offsetof(struct decision, leap),
	offsetof(struct decision, told),
	sizeof(struct agreement),
	offsetof(struct agreement, joint),
	offsetof(struct agreement, investigation),
	sizeof(struct joint_source),
	sizeof(struct select_output),
	sizeof(struct msg_clock_state),
};

uint32_t
layout_number(void)
{
	const uint16_t order = 1; /* byte order */
	uint32_t h = *(const uint8_t *)&order + UINT32_C(0x811c9dc5);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		h = (h ^ places[i]) * UINT32_C(0x01000193);
	return h;
}
