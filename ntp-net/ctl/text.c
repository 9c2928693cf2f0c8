/*
 * Numbers and names as people read them, see text.h.  Part of ntpctl.  It must
 * never read a clock or write to a terminal.
 */
#include "ntp-net/ctl/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/addr.h"
#include "core/types.h"

/* A unit is used until its rounded value has four digits. */
static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", UINT64_C(1) },
	{ "\u00b5s", UINT64_C(1000) },
	{ "ms", UINT64_C(1000000) },
	{ "s", UINT64_C(1000000000) },
	{ "min", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
	{ "d", UINT64_C(86400000000000) },
};
#define LAST_UNIT (sizeof(units) / sizeof(units[0]) - 1)

/* value / unit in steps of 1 / per (1, 10 or 100), rounded to nearest. */
static uint64_t
scaled(uint64_t value, uint64_t unit, uint64_t per)
{
	return value / unit * per + (value % unit * per + unit / 2) / unit;
}

void
text_time(char *dst, size_t size, int64_t ns, bool signed_)
{
	uint64_t value = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	const char *sign = ns < 0 ? "-" : signed_ ? "+" : "";
	const struct unit *u = units;
	uint64_t v;

	while (u < &units[LAST_UNIT] && scaled(value, u->ns, 1) >= 1000)
		u++;
	if (u->ns == 1 || scaled(value, u->ns, 10) >= 1000) {
		(void)snprintf(dst, size, "%s%llu %s", sign,
		    (unsigned long long)scaled(value, u->ns, 1), u->name);
	} else if (scaled(value, u->ns, 100) >= 1000) {
		v = scaled(value, u->ns, 10);
		(void)snprintf(dst, size, "%s%llu.%llu %s", sign,
		    (unsigned long long)(v / 10), (unsigned long long)(v % 10),
		    u->name);
	} else {
		v = scaled(value, u->ns, 100);
		(void)snprintf(dst, size, "%s%llu.%02llu %s", sign,
		    (unsigned long long)(v / 100),
		    (unsigned long long)(v % 100), u->name);
	}
}

void
text_seconds(char *dst, size_t size, int64_t ns)
{
	uint64_t value = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	bool fine = value < (uint64_t)NS_PER_S; /* to the microsecond */
	uint64_t unit = fine ? 1000 : 1000000;
	uint64_t v = (value + unit / 2) / unit;
	uint64_t in_second = (uint64_t)NS_PER_S / unit;

	(void)snprintf(dst, size, "%s%llu.%0*llu", ns < 0 && v != 0 ? "-" : "",
	    (unsigned long long)(v / in_second), fine ? 6 : 3,
	    (unsigned long long)(v % in_second));
}

bool
text_parse_seconds(const char *text, int64_t *ns)
{
	bool negative = *text == '-', any = false;
	int64_t unit = NS_PER_S, v = 0, digit;

	if (*text == '-' || *text == '+')
		text++;
	for (; *text >= '0' && *text <= '9'; text++, any = true)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *text - '0', &v))
			return false;
	if (__builtin_mul_overflow(v, NS_PER_S, &v))
		return false;
	if (*text == '.')
		text++;
	else if (*text != '\0')
		return false;
	for (; *text >= '0' && *text <= '9' && unit > 1; text++, any = true) {
		unit /= 10;
		digit = *text - '0';
		if (__builtin_add_overflow(v, digit * unit, &v))
			return false;
	}
	*ns = negative ? -v : v;
	return *text == '\0' && any && v <= CTL_STEP_MAX_NS;
}

void
text_offset(char *dst, size_t size, int64_t offset_ns, int64_t error_ns)
{
	char offset[TEXT_SHORT], error[TEXT_SHORT];

	text_time(offset, sizeof(offset), offset_ns, true);
	text_time(error, sizeof(error), error_ns, false);
	(void)snprintf(dst, size, "%s \u00b1 %s", offset, error);
}

double
text_slope_ppb(int64_t slope_q32)
{
	return (double)slope_q32 * 1e9 / (double)SLOPE_ONE;
}

