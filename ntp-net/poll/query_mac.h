/*
 * The symmetric keys used with sources: adds MACs to queries and checks those
 * of answers.  The keys are not in struct net, because its memory is recorded,
 * and a recording must never contain a key.
 */
#ifndef POLL_QUERY_MAC_H
#define POLL_QUERY_MAC_H

#include "common/msg.h"
#include "core/packet/auth.h"
#include "core/packet/packet.h"

/* The longest query: a header and a version 4 MAC. */
#define QUERY_MAC_QUERY_MAX (NTP_PACKET_LEN + AUTH_ID_LEN + AUTH_V4_DIGEST_MAX)

/* A new configuration begins; its keys come in the next messages ... */
void query_mac_begin(void);

/* ... each of which is erased after use; -1 if its values are invalid ... */
MUST_CHECK int query_mac_take(struct msg_keys *m);

/* ... and this call replaces the old keys with them. */
void query_mac_commit(void);

/*
 * Append a MAC to the query in packet.  Returns the total length, or 0 if the
 * key does not exist: then the query must not be sent.  Key ID 0: no MAC.
 */
size_t query_mac_append(uint32_t key_id, uint8_t packet[QUERY_MAC_QUERY_MAX]);

/*
 * Check that the MAC of a datagram is valid and of this key.  Key ID 0: nothing
 * is checked.
 */
enum auth_result query_mac_check(
    uint32_t key_id, const uint8_t *buf, size_t len);

#endif
