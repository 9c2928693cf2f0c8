/* The leap seconds to send, see leaps.h.  Run by ntpd only. */
#include "ntpd/kept/leaps.h"

#include <string.h>

#include "common/clock.h"
#include "core/packet/timestamp.h"
#include "ntpd/conf/leapfile.h"
#include "ntpd/daemon_log.h"

#define AGAIN_NS (86400 * NS_PER_S)

static void
say_leaps(const char *path, const struct leapfile *f)
{
	char why[LEAPFILE_WHY_LEN];
	struct wall_date d = wall_date(f->expiry);

	daemon_log(LOG_LEVEL_INFO,
	    "leap seconds are known: file=%s seconds=%u tai_utc_s=%d "
	    "expires=%d-%02d-%02d",
	    path, f->count - 1, (int)f->entries[f->count - 1].tai_s, d.year,
	    d.month, d.day);
	if (leapfile_expired(f, (struct wall){ clock_read_real() }, why))
		daemon_log(
		    LOG_LEVEL_WARNING, "the leap file %s: %s", path, why);
}

bool
leaps_read(struct leaps *l, const struct conf *c)
{
	struct msg_leaps old = l->message;
	const char *path = c->leap_file;
	char why[LEAPFILE_WHY_LEN];
	struct leapfile f;
	bool good = false;

	l->due_ns = path[0] == '\0' ? INT64_MAX : clock_read_boot() + AGAIN_NS;
	if (strcmp(path, l->path) != 0)
		l->message = (struct msg_leaps){ .count = 0 };
	memcpy(l->path, path, sizeof(l->path));
	l->message.smear_s = c->leap_smear_s;
	if (path[0] != '\0')
		good = leapfile_read(path, &f, why) == 0;
	l->bad = path[0] != '\0' && !good;
	if (good)
		l->message = leapfile_message(&f, c->leap_smear_s);
	else if (path[0] != '\0')
		daemon_log(LOG_LEVEL_WARNING,
		    "cannot use the leap file %s: %s%s", path, why,
		    l->message.expiry_ns != 0
			? ": its earlier content stays in force"
			: "");
	if (memcmp(&old, &l->message, sizeof(old)) == 0)
		return false;
	if (good)
		say_leaps(path, &f);
	return true;
}
