/* Memory shared with ntp-serve, see published.h.  Run by ntpd only. */
#include "ntpd/sockets/published.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/counts.h"
#include "common/page.h"
#include "ntpd/daemon_log.h"

void
published_none(struct published *p)
{
	p->page = MEMORY_NONE;
	p->prefixes_fd = -1;
	for (int i = 0; i < WORKERS_MAX; i++)
		p->counts[i] = MEMORY_NONE;
}

static int
cannot_make(const char *what)
{
	daemon_log(LOG_LEVEL_ERROR, "cannot make the %s: %s", what,
	    strerrordesc_np(errno));
	return -1;
}

int
published_make(struct published *p, uint32_t workers)
{
	if (p->page.writer == -1 &&
	    memory_make(&p->page, "ntp-page", PAGE_BYTES) == -1)
		return cannot_make("page of served time");
	for (uint32_t w = 0; w < workers; w++)
		if (p->counts[w].writer == -1 &&
		    memory_make(&p->counts[w], "ntp-counts", COUNTS_BYTES) ==
			-1)
			return cannot_make("memory for counters");
	return 0;
}

void
published_forget_clients(const struct published *p, uint32_t worker)
{
	/* A hole reads as zeros, and takes no memory until it is used. */
	if (fallocate(p->counts[worker].writer,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, COUNTS_CLIENTS_AT,
		COUNTS_CLIENTS_BYTES) == -1)
		daemon_log(LOG_LEVEL_WARNING,
		    "cannot clear the clients of %s: %s", proc_name(PROC_SERVE),
		    strerrordesc_np(errno));
}

int
published_list(const struct prefix_list *list)
{
	int fd = memory_of(
	    "ntp-prefixes", list->list, list->count * sizeof(list->list[0]));

	return fd == -1 ? cannot_make("access list") : fd;
}

void
published_use_list(struct published *p, int fd)
{
	if (p->prefixes_fd != -1)
		(void)close(p->prefixes_fd); /* the workers have their own */
	p->prefixes_fd = fd;
}
