/*
 * The items of a recording, and their encoding: what ntp-net saw at the places
 * where it meets the system, and what it decided.  The encoding knows nothing
 * of how a struct lies in memory: numbers are little endian with 7 bits to a
 * byte, mostly differences to the one before.  Each kind is described once,
 * for both directions.  Pure; ntp-net only writes, the simulator and tests
 * read (tests/sim/decode.h), and whatever bytes they read do no harm.
 *
 * No key is ever in a recording: only what was made with them, and whether it
 * was right.
 */
#ifndef POLL_CODEC_H
#define POLL_CODEC_H

#include "common/clock.h"
#include "common/msg.h"
#include "core/source/source.h"
#include "ntp-net/poll/record/codec_walk.h"

#define ITEM_READY_MAX	  (SOURCES_MAX + 4)
#define ITEM_DATAGRAM_MAX 1280
#define ITEM_PIECE_MAX	  4096
#define ITEM_BYTES_MAX	  8192 /* of any item, encoded */

enum item_kind {
	ITEM_NONE,
	/* what was seen */
	ITEM_CLOCK,    /* a reading of the clocks */
	ITEM_RANDOM,   /* bits drawn */
	ITEM_WAIT,     /* what was ready; result: how many, -1: a signal */
	ITEM_MESSAGE,  /* read from who; result: enum msg_result */
	ITEM_OPEN,     /* a socket to the address of slot; result: errno or 0 */
	ITEM_LOCAL,    /* our own address on it; family 0: not known */
	ITEM_SENT,     /* the query; result: errno or 0 */
	ITEM_STAMP,    /* time of sending; result 0: none was waiting */
	ITEM_DATAGRAM, /* for slot; result 1, 0: none waits, -1: error */
	ITEM_AUTH, /* result: enum auth_result of it, where there is a key */
	/* what was decided */
	ITEM_ANSWER,   /* the verdict on the datagram for slot */
	ITEM_TOLD,     /* a message sent to who; result: errno or 0 */
	ITEM_DECISION, /* what the sources agree on */
	/* what was known, before the rest of a file */
	ITEM_PIECE,
	ITEM_KINDS
};

struct item_ready {
	uint32_t position; /* among what was waited for */
	uint32_t revents;
};

struct item_datagram {
	int64_t stamp_ns; /* CLOCK_REALTIME by the kernel, 0: none */
	uint32_t len;
	uint8_t bytes[ITEM_DATAGRAM_MAX];
};

struct item_answer {
	uint32_t verdict; /* enum verdict */
	int64_t theta_ns; /* UTC - raw as measured last */
	int64_t delay_ns;
};

/* States are of all slots, enum source_state; a free slot has 0. */
struct item_decision {
	uint32_t agreed;
	uint32_t synced;
	uint32_t agreeing;
	uint32_t needed;
	uint32_t selected;
	uint32_t stratum;
	uint32_t leap;
	uint32_t peer; /* slot plus 1, 0: none */
	int64_t distance_ns;
	uint8_t states[SOURCES_MAX];
};

struct item_piece {
	uint32_t offset;
	uint32_t len;
	uint8_t bytes[ITEM_PIECE_MAX];
};

struct item {
	enum item_kind kind;
	uint32_t slot;
	enum proc who;
	int32_t result;
	union {
		struct clock_pair clock;
		uint64_t random;
		struct item_ready ready[ITEM_READY_MAX];
		union msg msg;
		struct msg_addr addr;
		int64_t stamp_ns;
		struct item_datagram datagram;
		struct item_answer answer;
		struct item_decision decision;
		struct item_piece piece;
	} u;
	uint32_t width; /* of random, bytes: 4 or 8 */
};

/* What differences are to; zeros at the beginning of a file or session. */
struct codec {
	struct clock_pair clock;
	struct msg_addr local;
	union msg messages[MSG_COUNT]; /* the last of each type */
	uint8_t packets[SOURCES_MAX][NTP_PACKET_LEN];
	struct item_answer answers[SOURCES_MAX];
	struct item_decision decision;
};

/*
 * Encode an item, of which only what its kind needs is looked at, into buf,
 * which has room for ITEM_BYTES_MAX.  Returns how many bytes it took.
 */
size_t codec_put(struct codec *c, const struct item *it, uint8_t *buf);

/* --- the file ------------------------------------------------------------- */

/*
 * A file is a sequence of parts.  A part begins with a head and goes on with
 * blocks: the length of the items in it (1 or 2 bytes, 7 bits in each, the
 * lower first), the items, and a checksum (4 bytes) of the block's number (8
 * bytes) and the items.  A part begins with the start of ntp-net, or, where
 * another file was full, with pieces of all that it knew.
 */
#define HEAD_LEN	 72
#define HEAD_VERSION	 4
#define HEAD_PROGRAM_LEN 20
#define BLOCK_MAX	 16383 /* items in one block, bytes */
#define BLOCK_FRAME_MAX	 6

struct head {
	uint16_t version;  /* HEAD_VERSION */
	uint16_t snapshot; /* 1: pieces come first */
	uint32_t layout;   /* of what the pieces make, see layout.h */
	uint64_t session;  /* a number for each start of ntp-net */
	uint64_t block;	   /* number of the first block */
	int64_t raw_ns;	   /* when it was written, */
	int64_t real_ns;   /* and by CLOCK_REALTIME */
	char program[HEAD_PROGRAM_LEN];
};

void codec_put_head(const struct head *h, uint8_t buf[HEAD_LEN]);

/*
 * Make a block of len bytes of items that stand at buf + 2: returns where it
 * begins, and its length in *frame_len.
 */
uint8_t *codec_put_block(
    uint8_t *buf, size_t len, uint64_t number, size_t *frame_len);

/* --- private: for codec_file.c, and for who reads it, tests/sim/decode.c ----- */

#define CLOCK_TAG 0x80 /* a reading of the clocks, with two more fields in it */

/* Everything of an item but its kind, which stands in its first byte, the tag. */
void codec_walk(struct walk *w, struct codec *c, struct item *it, uint8_t tag);

#define SUM_LEN	   4 /* of a checksum, at the end */
#define LENGTH_LEN 2 /* of a block's length at most */

/* The checksums of a head, and of a block's items. */
uint32_t codec_sum_head(const uint8_t buf[HEAD_LEN]);
uint32_t codec_sum_block(uint64_t number, const uint8_t *items, size_t len);

#endif
