/*
 * ntp-serve, broken into: it reads what the internet sends, and has a channel
 * to ntpd alone.
 *
 * Plans:
 *
 *	memory		maps for reading as large and as many as it can
 *	descriptors	its sockets, for ntpd, with messages that bring none
 *	chatter, forbidden, hang, crash: see hostile.h
 */
#include <sys/mman.h>

#include <unistd.h>

#include "common/child.h"
#include "common/log.h"
#include "ntp-net/serve/profile.h"
#include "tests/attack/hostile.h"

#define MAPS	64
#define BYTES	(INT64_C(1) << 30)
#define A_TABLE (INT64_C(1) << 21) /* what a page of page table maps */

/* Memory that was never written to costs page tables when it is read. */
static NORETURN void
memory(void)
{
	const volatile char *page;
	uint64_t sum = 0, maps = 0;

	for (; maps < MAPS; maps++) {
		page = mmap(NULL, BYTES, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (page == MAP_FAILED)
			break;
		for (int64_t i = 0; i < BYTES; i += A_TABLE)
			sum += (uint64_t)page[i];
	}
	log_warning("evil: %u GiB are mapped %u", (unsigned int)maps,
	    (unsigned int)sum);
	for (;;)
		hostile_rest(1000);
}

/* Which descriptors it has is easily tried. */
static NORETURN void
descriptors(void)
{
	hostile_rest(1000);
	hostile_descriptors(PARENT_FD + 1);
}

static const struct strategy strategies[] = {
	{ "memory", memory },
	{ "descriptors", descriptors },
	{ "chatter", hostile_chatter },
	{ "forbidden", hostile_forbidden },
	{ "hang", hostile_hang },
	{ "crash", hostile_crash },
	{ NULL, NULL },
};

int
main(void)
{
	hostile_read_plan();
	(void)child_begin(PROC_SERVE, &serve_profile, &hostile_parent,
	    NULL); /* sets no clock */
	hostile_run(strategies);
}
