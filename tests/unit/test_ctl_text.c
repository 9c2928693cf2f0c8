/*
 * How ntpctl writes numbers, and how it escapes text that it received.
 */
#include <string.h>

#include "ntp-net/ctl/text.h"
#include "tests/tap.h"

#define S  INT64_C(1000000000)
#define US "\u00b5s"

static void
same(const char *got, const char *want, const char *what)
{
	if (!tap_ok(strcmp(got, want) == 0, "%s: %s", what, want))
		printf("# got \"%s\"\n", got);
}

static void
test_time(void)
{
	static const struct {
		int64_t ns;
		const char *want;
	} cases[] = {
		{ 0, "0 ns" },
		{ 1, "1 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.00 " US },
		{ 1234, "1.23 " US },
		{ 1235, "1.24 " US },
		{ 9994, "9.99 " US },
		{ 9995, "10.0 " US },
		{ 12345, "12.3 " US },
		{ 99949, "99.9 " US },
		{ 99950, "100 " US },
		{ 999499, "999 " US },
		{ 999500, "1.00 ms" },
		{ 4100000, "4.10 ms" },
		{ 999500000, "1.00 s" },
		{ 2 * S, "2.00 s" },
		{ 999 * S, "999 s" },
		{ 1000 * S, "16.7 min" },
		{ 3600 * S, "60.0 min" },
		{ 86400 * S, "24.0 h" },
		{ 10 * 86400 * S, "240 h" },
		{ 100 * 86400 * S, "100 d" },
		{ INT64_MAX, "106752 d" },
		{ -1, "-1 ns" },
		{ -12345, "-12.3 " US },
		{ INT64_MIN, "-106752 d" },
	};
	char buf[TEXT_SHORT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_time(buf, sizeof(buf), cases[i].ns, false);
		same(buf, cases[i].want, "time");
	}
	text_time(buf, sizeof(buf), 12345, true);
	same(buf, "+12.3 " US, "signed time");
	text_time(buf, sizeof(buf), 0, true);
	same(buf, "+0 ns", "signed time");
	text_time(buf, sizeof(buf), -5, true);
	same(buf, "-5 ns", "signed time");
	text_offset(buf, sizeof(buf), 12300, 4100);
	same(buf, "+12.3 " US " \u00b1 4.10 " US, "offset");
	text_time(buf, 5, 123456, false);
	same(buf, "123 ", "no room");
}

static void
test_frequency(void)
{
	char buf[TEXT_SHORT];

	NEAR(text_slope_ppb(SLOPE_ONE), 1e9, 0, "the whole is 1e9 ppb");
	NEAR(text_slope_ppb(-5302), -1234.468, 0.001, "a slope in ppb");
	text_frequency(buf, sizeof(buf), -1234.5, 3.1);
	same(buf, "-1.234 ppm \u00b1 0.003 ppm", "frequency");
	text_frequency(buf, sizeof(buf), 0, 0);
	same(buf, "+0.000 ppm \u00b1 0.000 ppm", "frequency");
}

static void
test_duration(void)
{
	static const struct {
		int64_t s;
		const char *want;
	} cases[] = {
		{ -5, "0 s" },
		{ 0, "0 s" },
		{ 59, "59 s" },
		{ 60, "1 min 00 s" },
		{ 3599, "59 min 59 s" },
		{ 3600, "1 h 00 min" },
		{ 11100, "3 h 05 min" },
		{ 86399, "23 h 59 min" },
		{ 86400, "1 d 0 h" },
		{ 400 * 86400 + 7200, "400 d 2 h" },
	};
	char buf[TEXT_SHORT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_duration(buf, sizeof(buf), cases[i].s * S);
		same(buf, cases[i].want, "duration");
	}
	text_duration(buf, sizeof(buf), INT64_MAX);
	same(buf, "106751 d 23 h", "the longest duration");
}

