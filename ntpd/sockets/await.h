/*
 * Addresses that cannot be listened on for the moment: another program has them,
 * or the kernel is short of something.  They are waited for, since a daemon that
 * ends for them keeps no clock.  Pure.
 */
#ifndef NTPD_AWAIT_H
#define NTPD_AWAIT_H

#include <errno.h>

#include "common/shortage.h"
#include "core/types.h"
#include "ntpd/conf/conf.h"

/* From try to try: soon at first, since what was short may be there again. */
#define AWAIT_FIRST_NS NS_PER_S
#define AWAIT_AGAIN_NS (10 * NS_PER_S)

struct awaited {
	struct conf_listen list[CONF_LISTEN_MAX];
	uint32_t count;
	int64_t pause_ns; /* until the next try but one */
	int64_t due_ns;	  /* CLOCK_BOOTTIME: try again; INT64_MAX: never */
};

/* May what failed with this error succeed later, with nothing changed by us? */
static inline bool
await_heals(int error)
{
	return error == EADDRINUSE || error == EAFNOSUPPORT ||
	    is_shortage(error);
}

/* Is it waited for? */
bool await_has(const struct awaited *a, const struct conf_listen *l);

/* From now on it is; nothing happens if it was, or if there is no room. */
void await_add(struct awaited *a, const struct conf_listen *l);

/*
 * At that moment those of found, and no others, could not be listened on: they are
 * waited for from now on.  Who was not waited for before is tried again soon.
 */
void await_begin(
    struct awaited *a, const struct awaited *found, int64_t now_ns);

/* It was tried at that moment: not so soon again. */
void await_tried(struct awaited *a, int64_t now_ns);

/* Put all that is waited for back into c->listens, as far as there is room. */
void await_join(const struct awaited *a, struct conf *c);

/* Are the addresses of next those of conf and those waited for, all of them? */
bool await_covers(
    const struct awaited *a, const struct conf *conf, const struct conf *next);

#endif
