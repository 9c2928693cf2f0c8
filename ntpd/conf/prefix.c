/*
 * Prefixes of addresses, see prefix.h.  ntpd runs this while it reads its
 * configuration; ntp-serve reads the result and checks it again.
 */
#include "ntpd/conf/prefix.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/conf/value.h"

#define ROOM_FIRST 64

static unsigned int
bits_max(const struct msg_prefix *p)
{
	return p->family == 4 ? 32 : 128;
}

/* Clear the bits after the prefix; false if one was set. */
static bool
clear_rest(struct msg_prefix *p)
{
	bool clear = true;

	for (unsigned int i = p->bits; i < bits_max(p); i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		clear = clear && (p->addr[i / 8] & bit) == 0;
		p->addr[i / 8] &= (uint8_t)~bit;
	}
	return clear;
}

enum prefix_result
prefix_parse(const char *text, struct msg_prefix *p)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	struct msg_addr a;
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	int64_t bits;

	memset(p, 0, sizeof(*p));
	if (len >= sizeof(address))
		return PREFIX_MALFORMED;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!addr_parse(address, &a) || a.scope != 0)
		return PREFIX_MALFORMED;
	p->family = a.family;
	memcpy(p->addr, a.addr, sizeof(p->addr));
	bits = bits_max(p);
	if (slash != NULL && value_number(slash + 1, &bits) != VALUE_OK)
		return PREFIX_MALFORMED;
	if (bits > (int64_t)bits_max(p))
		return PREFIX_MALFORMED;
	p->bits = (uint8_t)bits;
	return clear_rest(p) ? PREFIX_OK : PREFIX_BITS;
}

const char *
prefix_text(const struct msg_prefix *p, char text[PREFIX_TEXT_LEN])
{
	struct msg_addr a = { .family = p->family };
	char address[ADDR_TEXT];

	memcpy(a.addr, p->addr, sizeof(a.addr));
	addr_text(&a, address);
	(void)snprintf(
	    text, PREFIX_TEXT_LEN, "%s/%u", address, (unsigned int)p->bits);
	return text;
}

int
prefix_add(struct prefix_list *l, const struct msg_prefix *p)
{
	if (l->count == PREFIXES_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (l->count == l->room) {
		uint32_t room = l->room == 0 ? ROOM_FIRST : 2 * l->room;
		struct msg_prefix *list =
		    reallocarray(l->list, room, sizeof(list[0]));

		if (list == NULL)
			return -1;
		l->list = list;
		l->room = room;
	}
	l->list[l->count++] = *p;
	return 0;
}

void
prefix_clear(struct prefix_list *l)
{
	free(l->list);
	*l = (struct prefix_list){ .list = NULL };
}

bool
prefix_same(const struct prefix_list *a, const struct prefix_list *b)
{
	return a->count == b->count &&
	    (a->count == 0 ||
		memcmp(a->list, b->list, a->count * sizeof(a->list[0])) == 0);
}
