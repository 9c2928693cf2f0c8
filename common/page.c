/*
 * A page with one writer, see page.h.  A sequence lock (odd while the writer is
 * at work) protects one struct.  It is copied in atomic words, so a reader that
 * interferes sees old words, never undefined ones.
 */
#include "common/page.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#define WORD  sizeof(uint64_t)
#define WORDS (PAGE_ROOM / WORD)
#define LOOKS 64

struct page {
	_Atomic uint64_t sequence;
	_Atomic uint64_t words[WORDS];
};

_Static_assert(sizeof(struct page_time) % WORD == 0, "words");
_Static_assert(sizeof(struct page) == PAGE_BYTES, "one page");

struct page *
page_map(int fd, bool writable)
{
	void *p = mmap(NULL, PAGE_BYTES,
	    writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
page_put(struct page *page, const void *from, size_t size)
{
	/* A writer that was killed at work left it odd. */
	uint64_t seq = atomic_load(&page->sequence) | 1;
	const uint8_t *octets = from;

	atomic_store(&page->sequence, seq);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < size / WORD; i++) {
		uint64_t word;

		memcpy(&word, octets + i * WORD, WORD);
		atomic_store_explicit(
		    &page->words[i], word, memory_order_relaxed);
	}
	atomic_store_explicit(&page->sequence, seq + 1, memory_order_release);
}

/* Try to copy once; true if the writer did not interfere. */
static bool
look(const struct page *page, uint8_t *octets, size_t size)
{
	uint64_t seq =
	    atomic_load_explicit(&page->sequence, memory_order_acquire);

	if (seq % 2 != 0)
		return false;
	for (size_t i = 0; i < size / WORD; i++) {
		uint64_t word =
		    atomic_load_explicit(&page->words[i], memory_order_relaxed);

		memcpy(octets + i * WORD, &word, WORD);
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&page->sequence, memory_order_relaxed) ==
	    seq;
}

bool
page_get(const struct page *page, void *to, size_t size)
{
	for (int i = 0; i < LOOKS && atomic_load(&page->sequence) != 0; i++)
		if (look(page, to, size))
			return true;
	memset(to, 0, size);
	return false;
}

void
page_store(struct page *page, const struct page_time *t)
{
	page_put(page, t, sizeof(*t));
}

bool
page_load(const struct page *page, struct page_time *t)
{
	return page_get(page, t, sizeof(*t));
}
