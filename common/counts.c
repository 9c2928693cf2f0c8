/*
 * Counts in memory that another process reads, see counts.h.  Run by ntp-serve,
 * the only writer: so plain stores are enough, without a lock.
 */
#include "common/counts.h"

#include <sys/mman.h>

#include <string.h>

_Static_assert(sizeof(struct counts) <= COUNTS_CLIENTS_AT, "clients follow");
_Static_assert(COUNTS_CLIENTS_AT % 4096 == 0, "clients have their own pages");

struct counts *
counts_map(int fd)
{
	void *p =
	    mmap(NULL, COUNTS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void *
counts_clients(struct counts *c)
{
	return (char *)c + COUNTS_CLIENTS_AT;
}

static void
set_listening(struct counts_socket *s, uint32_t listening)
{
	atomic_store_explicit(&s->listening, listening, memory_order_relaxed);
}

static bool
is_listening(const struct counts_socket *s)
{
	return atomic_load_explicit(&s->listening, memory_order_relaxed) != 0;
}

void
counts_begin(struct counts *c)
{
	for (size_t i = 0; i < COUNTS_SOCKETS; i++)
		set_listening(&c->sockets[i], 0);
}

/* Reuse the entry for another address, with all counters 0. */
static void
replace(struct counts_socket *s, const struct msg_addr *addr, uint16_t port)
{
	/* A writer that was killed at work left it odd. */
	uint32_t owner = atomic_load(&s->owner) | 1;

	atomic_store(&s->owner, owner);
	s->port = port;
	s->addr = *addr;
	s->dropped = 0;
	for (size_t i = 0; i < COUNT_KINDS; i++)
		atomic_store_explicit(&s->n[i], 0, memory_order_relaxed);
	owner++; /* may wrap to 0, which means "never used" */
	atomic_store(&s->owner, owner != 0 ? owner : 2);
}

static bool
is_for(
    const struct counts_socket *s, const struct msg_addr *addr, uint16_t port)
{
	uint32_t owner = atomic_load(&s->owner);

	return owner != 0 && owner % 2 == 0 && s->port == port &&
	    memcmp(&s->addr, addr, sizeof(*addr)) == 0;
}

/*
 * An entry that was never used, or else one whose address is no longer in use.
 */
static struct counts_socket *
find_free(struct counts *c)
{
	struct counts_socket *found = NULL;

	for (size_t i = 0; i < COUNTS_SOCKETS; i++) {
		struct counts_socket *s = &c->sockets[i];

		if (atomic_load(&s->owner) == 0)
			return s;
		if (found == NULL && !is_listening(s))
			found = s;
	}
	return found;
}

struct counts_socket *
counts_listen(struct counts *c, const struct msg_addr *addr, uint16_t port)
{
	struct counts_socket *found = NULL;

	for (size_t i = 0; i < COUNTS_SOCKETS && found == NULL; i++)
		if (is_for(&c->sockets[i], addr, port))
			found = &c->sockets[i];
	if (found == NULL) {
		found = find_free(c);
		if (found == NULL)
			return NULL;
		replace(found, addr, port);
	}
	set_listening(found, 1);
	return found;
}

void
counts_lost(struct counts_socket *s, struct counts_tally *t, uint32_t dropped)
{
	bool another = dropped < s->dropped;

	t->n[COUNT_LOST] += another ? dropped : dropped - s->dropped;
	s->dropped = dropped;
}

void
counts_add(struct counts_socket *s, struct counts_tally *t)
{
	for (size_t i = 0; i < COUNT_KINDS; i++) {
		uint64_t n;

		if (t->n[i] == 0)
			continue;
		n = atomic_load_explicit(&s->n[i], memory_order_relaxed);
		atomic_store_explicit(
		    &s->n[i], n + t->n[i], memory_order_relaxed);
		t->n[i] = 0;
	}
}
