/*
 * Read the files of a recording, see reader.h.
 */
#include "tests/sim/reader.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- parts ---------------------------------------------------------------- */

static bool
is_head(const uint8_t *bytes, size_t len)
{
	return len >= RECORD_MAGIC_LEN &&
	    memcmp(bytes, RECORD_MAGIC, RECORD_MAGIC_LEN) == 0;
}

/* Position of the next head, or the end. */
static size_t
find_head(const uint8_t *bytes, size_t at, size_t len)
{
	while (at < len && !is_head(bytes + at, len - at))
		at++;
	return at;
}

/* Scan the blocks up to the next head, the end, or a bad block. */
static void
scan_blocks(struct part *part, size_t len)
{
	const uint8_t *items;
	size_t n;

	part->end = part->begin;
	while (part->end < len &&
	    !is_head(part->bytes + part->end, len - part->end)) {
		if (codec_get_block(part->bytes + part->end, len - part->end,
			part->head.block + part->blocks, &items, &n,
			&part->wrong) == -1)
			return;
		part->blocks++;
		part->end =
		    (size_t)(items - part->bytes) + n + BLOCK_FRAME_MAX - 2;
	}
}

static void
note_stray(struct parts *p, const char *file, size_t at, const char *wrong)
{
	if (p->wrong != NULL)
		return;
	p->stray = file;
	p->stray_at = at;
	p->wrong = wrong;
}

void
reader_scan(struct parts *p, const char *file, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct part part = { .file = file, .bytes = bytes };
		const char *wrong = "fewer parts";

		if (p->count == READER_PARTS ||
		    codec_get_head(&part.head, bytes + at, len - at, &wrong) ==
			-1) {
			note_stray(p, file, at, wrong);
			at = find_head(bytes, at + 1, len);
			continue;
		}
		part.begin = at + HEAD_LEN;
		scan_blocks(&part, len);
		at = part.wrong == NULL ? part.end
					: find_head(bytes, part.end, len);
		p->part[p->count++] = part;
	}
}

static int
compare(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->head.session != y->head.session)
		return x->head.session < y->head.session ? -1 : 1;
	if (x->head.block != y->head.block)
		return x->head.block < y->head.block ? -1 : 1;
	return 0;
}

void
reader_sort(struct parts *p)
{
	qsort(p->part, p->count, sizeof(p->part[0]), compare);
}

bool
reader_goes_on(const struct parts *p, uint32_t i)
{
	const struct part *now, *before;

	if (i == 0 || i >= p->count)
		return false;
	now = &p->part[i];
	before = &p->part[i - 1];
	return now->head.session == before->head.session &&
	    before->wrong == NULL &&
	    now->head.block == before->head.block + before->blocks;
}

/* --- files ---------------------------------------------------------------- */

static uint8_t *
grown(uint8_t *bytes, size_t room, const char *path)
{
	uint8_t *more = realloc(bytes, room);

	if (more == NULL)
		err(1, "%s", path);
	return more;
}

static uint8_t *
read_file(FILE *f, const char *path, size_t *len)
{
	size_t room = 1 << 16;
	uint8_t *bytes = NULL;

	*len = 0;
	while (!feof(f)) {
		if (bytes == NULL || *len == room)
			bytes = grown(bytes, room *= 2, path);
		*len += fread(bytes + *len, 1, room - *len, f);
		if (ferror(f))
			err(1, "%s", path);
	}
	return bytes;
}

static bool
load(struct parts *p, char *path)
{
	FILE *f = fopen(path, "rbe");
	uint8_t *bytes;
	size_t len;

	if (f == NULL)
		return false;
	bytes = read_file(f, path, &len);
	(void)fclose(f); /* it was only read */
	reader_scan(p, path, bytes, len);
	if (len == 0) { /* no part uses them */
		free(bytes);
		free(path);
	}
	return true;
}

void
reader_load(struct parts *p, const char *path)
{
	char *first, *second;

	if (asprintf(&first, "%s", path) == -1 ||
	    asprintf(&second, "%s.1", path) == -1)
		err(1, "asprintf");
	if (!load(p, first))
		err(1, "%s", path);
	if (!load(p, second) && errno != ENOENT)
		err(1, "%s", second);
	reader_sort(p);
}

/* --- items ---------------------------------------------------------------- */

static void
enter_part(struct reader *r, uint32_t part)
{
	r->part = part;
	r->at = r->parts->part[part].begin;
	r->number = r->parts->part[part].head.block;
	memset(&r->codec, 0, sizeof(r->codec));
}

void
reader_begin(struct reader *r, const struct parts *p, uint32_t part)
{
	memset(r, 0, sizeof(*r));
	r->parts = p;
	enter_part(r, part);
}

/* The next block of this part, or of the part that continues it. */
static int
next_block(struct reader *r)
{
	const struct part *p = &r->parts->part[r->part];

	while (r->at == p->end && p->wrong == NULL &&
	    reader_goes_on(r->parts, r->part + 1)) {
		enter_part(r, r->part + 1);
		p = &r->parts->part[r->part];
	}
	r->place = r->at;
	r->wrong = p->wrong;
	if (r->at == p->end)
		return p->wrong == NULL ? 0 : -1;
	/* It was checked before: it is complete in the file. */
	if (codec_get_block(p->bytes + r->at, p->end - r->at, r->number,
		&r->items, &r->items_len, &r->wrong) == -1)
		return -1;
	r->number++;
	r->item_at = 0;
	r->at =
	    (size_t)(r->items - p->bytes) + r->items_len + BLOCK_FRAME_MAX - 2;
	return 1;
}

int
reader_next(struct reader *r, struct item *it)
{
	const struct part *p;
	size_t n;

	if (r->item_at == r->items_len) {
		int rc = next_block(r);

		if (rc != 1)
			return rc;
	}
	p = &r->parts->part[r->part];
	r->place = (size_t)(r->items - p->bytes) + r->item_at;
	n = codec_get(&r->codec, it, r->items + r->item_at,
	    r->items_len - r->item_at, &r->wrong);
	if (n == 0)
		return -1;
	r->item_at += n;
	return 1;
}
