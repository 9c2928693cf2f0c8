/*
 * Who may ask: prefixes of addresses, of which the most specific that holds an
 * address decides.  They are flattened into ranges once, so that a look-up
 * costs a few cache lines however many prefixes there are.  Pure; the caller
 * owns the memory, which is large: pages that are not needed are not touched.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

#define ACCESS_PREFIXES_MAX 131072

/* N nested or separate prefixes have at most 2 N + 1 ranges. */
#define ACCESS_RANGES_MAX (2 * ACCESS_PREFIXES_MAX + 1)

/* A node of a tree is one cache line of keys. */
#define ACCESS_LINE   64
#define ACCESS_FAN4   16 /* of IPv4, 32 bits each */
#define ACCESS_FAN6   8	 /* of the high half of IPv6 */
#define ACCESS_LEVELS 7	 /* FAN6 to the 7th is more than all ranges */

/* Keys of all levels: the ranges, and a part of them again, and again. */
#define ACCESS_KEYS4 (ACCESS_RANGES_MAX + ACCESS_RANGES_MAX / 15 + 256)
#define ACCESS_KEYS6 (ACCESS_RANGES_MAX + ACCESS_RANGES_MAX / 7 + 256)

enum access_verdict {
	ACCESS_ALLOW,
	ACCESS_DENY,	   /* without a word */
	ACCESS_DENY_ANSWER /* with the kiss DENY (RFC 5905 section 7.4) */
};

/* One statement. */
struct access_prefix {
	uint8_t addr[16]; /* network order; of IPv4 the first 4 */
	uint8_t family;	  /* 4 or 6 */
	uint8_t bits;	  /* 0 to 32 or 128; addr is zero after them */
	enum access_verdict verdict;
};

/* Private from here on. */
struct access_item {
	uint64_t high; /* an IPv4 address is the upper half of it */
	uint64_t low;
	uint32_t order; /* of the statements */
	uint8_t family;
	uint8_t bits;
	uint8_t verdict;
	uint8_t reserved;
};

/* Where the levels of a tree begin among its keys; 0 is the widest. */
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
	uint32_t highs6;  /* different ones: in keys6 and first6 */
	_Alignas(ACCESS_LINE) uint32_t keys4[ACCESS_KEYS4];
	_Alignas(ACCESS_LINE) uint64_t keys6[ACCESS_KEYS6];
	uint8_t verdict4[ACCESS_RANGES_MAX];
	/* The ranges that begin with keys6[i] are from first6[i] on. */
	uint32_t first6[ACCESS_RANGES_MAX + 1];
	uint64_t low6[ACCESS_RANGES_MAX];
	uint8_t verdict6[ACCESS_RANGES_MAX];
	struct access_item items[ACCESS_PREFIXES_MAX];
};

/* True if the prefix is one: family, length, no bit set beyond it. */
bool access_prefix_ok(const struct access_prefix *p);

/*
 * Begin a new list, of no statement.  Look-ups go on by the list before it
 * until access_end(); memory that never was a list must be given an
 * access_begin() and an access_end() first.
 */
void access_begin(struct access *a);

/*
 * Add the next statement to the list that was begun.  An IPv6 prefix of
 * IPv4-mapped addresses (::ffff:0:0/96 or longer) is that of the IPv4
 * addresses.  Returns 0, or -1 if the prefix is not ok or one too many.
 */
MUST_CHECK int access_add(struct access *a, const struct access_prefix *p);

/*
 * Put the list in force.  Of statements with the same prefix the last one
 * counts.  An address in no prefix is allowed if nobody is (there are no
 * statements, or only such that deny), and else denied without a word.
 */
void access_end(struct access *a);

/* The verdict about an IPv4 address, in host order. */
enum access_verdict access_find4(const struct access *a, uint32_t addr);

/* About an IPv6 address, its halves in host order, mapped or not. */
enum access_verdict access_find6(
    const struct access *a, uint64_t high, uint64_t low);

#endif
