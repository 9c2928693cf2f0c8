/*
 * Access lists, see access.h.  Run by ntp-serve and the tests.  Building a list
 * may take milliseconds.  A look-up must never do more work for one address
 * than for another.
 *
 * A look-up walks down a tree of sorted keys.  Level 0 has the first address of
 * every range.  Each level above has the first key of every line of the level
 * below.  In a line, the keys that are not greater are counted, without a
 * branch; the last of them leads to the line below.  The least key of all is 0,
 * so there is always one.
 */
#include "core/serve/access.h"

#include "core/octets.h"

#include <string.h>

#define BITS4 32
#define BITS6 128
#define DEPTH (BITS6 + 1) /* the deepest nesting of prefixes */

/* --- statements ----------------------------------------------------------- */

struct pair {
	uint64_t high;
	uint64_t low;
};

/* The bits of an address after the prefix. */
static struct pair
rest_of(uint8_t bits)
{
	if (bits >= BITS6)
		return (struct pair){ 0, 0 };
	if (bits >= 64)
		return (struct pair){ 0, UINT64_MAX >> (bits - 64) };
	return (struct pair){ UINT64_MAX >> bits, UINT64_MAX };
}

bool
access_prefix_ok(const struct access_prefix *p)
{
	struct pair rest = rest_of(p->bits);
	uint8_t max = p->family == 4 ? BITS4 : BITS6;

	if ((p->family != 4 && p->family != 6) || p->bits > max)
		return false;
	if (p->verdict != ACCESS_ALLOW && p->verdict != ACCESS_DENY &&
	    p->verdict != ACCESS_DENY_ANSWER)
		return false;
	return (get_be64(p->addr) & rest.high) == 0 &&
	    (get_be64(p->addr + 8) & rest.low) == 0;
}

void
access_begin(struct access *a)
{
	a->items_count = 0;
}

static bool
is_mapped(uint64_t high, uint64_t low)
{
	return high == 0 && low >> 32 == 0xffff;
}

int
access_add(struct access *a, const struct access_prefix *p)
{
	struct access_item it = { .high = get_be64(p->addr),
		.low = get_be64(p->addr + 8),
		.order = a->items_count,
		.family = p->family,
		.bits = p->bits,
		.verdict = (uint8_t)p->verdict };

	if (!access_prefix_ok(p) || a->items_count == ACCESS_PREFIXES_MAX)
		return -1;
	if (it.family == 6 && it.bits >= BITS6 - BITS4 &&
	    is_mapped(it.high, it.low)) {
		it.family = 4;
		it.bits = (uint8_t)(it.bits - (BITS6 - BITS4));
		it.high = it.low << 32;
		it.low = 0;
	}
	a->items[a->items_count++] = it;
	return 0;
}

/* --- sorting -------------------------------------------------------------- */

/* By family, address, length: an outer prefix comes before those inside it. */
static bool
before(const struct access_item *x, const struct access_item *y)
{
	if (x->family != y->family)
		return x->family < y->family;
	if (x->high != y->high)
		return x->high < y->high;
	if (x->low != y->low)
		return x->low < y->low;
	if (x->bits != y->bits)
		return x->bits < y->bits;
	return x->order < y->order;
}

/* Let items[root] sink to its place in the heap. */
static void
sink(struct access_item *items, size_t root, size_t count)
{
	struct access_item it = items[root];
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count &&
		    before(&items[child], &items[child + 1]))
			child++;
		if (!before(&it, &items[child]))
			break;
		items[root] = items[child];
		root = child;
	}
	items[root] = it;
}

/* Heap sort, in place: the worst list takes no longer than others. */
static void
sort(struct access_item *items, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sink(items, i - 1, count);
	for (size_t end = count; end > 1; end--) {
		struct access_item last = items[end - 1];

		items[end - 1] = items[0];
		items[0] = last;
		sink(items, 0, end - 1);
	}
}

/* --- flattening ----------------------------------------------------------- */

/* The state while the ranges of one family are made, in ascending order. */
struct sweep {
	struct access *access;
	uint8_t family;
	uint8_t base; /* the verdict for addresses in no prefix */
	uint32_t count;
	uint32_t depth;
	const struct access_item *open[DEPTH]; /* each inside the one before */
};

