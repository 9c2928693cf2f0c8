/*
 * Fuzz target: the bytes are a file of a recording; or, so that checksums are
 * no wall, the items of one that are put into blocks here.  Every item that
 * can be read is told in words, and is the same when it is written again.
 */
#include <assert.h>
#include <string.h>

#include "tests/sim/reader.h"
#include "tests/sim/story.h"

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is decoded can be encoded, and is the same then. */
static void
check_item(const struct item *it)
{
	static struct codec to, from;
	static uint8_t buf[ITEM_BYTES_MAX];
	static struct item again;
	const char *wrong;
	size_t n;

	memset(&to, 0, sizeof(to));
	memset(&from, 0, sizeof(from));
	n = codec_put(&to, it, buf);
	assert(n > 0 && n < ITEM_BYTES_MAX);
	assert(codec_get(&from, &again, buf, n, &wrong) == n);
	assert(wrong == NULL && codec_same(it, &again));
}

static void
read_file(const uint8_t *bytes, size_t len)
{
	static struct parts parts;
	static struct reader r;
	static struct item it;
	char text[STORY_TEXT];
	int rc = 1;

	memset(&parts, 0, offsetof(struct parts, part));
	parts.wrong = NULL;
	reader_scan(&parts, "fuzz", bytes, len);
	reader_sort(&parts);
	for (uint32_t i = 0; i < parts.count; i++) {
		assert(parts.part[i].begin <= parts.part[i].end);
		assert(parts.part[i].end <= len);
		if (reader_goes_on(&parts, i))
			continue;
		reader_begin(&r, &parts, i);
		while ((rc = reader_next(&r, &it)) == 1) {
			assert(r.place < len);
			story_item(text, &it);
			assert(memchr(text, '\0', sizeof(text)) != NULL);
			check_item(&it);
		}
		assert(rc == 0 || r.wrong != NULL);
	}
	assert(len == 0 || parts.count > 0 || parts.wrong != NULL);
}

/* A good head, and the items in blocks of some length. */
static void
wrap(const uint8_t *data, size_t size)
{
	static uint8_t file[2 * INPUT_MAX], block[BLOCK_MAX + BLOCK_FRAME_MAX];
	struct head head = { .version = HEAD_VERSION };
	size_t len = HEAD_LEN, step = 1U + data[0] % 128U;
	uint64_t number = 0;

	codec_put_head(&head, file);
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;
		size_t frame_len;
		uint8_t *frame;

		if (len + n + BLOCK_FRAME_MAX > sizeof(file))
			break;
		memcpy(block + 2, data + at, n);
		frame = codec_put_block(block, n, number++, &frame_len);
		memcpy(file + len, frame, frame_len);
		len += frame_len;
	}
	read_file(file, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > INPUT_MAX)
		return 0;
	if (data[0] % 4 == 0)
		read_file(data + 1, size - 1);
	else
		wrap(data, size);
	return 0;
}
