/*
 * The items of a recording and their encoding: what ntp-net received at its
 * system interfaces, and what it decided.  The encoding does not depend on the
 * memory layout of structs: numbers are little endian with 7 bits per byte,
 * mostly as differences to the previous one.  Each kind is described once for
 * both directions.  Pure.  ntp-net only writes; the simulator and the tests
 * read (tests/sim/decode.h), and reading is safe for any bytes.
 *
 * A recording never contains a key: only what was made with keys, and whether
 * it was valid.
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
#define ITEM_BYTES_MAX	  8192 /* maximum length of an encoded item */

enum item_kind {
	ITEM_NONE,
	/* what was received */
	ITEM_CLOCK,    /* a reading of the clocks */
	ITEM_RANDOM,   /* bits drawn */
	ITEM_WAIT,     /* ready descriptors; result: count, -1: signal */
	ITEM_MESSAGE,  /* read from who; result: enum msg_result */
	ITEM_OPEN,     /* a socket to slot's address; result: errno or 0 */
	ITEM_LOCAL,    /* its local address; family 0: not known */
	ITEM_SENT,     /* the query; result: errno or 0 */
	ITEM_STAMP,    /* time of sending; result 0: not available */
	ITEM_DATAGRAM, /* for slot; result 1, 0: none waits, -1: error */
	ITEM_AUTH,     /* result: its enum auth_result, if there is a key */
	/* what was decided */
	ITEM_ANSWER,   /* the verdict on the datagram for slot */
	ITEM_TOLD,     /* a message sent to who; result: errno or 0 */
	ITEM_DECISION, /* the agreement of the sources */
	/* state before the rest of a file */
	ITEM_PIECE,
	ITEM_KINDS
};

struct item_ready {
	uint32_t position; /* index in what was waited for */
	uint32_t revents;
};

struct item_datagram {
	int64_t stamp_ns; /* kernel's CLOCK_REALTIME; 0: none */
	uint32_t len;
	uint8_t bytes[ITEM_DATAGRAM_MAX];
};

struct item_answer {
	uint32_t verdict; /* enum verdict */
	int64_t theta_ns; /* UTC - raw as last measured */
	int64_t delay_ns;
};

/* states: enum source_state of every slot; a free slot has 0. */
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

/*
 * The reference values of differences; zeros at the start of a file or session.
 */
struct codec {
	struct clock_pair clock;
	struct msg_addr local;
	union msg messages[MSG_COUNT]; /* the last one of each type */
	uint8_t packets[SOURCES_MAX][NTP_PACKET_LEN];
	struct item_answer answers[SOURCES_MAX];
	struct item_decision decision;
};

/*
 * Encode an item into buf, which has room for ITEM_BYTES_MAX.  Only the members
 * that its kind needs are used.  Returns the number of bytes.
 */
size_t codec_put(struct codec *c, const struct item *it, uint8_t *buf);

/* --- the file ------------------------------------------------------------- */

/*
 * A file is a sequence of parts.  A part is a head followed by blocks.  A block
 * is: the length of its items (1 or 2 bytes of 7 bits, low one first), the
 * items, and a checksum (4 bytes) over the block's number (8 bytes) and the
 * items.  A part starts when ntp-net starts.  It also starts when the other
 * file is full, and then begins with pieces, which are the whole state.
 */
#define HEAD_LEN	 72
#define HEAD_VERSION	 4
#define HEAD_PROGRAM_LEN 20
#define BLOCK_MAX	 16383 /* bytes of items in one block */
#define BLOCK_FRAME_MAX	 6

struct head {
	uint16_t version;  /* HEAD_VERSION */
	uint16_t snapshot; /* 1: pieces come first */
	uint32_t layout;   /* of the pieces' memory, see layout.h */
	uint64_t session;  /* differs between starts of ntp-net */
	uint64_t block;	   /* number of the first block */
	int64_t raw_ns;	   /* time of writing, raw, */
	int64_t real_ns;   /* and in CLOCK_REALTIME */
	char program[HEAD_PROGRAM_LEN];
};

void codec_put_head(const struct head *h, uint8_t buf[HEAD_LEN]);

/*
 * Make a block of the len bytes of items at buf + 2.  Returns its start, and
 * its length in *frame_len.
 */
uint8_t *codec_put_block(
    uint8_t *buf, size_t len, uint64_t number, size_t *frame_len);

/* --- private: for codec_file.c and its reader, tests/sim/decode.c --------- */

#define CLOCK_TAG 0x80 /* a clock reading; the tag has two more fields */

/*
 * Encode or decode everything of an item except its kind, which is in its first
 * byte, the tag.
 */
void codec_walk(struct walk *w, struct codec *c, struct item *it, uint8_t tag);

#define SUM_LEN	   4 /* of a checksum, at the end */
#define LENGTH_LEN 2 /* maximum bytes of a block's length */

/* The checksums of a head and of a block's items. */
uint32_t codec_sum_head(const uint8_t buf[HEAD_LEN]);
uint32_t codec_sum_block(uint64_t number, const uint8_t *items, size_t len);

#endif
