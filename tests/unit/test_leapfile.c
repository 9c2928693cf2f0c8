/*
 * leap-seconds.list: what a valid file means, and the error for broken ones.
 * The files are made here, with right hashes except to test those.
 */
#include <ctype.h>
#include <sha1.h>
#include <stdlib.h>
#include <string.h>

#include "core/leap/leapfile.h"
#include "tests/tap.h"

#define SYSTEM_FILE "/usr/share/zoneinfo/leap-seconds.list"
#define TEXT_MAX    (LEAPFILE_BYTES_MAX + 4096)

static char octets[TEXT_MAX];
static size_t octets_len;

static void
keep(void *context, const char *text, size_t len)
{
	(void)context;
	if (len > sizeof(octets) - octets_len)
		abort();
	memcpy(octets + octets_len, text, len);
	octets_len += len;
}

static enum leapfile_error
parse(const char *text, size_t len, struct leapfile *f)
{
	struct leapfile_sink sink = { .add = keep };

	octets_len = 0;
	return leapfile_parse(text, len, &sink, f);
}

/* True if the file's hash is that of the data in the sink. */
static bool
hash_right(const struct leapfile *f)
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	SHA1Update(&ctx, (const uint8_t *)octets, octets_len);
	SHA1Final(digest, &ctx);
	return memcmp(digest, f->hash, sizeof(digest)) == 0;
}

/* 1972-01-01, 1972-07-01, 1973-01-01, 2027-01-01 (made up), 2027-07-01. */
#define ENTRIES                                                                \
	"2272060800 10 # 1 Jan 1972\n"                                         \
	"2287785600\t11\t# 1 Jul 1972\n"                                       \
	"2303683200 12 # 1 Jan 1973\n"                                         \
	"4007750400 13 # 1 Jan 2027\n"
#define UPDATE "#$ 3990000000\n"
#define EXPIRY "#@ 4023000000\n"
/* SHA-1 of "3990000000" "4023000000" "2272060800" "10" and so on, in one */
#define HASH   "#h 64e1ee30 7715e7af 41008423 8f68f2a3 3b3852cf\n"

#define GOOD "# a comment\n#\n" UPDATE "#hello\n" EXPIRY ENTRIES "\n" HASH

static void
test_good(void)
{
	struct leapfile f;

	IS_I64(parse(GOOD, sizeof(GOOD) - 1, &f), LEAPFILE_OK, "a good file");
	IS_I64(f.update.ns, INT64_C(1781011200) * NS_PER_S, "its update");
	IS_I64(f.expiry.ns, INT64_C(1814011200) * NS_PER_S, "its expiry");
	IS_I64(f.count, 4, "its entries");
	IS_I64(f.entries[3].at.ns, INT64_C(1798761600) * NS_PER_S,
	    "the last one is 2027-01-01");
	IS_I64(f.entries[3].tai_s, 13, "TAI - UTC from then on");
	IS_I64(leapfile_kind(&f, 0), LEAP_NONE, "the first is none");
	IS_I64(leapfile_kind(&f, 3), LEAP_INSERT, "a second is inserted");
	IS_I64(leapfile_kind(&f, 4), LEAP_NONE, "there is no fifth");
	OK(hash_right(&f), "the octets that are hashed");
}

static void
test_delete(void)
{
	static const char text[] = UPDATE EXPIRY HASH "2272060800 10\n"
						      "2287785600 9\n";
	struct leapfile f;

	IS_I64(parse(text, sizeof(text) - 1, &f), LEAPFILE_OK, "no comments");
	IS_I64(leapfile_kind(&f, 1), LEAP_DELETE, "a second is deleted");
	OK(!hash_right(&f), "a hash of something else is not right");
}