static struct pair
range_start(const struct sweep *s, uint32_t i)
{
	const struct access *a = s->access;

	/* During the sweep, IPv6 has a high half for every range. */
	if (s->family == 4)
		return (struct pair){ (uint64_t)a->keys4[i] << 32, 0 };
	return (struct pair){ a->keys6[i], a->low6[i] };
}

static uint8_t
range_verdict(const struct sweep *s, uint32_t i)
{
	return s->family == 4 ? s->access->verdict4[i] : s->access->verdict6[i];
}

/*
 * From here on, this is the verdict.  Neighbours with the same verdict are
 * merged.
 */
static void
turn(struct sweep *s, struct pair at, uint8_t verdict)
{
	struct access *a = s->access;

	if (s->count > 0) {
		struct pair last = range_start(s, s->count - 1);

		if (last.high == at.high && last.low == at.low)
			s->count--; /* it was empty */
	}
	if (s->count > 0 && range_verdict(s, s->count - 1) == verdict)
		return;
	if (s->family == 4) {
		a->keys4[s->count] = (uint32_t)(at.high >> 32);
		a->verdict4[s->count] = verdict;
	} else {
		a->keys6[s->count] = at.high;
		a->low6[s->count] = at.low;
		a->verdict6[s->count] = verdict;
	}
	s->count++;
}

/* End the innermost open prefix; nothing comes after the last address. */
static void
close_innermost(struct sweep *s)
{
	const struct access_item *it = s->open[--s->depth];
	struct pair rest = rest_of(it->bits), next;

	next.low = (it->low | rest.low) + 1;
	next.high = (it->high | rest.high) + (next.low == 0);
	if (next.high == 0 && next.low == 0)
		return;
	turn(s, next, s->depth > 0 ? s->open[s->depth - 1]->verdict : s->base);
}

static bool
holds(const struct access_item *outer, const struct access_item *it)
{
	struct pair rest = rest_of(outer->bits);

	return (it->high & ~rest.high) == outer->high &&
	    (it->low & ~rest.low) == outer->low;
}

static void
open_item(struct sweep *s, const struct access_item *it)
{
	while (s->depth > 0 && !holds(s->open[s->depth - 1], it))
		close_innermost(s);
	if (s->depth > 0 && s->open[s->depth - 1]->bits == it->bits)
		s->depth--; /* same prefix: the later statement counts */
	s->open[s->depth++] = it;
	turn(s, (struct pair){ it->high, it->low }, it->verdict);
}

/* Flatten one family; returns the number of its ranges. */
static uint32_t
flatten(struct access *a, uint8_t family, uint8_t base)
{
	struct sweep s = { .access = a, .family = family, .base = base };

	turn(&s, (struct pair){ 0, 0 }, base);
	for (uint32_t i = 0; i < a->items_count; i++)
		if (a->items[i].family == family)
			open_item(&s, &a->items[i]);
	while (s.depth > 0)
		close_innermost(&s);
	return s.count;
}

/* Give ranges that start with the same high half one common key. */
static void
group(struct access *a)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->ranges6; i++) {
		if (n > 0 && a->keys6[i] == a->keys6[n - 1])
			continue;
		a->keys6[n] = a->keys6[i];
		a->first6[n++] = i;
	}
	a->first6[n] = a->ranges6;
	a->highs6 = n;
}

/* Begin the next level; returns the number of its keys, 0 if there is none. */
static uint32_t
next_level(struct access_tree *t, uint32_t fan)
{
	uint32_t below = t->levels - 1, end;

	if (t->count[below] <= fan)
		return 0;
	end = t->start[below] + t->count[below] + fan - 1;
	t->start[t->levels] = end - end % fan;
	t->count[t->levels] = (t->count[below] + fan - 1) / fan;
	return t->count[t->levels++];
}

/* Fill the last line of the newest level with the greatest address. */
static void
pad4(struct access *a)
{
	const struct access_tree *t = &a->tree4;
	uint32_t i = t->start[t->levels - 1] + t->count[t->levels - 1];

	for (; i % ACCESS_FAN4 != 0; i++)
		a->keys4[i] = UINT32_MAX;
}

