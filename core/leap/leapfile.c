/*
 * The parser of leap-seconds.list, see leapfile.h.  Run by ntpd.  Whatever is
 * in the file, it must never read beyond the text, nor accept what it does not
 * understand.
 */
#include "core/leap/leapfile.h"

#include <string.h>

#include "core/octets.h"
#include "core/packet/timestamp.h"

#define NTP_SECONDS_MAX INT64_C(6800000000) /* year 2115 */
#define TAI_MAX_S	1000
#define HASH_WORDS	5
#define WORD_DIGITS	8 /* fewer without leading zeros */

/* The rest of a line, consumed from the left. */
struct rest {
	const char *at;
	const char *end;
};

struct parse {
	const struct leapfile_sink *sink;
	struct leapfile *out;
	bool have_update;
	bool have_expiry;
	bool have_hash;
};

const char *
leapfile_error_str(enum leapfile_error e)
{
	switch (e) {
	case LEAPFILE_OK:
		return "nothing is wrong";
	case LEAPFILE_TOO_LONG:
		return "it is too long";
	case LEAPFILE_NUMBER:
		return "a number is missing, or too large";
	case LEAPFILE_TRAILING:
		return "there is more in the line than belongs there";
	case LEAPFILE_TWICE:
		return "update, expiry or hash is there twice";
	case LEAPFILE_HASH:
		return "the hash is not five words of hexadecimal digits";
	case LEAPFILE_MISSING:
		return "update, expiry, hash or table is missing";
	case LEAPFILE_ORDER:
		return "the times are not in order";
	case LEAPFILE_DATE:
		return "a leap second that is not at the end of a month";
	case LEAPFILE_STEP:
		return "a leap second that is not one second";
	}
	return "?";
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct rest *l)
{
	while (l->at < l->end && is_blank(*l->at))
		l->at++;
}

/* Take a decimal number; its digits go to the sink. */
static bool
take_number(struct rest *l, int64_t max, const struct leapfile_sink *sink,
    int64_t *number)
{
	const char *first;
	int64_t v = 0;

	skip_blanks(l);
	first = l->at;
	while (l->at < l->end && *l->at >= '0' && *l->at <= '9') {
		v = 10 * v + (*l->at++ - '0');
		if (v > max)
			return false;
	}
	if (l->at == first || (l->at < l->end && !is_blank(*l->at)))
		return false;
	sink->add(sink->context, first, (size_t)(l->at - first));
	*number = v;
	return true;
}

static struct wall
wall_of(int64_t ntp_s)
{
	return (struct wall){ (ntp_s - NTP_UNIX_OFFSET_S) * NS_PER_S };
}

/* Take "#$ number" or "#@ number". */
static enum leapfile_error
take_moment(struct parse *p, struct rest *l, bool *have, struct wall *moment)
{
	int64_t ntp_s;

	if (*have)
		return LEAPFILE_TWICE;
	if (!take_number(l, NTP_SECONDS_MAX, p->sink, &ntp_s))
		return LEAPFILE_NUMBER;
	skip_blanks(l);
	if (l->at != l->end)
		return LEAPFILE_TRAILING;
	*have = true;
	*moment = wall_of(ntp_s);
	return LEAPFILE_OK;
}

static bool
take_word(struct rest *l, uint32_t *word)
{
	uint32_t v = 0;
	int digits = 0;

	skip_blanks(l);
	for (; l->at < l->end && !is_blank(*l->at); l->at++, digits++) {
		int d = hex_digit(*l->at);

		if (d == -1 || digits == WORD_DIGITS)
			return false;
		v = v << 4 | (uint32_t)d;
	}
	*word = v;
	return digits != 0;
}

static enum leapfile_error
take_hash(struct parse *p, struct rest *l)
{
	if (p->have_hash)
		return LEAPFILE_TWICE;
	for (size_t i = 0; i < HASH_WORDS; i++) {
		uint32_t word;

		if (!take_word(l, &word))
			return LEAPFILE_HASH;
		for (size_t k = 0; k < sizeof(word); k++)
			p->out->hash[sizeof(word) * i + k] =
			    (uint8_t)(word >> (24 - 8 * k));
	}
	skip_blanks(l);
	if (l->at != l->end)
		return LEAPFILE_TRAILING;
	p->have_hash = true;
	return LEAPFILE_OK;
}

