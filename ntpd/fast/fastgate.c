/*
 * The access list and the rate limit for the program in the kernel, see fast.h.
 * Run by ntpd; core/serve/access.h defines what they mean.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/fast/fast.h"

#define MAPPED_BITS 96 /* of ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */

static bool
is_mapped(const struct msg_prefix *p)
{
	static const uint8_t head[MAPPED_BITS / 8] = {
		[10] = 0xff, [11] = 0xff
	};

	return p->family == 6 && p->bits >= MAPPED_BITS &&
	    memcmp(p->addr, head, sizeof(head)) == 0;
}

/*
 * A denied client that is to get a kiss code is left to ntp-serve, which sends
 * it.
 */
static enum fast_action
action_of(const struct msg_prefix *p)
{
	if (p->verdict == PREFIX_ALLOW)
		return FAST_ANSWER;
	return p->verdict == PREFIX_DENY ? FAST_DROP : FAST_PASS;
}

static struct fast_rule
rule_of(const struct msg_prefix *p)
{
	struct fast_rule r = {
		.family = AF_INET6, .prefix = p->bits, .action = action_of(p)
	};

	memcpy(r.addr, p->addr, sizeof(r.addr));
	if (p->family == 4)
		r.family = AF_INET;
	if (!is_mapped(p))
		return r;
	r.family = AF_INET;
	r.prefix = (uint8_t)(p->bits - MAPPED_BITS);
	memset(r.addr, 0, sizeof(r.addr));
	memcpy(r.addr, p->addr + MAPPED_BITS / 8, sizeof(struct in_addr));
	return r;
}

int
fast_gate_init(struct fast_gate *g, const struct conf *c)
{
	const struct prefix_list *l = &c->prefixes;
	struct fast_rule *rules;

	*g = (struct fast_gate){ .fallback = FAST_ANSWER,
		.interval_ns = c->rate_interval_ns,
		.burst = c->rate_burst };
	if (l->count == 0)
		return 0;
	rules = calloc(l->count, sizeof(*rules));
	if (rules == NULL)
		return -1;
	for (uint32_t i = 0; i < l->count; i++) {
		rules[i] = rule_of(&l->list[i]);
		if (l->list[i].verdict == PREFIX_ALLOW)
			g->fallback = FAST_DROP;
	}
	g->rules = rules;
	g->rule_count = l->count;
	return 0;
}

void
fast_gate_clear(struct fast_gate *g)
{
	free(g->rules);
	*g = (struct fast_gate){ .rules = NULL };
}

static bool
same_fasts(const struct conf *a, const struct conf *b)
{
	for (uint32_t i = 0; i < a->fast_count && i < b->fast_count; i++)
		if (strcmp(a->fasts[i].name, b->fasts[i].name) != 0 ||
		    a->fasts[i].port != b->fasts[i].port ||
		    a->fasts[i].native != b->fasts[i].native)
			return false;
	return a->fast_count == b->fast_count;
}

/* The program in the kernel keeps the gate that it was loaded with. */
static bool
same_gate(const struct conf *a, const struct conf *b)
{
	return prefix_same(&a->prefixes, &b->prefixes) &&
	    a->rate_interval_ns == b->rate_interval_ns &&
	    a->rate_burst == b->rate_burst;
}

bool
fast_fits(const struct fast_path *f, bool there, const struct conf *now,
    const struct conf *next)
{
	if (f->line_fd == -1)
		return !f->later && same_fasts(now, next);
	return there && same_fasts(now, next) && same_gate(now, next);
}