static void
test_wall(void)
{
	char buf[TEXT_SHORT];

	text_wall(buf, sizeof(buf), 0);
	same(buf, "1970-01-01 00:00:00.000Z", "wall");
	text_wall(buf, sizeof(buf), -1);
	same(buf, "1969-12-31 23:59:59.999Z", "wall");
	text_wall(buf, sizeof(buf), INT64_C(2085978496123456789));
	same(buf, "2036-02-07 06:28:16.123Z", "wall");
	text_wall(buf, sizeof(buf), INT64_MIN);
	same(buf, "1677-09-21 00:12:43.145Z", "the first wall");
	text_wall(buf, sizeof(buf), INT64_MAX);
	same(buf, "2262-04-11 23:47:16.854Z", "the last wall");
}

static void
test_address(void)
{
	struct msg_addr a = { .family = 4, .addr = { 192, 0, 2, 1 } };
	char buf[TEXT_SHORT];

	text_address(buf, sizeof(buf), &a);
	same(buf, "192.0.2.1", "address");
	text_endpoint(buf, sizeof(buf), &a, 123);
	same(buf, "192.0.2.1", "NTP's port goes without saying");
	text_endpoint(buf, sizeof(buf), &a, 11123);
	same(buf, "192.0.2.1:11123", "endpoint");
	a = (struct msg_addr){
		.family = 6, .scope = 3, .addr = { 0xfe, 0x80, [15] = 1 }
	};
	text_address(buf, sizeof(buf), &a);
	same(buf, "fe80::1%3", "link-local address");
	a.scope = 0;
	text_endpoint(buf, sizeof(buf), &a, 1123);
	same(buf, "[fe80::1]:1123", "endpoint");
	memset(a.addr, 0xff, sizeof(a.addr));
	a.scope = UINT32_MAX;
	text_endpoint(buf, sizeof(buf), &a, UINT16_MAX);
	same(buf, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535",
	    "the longest endpoint");
	a.family = 0;
	text_address(buf, sizeof(buf), &a);
	same(buf, "", "no address");
	text_endpoint(buf, sizeof(buf), &a, 123);
	same(buf, "-", "no endpoint");
	a.family = 5;
	text_endpoint(buf, sizeof(buf), &a, 123);
	same(buf, "-", "an unknown family");
}

static void
test_escape(void)
{
	static const struct {
		const char *what;
		const char *src;
		const char *want;
	} cases[] = {
		{ "plain", "time.example.net", "time.example.net" },
		{ "good UTF-8", "12 \u00b5s \u00b1 \u20ac \U0001f552",
		    "12 \u00b5s \u00b1 \u20ac \U0001f552" },
		{ "escape", "a\033[2Jb", "a\\x1b[2Jb" },
		{ "controls", "\t\n\r\b\x7f", "\\x09\\x0a\\x0d\\x08\\x7f" },
		{ "C1 control",
		    "a\xc2\x9b"
		    "2J",
		    "a\\xc2\\x9b2J" },
		{ "bare octets", "\x9b\xff\xfe", "\\x9b\\xff\\xfe" },
		{ "cut UTF-8", "a\xe2\x82", "a\\xe2\\x82" },
		{ "overlong slash", "\xc0\xaf", "\\xc0\\xaf" },
		{ "overlong escape", "\xe0\x80\x9b", "\\xe0\\x80\\x9b" },
		{ "overlong of 4", "\xf0\x80\x82\xac", "\\xf0\\x80\\x82\\xac" },
		{ "surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "beyond Unicode", "\xf4\x90\x80\x80",
		    "\\xf4\\x90\\x80\\x80" },
		{ "right to left",
		    "a\xe2\x80\xae"
		    "b",
		    "a\\xe2\\x80\\xaeb" },
		{ "zero width",
		    "a\xe2\x80\x8b"
		    "b",
		    "a\\xe2\\x80\\x8bb" },
		{ "broken in the middle",
		    "\xe2"
		    "A\xac",
		    "\\xe2A\\xac" },
	};
	char buf[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		escape_text(buf, sizeof(buf), cases[i].src);
		same(buf, cases[i].want, cases[i].what);
	}
	escape_text(buf, 6, "ab\033cd");
	same(buf, "ab", "an escape is not cut in two");
	escape_text(buf, 4, "ab\u00b5");
	same(buf, "ab", "nor is a character");
	escape_text(buf, 5, "ab\u00b5");
	same(buf, "ab\u00b5", "just enough room");
	escape_text(buf, 1, "abc");
	same(buf, "", "room for the end alone");
	IS_I64(text_width("12 \u00b5s"), 5, "width counts characters");
}

