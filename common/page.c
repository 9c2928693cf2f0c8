/*
 * The page of served time, see page.h: a sequence lock (odd while the writer
 * is at work) around one struct, all of it copied by atomic words, so that a
 * reader that comes in between sees old words and not undefined ones.
 */
#include "page.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#define WORDS (sizeof(struct page_time) / sizeof(uint64_t))
#define LOOKS 64

struct page {
	_Atomic uint64_t sequence;
	_Atomic uint64_t words[WORDS];
};

_Static_assert(sizeof(struct page_time) % sizeof(uint64_t) == 0, "words");
_Static_assert(sizeof(struct page) <= PAGE_BYTES, "one page");

struct page *
page_map(int fd, bool writable)
{
	void *p = mmap(NULL, PAGE_BYTES,
	    writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
page_store(struct page *page, const struct page_time *t)
{
	/* A writer that was killed at work has left it odd. */
	uint64_t seq = atomic_load(&page->sequence) | 1;
	uint64_t words[WORDS];

	memcpy(words, t, sizeof(words));
	atomic_store(&page->sequence, seq);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(
		    &page->words[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&page->sequence, seq + 1, memory_order_release);
}

bool
page_load(const struct page *page, struct page_time *t)
{
	uint64_t words[WORDS];

	for (int look = 0; look < LOOKS; look++) {
		uint64_t seq =
		    atomic_load_explicit(&page->sequence, memory_order_acquire);

		if (seq == 0)
			break;
		if (seq % 2 != 0)
			continue;
		for (size_t i = 0; i < WORDS; i++)
			words[i] = atomic_load_explicit(
			    &page->words[i], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(
			&page->sequence, memory_order_relaxed) == seq) {
			memcpy(t, words, sizeof(*t));
			return true;
		}
	}
	memset(t, 0, sizeof(*t));
	return false;
}
