/*
 * The MAC of a query, and the check of that of an answer.
 */
#include "ntp-net/poll/query_mac.h"

#include <string.h>

#include "common/mac.h"
#include "tests/tap.h"

static const struct mac_key first = {
	.id = 7, .type = MAC_AES128, .len = 16, .value = "0123456789abcdef"
};
static const struct mac_key second = {
	.id = 8, .type = MAC_SHA512, .len = 6, .value = "secret"
};

static void
load(const struct mac_key *a, const struct mac_key *b)
{
	struct msg_keys m = { .count = 2, .keys = { *a, *b } };
	static const struct msg_keys none;

	query_mac_begin();
	IS_I64(query_mac_take(&m), 0, "two keys come");
	OK(memcmp(m.keys, none.keys, sizeof(m.keys)) == 0,
	    "and are wiped out of the message");
}

static void
test_sign(void)
{
	uint8_t query[QUERY_MAC_QUERY_MAX] = { 0x23 };
	struct auth_tail tail;

	IS_I64(query_mac_append(0, query), 48, "without a key: a bare query");
	IS_I64(
	    query_mac_append(7, query), 0, "there are no keys before a commit");
	query_mac_commit();
	IS_I64(query_mac_append(7, query), 48 + 4 + 16, "a CMAC has 16 octets");
	OK(auth_parse(query, 68, &tail) == 0 && tail.kind == AUTH_MAC &&
		tail.key_id == 7,
	    "of that key");
	IS_I64(query_mac_check(7, query, 68), AUTH_GOOD, "and right");
	IS_I64(query_mac_append(8, query), 48 + 4 + 20, "SHA-512 is cut off");
	IS_I64(query_mac_check(8, query, 72), AUTH_GOOD, "and right");
	IS_I64(
	    query_mac_append(9, query), 0, "with no such key nothing is sent");
}

static void
test_check(void)
{
	uint8_t a[200] = { 0x24 };

	(void)query_mac_append(7, a);
	IS_I64(query_mac_check(0, a, 68), AUTH_NOT_LOOKED, "no key, no look");
	IS_I64(query_mac_check(7, a, 48), AUTH_ABSENT, "A-03 no MAC");
	IS_I64(query_mac_check(7, a, 64), AUTH_WRONG, "A-03 a short one");
	IS_I64(query_mac_check(7, a, 72), AUTH_WRONG, "a long one");
	IS_I64(query_mac_check(7, a, 47), AUTH_WRONG, "no packet at all");
	IS_I64(query_mac_check(8, a, 68), AUTH_OTHER_KEY, "A-18 another key's");
	a[5] ^= 1;
	IS_I64(query_mac_check(7, a, 68), AUTH_WRONG, "a changed packet");
	memset(a + 48, 0, 4);
	IS_I64(query_mac_check(7, a, 52), AUTH_REFUSED, "A-04 a crypto-NAK");
}

static void
test_reload(void)
{
	uint8_t a[QUERY_MAC_QUERY_MAX] = { 0x24 };
	struct mac_key changed = first;
	struct msg_keys bad = { .count = 1 };

	(void)query_mac_append(7, a);
	changed.value[0] ^= 1;
	load(&changed, &second);
	IS_I64(query_mac_check(7, a, 68), AUTH_GOOD, "the old key until then");
	query_mac_commit();
	IS_I64(query_mac_check(7, a, 68), AUTH_WRONG, "the new one after it");
	query_mac_begin();
	IS_I64(query_mac_take(&bad), -1, "a key without an ID is refused");
	query_mac_begin();
	query_mac_commit();
	IS_I64(query_mac_append(7, a), 0, "a configuration without keys");
}

int
main(void)
{
	load(&first, &second);
	test_sign();
	test_check();
	test_reload();
	return DONE();
}
