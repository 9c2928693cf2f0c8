/*
 * The statement "listen on", see statement.h.  Can a client be answered from
 * the address, and is it listed once?  ntpd runs this while it reads the
 * configuration; it must never accept an address that cannot be bound on any
 * machine.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "ntpd/conf/listen.h"
#include "ntpd/conf/statement.h"
#include "ntpd/conf/value.h"

void
statement_listen(struct parser *p, const char *address)
{
	p->listen_text = address;
	p->listen_port = (uint32_t)conf_usual(LIMIT_PORT);
	p->listen_fast = p->listen_native = false;
}

/*
 * NULL: a client can be answered from the address.  fix is what to write
 * instead if only the form is wrong.
 */
static const char *
listen_problem(const struct conf_listen *l, char fix[ADDR_TEXT])
{
	struct msg_addr a;

	(void)addr_from_socket(&l->addr, &a);
	if (addr_is_any(&a))
		return NULL;
	switch (addr_problem(&a)) {
	case ADDR_MANY:
		return "what is sent to many is not answered: write an address "
		       "of this machine, or *";
	case ADDR_NO_HOST: /* RFC 1122 section 3.2.1.3 */
		return "not the address of a host: write 0.0.0.0 for all";
	case ADDR_NO_SCOPE:
		return l->interface[0] != '\0'
		    ? NULL
		    : "it is on every link: write its interface behind it, "
		      "as in fe80::1%eth0";
	case ADDR_MAPPED:
		(void)addr_unmap(&a); /* it is one */
		addr_text(&a, fix);
		return "no IPv6 packet has it: write ";
	case ADDR_FINE:
		break;
	}
	return NULL;
}

static bool
can_listen(struct parser *p, const char *text, const struct conf_listen *l,
    const struct lex_place *place)
{
	char fix[ADDR_TEXT] = "";
	const char *problem = listen_problem(l, fix);

	if (problem != NULL)
		reader_error(p->reader, place,
		    "\"%.*s\" cannot be listened on: %s%s", SHOWN_MAX, text,
		    problem, fix);
	return problem == NULL;
}

/* The number of its interface is looked up later, see interface.h. */
static void
add_scoped(struct parser *p, const char *text, const struct conf_listen *l,
    const struct lex_place *place)
{
	struct conf *c = p->reader->conf;

	for (uint32_t i = 0; i < c->scoped_count; i++)
		if (memcmp(&c->scoped[i].addr, &l->addr, l->len) == 0 &&
		    strcmp(c->scoped[i].interface, l->interface) == 0) {
			reader_warning(p->reader, place,
			    "\"%s\" is listened on already, by %s:%u", text,
			    c->scoped[i].file, c->scoped[i].line);
			return;
		}
	if (c->scoped_count == CONF_LISTEN_MAX) {
		reader_error(p->reader, place,
		    "more than %d addresses to listen on", CONF_LISTEN_MAX);
		return;
	}
	statement_interface(p, l->interface, place);
	c->scoped[c->scoped_count] = *l;
	conf_note_file(c->scoped[c->scoped_count++].file, place->file);
}

static void
add_listen(struct parser *p, const char *text, const struct lex_place *place,
    bool of_star)
{
	struct conf *c = p->reader->conf;
	struct conf_listen l = { .line = place->line, .of_star = of_star };
	int there;

	l.len = value_address(text, (uint16_t)p->listen_port, &l.addr);
	if (l.len == 0) {
		if (!statement_has_port(p, text, place))
			statement_unexpected(p, text, place);
		return;
	}
	if (value_interface(text) != NULL)
		(void)snprintf(l.interface, sizeof(l.interface), "%s",
		    value_interface(text));
	if (!can_listen(p, text, &l, place))
		return;
	if (l.interface[0] != '\0') {
		add_scoped(p, text, &l, place);
		return;
	}
	there = listen_find(c->listens, c->listen_count, &l);
	if (there != -1) {
		c->listens[there].of_star &= of_star;
		reader_warning(p->reader, place,
		    "\"%s\" is listened on already, by %s:%u", text,
		    p->reader->listen_places[there].file,
		    p->reader->listen_places[there].line);
		return;
	}
	if (c->listen_count == CONF_LISTEN_MAX) {
		reader_error(p->reader, place,
		    "more than %d addresses to listen on", CONF_LISTEN_MAX);
		return;
	}
	conf_note_file(l.file, place->file);
	p->reader->listen_places[c->listen_count] = *place;
	c->listens[c->listen_count++] = l;
}

/* The addresses of the interface are looked up later, see interface.h. */
static void
add_fast(struct parser *p, const char *name, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;
	struct conf_fast f = { .port = (uint16_t)p->listen_port,
		.native = p->listen_native,
		.line = place->line };

	p->want = "the name of an interface";
	if (!value_is_interface(name) || value_is_address(name)) {
		statement_unexpected(p, name, place);
		return;
	}
	memcpy(f.name, name, strlen(name) + 1);
	conf_note_file(f.file, place->file);
	for (uint32_t i = 0; i < c->fast_count; i++)
		if (strcmp(c->fasts[i].name, name) == 0) {
			reader_error(p->reader, place,
			    "\"%s\" is listened on fast already, by %s:%u",
			    name, c->fasts[i].file, c->fasts[i].line);
			return;
		}
	if (c->fast_count == CONF_FAST_MAX) {
		reader_error(p->reader, place,
		    "more than %d interfaces to listen on", CONF_FAST_MAX);
		return;
	}
	statement_interface(p, name, place);
	c->fasts[c->fast_count++] = f;
}

void
statement_listen_end(struct parser *p, const struct lex_place *place)
{
	if (p->listen_fast) {
		add_fast(p, p->listen_text, place);
		return;
	}
	p->want = "an address or *";
	if (strcmp(p->listen_text, "*") == 0) {
		add_listen(p, "0.0.0.0", place, false);
		add_listen(p, "::", place, true);
	} else {
		add_listen(p, p->listen_text, place, false);
	}
}