void
text_frequency(char *dst, size_t size, double ppb, double error_ppb)
{
	(void)snprintf(
	    dst, size, "%+.3f ppm \u00b1 %.3f ppm", ppb / 1e3, error_ppb / 1e3);
}

void
text_duration(char *dst, size_t size, int64_t ns)
{
	int64_t s = ns < 0 ? 0 : ns / NS_PER_S;

	if (s < 60)
		(void)snprintf(dst, size, "%d s", (int)s);
	else if (s < 3600)
		(void)snprintf(
		    dst, size, "%d min %02d s", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		(void)snprintf(dst, size, "%d h %02d min", (int)(s / 3600),
		    (int)(s / 60 % 60));
	else
		(void)snprintf(dst, size, "%lld d %d h", (long long)(s / 86400),
		    (int)(s / 3600 % 24));
}

void
text_wall(char *dst, size_t size, int64_t wall_ns)
{
	int64_t ns = wall_ns % NS_PER_S;
	time_t s = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	if (ns < 0) {
		ns += NS_PER_S;
		s--;
	}
	if (gmtime_r(&s, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(dst, size, "%04d-%02d-%02d %02d:%02d:%02d.%03dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(ns / 1000000));
}

void
text_wall_second(char *dst, size_t size, int64_t wall_ns)
{
	char text[TEXT_SHORT];

	text_wall(text, sizeof(text), wall_ns);
	(void)snprintf(dst, size, "%.*sZ", (int)strcspn(text, "."), text);
}

void
text_address(char *dst, size_t size, const struct msg_addr *a)
{
	char buf[ADDR_TEXT];

	addr_text(a, buf);
	(void)snprintf(dst, size, "%s", a->family != 0 ? buf : "");
}

void
text_endpoint(char *dst, size_t size, const struct msg_addr *a, uint32_t port)
{
	char buf[TEXT_SHORT];

	text_address(buf, sizeof(buf), a);
	if (buf[0] == '\0')
		(void)snprintf(dst, size, "-");
	else if (port == NTP_PORT)
		(void)snprintf(dst, size, "%s", buf);
	else
		(void)snprintf(
		    dst, size, a->family == 6 ? "[%s]:%u" : "%s:%u", buf, port);
}

size_t
text_width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

const char *
text_leap(uint32_t leap)
{
	static const char *const names[] = { "none", "insert", "delete",
		"unknown" };

	return leap < 3 ? names[leap] : names[3];
}

const char *
text_state(uint32_t state)
{
	switch ((enum source_state)state) {
	case STATE_RESOLVING:
		return "resolving";
	case STATE_UNREACHABLE:
		return "unreachable";
	case STATE_UNSYNCHRONIZED:
		return "unsynchronized";
	case STATE_UNAUTHENTICATED:
		return "unauthenticated";
	case STATE_DENIED:
		return "denied";
	case STATE_SELF:
		return "self";
	case STATE_FALSETICKER:
		return "falseticker";
	case STATE_OUTLIER:
		return "outlier";
	case STATE_CANDIDATE:
		return "candidate";
	case STATE_SELECTED:
		return "selected";
	}
	return "?";
}

const char *
text_auth(uint32_t auth)
{
	return auth == SOURCE_AUTH_MAC ? "mac" : "none";
}

const char *
text_event(uint32_t event)
{
	switch ((enum clock_event)event) {
	case EVENT_NONE:
		return "none";
	case EVENT_STEP:
		return "step";
	case EVENT_SLEW:
		return "slew";
	case EVENT_LOCKED:
		return "locked";
	case EVENT_REFUSED:
		return "refused";
	case EVENT_FROZEN:
		return "frozen";
	case EVENT_RELEASED:
		return "released";
	case EVENT_STOP:
		return "stop";
	case EVENT_HOLDOVER:
		return "holdover";
	case EVENT_LEAP:
		return "leap";
	case EVENT_FAILED:
		return "failed";
	case EVENT_CHARGED:
		return "charged";
	case EVENT_RESUME:
		return "resumed";
	case EVENT_COUNT:
		break;
	}
	return "?";
}
