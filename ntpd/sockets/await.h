/*
 * Addresses that cannot be listened on at present: another program has them, or
 * the kernel is short of something.  ntpd retries them, since a daemon that
 * ended because of them would keep no clock.  Pure.
 */
#ifndef NTPD_AWAIT_H
#define NTPD_AWAIT_H

#include <errno.h>

#include "common/shortage.h"
#include "core/types.h"
#include "ntpd/conf/conf.h"

/* Between tries: short at first, since a shortage may soon be over. */
#define AWAIT_FIRST_NS NS_PER_S
#define AWAIT_AGAIN_NS (10 * NS_PER_S)

struct awaited {
	struct conf_listen list[CONF_LISTEN_MAX];
	uint32_t count;
	int64_t pause_ns; /* the pause after the next try */
	int64_t due_ns;	  /* CLOCK_BOOTTIME of the next try; INT64_MAX: never */
};

/* May a failure with this error go away without a change by us? */
static inline bool
await_heals(int error)
{
	return error == EADDRINUSE || error == EAFNOSUPPORT ||
	    is_shortage(error);
}

/* Is the address awaited? */
bool await_has(const struct awaited *a, const struct conf_listen *l);

/* Add an address; no effect if it is there already, or if there is no room. */
void await_add(struct awaited *a, const struct conf_listen *l);

/*
 * At now_ns exactly the addresses in `found` could not be listened on: await
 * those from now on.  If one of them was not awaited before, the next try is
 * soon.
 */
void await_begin(
    struct awaited *a, const struct awaited *found, int64_t now_ns);

/* They were tried at now_ns: the next try is not so soon. */
void await_tried(struct awaited *a, int64_t now_ns);

/* Add all awaited addresses to c->listens, as far as there is room. */
void await_join(const struct awaited *a, struct conf *c);

/* Are the addresses of next exactly those of conf and the awaited ones? */
bool await_covers(
    const struct awaited *a, const struct conf *conf, const struct conf *next);

#endif
