/*
 * What the program in the kernel (ntpd/fast) shares with ntpd, ntp-serve
 * and ntp-observe: the layout of its maps.  Also read by the compiler for BPF:
 * freestanding, no function, and no padding anywhere.
 *
 * The line is how ntp-serve tells the program the time: an array of one value
 * that ntp-serve has mapped for writing and writes with plain stores.  It is a
 * ring of slots.  A new slot is filled and then named by current; the program
 * reads current and then the slot, and no slot is written again before those
 * after it have had their turn, which takes FAST_SLOTS - 1 updates.  So it
 * never sees half of one, without a lock and without waiting.
 *
 * Time is CLOCK_BOOTTIME: nobody can step it, as CLOCK_REALTIME and CLOCK_TAI
 * can be, and it counts the time that the machine was suspended, so that what
 * was said before is not taken for new after it, as with CLOCK_MONOTONIC.
 */
#ifndef COMMON_FASTMAP_H
#define COMMON_FASTMAP_H

#include <stdint.h>

#define FAST_SLOTS     16
#define FAST_HEADER    24 /* octets of an answer that are the same for all */
#define FAST_BYTES     4096
#define FAST_SCALE_BIT 30

/* As many as Linux can have; a mapping of their counters is shorter than. */
#define FAST_PROCESSORS_MAX 8192
#define FAST_COUNTERS_BYTES (1U << 20)

/* The names of the maps in the program's object, at most 15 octets. */
#define FAST_MAP_LINE	   "line"
#define FAST_MAP_COUNTERS  "counters"
#define FAST_MAP_ADDRESS_4 "address4"
#define FAST_MAP_ADDRESS_6 "address6"
#define FAST_MAP_RULES_4   "rules4"
#define FAST_MAP_RULES_6   "rules6"
#define FAST_MAP_CLIENTS   "clients"

/*
 * The time: at boot_ns it was ntp (32.32 s), and it goes on by scale in units
 * of 2^-62 s per nanosecond.  From until_ns on nothing is known.  header is
 * how an answer of version 0 and poll interval 0 begins, up to the reference
 * timestamp; its root dispersion holds until until_ns.
 */
struct fast_slot {
	uint64_t boot_ns;
	uint64_t until_ns; /* 0: do not answer */
	uint64_t ntp;
	uint64_t scale;
	uint64_t header[FAST_HEADER / 8]; /* in the order of the wire */
	uint64_t reserved;
};

struct fast_line {
	uint32_t current; /* the slot to read */
	uint32_t reserved[15];
	struct fast_slot slots[FAST_SLOTS];
};

/* One per processor, each in a cache line of its own. */
struct fast_counters {
	uint64_t answered;
	uint64_t passed;  /* requests to us that were left to ntp-serve */
	uint64_t denied;  /* dropped by a rule */
	uint64_t limited; /* dropped by the rate limit */
	uint64_t reserved[4];
};

/* What becomes of a client's requests, as the rules have it. */
enum fast_action {
	FAST_ANSWER = 0,
	FAST_DROP = 1,
	FAST_PASS = 2 /* ntp-serve is to say no */
};

/* Keys of the rules; prefix in bits, the address as on the wire. */
struct fast_prefix4 {
	uint32_t prefix;
	uint8_t addr[4];
};

struct fast_prefix6 {
	uint32_t prefix;
	uint8_t addr[16];
};

/* Where we answer: what belongs to an address of our own. */
#define FAST_OWN_VIRTUAL (1U << 0) /* UDP checksums may be unfinished */
#define FAST_OWN_BEHIND	 (1U << 1) /* we are behind the driver: they stay so */
struct fast_own {
	uint16_t port; /* this and the next in the order of the wire */
	uint16_t mac[3];
	uint32_t flags;	    /* FAST_OWN_* */
	uint32_t broadcast; /* of its IPv4 network, as on the wire; 0: none */
};

/* What is the same for as long as the program is loaded. */
struct fast_settings {
	uint64_t interval_ns; /* between a client's requests; 0: no limit */
	uint64_t burst_ns;    /* how far a client may run ahead of that */
	uint32_t fallback;    /* enum fast_action, where no rule fits */
	uint32_t has_rules;   /* any rule at all */
};

#endif
