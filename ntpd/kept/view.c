/*
 * Observing the clock, see view.h.  The kernel cancels a timer when
 * CLOCK_REALTIME is set, and after each suspend; so nothing has to wake up to
 * check.  Run by ntpd only.
 */
#include "ntpd/kept/view.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "core/types.h"
#include "ntpd/daemon_log.h"
#include "ntpd/file.h"

#define RTC_FILE       "/sys/class/rtc/rtc0/since_epoch"
#define NEVER_S	       INT64_C(7258118400) /* 2200-01-01 */
#define HYPERVISOR_BIT (1U << 31)	   /* of CPUID 1, ECX */

/*
 * If the kernel has no such timer, ntp-clock notices the change later by
 * itself.
 */
static int
open_timer(void)
{
	const struct itimerspec never = { .it_value = { .tv_sec = NEVER_S } };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd != -1 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		&never, NULL) == 0)
		return fd;
	return file_give_up(fd);
}

/*
 * Is this a virtual machine, according to its processor?  If the processor
 * cannot tell, every machine may be one.
 */
static bool
is_virtual(void)
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) == 0 || (c & HYPERVISOR_BIT) != 0;
#else
	return true;
#endif
}

/*
 * The real-time clock shows a pause of a virtual machine, see
 * core/steer/resume.h, if ntp-clock reads it every few seconds; other machines
 * are not paused.  It may be set to local time, which the C library no longer
 * reports.
 */
static void
open_rtc(struct clock_view *v)
{
	struct timezone zone = { .tz_minuteswest = 0 };

	v->rtc_fd = -1;
	if (!is_virtual())
		return;
	v->rtc_fd = open(RTC_FILE, O_RDONLY | O_CLOEXEC);
	if (v->rtc_fd != -1 && syscall(SYS_gettimeofday, NULL, &zone) == 0)
		v->rtc_behind_ns = zone.tz_minuteswest * 60 * NS_PER_S;
}

void
view_open(struct clock_view *v)
{
	open_rtc(v);
	v->set_fd = open_timer();
	if (memory_make(&v->memory, "ntp-clock", PAGE_BYTES) == 0)
		v->page = page_map(v->memory.reader, false);
	if (v->page == NULL)
		daemon_log(LOG_LEVEL_DEBUG,
		    "no page for the state of the clock: ntp-clock sends messages instead");
}

bool
view_was_set(const struct clock_view *v)
{
	uint64_t expired; /* it never expires */

	return read(v->set_fd, &expired, sizeof(expired)) == -1 &&
	    errno == ECANCELED;
}

bool
view_clock(const struct clock_view *v, struct msg_clock_state *m)
{
	return v->page != NULL && page_get(v->page, m, sizeof(*m)) &&
	    m->raw_ns != 0;
}
