/*
 * The prefixes of the statements allow and deny: from their text to the list
 * that ntp-serve reads.
 */
#ifndef NTPD_PREFIX_H
#define NTPD_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/msg.h"

/* A growing list; all zero is an empty one. */
struct prefix_list {
	struct msg_prefix *list; /* NULL if room is 0 */
	uint32_t count;
	uint32_t room;
};

enum prefix_result {
	PREFIX_OK,
	PREFIX_MALFORMED,
	PREFIX_BITS /* the address has bits beyond the prefix */
};

/*
 * Parse an IPv4 or IPv6 address or ADDRESS/BITS; the verdict is left zero.
 * With PREFIX_BITS *p is the prefix that the address lies in.
 */
MUST_CHECK enum prefix_result prefix_parse(
    const char *text, struct msg_prefix *p);

/* Write a prefix in the form that prefix_parse() reads.  Returns text. */
#define PREFIX_TEXT_LEN (ADDR_TEXT + 4)
const char *prefix_text(const struct msg_prefix *p, char text[PREFIX_TEXT_LEN]);

/*
 * Append one.  Returns 0, or -1 with errno: ENOMEM, or E2BIG at PREFIXES_MAX.
 */
MUST_CHECK int prefix_add(struct prefix_list *l, const struct msg_prefix *p);

/* Free the list and make it empty. */
void prefix_clear(struct prefix_list *l);

/* True if they are the same statements in the same order. */
bool prefix_same(const struct prefix_list *a, const struct prefix_list *b);

#endif
