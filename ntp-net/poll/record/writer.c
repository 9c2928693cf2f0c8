/*
 * The files of a recording, see writer.h.  Run by ntp-net, only if recording is
 * configured.
 */
#include "ntp-net/poll/record/writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "ntp-net/poll/record/layout.h"

#define RESERVE	 (64 * 1024) /* minimum room in a file for a turn */
#define AGAIN_NS (60 * NS_PER_S)

/*
 * The smallest limit leaves room for the whole state and for some time after
 * it.
 */
_Static_assert(
    sizeof(struct net) + RESERVE + RESERVE / 2 < RECORD_LEAST / RECORD_FILES,
    "bound");

bool
writer_runs(const struct writer *t)
{
	return t->runs;
}

static uint64_t *
used(struct writer *t)
{
	return &t->used[t->fd - EXTRA_FD];
}

static void
end(struct writer *t, const char *why)
{
	t->runs = false;
	log_error("the recording stops: %s", why);
}

/* Remove what could not be written completely. */
static void
cut_back(struct writer *t, uint64_t to)
{
	*used(t) = to;
	if (ftruncate(t->fd, (off_t)to) == -1)
		end(t, strerrordesc_np(errno));
}

/* The disk may have room again later. */
static void
wait_for_room(struct writer *t, const char *why)
{
	t->waits = true;
	t->again_ns = clock_read_pair(&t->line).raw_ns + AGAIN_NS;
	if (!t->said)
		log_error("cannot record: %s: trying again every minute", why);
	t->said = true;
	cut_back(t, *used(t));
}

static void
write_out(struct writer *t, const uint8_t *p, size_t len)
{
	ssize_t n;

	if (t->waits)
		return;
	if (*used(t) + len > t->limit) {
		t->lost = true;
		return;
	}
	n = write(t->fd, p, len);
	if (n == (ssize_t)len)
		*used(t) += len;
	else
		wait_for_room(
		    t, n == -1 ? strerrordesc_np(errno) : "the disk is full");
}

static void
flush(struct writer *t)
{
	int saved = errno;
	size_t len;
	uint8_t *frame;

	if (t->len == 0)
		return;
	frame = codec_put_block(t->buf, t->len, t->block, &len);
	t->len = 0;
	write_out(t, frame, len);
	t->block += !t->lost && !t->waits;
	errno = saved;
}

void
writer_put(struct writer *t, const struct item *it)
{
	if (t->len + ITEM_BYTES_MAX > BLOCK_MAX)
		flush(t);
	if (!t->runs || t->lost || t->waits)
		return;
	t->len += codec_put(&t->codec, it, t->buf + 2 + t->len);
}

/* --- parts ---------------------------------------------------------------- */

/* Differences start from zero again. */
static void
begin_part(struct writer *t, bool snapshot)
{
	struct clock_pair now = clock_read_pair(&t->line);
	struct head *h = &t->head;
	uint8_t buf[HEAD_LEN];

	memset(&t->codec, 0, sizeof(t->codec));
	h->version = HEAD_VERSION;
	h->snapshot = snapshot;
	h->layout = layout_number();
	h->block = t->block;
	h->raw_ns = now.raw_ns;
	h->real_ns = now.real_ns;
	if (!snapshot)
		h->session = (uint64_t)now.real_ns;
	(void)strncpy(h->program, "ntpd " VERSION, sizeof(h->program) - 1);
	codec_put_head(h, buf);
	write_out(t, buf, sizeof(buf));
}

static void
put_pieces(struct writer *t, const void *memory, size_t from, size_t to)
{
	const uint8_t *p = memory;
	struct item it = { .kind = ITEM_PIECE };

	while (from < to && t->runs && !t->lost && !t->waits) {
		struct item_piece *piece = &it.u.piece;
		size_t len =
		    to - from < ITEM_PIECE_MAX ? to - from : ITEM_PIECE_MAX;

		piece->offset = (uint32_t)from;
		piece->len = (uint32_t)len;
		memcpy(piece->bytes, p + from, len);
		writer_put(t, &it);
		from += len;
	}
}

/* Write all of *n except its pointers; a replay has its own. */
static void
put_snapshot(struct writer *t, const struct net *n)
{
	static const size_t pointers[] = {
		offsetof(struct net, clocks.recorder),
		offsetof(struct net, table.recorder),
		offsetof(struct net, page),
		sizeof(*n),
	};
	size_t from = 0;

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		put_pieces(t, n, from, pointers[i]);
		from = pointers[i] + sizeof(void *);
	}
	flush(t);
}

static bool
use_other_file(struct writer *t)
{
	t->fd = t->fd == EXTRA_FD ? EXTRA_FD + 1 : EXTRA_FD;
	*used(t) = 0;
	if (ftruncate(t->fd, 0) == 0)
		return true;
	end(t, strerrordesc_np(errno));
	return false;
}

/* The limit may have been larger when the other file was written. */
static void
shrink_other(struct writer *t)
{
	int i = t->fd == EXTRA_FD;

	if (t->used[i] > t->limit && ftruncate(EXTRA_FD + i, 0) == -1)
		end(t, strerrordesc_np(errno));
}

void
writer_open(struct writer *t, const struct writer_files *files)
{
	if (!files->given)
		return;
	t->runs = true;
	t->fd = EXTRA_FD;
	for (int i = 0; i < RECORD_FILES; i++) {
		t->used[i] = files->file[i].used_bytes;
		if (files->file[i].newer != 0)
			t->fd = EXTRA_FD + i;
	}
	t->limit = files->file[0].limit_bytes;
	if (*used(t) + RESERVE > t->limit && !use_other_file(t))
		return;
	begin_part(t, false);
	shrink_other(t);
}

/*
 * Start again with the whole state, after the present contents: the files keep
 * the earlier time.  Returns true if that could be written.
 */
static bool
goes_on(struct writer *t, const struct net *n)
{
	uint64_t before;

	if (clock_read_pair(&t->line).raw_ns < t->again_ns)
		return false;
	t->waits = t->lost = false;
	t->len = 0;
	t->block++; /* a gap */
	if (*used(t) + sizeof(*n) + 2 * RESERVE > t->limit &&
	    !use_other_file(t))
		return false;
	before = *used(t);
	begin_part(t, true);
	put_snapshot(t, n);
	if (t->waits || t->lost) {
		cut_back(t, before);
		return false;
	}
	t->said = false;
	log_info("the recording continues");
	return true;
}

void
writer_turn(struct writer *t, struct net *n)
{
	if (!t->runs || (t->waits && !goes_on(t, n)))
		return;
	flush(t);
	if (!t->lost && *used(t) + RESERVE <= t->limit)
		return;
	t->block += t->lost; /* a gap */
	t->lost = false;
	if (!use_other_file(t))
		return;
	begin_part(t, true);
	put_snapshot(t, n);
	if (t->lost)
		end(t, "its files are too small");
}
