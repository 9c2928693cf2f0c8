/*
 * The files of a recording, see tape.h.  Runs in ntp-net, only where
 * recording is configured.  As for the log there is one for the process, and
 * it is here.
 */
#include "ntp-net/poll/record/tape.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ntp-net/poll/record/layout.h"

#define RESERVE	 (64 * 1024) /* so much room a turn shall find in a file */
#define AGAIN_NS (60 * NS_PER_S)

/* The least bound leaves room for what is known, and for a while after it. */
_Static_assert(
    sizeof(struct net) + RESERVE + RESERVE / 2 < RECORD_LEAST / RECORD_FILES,
    "bound");

static struct tape {
	bool runs;
	bool lost;	  /* a turn was too long for the file */
	bool said;	  /* that it waits */
	bool waits;	  /* nothing can be written just now */
	int64_t again_ns; /* raw time to try it again */
	int fd;		  /* RECORD_FD, or the next one */
	uint64_t used[RECORD_FILES];
	uint64_t limit;	      /* of each */
	struct head head;     /* of the part that is being written */
	uint64_t block;	      /* number of the next one */
	struct timeline line; /* own, not to disturb the estimation's */
	struct codec codec;
	size_t len; /* of items that wait in buf, behind two bytes */
	uint8_t buf[BLOCK_MAX + BLOCK_FRAME_MAX];
} tape;

bool
tape_runs(void)
{
	return tape.runs;
}

static uint64_t *
used(void)
{
	return &tape.used[tape.fd - RECORD_FD];
}

static void
end(const char *why)
{
	tape.runs = false;
	log_error("the recording ends: %s", why);
}

/* Of what could not be written as a whole nothing stays. */
static void
cut_back(uint64_t to)
{
	*used() = to;
	if (ftruncate(tape.fd, (off_t)to) == -1)
		end(strerrordesc_np(errno));
}

/* The disk may have room again some time. */
static void
wait_for_room(const char *why)
{
	tape.waits = true;
	tape.again_ns = clock_read_pair(&tape.line).raw_ns + AGAIN_NS;
	if (!tape.said)
		log_error("nothing is recorded: %s: it is tried again each "
			  "minute",
		    why);
	tape.said = true;
	cut_back(*used());
}

static void
write_out(const uint8_t *p, size_t len)
{
	ssize_t n;

	if (tape.waits)
		return;
	if (*used() + len > tape.limit) {
		tape.lost = true;
		return;
	}
	n = write(tape.fd, p, len);
	if (n == (ssize_t)len)
		*used() += len;
	else
		wait_for_room(
		    n == -1 ? strerrordesc_np(errno) : "the disk is full");
}

static void
flush(void)
{
	int saved = errno;
	size_t len;
	uint8_t *frame;

	if (tape.len == 0)
		return;
	frame = codec_put_block(tape.buf, tape.len, tape.block, &len);
	tape.len = 0;
	write_out(frame, len);
	tape.block += !tape.lost && !tape.waits;
	errno = saved;
}

void
tape_put(const struct item *it)
{
	if (tape.len + ITEM_BYTES_MAX > BLOCK_MAX)
		flush();
	if (!tape.runs || tape.lost || tape.waits)
		return;
	tape.len += codec_put(&tape.codec, it, tape.buf + 2 + tape.len);
}

/* --- parts ---------------------------------------------------------------- */

/* Differences count from zero again. */
static void
begin_part(bool snapshot)
{
	struct clock_pair now = clock_read_pair(&tape.line);
	struct head *h = &tape.head;
	uint8_t buf[HEAD_LEN];

	memset(&tape.codec, 0, sizeof(tape.codec));
	h->version = HEAD_VERSION;
	h->snapshot = snapshot;
	h->layout = layout_number();
	h->block = tape.block;
	h->raw_ns = now.raw_ns;
	h->real_ns = now.real_ns;
	if (!snapshot)
		h->session = (uint64_t)now.real_ns;
	(void)strncpy(h->program, "ntpd " VERSION, sizeof(h->program) - 1);
	codec_put_head(h, buf);
	write_out(buf, sizeof(buf));
}

static void
put_pieces(const void *memory, size_t from, size_t to)
{
	const uint8_t *p = memory;
	struct item it = { .kind = ITEM_PIECE };

	while (from < to && tape.runs && !tape.lost && !tape.waits) {
		struct item_piece *piece = &it.u.piece;
		size_t len =
		    to - from < ITEM_PIECE_MAX ? to - from : ITEM_PIECE_MAX;

		piece->offset = (uint32_t)from;
		piece->len = (uint32_t)len;
		memcpy(piece->bytes, p + from, len);
		tape_put(&it);
		from += len;
	}
}

/* All of *n but where the page is, which a replay has elsewhere. */
static void
put_snapshot(const struct net *n)
{
	size_t page = offsetof(struct net, page);

	put_pieces(n, 0, page);
	put_pieces(n, page + sizeof(n->page), sizeof(*n));
	flush();
}

static bool
use_other_file(void)
{
	tape.fd = tape.fd == RECORD_FD ? RECORD_FD + 1 : RECORD_FD;
	*used() = 0;
	if (ftruncate(tape.fd, 0) == 0)
		return true;
	end(strerrordesc_np(errno));
	return false;
}

/* The bound may have been a larger one when the other file was written. */
static void
shrink_other(void)
{
	int i = tape.fd == RECORD_FD;

	if (tape.used[i] > tape.limit && ftruncate(RECORD_FD + i, 0) == -1)
		end(strerrordesc_np(errno));
}

void
tape_open(const struct child_records *records)
{
	if (!records->given)
		return;
	tape.runs = true;
	tape.fd = RECORD_FD;
	for (int i = 0; i < RECORD_FILES; i++) {
		tape.used[i] = records->record[i].used_bytes;
		if (records->record[i].newer != 0)
			tape.fd = RECORD_FD + i;
	}
	tape.limit = records->record[0].limit_bytes;
	if (*used() + RESERVE > tape.limit && !use_other_file())
		return;
	begin_part(false);
	shrink_other();
}

/*
 * Begin anew with all that is known, behind what there is: the files keep the
 * time before.  Returns whether that could be written.
 */
static bool
goes_on(const struct net *n)
{
	uint64_t before;

	if (clock_read_pair(&tape.line).raw_ns < tape.again_ns)
		return false;
	tape.waits = tape.lost = false;
	tape.len = 0;
	tape.block++; /* a gap */
	if (*used() + sizeof(*n) + 2 * RESERVE > tape.limit &&
	    !use_other_file())
		return false;
	before = *used();
	begin_part(true);
	put_snapshot(n);
	if (tape.waits || tape.lost) {
		cut_back(before);
		return false;
	}
	tape.said = false;
	log_info("the recording goes on");
	return true;
}

void
tape_turn(struct net *n)
{
	if (!tape.runs || (tape.waits && !goes_on(n)))
		return;
	flush();
	if (!tape.lost && *used() + RESERVE <= tape.limit)
		return;
	tape.block += tape.lost; /* a gap */
	tape.lost = false;
	if (!use_other_file())
		return;
	begin_part(true);
	put_snapshot(n);
	if (tape.lost)
		end("its files are too small");
}
