/*
 * What a new ntp-net keeps of the page that its predecessor has written.
 */
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

#include "ntp-net/poll/handover.h"
#include "tests/tap.h"

#define LIMIT_NS NS_PER_S
#define WRITTEN	 (1000 * NS_PER_S)

static struct page *
fresh(void)
{
	int fd = memfd_create("page", 0);
	struct page *page;

	if (fd == -1 || ftruncate(fd, PAGE_BYTES) == -1)
		abort();
	page = page_map(fd, true);
	if (page == NULL)
		abort();
	(void)close(fd); /* the mapping stays */
	return page;
}

static struct page_time
synced(void)
{
	return (struct page_time){ .raw_ns = WRITTEN,
		.theta_ns = 5,
		.root_delay_ns = 2 * NS_PER_MS,
		.root_dispersion_ns = 3 * NS_PER_MS,
		.flags = PAGE_SYNCED,
		.stratum = 3,
		.leap = 1 };
}

/* Is the page kept, age_ns after it was written? */
static bool
kept(struct page_time t, int64_t age_ns)
{
	struct page *page = fresh();
	struct page_time after;
	bool keep;

	page_store(page, &t);
	keep = handover_keep(page, (struct mono){ WRITTEN + age_ns }, LIMIT_NS);
	if (!page_load(page, &after))
		abort();
	if (keep)
		t.flags |= PAGE_SILENT;
	OK(after.flags == t.flags && after.raw_ns == t.raw_ns &&
		after.theta_ns == t.theta_ns && after.leap == t.leap &&
		after.root_dispersion_ns == t.root_dispersion_ns,
	    keep ? "it is the same, and silent" : "nothing is changed");
	return keep;
}

int
main(void)
{
	struct page_time t = synced();

	OK(!handover_keep(fresh(), (struct mono){ WRITTEN }, LIMIT_NS),
	    "nobody has written yet");
	OK(kept(t, 0), "a time in sync is kept");
	t.flags |= PAGE_SILENT;
	OK(kept(t, 3600 * NS_PER_S), "one that was silent too, after an hour");
	OK(!kept(t, -1), "none of the future");
	/* Growth to one second at 15 + 1 ppm. */
	OK(kept(t, 62240 * NS_PER_S), "while its bound is less than a second");
	OK(!kept(t, 62260 * NS_PER_S), "but no longer");
	t.root_delay_ns = 2 * LIMIT_NS;
	OK(!kept(t, 0), "nor where it was that much at first");
	t = synced();
	t.flags = PAGE_LOCAL;
	OK(!kept(t, 0), "nor the time of this machine");
	t.flags = 0;
	OK(!kept(t, 0), "nor none");
	return DONE();
}