/* Change each digit in turn. */
static void
test_changed(void)
{
	static const char plain[] = UPDATE EXPIRY
	    "2272060800 10\n2287785600 11\n2303683200 12\n4007750400 13\n" HASH;
	char text[sizeof(plain)];
	int unnoticed = 0, digits = 0;
	struct leapfile f;

	OK(parse(plain, sizeof(plain) - 1, &f) == LEAPFILE_OK && hash_right(&f),
	    "without comments the hash is the same");
	for (size_t i = 0; i < sizeof(plain) - 1; i++) {
		if (!isdigit((unsigned char)plain[i]))
			continue;
		memcpy(text, plain, sizeof(text));
		text[i] = text[i] == '9' ? '1' : (char)(text[i] + 1);
		digits++;
		unnoticed += parse(text, sizeof(text) - 1, &f) == LEAPFILE_OK &&
		    hash_right(&f);
	}
	OK(digits > 80, "all %d digits were changed", digits);
	IS_I64(unnoticed, 0, "a changed digit is noticed");
}

static void
test_line_ends(void)
{
	char text[2 * sizeof(GOOD)];
	struct leapfile f;
	size_t n = 0;

	for (const char *p = GOOD; *p != '\0'; p++) {
		if (*p == '\n')
			text[n++] = '\r';
		text[n++] = *p;
	}
	IS_I64(parse(text, n, &f), LEAPFILE_OK, "lines end with CR LF");
	OK(hash_right(&f), "and the hash is the same");
	IS_I64(parse(GOOD, sizeof(GOOD) - 2, &f), LEAPFILE_OK,
	    "the last line has no end");
	OK(hash_right(&f), "and the hash is the same");
}

static const struct {
	const char *name;
	const char *text;
	enum leapfile_error error;
	unsigned int line;
} broken[] = {
	{ "empty", "", LEAPFILE_MISSING, 0 },
	{ "no update", EXPIRY ENTRIES HASH, LEAPFILE_MISSING, 6 },
	{ "no expiry", UPDATE ENTRIES HASH, LEAPFILE_MISSING, 6 },
	{ "no hash", UPDATE EXPIRY ENTRIES, LEAPFILE_MISSING, 6 },
	{ "no table", UPDATE EXPIRY HASH, LEAPFILE_MISSING, 3 },
	{ "two updates", UPDATE UPDATE, LEAPFILE_TWICE, 2 },
	{ "two expiries", EXPIRY "\n" EXPIRY, LEAPFILE_TWICE, 3 },
	{ "two hashes", HASH HASH, LEAPFILE_TWICE, 2 },
	{ "words", "hello world\n", LEAPFILE_NUMBER, 1 },
	{ "HTML", "<!DOCTYPE html>\n", LEAPFILE_NUMBER, 1 },
	{ "an update without a number", "#$\n", LEAPFILE_NUMBER, 1 },
	{ "an expiry with two", "#@ 4000000000 1\n", LEAPFILE_TRAILING, 1 },
	{ "a negative number", "-2272060800 10\n", LEAPFILE_NUMBER, 1 },
	{ "a fraction", "2272060800.5 10\n", LEAPFILE_NUMBER, 1 },
	{ "hexadecimal", "0x87 10\n", LEAPFILE_NUMBER, 1 },
	{ "a time beyond all", "99999999999999999999 10\n", LEAPFILE_NUMBER,
	    1 },
	{ "no offset", "2272060800\n", LEAPFILE_NUMBER, 1 },
	{ "an offset with a tail", "2272060800 10#\n", LEAPFILE_NUMBER, 1 },
	{ "an offset beyond all", "2272060800 1001\n", LEAPFILE_NUMBER, 1 },
	{ "three numbers", "2272060800 10 11\n", LEAPFILE_TRAILING, 1 },
	{ "the middle of a month", "2272147200 10\n", LEAPFILE_DATE, 1 },
	{ "a second past midnight", "2272060801 10\n", LEAPFILE_DATE, 1 },
	{ "the same twice", "2272060800 10\n2272060800 11\n", LEAPFILE_ORDER,
	    2 },
	{ "backwards", "2287785600 10\n2272060800 11\n", LEAPFILE_ORDER, 2 },
	{ "two seconds", "2272060800 10\n2287785600 12\n", LEAPFILE_STEP, 2 },
	{ "no second", "2272060800 10\n2287785600 10\n", LEAPFILE_STEP, 2 },
	{ "a hash of four words", "#h 1 2 3 4\n", LEAPFILE_HASH, 1 },
	{ "a hash of six", "#h 1 2 3 4 5 6\n", LEAPFILE_TRAILING, 1 },
	{ "a word of nine digits", "#h 123456789 2 3 4 5\n", LEAPFILE_HASH, 1 },
	{ "a word that is none", "#h 1 2 3g 4 5\n", LEAPFILE_HASH, 1 },
	{ "it expires before it was made",
	    "#$ 4023000000\n#@ 3990000000\n" ENTRIES HASH, LEAPFILE_ORDER, 7 },
};

