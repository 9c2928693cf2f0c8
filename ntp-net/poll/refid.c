/*
 * Reference IDs of addresses, see refid.h.  Run by ntp-net.  Must never make a
 * system call.
 */
#include "ntp-net/poll/refid.h"

#include <nettle/md5.h>

#include "core/octets.h"

uint32_t
refid_of(const struct msg_addr *a)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx ctx;

	if (a->family == 4)
		return get_be32(a->addr);
	if (a->family != 6)
		return 0;
	md5_init(&ctx);
	md5_update(&ctx, sizeof(a->addr), a->addr);
	md5_digest(&ctx, sizeof(digest), digest);
	return get_be32(digest);
}
