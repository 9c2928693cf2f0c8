/*
 * Leap seconds from a file, see leaps.h.  Run by ntp-net.  Must never accept a
 * list that is out of order.
 */
#include "ntp-net/poll/leaps.h"

#include "common/limits.h"
#include "common/log.h"
#include "core/packet/timestamp.h"

#define LIMIT(id, statement, kind, what, such_as, least, most, usual)          \
	_Static_assert(LIMIT_##id != LIMIT_SMEAR ||                            \
		(LIMIT_NUMBER(least) == SMEAR_MIN_S * NS_PER_S &&              \
		    LIMIT_NUMBER(most) == SMEAR_MAX_S * NS_PER_S),             \
	    "as core has it");
#include "common/limits.def"

int
leaps_take(struct leaps *l, const struct msg_leaps *m)
{
	const struct smear s = { .kind = LEAP_INSERT, .length_s = m->smear_s };
	struct leaps new = { .list = { .expiry = { m->expiry_ns },
				 .count = m->count },
		.smear_s = m->smear_s };

	if (m->count > LEAPS_MAX || (m->smear_s != 0 && !smear_ok(&s)))
		return -1;
	for (uint32_t i = 0; i < m->count; i++)
		new.list.entries[i] = (struct leap_entry){ { m->at_ns[i] },
			(enum leap)m->kind[i] };
	if (!leap_list_ok(&new.list))
		return -1;
	*l = new;
	return 0;
}

void
leaps_say(struct leaps *l, struct wall utc)
{
	struct wall expiry = l->list.expiry;
	struct wall_date d;

	if (expiry.ns == 0 || leap_list_valid(&l->list, utc) || l->said_expired)
		return;
	l->said_expired = true;
	d = wall_date(expiry);
	log_warning("the leap file has expired on %d-%02d-%02d: it is not used "
		    "for leap seconds to come%s",
	    d.year, d.month, d.day,
	    l->smear_s != 0 ? ", and none will be smeared"
			    : ", the sources' majority decides");
}

void
leaps_fill_page(const struct leaps *l, const struct leap_watch *watch,
    struct wall utc, struct page_time *t)
{
	struct smear s;

	if (l->smear_s == 0)
		return;
	t->flags |= PAGE_SMEARS;
	if ((t->flags & PAGE_SYNCED) == 0)
		return; /* no line to smear */
	s = leap_smear(&l->list, watch, utc, l->smear_s);
	if (s.kind == LEAP_NONE)
		return;
	t->smear_leap_ns = s.leap.ns;
	t->smear_length_s = s.length_s;
	t->smear_kind = (uint32_t)s.kind;
	if (s.passed)
		t->flags |= PAGE_PASSED;
}
