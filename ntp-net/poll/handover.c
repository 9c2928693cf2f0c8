/* The page of an earlier ntp-net, see handover.h.  Run by ntp-net. */
#include "ntp-net/poll/handover.h"

#include "core/line.h"
#include "core/saturate.h"

bool
handover_keep(struct page *page, struct mono now, int64_t limit_ns)
{
	struct page_time t;
	int64_t bound_ns;

	if (!page_load(page, &t) || (t.flags & PAGE_SYNCED) == 0 ||
	    t.raw_ns > now.ns)
		return false;
	bound_ns = sat_add(t.root_delay_ns / 2, t.root_dispersion_ns);
	bound_ns = sat_add(bound_ns, line_growth_ns(now.ns - t.raw_ns, 0));
	if (bound_ns > limit_ns)
		return false;
	if ((t.flags & PAGE_SILENT) == 0) {
		t.flags |= PAGE_SILENT;
		page_store(page, &t);
	}
	return true;
}