/* Take "NTP-seconds TAI-UTC" and a comment. */
static enum leapfile_error
take_entry(struct parse *p, struct rest *l)
{
	struct leapfile *f = p->out;
	const struct leapfile_entry *last = NULL;
	int64_t ntp_s, tai_s;
	struct wall at;

	if (!take_number(l, NTP_SECONDS_MAX, p->sink, &ntp_s) ||
	    !take_number(l, TAI_MAX_S, p->sink, &tai_s))
		return LEAPFILE_NUMBER;
	skip_blanks(l);
	if (l->at != l->end && *l->at != '#')
		return LEAPFILE_TRAILING;
	if (f->count == LEAPFILE_ENTRIES_MAX)
		return LEAPFILE_TOO_LONG;
	at = wall_of(ntp_s);
	if (!wall_month_begin(at))
		return LEAPFILE_DATE;
	if (f->count > 0)
		last = &f->entries[f->count - 1];
	if (last != NULL && at.ns <= last->at.ns)
		return LEAPFILE_ORDER;
	if (last != NULL && tai_s != last->tai_s + 1 &&
	    tai_s != last->tai_s - 1)
		return LEAPFILE_STEP;
	f->entries[f->count++] =
	    (struct leapfile_entry){ .at = at, .tai_s = (int32_t)tai_s };
	return LEAPFILE_OK;
}

static enum leapfile_error
take_line(struct parse *p, struct rest *l)
{
	char what;

	skip_blanks(l);
	if (l->at == l->end)
		return LEAPFILE_OK;
	if (*l->at != '#')
		return take_entry(p, l);
	what = l->end - l->at > 1 ? l->at[1] : ' ';
	if (what != '$' && what != '@' && what != 'h')
		return LEAPFILE_OK; /* a comment */
	/* "#hello" is a comment, too. */
	if (what == 'h' && (l->end - l->at == 2 || !is_blank(l->at[2])))
		return LEAPFILE_OK;
	l->at += 2;
	if (what == '$')
		return take_moment(p, l, &p->have_update, &p->out->update);
	if (what == '@')
		return take_moment(p, l, &p->have_expiry, &p->out->expiry);
	return take_hash(p, l);
}

static enum leapfile_error
take_text(struct parse *p, const char *text, size_t len)
{
	struct leapfile *f = p->out;
	const char *end = text + len;
	enum leapfile_error e;
	struct rest l;

	if (len > LEAPFILE_BYTES_MAX)
		return LEAPFILE_TOO_LONG;
	while (text < end) {
		l = (struct rest){ text, text };
		while (l.end < end && *l.end != '\n')
			l.end++;
		text = l.end == end ? end : l.end + 1;
		f->line++;
		e = take_line(p, &l);
		if (e != LEAPFILE_OK)
			return e;
	}
	if (!p->have_update || !p->have_expiry || !p->have_hash ||
	    f->count == 0)
		return LEAPFILE_MISSING;
	return f->expiry.ns < f->update.ns ? LEAPFILE_ORDER : LEAPFILE_OK;
}

enum leapfile_error
leapfile_parse(const char *text, size_t len, const struct leapfile_sink *sink,
    struct leapfile *out)
{
	struct parse p = { .sink = sink, .out = out };
	enum leapfile_error e;
	unsigned int line;

	memset(out, 0, sizeof(*out));
	e = take_text(&p, text, len);
	if (e == LEAPFILE_OK)
		return e;
	line = out->line;
	memset(out, 0, sizeof(*out));
	out->line = line;
	return e;
}

enum leap
leapfile_kind(const struct leapfile *f, uint32_t entry)
{
	if (entry == 0 || entry >= f->count)
		return LEAP_NONE;
	return f->entries[entry].tai_s > f->entries[entry - 1].tai_s
	    ? LEAP_INSERT
	    : LEAP_DELETE;
}
