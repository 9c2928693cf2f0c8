/*
 * What ntpd sees of the clock without a message: the page on which ntp-clock
 * keeps its state, and a timer that the kernel cancels when CLOCK_REALTIME is
 * set, and after each suspend.  So nobody has to wake up to look.  Run by ntpd
 * only.
 */
#include <sys/timerfd.h>

#include <errno.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "common/page.h"
#include "ntpd/journal.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/supervise.h"

#define NEVER_S	       INT64_C(7258118400) /* 2200-01-01 */
#define HYPERVISOR_BIT (1U << 31)	   /* of CPUID 1, ECX */

/* Where the kernel has no such timer, ntp-clock sees it some time later. */
static int
open_timer(void)
{
	const struct itimerspec never = { .it_value = { .tv_sec = NEVER_S } };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd == -1)
		return -1;
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		&never, NULL) == 0)
		return fd;
	(void)close(fd); /* nothing can be done about a failure */
	return -1;
}

void
view_open(struct supervisor *s)
{
	s->view_fd = open_timer();
	if (socket_make_clock_page(&s->clock_writer, &s->clock_reader) == 0)
		s->clock_page = page_map(s->clock_reader, false);
	if (s->clock_page == NULL)
		journal(LOG_LEVEL_DEBUG,
		    "no page for the state of the clock: ntp-clock reports");
}

void
view_read(struct supervisor *s)
{
	struct msg_clock_set m = { .h = { 0, 0 } };
	uint64_t expired; /* it never does */

	if (read(s->view_fd, &expired, sizeof(expired)) != -1 ||
	    errno != ECANCELED)
		return;
	/* If there is no room for it: ntp-clock is awake. */
	msg_offer(&s->children[PROC_CLOCK].channel, MSG_CLOCK_SET, &m);
}

bool
view_clock(const struct supervisor *s, struct msg_clock_state *m)
{
	return s->clock_page != NULL &&
	    page_get(s->clock_page, m, sizeof(*m)) && m->raw_ns != 0;
}

bool
view_is_virtual(void)
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) == 0 || (c & HYPERVISOR_BIT) != 0;
#else
	return true;
#endif
}
