/*
 * Who may ask: a list of address prefixes.  The most specific prefix that
 * contains an address decides.  The list is flattened into ranges once, so that
 * a look-up costs a few cache lines however many prefixes there are.  Run by
 * ntp-serve.  Pure.  The caller owns the memory, which is large; pages that are
 * not needed are not touched.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

#define ACCESS_PREFIXES_MAX 131072

/* N nested or separate prefixes make at most 2 N + 1 ranges. */
#define ACCESS_RANGES_MAX (2 * ACCESS_PREFIXES_MAX + 1)

/* A node of a tree is one cache line of keys. */
#define ACCESS_LINE   64
#define ACCESS_FAN4   16 /* of IPv4, 32 bits each */
#define ACCESS_FAN6   8	 /* of the high half of IPv6 */
#define ACCESS_LEVELS 7	 /* ACCESS_FAN6 to the 7th exceeds all ranges */

/* The keys of all levels: the ranges, a fraction of them above, and so on. */
#define ACCESS_KEYS4 (ACCESS_RANGES_MAX + ACCESS_RANGES_MAX / 15 + 256)
#define ACCESS_KEYS6 (ACCESS_RANGES_MAX + ACCESS_RANGES_MAX / 7 + 256)

enum access_verdict {
	ACCESS_ALLOW,
	ACCESS_DENY,	   /* silently */
	ACCESS_DENY_ANSWER /* with a DENY kiss (RFC 5905 section 7.4) */
};

/* One statement. */
struct access_prefix {
	uint8_t addr[16]; /* network order; IPv4 in the first 4 */
	uint8_t family;	  /* 4 or 6 */
	uint8_t bits;	  /* 0 to 32 or 128; addr is zero after that */
	enum access_verdict verdict;
};

/* Private from here on. */
struct access_item {
	uint64_t high; /* an IPv4 address is in its upper half */
	uint64_t low;
	uint32_t order; /* position among the statements */
	uint8_t family;
	uint8_t bits;
	uint8_t verdict;
	uint8_t reserved;
};

/* Where each level of a tree begins among its keys; level 0 is the widest. */
struct access_tree {
	uint32_t start[ACCESS_LEVELS];
	uint32_t count[ACCESS_LEVELS];
	uint32_t levels;
};

struct access {
	struct access_tree tree4;
	struct access_tree tree6;
	uint32_t items_count;
	uint32_t ranges4;
	uint32_t ranges6; /* in low6 and verdict6 */
	uint32_t highs6;  /* distinct high halves: keys6, first6 */
	_Alignas(ACCESS_LINE) uint32_t keys4[ACCESS_KEYS4];
	_Alignas(ACCESS_LINE) uint64_t keys6[ACCESS_KEYS6];
	uint8_t verdict4[ACCESS_RANGES_MAX];
	/* The ranges whose high half is keys6[i] begin at index first6[i]. */
	uint32_t first6[ACCESS_RANGES_MAX + 1];
	uint64_t low6[ACCESS_RANGES_MAX];
	uint8_t verdict6[ACCESS_RANGES_MAX];
	struct access_item items[ACCESS_PREFIXES_MAX];
};

/* True if the prefix is valid: family, length, no bit set beyond the length. */
bool access_prefix_ok(const struct access_prefix *p);

/*
 * Begin a new, empty list.  Look-ups use the old list until access_end().  New
 * memory needs an access_begin() and an access_end() before the first look-up.
 */
void access_begin(struct access *a);

/*
 * Add the next statement to the new list.  An IPv6 prefix of IPv4-mapped
 * addresses (::ffff:0:0/96 or longer) counts as that of the IPv4 addresses.
 * Returns 0, or -1 if the prefix is invalid or one too many.
 */
MUST_CHECK int access_add(struct access *a, const struct access_prefix *p);

/*
 * Put the new list in force.  If several statements have the same prefix, the
 * last one counts.  An address that matches nothing is allowed if the list has
 * no allow statement, and otherwise denied silently.
 */
void access_end(struct access *a);

/* The verdict for an IPv4 address, in host order. */
enum access_verdict access_find4(const struct access *a, uint32_t addr);

/*
 * The verdict for an IPv6 address, mapped or not; its halves are in host order.
 */
enum access_verdict access_find6(
    const struct access *a, uint64_t high, uint64_t low);

#endif
