/*
 * Whether a child responds, see watch.h.  Run by ntpd only.  Pure.
 */
#include "ntpd/children/watch.h"

#include <stddef.h>

#include "core/types.h"

#define LOOK_EVERY_NS	 NS_PER_S
#define SAID_LOOKS	 3
#define PATIENCE	 20
#define PATIENCE_RESOLVE 40

static const struct {
	enum proc from, of;
} hints[] = {
	{ PROC_NET, PROC_CLOCK },     /* it takes no samples */
	{ PROC_NET, PROC_RESOLVE },   /* it answers no question */
	{ PROC_OBSERVE, PROC_NET },   /* likewise */
	{ PROC_OBSERVE, PROC_CLOCK }, /* its page is too old */
};

void
watch_begin(struct watch *w, int64_t now_ns)
{
	if (w->asked)
		return;
	w->asked = true;
	w->looks = 0;
	w->look_ns = now_ns + LOOK_EVERY_NS;
}

uint32_t
watch_patience(enum proc p)
{
	return p == PROC_RESOLVE ? PATIENCE_RESOLVE : PATIENCE;
}

enum watch_news
watch_look(struct watch *w, enum proc p, bool unread, int64_t now_ns)
{
	bool was_silent = w->silent;

	if (!w->asked || now_ns < w->look_ns)
		return WATCH_NOTHING;
	w->look_ns = now_ns + LOOK_EVERY_NS;
	if (!unread && !w->stopped) {
		w->asked = w->silent = false;
		return was_silent ? WATCH_BACK : WATCH_NOTHING;
	}
	w->looks++;
	/* A stopped child is not busy. */
	if (w->looks >= (w->stopped ? PATIENCE : watch_patience(p)))
		return WATCH_HUNG;
	/* ntp-resolve reads nothing while it looks up a name. */
	if (was_silent || p == PROC_RESOLVE || w->looks < SAID_LOOKS)
		return WATCH_NOTHING;
	w->silent = true;
	return WATCH_SILENT;
}

bool
watch_may_hint(enum proc from, enum proc of)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].from == from && hints[i].of == of)
			return true;
	return false;
}
