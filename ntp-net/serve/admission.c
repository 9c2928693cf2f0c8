/*
 * Access list and rate limit of ntp-serve, see admission.h.  It must not
 * allocate or wait, and must check everything that it reads of a list.
 */
#include "ntp-net/serve/admission.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "core/octets.h"

#define CHUNK 256 /* prefixes that are read in one call */

_Static_assert(PREFIXES_MAX == ACCESS_PREFIXES_MAX, "a list fits");
_Static_assert((int)PREFIX_ALLOW - PREFIX_ALLOW == (int)ACCESS_ALLOW &&
	(int)PREFIX_DENY - PREFIX_ALLOW == (int)ACCESS_DENY &&
	(int)PREFIX_DENY_ANSWER - PREFIX_ALLOW == (int)ACCESS_DENY_ANSWER,
    "verdicts");

void
admission_init(struct admission *g, const struct admission_secrets *secrets,
    struct limit_client *clients)
{
	access_begin(&g->access);
	access_end(&g->access);
	limit_init(&g->limit, secrets->clients, clients, g->sets);
	draw_init(&g->draw, secrets->draws);
}

void
admission_clients(struct admission *g, struct limit_client *clients)
{
	/* What a set says of earlier clients leads to empty records. */
	g->limit.clients = clients;
}

/* --- configuration -------------------------------------------------------- */

static int
add_prefix(struct admission *g, const struct msg_prefix *from)
{
	/* The verdict 0 is invalid in the message, and is invalid here. */
	struct access_prefix p = { .family = from->family,
		.bits = from->bits,
		.verdict =
		    (enum access_verdict)(from->verdict - PREFIX_ALLOW) };

	memcpy(p.addr, from->addr, sizeof(p.addr));
	return access_add(&g->access, &p);
}

int
admission_prefixes(struct admission *g, int fd, uint32_t count)
{
	struct msg_prefix chunk[CHUNK];
	uint32_t n;

	if (count > PREFIXES_MAX) {
		errno = EINVAL;
		return -1;
	}
	access_begin(&g->access);
	for (uint32_t done = 0; done < count; done += n) {
		size_t size;
		ssize_t got;

		n = count - done < CHUNK ? count - done : CHUNK;
		size = n * sizeof(chunk[0]);
		got = pread(fd, chunk, size, (off_t)(done * sizeof(chunk[0])));
		if (got == -1)
			return -1;
		errno = EINVAL;
		if ((size_t)got != size)
			return -1;
		for (uint32_t i = 0; i < n; i++)
			if (add_prefix(g, &chunk[i]) == -1)
				return -1;
	}
	access_end(&g->access);
	return 0;
}

int
admission_rate(struct admission *g, const struct limit_rate *rate)
{
	if (!limit_rate_ok(rate))
		return -1;
	limit_set_rate(&g->limit, rate);
	return 0;
}

/* --- requests ------------------------------------------------------------- */

static void
client_of6(const struct in6_addr *addr, struct limit_address *who)
{
	uint64_t low = get_be64(addr->s6_addr + 8);

	who->prefix = get_be64(addr->s6_addr);
	who->family = LIMIT_IPV6;
	if (IN6_IS_ADDR_V4MAPPED(addr)) {
		who->prefix = (uint32_t)low;
		who->family = LIMIT_IPV4;
	} else if (IN6_IS_ADDR_LINKLOCAL(addr)) {
		who->prefix = low;
		who->family = LIMIT_LINK_LOCAL;
	}
}

/* Identify the client. */
static void
client_of(const struct sockaddr *from, struct limit_address *who)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (from->sa_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		client_of6(&in6.sin6_addr, who);
		return;
	}
	memcpy(&in, from, sizeof(in));
	who->prefix = ntohl(in.sin_addr.s_addr);
	who->family = LIMIT_IPV4;
}

/* What the list says of the address. */
static enum access_verdict
look_up(const struct admission *g, const struct sockaddr *from)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (from->sa_family != AF_INET6) {
		memcpy(&in, from, sizeof(in));
		return access_find4(&g->access, ntohl(in.sin_addr.s_addr));
	}
	memcpy(&in6, from, sizeof(in6));
	return access_find6(&g->access, get_be64(in6.sin6_addr.s6_addr),
	    get_be64(in6.sin6_addr.s6_addr + 8));
}

struct admission_client
admission_client(const struct admission *g, const struct sockaddr *from)
{
	struct admission_client client;

	client_of(from, &client.who);
	limit_prefetch(&g->limit, &client.who);
	client.listed = look_up(g, from);
	return client;
}

/* Deny with a kiss, but not more often than answers are sent. */
static enum admission_verdict
deny(struct admission *g, const struct limit_address *who, int64_t now_ns,
    uint64_t random)
{
	if (limit_deny(&g->limit, who, now_ns, random) != LIMIT_KISS)
		return ADMISSION_DROP;
	g->counts.denied_kissed++;
	return ADMISSION_KISS_DENY;
}

static enum admission_verdict
admit(struct admission *g, const struct limit_address *who, int64_t now_ns,
    uint64_t random)
{
	switch (limit_judge(&g->limit, who, now_ns, random)) {
	case LIMIT_LEAK:
		g->counts.leaked++;
		break;
	case LIMIT_ANSWER:
		break;
	case LIMIT_KISS:
		g->counts.limited_kissed++;
		g->counts.limited++;
		return ADMISSION_KISS_RATE;
	case LIMIT_DROP:
		g->counts.limited++;
		return ADMISSION_DROP;
	}
	g->counts.answered++;
	return ADMISSION_ANSWER;
}

enum admission_verdict
admission_judge(struct admission *g, const struct admission_client *client,
    int64_t now_ns, uint64_t random)
{
	switch (client->listed) {
	case ACCESS_ALLOW:
		return admit(g, &client->who, now_ns, random);
	case ACCESS_DENY_ANSWER:
		g->counts.denied++;
		return deny(g, &client->who, now_ns, random);
	case ACCESS_DENY:
		break;
	}
	g->counts.denied++;
	return ADMISSION_DROP;
}

uint64_t
admission_random(struct admission *g)
{
	return draw_piece(&g->draw);
}