static void
pad6(struct access *a)
{
	const struct access_tree *t = &a->tree6;
	uint32_t i = t->start[t->levels - 1] + t->count[t->levels - 1];

	for (; i % ACCESS_FAN6 != 0; i++)
		a->keys6[i] = UINT64_MAX;
}

static void
build_tree4(struct access *a)
{
	struct access_tree *t = &a->tree4;
	uint32_t from = 0, to, n;

	*t = (struct access_tree){ .count = { a->ranges4 }, .levels = 1 };
	pad4(a);
	while ((n = next_level(t, ACCESS_FAN4)) > 0) {
		to = t->start[t->levels - 1];
		for (uint32_t i = 0; i < n; i++)
			a->keys4[to + i] = a->keys4[from + i * ACCESS_FAN4];
		pad4(a);
		from = to;
	}
}

static void
build_tree6(struct access *a)
{
	struct access_tree *t = &a->tree6;
	uint32_t from = 0, to, n;

	*t = (struct access_tree){ .count = { a->highs6 }, .levels = 1 };
	pad6(a);
	while ((n = next_level(t, ACCESS_FAN6)) > 0) {
		to = t->start[t->levels - 1];
		for (uint32_t i = 0; i < n; i++)
			a->keys6[to + i] = a->keys6[from + i * ACCESS_FAN6];
		pad6(a);
		from = to;
	}
}

/* The verdict for addresses in no prefix: denied if any statement allows. */
static uint8_t
base_verdict(const struct access *a)
{
	for (uint32_t i = 0; i < a->items_count; i++)
		if (a->items[i].verdict == ACCESS_ALLOW)
			return ACCESS_DENY;
	return ACCESS_ALLOW;
}

void
access_end(struct access *a)
{
	uint8_t base = base_verdict(a);

	sort(a->items, a->items_count);
	a->ranges4 = flatten(a, 4, base);
	a->ranges6 = flatten(a, 6, base);
	group(a);
	build_tree4(a);
	build_tree6(a);
}

/* --- looking up ----------------------------------------------------------- */

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * The index, in its level, of the last key that is not greater.  The greatest
 * address also counts the padding of the last line, which is cut off.
 */
static uint32_t
descend4(const struct access *a, uint32_t addr)
{
	const struct access_tree *t = &a->tree4;
	uint32_t at = 0;

	for (uint32_t level = t->levels; level-- > 0;) {
		const uint32_t *keys =
		    &a->keys4[t->start[level] + at * ACCESS_FAN4];
		uint32_t n = 0;

		for (int i = 0; i < ACCESS_FAN4; i++)
			n += keys[i] <= addr;
		at = least(at * ACCESS_FAN4 + n, t->count[level]) - 1;
	}
	return at;
}

static uint32_t
descend6(const struct access *a, uint64_t high)
{
	const struct access_tree *t = &a->tree6;
	uint32_t at = 0;

	for (uint32_t level = t->levels; level-- > 0;) {
		const uint64_t *keys =
		    &a->keys6[t->start[level] + at * ACCESS_FAN6];
		uint32_t n = 0;

		for (int i = 0; i < ACCESS_FAN6; i++)
			n += keys[i] <= high;
		at = least(at * ACCESS_FAN6 + n, t->count[level]) - 1;
	}
	return at;
}

enum access_verdict
access_find4(const struct access *a, uint32_t addr)
{
	return (enum access_verdict)a->verdict4[descend4(a, addr)];
}

/* The number of ranges from first to end that begin at low or before. */
static uint32_t
count_low(const struct access *a, uint32_t first, uint32_t end, uint64_t low)
{
	uint32_t from = first;

	while (first < end) {
		uint32_t middle = first + (end - first) / 2;

		if (a->low6[middle] <= low)
			first = middle + 1;
		else
			end = middle;
	}
	return first - from;
}

enum access_verdict
access_find6(const struct access *a, uint64_t high, uint64_t low)
{
	uint32_t at, range;

	if (is_mapped(high, low))
		return access_find4(a, (uint32_t)low);
	at = descend6(a, high);
	range = a->first6[at + 1];
	if (a->keys6[at] == high)
		range = a->first6[at] + count_low(a, a->first6[at], range, low);
	/* The range before the first one that begins later; one begins at 0. */
	return (enum access_verdict)a->verdict6[range - 1];
}
