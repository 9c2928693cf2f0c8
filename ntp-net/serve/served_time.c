/*
 * Read the page of served time, see served_time.h.  Run by ntp-serve, which
 * must not trust what is on it.
 */
#include "ntp-net/serve/served_time.h"

struct serve_state
served_time_read(const struct page *page)
{
	struct serve_state st = { .clock = SERVE_UNSYNCED };
	struct page_time t;

	if (page == NULL || !page_load(page, &t))
		return st;
	st = (struct serve_state){ .line = { { t.raw_ns }, t.theta_ns,
				       t.slope_q32 },
		.root_delay_ns = t.root_delay_ns,
		.root_dispersion_ns = t.root_dispersion_ns,
		.silent = (t.flags & PAGE_SILENT) != 0,
		.reference = { t.reference_ns },
		.stratum = t.stratum,
		.leap = t.leap,
		.refid = t.refid,
		.smears = (t.flags & PAGE_SMEARS) != 0,
		.smear = { .kind = (enum leap)t.smear_kind,
		    .leap = { t.smear_leap_ns },
		    .length_s = t.smear_length_s,
		    .passed = (t.flags & PAGE_PASSED) != 0 } };
	if ((t.flags & PAGE_SYNCED) != 0)
		st.clock = SERVE_SYNCED;
	else if ((t.flags & PAGE_LOCAL) != 0)
		st.clock = SERVE_LOCAL;
	else
		st.clock = SERVE_UNSYNCED;
	if (!serve_state_ok(&st))
		st.clock = SERVE_UNSYNCED;
	return st;
}
