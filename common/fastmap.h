/*
 * The layout of the maps that the program in the kernel (ntpd/fast) shares with
 * ntpd, ntp-serve and ntp-observe.  The BPF compiler reads this file too:
 * freestanding, no functions, and no padding.
 *
 * The line tells the program the time.  It is an array map with one value,
 * which ntp-serve maps for writing and writes with plain stores: a ring of
 * slots.  The writer fills a new slot and then sets current to it.  The program
 * reads current and then that slot.  A slot is written again only after
 * FAST_SLOTS - 1 further updates.  So the program never sees half an update,
 * without a lock and without waiting.
 *
 * Time is CLOCK_BOOTTIME.  Nobody can step it, unlike CLOCK_REALTIME and
 * CLOCK_TAI.  It includes suspended time, unlike CLOCK_MONOTONIC, so an update
 * from before a suspend is not taken for a new one.
 */
#ifndef COMMON_FASTMAP_H
#define COMMON_FASTMAP_H

#include <stdint.h>

#define FAST_SLOTS     16
#define FAST_HEADER    24 /* octets that are the same in all answers */
#define FAST_BYTES     4096
#define FAST_SCALE_BIT 30

/* Linux's maximum, and an upper bound of the size of the mapped counters. */
#define FAST_PROCESSORS_MAX 8192
#define FAST_COUNTERS_BYTES (1U << 20)

/* The names of the maps in the program's object; at most 15 octets each. */
#define FAST_MAP_LINE	   "line"
#define FAST_MAP_COUNTERS  "counters"
#define FAST_MAP_ADDRESS_4 "address4"
#define FAST_MAP_ADDRESS_6 "address6"
#define FAST_MAP_RULES_4   "rules4"
#define FAST_MAP_RULES_6   "rules6"
#define FAST_MAP_CLIENTS   "clients"

/*
 * The time: at boot_ns it was ntp (32.32 fixed point, s); it advances by scale,
 * in units of 2^-62 s per nanosecond.  From until_ns on the time is unknown.
 * header is the start of an answer with version 0 and poll interval 0, up to
 * the reference timestamp; its root dispersion is valid until until_ns.
 */
struct fast_slot {
	uint64_t boot_ns;
	uint64_t until_ns; /* 0: do not answer */
	uint64_t ntp;
	uint64_t scale;
	uint64_t header[FAST_HEADER / 8]; /* in network byte order */
	uint64_t reserved;
};

struct fast_line {
	uint32_t current; /* the slot to read */
	uint32_t reserved[15];
	struct fast_slot slots[FAST_SLOTS];
};

/* One per processor, each in its own cache line. */
struct fast_counters {
	uint64_t answered;
	uint64_t passed;  /* valid requests left to ntp-serve */
	uint64_t denied;  /* dropped by a rule */
	uint64_t limited; /* dropped by the rate limit */
	uint64_t reserved[4];
};

/* What the rules decide for a client's requests. */
enum fast_action {
	FAST_ANSWER = 0,
	FAST_DROP = 1,
	FAST_PASS = 2 /* ntp-serve refuses it */
};

/* Keys of the rules; prefix is a length in bits, addr is in network order. */
struct fast_prefix4 {
	uint32_t prefix;
	uint8_t addr[4];
};

struct fast_prefix6 {
	uint32_t prefix;
	uint8_t addr[16];
};

/* Properties of one of our own addresses. */
#define FAST_OWN_VIRTUAL (1U << 0) /* UDP checksums may be incomplete */
#define FAST_OWN_BEHIND	 (1U << 1) /* after the driver: they stay so */
struct fast_own {
	uint16_t port; /* port and mac are in network byte order */
	uint16_t mac[3];
	uint32_t flags;	    /* FAST_OWN_* */
	uint32_t broadcast; /* of its IPv4 network, network order; 0: none */
};

/* Settings that stay the same while the program is loaded. */
struct fast_settings {
	uint64_t interval_ns; /* between a client's requests; 0: no limit */
	uint64_t burst_ns;    /* how far a client may exceed that rate */
	uint32_t fallback;    /* enum fast_action, if no rule matches */
	uint32_t has_rules;   /* nonzero if there are any rules */
};

#endif
