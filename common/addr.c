/*
 * Internet addresses, see addr.h.  Linked into every program except ntp-clock.
 * Must never query the system or a name server.
 */
#include "common/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MAPPED 12 /* octets before a mapped IPv4 address */

/* Parse an interface number of 1 to 9 digits; 0 if it is not one. */
static uint32_t
parse_scope(const char *text)
{
	uint32_t number = 0;

	if (text[0] == '\0' || strlen(text) > 9 ||
	    strspn(text, "0123456789") != strlen(text))
		return 0;
	for (; *text != '\0'; text++)
		number = number * 10 + (uint32_t)(*text - '0');
	return number;
}

bool
addr_parse(const char *text, struct msg_addr *out)
{
	size_t len = strcspn(text, "%");
	char address[INET6_ADDRSTRLEN];

	memset(out, 0, sizeof(*out));
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (text[len] == '%') {
		out->scope = parse_scope(text + len + 1);
		if (out->scope == 0)
			return false;
	}
	if (out->scope == 0 && inet_pton(AF_INET, address, out->addr) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, address, out->addr) == 1)
		out->family = 6;
	else
		memset(out, 0, sizeof(*out));
	return out->family != 0;
}

void
addr_text(const struct msg_addr *a, char buf[ADDR_TEXT])
{
	int af = a->family == 6 ? AF_INET6 : AF_INET;

	if ((a->family != 4 && a->family != 6) ||
	    inet_ntop(af, a->addr, buf, ADDR_TEXT) == NULL)
		memcpy(buf, "-", sizeof("-"));
	else if (a->scope != 0)
		(void)snprintf(buf + strlen(buf), ADDR_TEXT - strlen(buf),
		    "%%%" PRIu32, a->scope);
}

bool
addr_equal(const struct msg_addr *a, const struct msg_addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	    memcmp(a->addr, b->addr, a->family == 4 ? 4 : 16) == 0;
}

bool
addr_is_any(const struct msg_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->addr, zero, a->family == 4 ? 4 : 16) == 0;
}

bool
addr_link_local(const struct msg_addr *a)
{
	return a->family == 6 && a->addr[0] == 0xfe &&
	    (a->addr[1] & 0xc0) == 0x80;
}

static bool
is_mapped(const struct msg_addr *a)
{
	static const uint8_t head[MAPPED] = { [10] = 0xff, [11] = 0xff };

	return a->family == 6 && memcmp(a->addr, head, sizeof(head)) == 0;
}

bool
addr_unmap(struct msg_addr *a)
{
	struct msg_addr v4 = { .family = 4 };

	if (!is_mapped(a))
		return false;
	memcpy(v4.addr, a->addr + MAPPED, 4);
	*a = v4;
	return true;
}

static enum addr_problem
problem_v4(const struct msg_addr *a)
{
	static const uint8_t ones[4] = { 255, 255, 255, 255 };

	if ((a->addr[0] & 0xf0) == 0xe0 ||
	    memcmp(a->addr, ones, sizeof(ones)) == 0)
		return ADDR_MANY;
	return a->addr[0] == 0 ? ADDR_NO_HOST : ADDR_FINE;
}

enum addr_problem
addr_problem(const struct msg_addr *a)
{
	if (a->family == 4)
		return problem_v4(a);
	if (a->family != 6 || addr_is_any(a))
		return ADDR_NO_HOST;
	if (a->addr[0] == 0xff)
		return ADDR_MANY;
	if (is_mapped(a))
		return ADDR_MAPPED;
	return addr_link_local(a) && a->scope == 0 ? ADDR_NO_SCOPE : ADDR_FINE;
}

bool
addr_loopback(const struct msg_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->addr[0] == 127;
	return a->family == 6 && memcmp(a->addr, one, sizeof(one)) == 0;
}

socklen_t
addr_to_socket(
    const struct msg_addr *a, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(ss, 0, sizeof(*ss));
	if (a->family == 4) {
		in4.sin_port = htons(port);
		memcpy(&in4.sin_addr, a->addr, sizeof(in4.sin_addr));
		memcpy(ss, &in4, sizeof(in4));
		return sizeof(in4);
	}
	if (a->family == 6) {
		in6.sin6_port = htons(port);
		in6.sin6_scope_id = a->scope;
		memcpy(&in6.sin6_addr, a->addr, sizeof(in6.sin6_addr));
		memcpy(ss, &in6, sizeof(in6));
		return sizeof(in6);
	}
	return 0;
}

uint16_t
addr_from_socket(const void *sa, struct msg_addr *a)
{
	sa_family_t family;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	memset(a, 0, sizeof(*a));
	memcpy(&family, (const char *)sa + offsetof(struct sockaddr, sa_family),
	    sizeof(family));
	if (family == AF_INET) {
		memcpy(&in4, sa, sizeof(in4));
		memcpy(a->addr, &in4.sin_addr, sizeof(in4.sin_addr));
		a->family = 4;
		return ntohs(in4.sin_port);
	}
	if (family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(a->addr, &in6.sin6_addr, sizeof(in6.sin6_addr));
		a->scope = in6.sin6_scope_id;
		a->family = 6;
		return ntohs(in6.sin6_port);
	}
	return 0;
}
