/*
 * Fuzz target: any bytes as a list of leap seconds.  What is taken must be
 * right in itself, and what is refused must leave nothing behind.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/leap/leapfile.h"
#include "core/packet/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	const char *text; /* what is left of it */
	const char *end;
	size_t len;
};

/* Digits only, from within the text and in its order. */
static void
add(void *context, const char *octets, size_t len)
{
	struct sum *s = context;

	assert(len > 0 && octets >= s->text && octets + len <= s->end);
	for (size_t i = 0; i < len; i++)
		assert(octets[i] >= '0' && octets[i] <= '9');
	s->text = octets + len;
	s->len += len;
}

static void
check_entries(const struct leapfile *f)
{
	assert(f->count > 0 && f->count <= LEAPFILE_ENTRIES_MAX);
	assert(leapfile_kind(f, 0) == LEAP_NONE);
	for (uint32_t i = 1; i < f->count; i++) {
		struct wall before = { f->entries[i].at.ns - 1 }, end;
		int32_t by = f->entries[i].tai_s - f->entries[i - 1].tai_s;

		assert(f->entries[i].at.ns > f->entries[i - 1].at.ns);
		assert(wall_month_end(before, &end));
		assert(by == 1 || by == -1);
		assert(leapfile_kind(f, i) ==
		    (by == 1 ? LEAP_INSERT : LEAP_DELETE));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct leapfile zero;
	struct sum sum = { .text = (const char *)data,
		.end = (const char *)data + size };
	struct leapfile_sink sink = { add, &sum };
	struct leapfile f;
	enum leapfile_error e =
	    leapfile_parse((const char *)data, size, &sink, &f);

	assert(strcmp(leapfile_error_str(e), "?") != 0);
	if (e == LEAPFILE_OK) {
		assert(f.expiry.ns >= f.update.ns && sum.len >= 4);
		check_entries(&f);
	} else {
		f.line = 0;
		assert(memcmp(&f, &zero, sizeof(f)) == 0);
	}
	return 0;
}
