/*
 * Numbers within the limits of common/limits.def, see statement.h.  ntpd runs
 * this while it reads the configuration; it must never accept a number that the
 * manual does not allow.
 */
#include <stdio.h>
#include <string.h>

#include "ntpd/conf/statement.h"
#include "ntpd/conf/value.h"

struct bound {
	const char *text;
	int64_t number;
};

static const struct row {
	enum value_result (*read)(const char *text, int64_t *value);
	bool tells; /* its form has errors of its own */
	const char *what;
	const char *such_as;
	struct bound least;
	struct bound most;
} rows[] = {
#define KIND_number   value_number, false
#define KIND_rate     value_rate, false
#define KIND_size     value_size, false
#define KIND_mode     value_mode, false
#define KIND_span     value_duration, false
#define KIND_duration value_duration, true
#define LIMIT(id, statement, kind, what, such_as, least, most, usual)          \
	{ KIND_##kind, what, such_as,                                          \
		{ LIMIT_TEXT(least), LIMIT_NUMBER(least) },                    \
		{ LIMIT_TEXT(most), LIMIT_NUMBER(most) } },
#include "common/limits.def"
};

#define LIMIT(id, statement, kind, what, such_as, least, most, usual)          \
	_Static_assert(LIMIT_##id != LIMIT_RECORD_SIZE ||                      \
		LIMIT_NUMBER(least) == RECORD_LEAST,                           \
	    "room for a recording");
#include "common/limits.def"

void
statement_want(struct parser *p, enum limit_id limit)
{
	const struct row *l = &rows[limit];

	if (l->such_as != NULL)
		(void)snprintf(p->wanted, sizeof(p->wanted), "%s such as %s",
		    l->what, l->such_as);
	else
		(void)snprintf(p->wanted, sizeof(p->wanted), "%s from %s to %s",
		    l->what, l->least.text, l->most.text);
	p->limit = limit;
	p->want = p->wanted;
}

/* Report a number of the wrong form.  Returns false. */
static bool
refuse(struct parser *p, const char *text, const struct lex_place *place,
    enum value_result why)
{
	if (!rows[p->limit].tells || why == VALUE_MALFORMED)
		statement_unexpected(p, text, place);
	else if (why == VALUE_TOO_LARGE)
		reader_error(p->reader, place,
		    "\"%.*s\" is too long: the longest duration is 106751d",
		    SHOWN_MAX, text);
	else
		reader_error(p->reader, place,
		    "\"%.*s\" is not a whole number of nanoseconds", SHOWN_MAX,
		    text);
	return false;
}

bool
statement_value(struct parser *p, const char *text,
    const struct lex_place *place, int64_t *value)
{
	const struct row *l = &rows[p->limit];
	bool minus = l->least.number < 0 && text[0] == '-';
	enum value_result result = l->read(text + minus, value);

	if (result != VALUE_OK)
		return refuse(p, text, place, result);
	if (minus)
		*value = -*value;
	if (*value >= l->least.number && *value <= l->most.number)
		return true;
	if (l->such_as == NULL)
		statement_unexpected(p, text, place);
	else
		reader_error(p->reader, place,
		    "expected %s from %s to %s, found \"%.*s\"", l->what,
		    l->least.text, l->most.text, SHOWN_MAX, text);
	return false;
}

void
statement_set(struct parser *p, const char *text, const struct lex_place *place,
    int64_t *to)
{
	int64_t value;

	if (statement_value(p, text, place, &value))
		*to = value;
}

void
statement_set32(struct parser *p, const char *text,
    const struct lex_place *place, uint32_t *to)
{
	int64_t value;

	if (statement_value(p, text, place, &value))
		*to = (uint32_t)value;
}

void
statement_check(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t value;

	(void)statement_value(p, text, place, &value); /* it is reported */
}
