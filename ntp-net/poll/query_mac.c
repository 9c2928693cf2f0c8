/*
 * The keys of sources, see query_mac.h.  Run by ntp-net, which gets only the
 * keys that its sources use.  They are variables of this file, so that code
 * that walks over the state of ntp-net cannot touch them.  Must never let a key
 * get into a recording.
 */
#include "ntp-net/poll/query_mac.h"

#include <string.h>

#include "common/keyring.h"
#include "common/mac.h"

static struct keyring keys, next;

void
query_mac_begin(void)
{
	keyring_clear(&next);
}

int
query_mac_take(struct msg_keys *m)
{
	int rc = keyring_take(&next, m);

	explicit_bzero(m->keys, sizeof(m->keys));
	return rc;
}

void
query_mac_commit(void)
{
	keyring_move(&keys, &next);
}

size_t
query_mac_append(uint32_t key_id, uint8_t packet[QUERY_MAC_QUERY_MAX])
{
	const struct mac_key *key = keyring_find(&keys, key_id);
	uint8_t digest[MAC_DIGEST_MAX];
	size_t n;

	if (key_id == 0)
		return NTP_PACKET_LEN;
	if (key == NULL)
		return 0;
	n = mac_wire_length(
	    mac_digest(key, packet, NTP_PACKET_LEN, digest), NTP_VERSION);
	auth_put_id(packet + NTP_PACKET_LEN, key_id);
	memcpy(packet + NTP_PACKET_LEN + AUTH_ID_LEN, digest, n);
	return NTP_PACKET_LEN + AUTH_ID_LEN + n;
}

/* Accept only the key that the query used (CVE-2015-7974). */
enum auth_result
query_mac_check(uint32_t key_id, const uint8_t *buf, size_t len)
{
	const struct mac_key *key = keyring_find(&keys, key_id);
	struct mac_claim claim = { .data = buf };
	struct auth_tail tail;

	if (key_id == 0)
		return AUTH_NOT_LOOKED;
	if (auth_parse(buf, len, &tail) == -1)
		return AUTH_WRONG;
	if (tail.kind == AUTH_NONE)
		return AUTH_ABSENT;
	if (tail.kind == AUTH_NAK)
		return AUTH_REFUSED;
	if (tail.key_id != key_id)
		return AUTH_OTHER_KEY;
	claim.len = tail.covered;
	claim.digest = buf + tail.covered + AUTH_ID_LEN;
	claim.digest_len = tail.digest_len;
	return key != NULL && mac_check(key, &claim) ? AUTH_GOOD : AUTH_WRONG;
}
