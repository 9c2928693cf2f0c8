/*
 * The position of a MAC in a packet, see auth.h.  Run by ntp-net, ntp-serve and
 * the tests on what the network brings.  It must never read beyond the given
 * length.
 */
#include "core/packet/auth.h"

#include <string.h>

#include "core/octets.h"
#include "core/packet/packet.h"

#define FIELD_MIN      16 /* octets, RFC 7822 section 3 */
#define LAST_FIELD_MIN 28 /* if no MAC follows */
#define MAC_NAK	       4
#define MAC_MD5	       20 /* and AES-128-CMAC */
#define MAC_SHA1       24 /* and longer digests, truncated */

void
auth_put_id(uint8_t *p, uint32_t key_id)
{
	put_be32(p, key_id);
}

static bool
is_mac(size_t left)
{
	return left == MAC_NAK || left == MAC_MD5 || left == MAC_SHA1;
}

/* Skip the extension fields of version 4; false if one is malformed. */
static bool
skip_fields(const uint8_t *buf, size_t len, size_t *at)
{
	for (int i = 0; *at < len && !is_mac(len - *at); i++) {
		size_t left = len - *at;
		size_t field = (size_t)buf[*at + 2] << 8 | buf[*at + 3];

		if (i == AUTH_FIELDS_MAX || field < FIELD_MIN ||
		    field % 4 != 0 || field > left ||
		    (field == left && field < LAST_FIELD_MIN))
			return false;
		*at += field;
	}
	return true;
}

int
auth_parse(const uint8_t *buf, size_t len, struct auth_tail *out)
{
	size_t at = NTP_PACKET_LEN;

	memset(out, 0, sizeof(*out));
	if (len < NTP_PACKET_LEN || len % 4 != 0)
		return -1;
	if ((buf[0] >> 3 & 7) >= NTP_VERSION) {
		if (!skip_fields(buf, len, &at))
			return -1;
	} else if (len - at > AUTH_ID_LEN + AUTH_DIGEST_MAX) {
		return -1;
	}
	out->covered = at;
	if (at == len)
		return 0;
	out->kind = len - at == MAC_NAK ? AUTH_NAK : AUTH_MAC;
	out->key_id = get_be32(buf + at);
	out->digest_len = len - at - AUTH_ID_LEN;
	return 0;
}
