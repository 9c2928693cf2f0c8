/*
 * NTP timestamps, eras and ends of months.
 */
#include "core/packet/timestamp.h"

#include "tests/tap.h"

#define S(s) ((s)*NS_PER_S)

static void
test_to_and_from_wall(void)
{
	static const struct {
		const char *name;
		int64_t wall_ns;
		uint64_t ts;
	} t[] = {
		{ "1900", S(-NTP_UNIX_OFFSET_S), 0 },
		{ "1970", 0, UINT64_C(0x83aa7e80) << 32 },
		{ "one ns before 1970", -1, UINT64_C(0x83aa7e7ffffffffb) },
		{ "half a second", NS_PER_S / 2, UINT64_C(0x83aa7e8080000000) },
		{ "last second of era 0", S(2085978495),
		    UINT64_C(0xffffffff) << 32 },
		{ "first second of era 1", S(2085978496), 0 },
		{ "2100", S(4102444800), UINT64_C(2016466304) << 32 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wall w = { t[i].wall_ns };
		struct ntp_ts ts = ntp_ts_from_wall(w);

		OK(ts.v == t[i].ts, "%s: from wall (%#" PRIx64 ")", t[i].name,
		    ts.v);
		IS_I64(ntp_ts_to_wall((struct ntp_ts){ t[i].ts },
			   (struct wall){ t[i].wall_ns + S(1000000) })
			   .ns,
		    t[i].wall_ns, "%s: back to wall", t[i].name);
	}
}

static void
test_pivot(void)
{
	const int64_t era = S(INT64_C(1) << 32), half = era / 2;
	struct ntp_ts ts = { UINT64_C(0x10) << 32 };
	int64_t first = S(2085978496 + 16);

	IS_I64(ntp_ts_to_wall(ts, (struct wall){ first - half + S(1) }).ns,
	    first, "a pivot 68 years before");
	IS_I64(ntp_ts_to_wall(ts, (struct wall){ first + half - S(1) }).ns,
	    first, "a pivot 68 years after");
	IS_I64(ntp_ts_to_wall(ts, (struct wall){ first - half - S(2) }).ns,
	    first - era, "a pivot still earlier means the era before");
	IS_I64(ntp_ts_to_wall(ts, (struct wall){ first + half + S(2) }).ns,
	    first + era, "a pivot still later means the era after");
}

static void
test_diff(void)
{
	const struct ntp_ts zero = { 0 }, end = { UINT64_MAX },
			    one = { UINT64_C(1) << 32 };

	IS_I64(ntp_ts_diff_ns(one, zero), NS_PER_S, "one second");
	IS_I64(ntp_ts_diff_ns(zero, one), -NS_PER_S, "minus one second");
	IS_I64(ntp_ts_diff_ns(zero, end), 0, "2^-32 s over the era's end");
	IS_I64(ntp_ts_diff_ns(one, end), NS_PER_S, "a second across eras");
	IS_I64(ntp_ts_diff_ns(end, one), -NS_PER_S, "and back");
	IS_I64(ntp_ts_diff_ns((struct ntp_ts){ UINT64_C(1) << 63 }, zero),
	    S(-(INT64_C(1) << 31)), "half an era is the most negative");
	IS_I64(ntp_ts_diff_ns((struct ntp_ts){ (UINT64_C(1) << 63) - 1 }, zero),
	    S(INT64_C(1) << 31), "just below is the most positive");
}

static void
test_extremes(void)
{
	static const int64_t walls[] = { INT64_MIN, INT64_MIN + 1,
		-9223372036 * NS_PER_S, INT64_MAX, INT64_MAX - 1 };

	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		struct wall w = { walls[i] }, end;
		struct ntp_ts a = ntp_ts_from_wall(w);
		struct ntp_ts b = ntp_ts_from_wall((struct wall){
		    walls[i] < 0 ? walls[i] + NS_PER_S : walls[i] - NS_PER_S });

		IS_I64(ntp_ts_diff_ns(b, a),
		    walls[i] < 0 ? NS_PER_S : -NS_PER_S,
		    "%" PRId64 " and a second off", walls[i]);
		(void)wall_month_end(w, &end);
	}
}

static void
test_short(void)
{
	static const struct {
		int64_t ns;
		uint32_t v;
	} t[] = { { INT64_MIN, 0 }, { -1, 0 }, { 0, 0 }, { 1, 1 }, { 15258, 1 },
		{ 15259, 2 }, { NS_PER_S, 0x10000 }, { NS_PER_S + 1, 0x10001 },
		{ S(16), 0x100000 }, { S(65536) - 1, UINT32_MAX },
		{ S(65536), UINT32_MAX }, { INT64_MAX, UINT32_MAX } };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		IS_I64(ntp_short_from_ns(t[i].ns), t[i].v,
		    "%" PRId64 " ns in short format", t[i].ns);
	IS_I64(ntp_short_to_ns(0), 0, "short 0");
	IS_I64(ntp_short_to_ns(1), 15259, "short 1");
	IS_I64(ntp_short_to_ns(0x10000), NS_PER_S, "short 1 s");
	IS_I64(ntp_short_to_ns(UINT32_MAX), S(65536) - 15259, "short largest");
}

static void
test_month_end(void)
{
	static const struct {
		const char *name;
		int64_t s;
		int64_t end_s; /* 0: not in the last day */
	} t[] = {
		{ "2016-12-30 23:59:59", 1483142399, 0 },
		{ "2016-12-31 00:00:00", 1483142400, 1483228800 },
		{ "2016-12-31 23:59:59", 1483228799, 1483228800 },
		{ "2017-01-01 00:00:00", 1483228800, 0 },
		{ "2015-06-30 12:00:00", 1435665600, 1435708800 },
		{ "2024-02-28 12:00:00", 1709121600, 0 },
		{ "2024-02-29 12:00:00", 1709208000, 1709251200 },
		{ "2023-02-28 12:00:00", 1677585600, 1677628800 },
		{ "2000-02-29 00:00:00", 951782400, 951868800 },
		{ "2100-02-28 00:00:00", 4107456000, 4107542400 },
		{ "1969-12-31 23:59:59", -1, 0 /* ends at 1970 */ },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wall end = { 0 };
		bool last = wall_month_end((struct wall){ S(t[i].s) }, &end);

		IS_I64(end.ns, S(t[i].end_s), "%s: end of month", t[i].name);
		OK(last == (t[i].end_s != 0 || t[i].s == -1),
		    "%s: last day or not", t[i].name);
	}
}

static void
test_date(void)
{
	static const struct {
		int64_t s;
		int year, month, day;
	} t[] = {
		{ 0, 1970, 1, 1 },
		{ -1, 1969, 12, 31 },
		{ 951782399, 2000, 2, 28 },
		{ 951782400, 2000, 2, 29 },
		{ 951868800, 2000, 3, 1 },
		{ 1483228799, 2016, 12, 31 },
		{ 1483228800, 2017, 1, 1 },
		{ 1798156800, 2026, 12, 25 },
		{ 4107542400, 2100, 3, 1 },
		{ -2208988800, 1900, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wall_date d = wall_date((struct wall){ S(t[i].s) });

		OK(d.year == t[i].year && d.month == t[i].month &&
			d.day == t[i].day,
		    "%" PRId64 " is %d-%02d-%02d", t[i].s, d.year, d.month,
		    d.day);
	}
}

int
main(void)
{
	test_to_and_from_wall();
	test_pivot();
	test_diff();
	test_extremes();
	test_short();
	test_month_end();
	test_date();
	return DONE();
}
