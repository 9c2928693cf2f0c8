/*
 * The leap seconds that ntp-net is told of: read from their file at the start,
 * at a reload, and each day.  Run by ntpd only.
 */
#include <string.h>

#include "common/clock.h"
#include "core/packet/timestamp.h"
#include "ntpd/conf/leaplist.h"
#include "ntpd/journal.h"
#include "ntpd/supervise.h"

#define LEAPS_AGAIN_NS (86400 * NS_PER_S)

static void
say_leaps(const char *path, const struct leapfile *f)
{
	char why[LEAPLIST_WHY_LEN];
	struct wall_date d = wall_date(f->expiry);

	journal(LOG_LEVEL_INFO,
	    "leap seconds are known: file=%s seconds=%u tai_utc_s=%d "
	    "expires=%d-%02d-%02d",
	    path, f->count - 1, (int)f->entries[f->count - 1].tai_s, d.year,
	    d.month, d.day);
	if (leaplist_expired(f, (struct wall){ clock_read_real() }, why))
		journal(LOG_LEVEL_WARNING, "the leap file %s: %s", path, why);
}

bool
leaps_read(struct supervisor *s)
{
	struct msg_leaps old = s->leaps;
	const char *path = s->conf.leap_file;
	char why[LEAPLIST_WHY_LEN];
	struct leapfile f;
	bool good = false;

	s->leaps_due_ns =
	    path[0] == '\0' ? INT64_MAX : clock_read_boot() + LEAPS_AGAIN_NS;
	if (strcmp(path, s->leaps_path) != 0)
		s->leaps = (struct msg_leaps){ .count = 0 };
	memcpy(s->leaps_path, path, sizeof(s->leaps_path));
	s->leaps.smear_s = s->conf.leap_smear_s;
	if (path[0] != '\0')
		good = leaplist_read(path, &f, why) == 0;
	s->leaps_bad = path[0] != '\0' && !good;
	if (good)
		s->leaps = leaplist_message(&f, s->conf.leap_smear_s);
	else if (path[0] != '\0')
		journal(LOG_LEVEL_WARNING, "cannot use the leap file %s: %s%s",
		    path, why,
		    s->leaps.expiry_ns != 0 ? ": what it said before holds"
					    : "");
	if (memcmp(&old, &s->leaps, sizeof(old)) == 0)
		return false;
	if (good)
		say_leaps(path, &f);
	return true;
}
