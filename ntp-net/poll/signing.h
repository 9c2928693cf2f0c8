/*
 * The keys that sources are asked with: MACs on queries, and what those of
 * answers are worth.  They are not in struct net, because its memory goes into
 * recordings, in which there must never be a key.
 */
#ifndef POLL_SIGNING_H
#define POLL_SIGNING_H

#include "common/msg.h"
#include "core/packet/auth.h"
#include "core/packet/packet.h"

/* The longest query: a header and a MAC of version 4. */
#define SIGNING_QUERY_MAX (NTP_PACKET_LEN + AUTH_ID_LEN + AUTH_V4_DIGEST_MAX)

/* A new configuration begins; its keys come with the next messages ... */
void signing_begin(void);

/* ... each of which is wiped out; -1: it has values that may not be ... */
MUST_CHECK int signing_take(struct msg_keys *m);

/* ... and are in force, in place of the old ones, with this. */
void signing_commit(void);

/*
 * Put a MAC behind the query that is in packet, and return its length; 0 if
 * there is no such key: then nothing may be sent.  Key ID 0: no MAC.
 */
size_t signing_sign(uint32_t key_id, uint8_t packet[SIGNING_QUERY_MAX]);

/*
 * What the MAC of a datagram is worth, if it is to be one of this key.  Key ID
 * 0: nothing is looked at.
 */
enum auth_result signing_check(uint32_t key_id, const uint8_t *buf, size_t len);

#endif
