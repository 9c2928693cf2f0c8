/*
 * The statements about whom the time is given to, see statement.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "statement.h"
#include "types.h"
#include "value.h"

#define NTP_PORT   123
#define RATE_MAX   10000 /* requests, at once or in a period */
#define RATE_BURST 16	 /* at least, unless configured */
#define SHOWN_MAX  60	 /* characters of a value in a message */

void
statement_stratum(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t number;

	if (statement_read_number(p, text, place, 1, 15, &number))
		p->reader->conf->local_stratum = (uint32_t)number;
}

void
statement_workers(
    struct parser *p, const char *text, const struct lex_place *place)
{
	int64_t number;

	if (statement_read_number(p, text, place, 1, WORKERS_MAX, &number))
		p->reader->conf->workers = (uint32_t)number;
}

void
statement_listen(struct parser *p, const char *address)
{
	p->listen_text = address;
	p->listen_port = NTP_PORT;
	p->listen_fast = p->listen_native = false;
}

static void
add_listen(struct parser *p, const char *text, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;
	struct conf_listen l = { .line = place->line };

	l.len = value_address(text, p->listen_port, &l.addr);
	if (l.len == 0) {
		statement_unexpected(p, text, place);
		return;
	}
	for (uint32_t i = 0; i < c->listen_count; i++)
		if (c->listens[i].len == l.len &&
		    memcmp(&c->listens[i].addr, &l.addr, l.len) == 0) {
			reader_warning(p->reader, place,
			    "\"%s\" is listened on already, by %s:%u", text,
			    p->reader->listen_places[i].file,
			    p->reader->listen_places[i].line);
			return;
		}
	if (c->listen_count == CONF_LISTEN_MAX) {
		reader_error(p->reader, place,
		    "more than %d addresses to listen on", CONF_LISTEN_MAX);
		return;
	}
	p->reader->listen_places[c->listen_count] = *place;
	c->listens[c->listen_count++] = l;
}

/* The addresses of the interface are looked up later, see interface.h. */
static void
add_fast(struct parser *p, const char *name, const struct lex_place *place)
{
	struct conf *c = p->reader->conf;
	struct conf_fast f = { .port = p->listen_port,
		.native = p->listen_native,
		.line = place->line };

	p->want = "the name of an interface";
	if (strlen(name) >= sizeof(f.name) || if_nametoindex(name) == 0) {
		statement_unexpected(p, name, place);
		return;
	}
	memcpy(f.name, name, strlen(name) + 1);
	for (uint32_t i = 0; i < c->fast_count; i++)
		if (strcmp(c->fasts[i].name, name) == 0) {
			reader_error(p->reader, place,
			    "\"%s\" is listened on fast already, by line %u",
			    name, c->fasts[i].line);
			return;
		}
	if (c->fast_count == CONF_FAST_MAX)
		reader_error(p->reader, place,
		    "more than %d interfaces to listen on", CONF_FAST_MAX);
	else
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
		add_listen(p, "0.0.0.0", place);
		add_listen(p, "::", place);
	} else {
		add_listen(p, p->listen_text, place);
	}
}

/* The address is not the first one of the prefix: a slip of the pen? */
static void
say_bits(struct parser *p, const char *text, const struct msg_prefix *is,
    const struct lex_place *place)
{
	char shown[PREFIX_TEXT_LEN];

	reader_error(p->reader, place,
	    "\"%.*s\" has bits after its first %u: the prefix is %s", SHOWN_MAX,
	    text, (unsigned int)is->bits, prefix_text(is, shown));
}

void
statement_prefix(struct parser *p, enum prefix_verdict verdict,
    const char *text, const struct lex_place *place)
{
	struct msg_prefix m;

	p->want = "an address or a prefix such as 192.0.2.0/24";
	switch (prefix_parse(text, &m)) {
	case PREFIX_OK:
		break;
	case PREFIX_MALFORMED:
		statement_unexpected(p, text, place);
		return;
	case PREFIX_BITS:
		say_bits(p, text, &m, place);
		return;
	}
	m.verdict = (uint8_t)verdict;
	if (prefix_add(&p->reader->conf->prefixes, &m) == 0)
		return;
	if (errno == E2BIG)
		reader_error(
		    p->reader, place, "more than %d prefixes", PREFIXES_MAX);
	else
		reader_error(p->reader, place, "no memory for more prefixes");
}

void
statement_rate(
    struct parser *p, const char *text, const struct lex_place *place)
{
	p->rate_period_ns = p->rate_burst = 0;
	if (!statement_read_number(
		p, text, place, 1, RATE_MAX, &p->rate_requests))
		p->rate_requests = 0;
}

void
statement_burst(
    struct parser *p, const char *text, const struct lex_place *place)
{
	if (!statement_read_number(p, text, place, 1, RATE_MAX, &p->rate_burst))
		p->rate_burst = 0;
}

void
statement_rate_end(struct parser *p)
{
	struct conf *c = p->reader->conf;

	if (p->rate_requests == 0 || p->rate_period_ns == 0)
		return;		/* reported */
	if (p->rate_burst == 0) /* the requests of a period may come at once */
		p->rate_burst = p->rate_requests > RATE_BURST ? p->rate_requests
							      : RATE_BURST;
	c->rate_interval_ns = p->rate_period_ns / p->rate_requests;
	c->rate_burst = (uint32_t)p->rate_burst;
}
