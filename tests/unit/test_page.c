/*
 * The page of served time: a load returns a complete store, and a reader cannot
 * write.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/page.h"
#include "tests/tap.h"

#define CHANGES	    5000
#define SECONDS_MAX 4

/* Every field has the same value, so that a mixture shows. */
static struct page_time
pattern(uint32_t n)
{
	return (struct page_time){ .raw_ns = n,
		.theta_ns = n,
		.slope_q32 = n,
		.root_delay_ns = n,
		.root_dispersion_ns = n,
		.reference_ns = n,
		.flags = n,
		.stratum = n,
		.leap = n,
		.refid = n,
		.smear_leap_ns = n,
		.smear_length_s = n,
		.smear_kind = n };
}

static bool
is_pattern(const struct page_time *t)
{
	struct page_time want = pattern(t->flags);

	return memcmp(t, &want, sizeof(want)) == 0;
}

static int
make_page(void)
{
	int fd = memfd_create("page", MFD_CLOEXEC);

	if (fd != -1 && ftruncate(fd, PAGE_BYTES) == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	return -1;
}

static void
test_store_and_load(int fd)
{
	struct page *w = page_map(fd, true), *r = page_map(fd, false);
	struct page_time t = pattern(1), zero;

	memset(&zero, 0, sizeof(zero));
	OK(w != NULL && r != NULL, "the page is mapped twice");
	OK(!page_load(r, &t) && memcmp(&t, &zero, sizeof(t)) == 0,
	    "never written: nothing to load");
	t = pattern(7);
	page_store(w, &t);
	t = zero;
	OK(page_load(r, &t) && t.flags == 7 && is_pattern(&t),
	    "what was stored is loaded");
	t = pattern(UINT32_MAX);
	t.theta_ns = INT64_MIN;
	t.raw_ns = INT64_MAX;
	page_store(w, &t);
	t = zero;
	OK(page_load(r, &t) && t.theta_ns == INT64_MIN &&
		t.raw_ns == INT64_MAX && t.refid == UINT32_MAX,
	    "extreme values too");
}

/* A writer that is killed while writing leaves an odd sequence number. */
static void
test_killed_writer(int fd)
{
	struct page *w = page_map(fd, true);
	_Atomic uint64_t *sequence;
	struct page_time t = pattern(3), got;
	void *p =
	    mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	OK(w != NULL && p != MAP_FAILED, "the page is mapped");
	if (w == NULL || p == MAP_FAILED)
		return;
	sequence = p; /* the first word of the page */
	page_store(w, &t);
	OK(page_load(w, &got), "whole");
	atomic_fetch_add(sequence, 1);
	OK(!page_load(w, &got) && got.flags == 0,
	    "the writer died at work: nothing is believed");
	t = pattern(4);
	page_store(w, &t);
	OK(page_load(w, &got) && got.flags == 4 && is_pattern(&got),
	    "the next writer mends it");
	atomic_store(sequence, UINT64_MAX - 1);
	page_store(w, &t);
	page_store(w, &t);
	OK(page_load(w, &got) && is_pattern(&got),
	    "the sequence number may wrap around");
}

/* A writer in another process, as fast as possible. */
static void
test_torn(int fd)
{
	struct page *r = page_map(fd, false), *w = page_map(fd, true);
	struct page_time t = pattern(1);
	int torn = 0, loaded = 0, changes = 0;
	time_t end = time(NULL) + SECONDS_MAX;
	uint32_t last = 0;
	pid_t pid;

	if (r == NULL || w == NULL) {
		OK(false, "the page is mapped");
		return;
	}
	page_store(w, &t);
	pid = fork();
	if (pid == 0)
		for (uint32_t n = 2;; n++) {
			t = pattern(n);
			page_store(w, &t);
			for (volatile uint32_t i = 0; i < n % 1024; i++)
				; /* writers pause: readers get in */
		}
	while (time(NULL) < end && changes < CHANGES) {
		if (!page_load(r, &t))
			continue;
		loaded++;
		torn += !is_pattern(&t);
		changes += t.flags != last;
		last = t.flags;
	}
	OK(pid > 0 && kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid,
	    "there was a writer");
	IS_I64(torn, 0, "none of %d loads was torn (%d different)", loaded,
	    changes);
	OK(loaded > 1000 && changes > 1, "and there were enough");
}

/* A page may contain anything. */
static void
test_room(int fd)
{
	static uint8_t from[PAGE_ROOM], to[PAGE_ROOM];
	struct page *page = page_map(fd, true);

	if (page == NULL) {
		OK(false, "page_map");
		return;
	}
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 7 + i / 256);
	page_put(page, from, sizeof(from));
	OK(page_get(page, to, sizeof(to)) && memcmp(from, to, sizeof(to)) == 0,
	    "a whole page");
	memset(to, 1, sizeof(to));
	OK(page_get(page, to, 16) && memcmp(from, to, 16) == 0 && to[16] == 1,
	    "16 octets of it, and no more");
}

static sigjmp_buf back;

static void
on_fault(int sig)
{
	siglongjmp(back, sig);
}

static void
test_read_only(int fd)
{
	struct sigaction sa = { .sa_handler = on_fault };
	char path[64];
	struct page_time t = pattern(9);
	int ro;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	OK(ro != -1, "a descriptor for reading only");
	OK(page_map(ro, true) == NULL, "it cannot be mapped for writing");
	OK(page_map(ro, false) != NULL, "but for reading");
	OK(page_map(-1, false) == NULL, "no descriptor: no page");
	if (sigaction(SIGSEGV, &sa, NULL) == -1 ||
	    sigaction(SIGBUS, &sa, NULL) == -1) {
		OK(false, "sigaction");
		return;
	}
	if (sigsetjmp(back, 1) == 0) {
		page_store(page_map(fd, false), &t);
		OK(false, "a store through a reader's page must fault");
	} else {
		OK(true, "a store through a reader's page faults");
	}
	(void)close(ro);
}

int
main(void)
{
	int fd = make_page();

	OK(fd != -1, "a page in memory");
	test_store_and_load(fd);
	test_killed_writer(fd);
	test_torn(fd);
	test_read_only(fd);
	test_room(fd);
	return DONE();
}
