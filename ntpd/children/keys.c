/*
 * Giving keys, see keys.h.  Run by ntpd only.
 */
#include "ntpd/children/keys.h"

#include <string.h>

#include "ntpd/children/tell.h"

void
keys_give(struct children *all, int p, const struct conf *c,
    bool (*wanted)(const struct conf *c, uint32_t key_id))
{
	const struct keyring *keys = c->keys;
	struct msg_keys m = { .count = 0 };

	if (keys == NULL)
		return;
	for (uint32_t i = 0; i < keys->count; i++) {
		if (wanted(c, keys->keys[i].id))
			m.keys[m.count++] = keys->keys[i];
		if (m.count == KEYS_A_MESSAGE) {
			tell(all, p, MSG_KEYS, &m, -1);
			explicit_bzero(&m, sizeof(m));
		}
	}
	if (m.count != 0)
		tell(all, p, MSG_KEYS, &m, -1);
	explicit_bzero(&m, sizeof(m));
}
