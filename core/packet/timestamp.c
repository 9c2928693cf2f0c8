/*
 * NTP timestamps and eras, see timestamp.h.  Run by ntp-net, ntp-serve and the
 * tests.  It must never read a clock.
 */
#include "core/packet/timestamp.h"

#define NS_PER_S_U UINT64_C(1000000000)

static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	if (a % b != 0 && (a < 0) != (b < 0))
		q--;
	return q;
}

struct ntp_ts
ntp_ts_from_wall(struct wall w)
{
	int64_t sec = floor_div(w.ns, NS_PER_S);
	/*
	 * Unsigned, because the first second in int64_t begins before its
	 * range.
	 */
	uint64_t ns = (uint64_t)w.ns - (uint64_t)sec * NS_PER_S_U;
	uint64_t frac = (ns << 32) / NS_PER_S_U;

	return (struct ntp_ts){ ((uint64_t)(sec + NTP_UNIX_OFFSET_S) << 32) |
		frac };
}

/* A signed 32.32 difference in ns, rounded to the nearest. */
static int64_t
fixed_to_ns(uint64_t diff)
{
	int64_t sec = (int64_t)(int32_t)(uint32_t)(diff >> 32);
	uint64_t frac = diff & UINT32_MAX;

	return sec * NS_PER_S +
	    (int64_t)((frac * NS_PER_S_U + (UINT64_C(1) << 31)) >> 32);
}

int64_t
ntp_ts_diff_ns(struct ntp_ts a, struct ntp_ts b)
{
	return fixed_to_ns(a.v - b.v);
}

struct wall
ntp_ts_to_wall(struct ntp_ts ts, struct wall pivot)
{
	int64_t pivot_s = floor_div(pivot.ns, NS_PER_S);
	struct ntp_ts p = { (uint64_t)(pivot_s + NTP_UNIX_OFFSET_S) << 32 };

	return (struct wall){ pivot_s * NS_PER_S + ntp_ts_diff_ns(ts, p) };
}

int64_t
ntp_short_to_ns(uint32_t v)
{
	return (int64_t)(((uint64_t)v * NS_PER_S_U + (1U << 15)) >> 16);
}

uint32_t
ntp_short_from_ns(int64_t ns)
{
	uint64_t sec, rest;

	if (ns <= 0)
		return 0;
	sec = (uint64_t)ns / NS_PER_S_U;
	rest = (uint64_t)ns % NS_PER_S_U;
	if (sec > UINT16_MAX)
		return UINT32_MAX;
	rest = ((rest << 16) + NS_PER_S_U - 1) / NS_PER_S_U;
	if (sec == UINT16_MAX && rest > UINT16_MAX)
		return UINT32_MAX;
	return (uint32_t)((sec << 16) + rest);
}

/*
 * Convert days since 1970 to a date, with the length of its month, by counting
 * in 400-year eras that start on the first of March.
 */
static struct wall_date
civil(int64_t days, int *month_days)
{
	static const int len[12] = { 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31,
		28 };
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t year = yoe + era * 400 + 1; /* of the February that ends it */

	*month_days = len[mp];
	if (mp == 11 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		*month_days = 29;
	return (struct wall_date){ .year = (int)(mp < 10 ? year - 1 : year),
		.month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.day = (int)(doy - (153 * mp + 2) / 5 + 1) };
}

bool
wall_month_end(struct wall w, struct wall *end)
{
	int64_t days = floor_div(w.ns, 86400 * NS_PER_S);
	int month_days;

	if (civil(days, &month_days).day != month_days)
		return false;
	end->ns = (days + 1) * 86400 * NS_PER_S;
	return true;
}

bool
wall_month_begin(struct wall w)
{
	struct wall before = { w.ns - 1 }, end;

	return w.ns > 0 && wall_month_end(before, &end) && end.ns == w.ns;
}

struct wall_date
wall_date(struct wall w)
{
	int month_days;

	return civil(floor_div(w.ns, 86400 * NS_PER_S), &month_days);
}