static void
test_names(void)
{
	same(text_leap(1), "insert", "leap");
	same(text_leap(3), "unknown", "leap");
	same(text_leap(99), "unknown", "leap out of range");
	same(text_state(STATE_SELECTED), "selected", "state");
	same(text_state(STATE_FALSETICKER), "falseticker", "state");
	same(text_state(99), "?", "state out of range");
	same(text_event(EVENT_STEP), "step", "event");
	same(text_event(EVENT_CHARGED), "charged", "event of a rate");
	same(text_event(EVENT_RESUME), "resumed", "event of a pause");
	same(text_event(EVENT_COUNT), "?", "no event");
	for (uint32_t e = EVENT_NONE + 1; e < EVENT_COUNT; e++)
		OK(strcmp(text_event(e), "?") != 0, "event %u is %s", e,
		    text_event(e));
	same(text_event(UINT32_MAX), "?", "event out of range");
}

static void
test_seconds(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} shown[] = {
		{ 0, "0.000000" },
		{ INT64_C(5000012345678), "5000.012" },
		{ INT64_C(-5000012945678), "-5000.013" },
		{ 12345, "0.000012" },
		{ -499, "0.000000" },
		{ -999999999, "-1.000000" },
		{ INT64_C(1000000000), "1.000" },
		{ INT64_MIN, "-9223372036.855" },
	};
	static const struct {
		const char *text;
		bool ok;
		int64_t ns;
	} read[] = {
		{ "5000.012", true, INT64_C(5000012000000) },
		{ "-5000.012", true, INT64_C(-5000012000000) },
		{ "+1", true, INT64_C(1000000000) },
		{ "-0.000000001", true, -1 },
		{ "0.1", true, 100000000 },
		{ ".5", true, 500000000 },
		{ "3.", true, INT64_C(3000000000) },
		{ "0.1234567891", false, 0 },
		{ "4611686018.427387903", true, INT64_MAX / 2 },
		{ "4611686018.427387904", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "9223372036", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ ".", false, 0 },
		{ "1e3", false, 0 },
		{ "0x10", false, 0 },
		{ " 1", false, 0 },
		{ "1s", false, 0 },
		{ "1.2.3", false, 0 },
		{ "nan", false, 0 },
	};
	char text[TEXT_SHORT];

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		text_seconds(text, sizeof(text), shown[i].ns);
		same(text, shown[i].text, "seconds to type");
	}
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		int64_t ns = 0;

		OK(text_parse_seconds(read[i].text, &ns) == read[i].ok &&
			(!read[i].ok || ns == read[i].ns),
		    "seconds that were typed: \"%s\"", read[i].text);
	}
	IS_I64(CTL_MARGIN_NS(INT64_C(5)), INT64_C(1000000000),
	    "a small step may differ by a second");
	IS_I64(CTL_MARGIN_NS(INT64_C(5000000000000)), INT64_C(5000000000),
	    "a large one by a thousandth");
	IS_I64(CTL_MARGIN_NS(INT64_C(-5000000000000)), INT64_C(5000000000),
	    "either way");
}

int
main(void)
{
	test_seconds();
	test_time();
	test_frequency();
	test_duration();
	test_wall();
	test_address();
	test_escape();
	test_names();
	return DONE();
}