static void
test_broken(void)
{
	static const struct leapfile zero;
	struct leapfile f;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		size_t len = strlen(broken[i].text);
		/* Exact size: the sanitizer sees a read past the end. */
		char *exact = malloc(len == 0 ? 1 : len);
		enum leapfile_error e;
		unsigned int line;

		if (exact == NULL)
			abort();
		memcpy(exact, broken[i].text, len);
		e = parse(exact, len, &f);
		line = f.line;
		f.line = 0;
		OK(e == broken[i].error && line == broken[i].line &&
			memcmp(&f, &zero, sizeof(f)) == 0,
		    "%s: line %u: %s", broken[i].name, line,
		    leapfile_error_str(e));
		free(exact);
	}
}

/* Truncated anywhere, it is refused or has another hash. */
static void
test_truncated(void)
{
	struct leapfile f;
	int taken = 0;

	for (size_t len = 0; len < sizeof(GOOD) - 2; len++)
		taken += parse(GOOD, len, &f) == LEAPFILE_OK && hash_right(&f);
	IS_I64(taken, 0, "a file that is cut is not taken");
}

static void
test_too_long(void)
{
	static char text[TEXT_MAX];
	struct leapfile f;
	size_t n = 0;

	memset(text, '\n', sizeof(text));
	IS_I64(parse(text, LEAPFILE_BYTES_MAX + 1, &f), LEAPFILE_TOO_LONG,
	    "a text that is too long");
	/* Each month from 1972 on, as 400 years have 146097 days. */
	for (int month = 0; month < LEAPFILE_ENTRIES_MAX + 1; month++) {
		static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212,
			243, 273, 304, 334 };
		int year = month / 12, m = month % 12;
		int64_t days = 365 * year + (year + 3) / 4 + before[m] +
		    (year % 4 == 0 && m > 1);

		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%" PRId64 " %d\n", INT64_C(2272060800) + 86400 * days,
		    10 + month);
	}
	IS_I64(parse(text, n, &f), LEAPFILE_TOO_LONG, "one entry too many");
	IS_I64(f.line, LEAPFILE_ENTRIES_MAX + 1, "it is the last");
}

/* In some files the words of the hash lack leading zeros. */
static void
test_short_words(void)
{
	static const char text[] =
	    UPDATE EXPIRY ENTRIES "#h 1 20 300 4000 fFfFfFfF\n";
	static const uint8_t want[] = { 0, 0, 0, 1, 0, 0, 0, 0x20, 0, 0, 3, 0,
		0, 0, 0x40, 0, 0xff, 0xff, 0xff, 0xff };
	struct leapfile f;

	IS_I64(parse(text, sizeof(text) - 1, &f), LEAPFILE_OK, "short words");
	OK(memcmp(f.hash, want, sizeof(want)) == 0, "have zeros in front");
}

static void
test_system(void)
{
	static char text[LEAPFILE_BYTES_MAX];
	FILE *file = fopen(SYSTEM_FILE, "r");
	struct leapfile f;
	size_t len;

	if (file == NULL) {
		SKIP("this system has no leap-seconds.list");
		return;
	}
	len = fread(text, 1, sizeof(text), file);
	(void)fclose(file); /* it was only read */
	OK(parse(text, len, &f) == LEAPFILE_OK && hash_right(&f) &&
		f.count >= 28 && f.entries[27].tai_s == 37 &&
		f.entries[27].at.ns == INT64_C(1483228800) * NS_PER_S,
	    "the system's file is taken, and has the one of 2017");
}

int
main(void)
{
	test_good();
	test_delete();
	test_changed();
	test_line_ends();
	test_broken();
	test_truncated();
	test_too_long();
	test_short_words();
	test_system();
	return DONE();
}
