/*
 * The values in a configuration.  ntpd runs this on text that its administrator
 * wrote; it must never round a value or let it wrap around.
 */
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "core/types.h"
#include "ntpd/conf/value.h"

#define HOST_MAX  253 /* RFC 1035 section 2.3.4, without length bytes */
#define LABEL_MAX 63

struct unit {
	const char *name;
	int64_t size;
};

static const struct unit durations[] = {
	{ "d", 86400 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "s", NS_PER_S },
	{ "ms", NS_PER_MS },
	{ "us", 1000 },
	{ "ns", 1 },
	{ "", NS_PER_S },
	{ NULL, 0 },
};

static const struct unit rates[] = {
	{ "ppb", 1 },
	{ "ppm", 1000 },
	{ "%", 10000000 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "G", 1 << 30 },
	{ "M", 1 << 20 },
	{ "k", 1 << 10 },
	{ "", 1 },
	{ NULL, 0 },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The size of the unit that the text ends with, 0: there is none. */
static int64_t
unit_size(const char *text, const struct unit *units)
{
	const char *name = text + strspn(text, "0123456789.");

	for (; units->name != NULL; units++)
		if (strcmp(name, units->name) == 0)
			return units->size;
	return 0;
}

/* *sum += digit * size; false if it does not fit. */
static bool
add_digit(int64_t *sum, char digit, int64_t size)
{
	int64_t part;

	return !__builtin_mul_overflow((int64_t)(digit - '0'), size, &part) &&
	    !__builtin_add_overflow(*sum, part, sum);
}

/*
 * The digits after the point; each has a tenth of the value of the one before.
 */
static enum value_result
read_fraction(const char *text, int64_t size, int64_t *sum)
{
	if (!is_digit(*text))
		return VALUE_MALFORMED;
	for (; is_digit(*text); text++) {
		if (size % 10 != 0 && *text != '0')
			return VALUE_TOO_FINE;
		size = size % 10 == 0 ? size / 10 : 0;
		if (!add_digit(sum, *text, size))
			return VALUE_TOO_LARGE;
	}
	return *text == '.' ? VALUE_MALFORMED : VALUE_OK;
}

static enum value_result
read_scaled(const char *text, const struct unit *units, int64_t *value)
{
	enum value_result result = VALUE_OK;
	int64_t size = unit_size(text, units), sum = 0;
	bool fits = true;

	if (!is_digit(*text) || size == 0)
		return VALUE_MALFORMED;
	for (; is_digit(*text); text++)
		if (__builtin_mul_overflow(sum, (int64_t)10, &sum) ||
		    !add_digit(&sum, *text, 1))
			fits = false;
	if (fits && __builtin_mul_overflow(sum, size, &sum))
		fits = false;
	if (!fits)
		sum = 0;
	if (*text == '.')
		result = read_fraction(text + 1, size, &sum);
	if (result == VALUE_OK && (!fits || sum == INT64_MAX))
		result = VALUE_TOO_LARGE;
	if (result == VALUE_OK)
		*value = sum;
	return result;
}

enum value_result
value_duration(const char *text, int64_t *ns)
{
	return read_scaled(text, durations, ns);
}

enum value_result
value_rate(const char *text, int64_t *ppb)
{
	return read_scaled(text, rates, ppb);
}

enum value_result
value_size(const char *text, int64_t *bytes)
{
	if (strchr(text, '.') != NULL)
		return VALUE_MALFORMED;
	return read_scaled(text, sizes, bytes);
}

enum value_result
value_number(const char *text, int64_t *number)
{
	static const struct unit one[] = { { "", 1 }, { NULL, 0 } };

	if (strchr(text, '.') != NULL)
		return VALUE_MALFORMED;
	return read_scaled(text, one, number);
}

enum value_result
value_mode(const char *text, int64_t *mode)
{
	int64_t sum = 0;

	if (*text == '\0' || text[strspn(text, "01234567")] != '\0')
		return VALUE_MALFORMED;
	for (; *text != '\0'; text++) {
		sum = sum * 8 + (*text - '0');
		if (sum > 0777)
			return VALUE_TOO_LARGE;
	}
	*mode = sum;
	return VALUE_OK;
}

bool
value_is_interface(const char *name)
{
	if (name[0] == '\0' || strlen(name) >= IF_NAMESIZE)
		return false;
	for (; *name != '\0'; name++)
		if (!is_digit(*name) && !is_letter(*name) &&
		    strchr("._-", *name) == NULL)
			return false;
	return true;
}

/* The address without its "%scope"; false if it or the scope is invalid. */
static bool
without_scope(const char *text, struct msg_addr *a)
{
	size_t len = strcspn(text, "%");
	char address[INET6_ADDRSTRLEN];

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	return addr_parse(address, a) &&
	    (text[len] == '\0' ||
		(a->family == 6 && value_is_interface(text + len + 1)));
}

bool
value_is_address(const char *text)
{
	struct msg_addr a;

	return strlen(text) <= HOST_MAX && without_scope(text, &a);
}

/*
 * Old resolvers take a name whose last label is a number, 127.1 or 0x7f000001,
 * for an address.  No valid host name is like that (RFC 1123 section 2.1).
 */
static bool
ends_in_number(const char *label)
{
	size_t len = strcspn(label, ".");

	if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return strspn(label + 2, "0123456789abcdefABCDEF") == len - 2;
	return strspn(label, "0123456789") == len;
}

const char *
value_host_problem(const char *text)
{
	const char *label = text;
	size_t len;

	if (value_is_address(text))
		return NULL;
	if (*text == '\0')
		return "it is empty";
	if (strlen(text) > HOST_MAX)
		return "more than 253 characters";
	if (strchr(text, ':') != NULL)
		return "not an IPv6 address";
	for (;;) {
		len = strcspn(label, ".");
		if (len == 0)
			return "nothing before or after a dot";
		if (len > LABEL_MAX)
			return "more than 63 characters between dots";
		for (size_t i = 0; i < len; i++)
			if (!is_digit(label[i]) && !is_letter(label[i]) &&
			    (label[i] != '-' || i == 0) && label[i] != '_')
				return "only letters, digits, \"-\", \"_\" and "
				       "\".\" are allowed";
		if (label[len] == '\0' || label[len + 1] == '\0')
			break;
		label += len + 1;
	}
	if (ends_in_number(label))
		return "not an IPv4 address";
	return NULL;
}

bool
value_split_port(const char *text, size_t *at, size_t *len, const char **port)
{
	const char *colon = strrchr(text, ':'), *end = strrchr(text, ']');
	bool bracket = text[0] == '[' && end != NULL;

	*at = bracket ? 1 : 0;
	if (bracket && end[1] == '\0')
		colon = NULL;
	else if (colon == NULL || !is_digit(colon[1]) ||
	    colon[1 + strspn(colon + 1, "0123456789")] != '\0' ||
	    (bracket ? colon != end + 1 : strchr(text, ':') != colon))
		return false;
	*len = (size_t)((bracket ? end : colon) - text) - *at;
	*port = colon == NULL ? "" : colon + 1;
	return *len != 0;
}

const char *
value_interface(const char *text)
{
	const char *scope = strchr(text, '%');

	if (scope == NULL)
		return NULL;
	scope++;
	return scope[strspn(scope, "0123456789")] == '\0' ? NULL : scope;
}

/* The number after "%"; 0: no interface can have it. */
static uint32_t
scope_number(const char *digits)
{
	int64_t number;

	return value_number(digits, &number) == VALUE_OK && number <= INT32_MAX
	    ? (uint32_t)number
	    : 0;
}

/*
 * The address of a text that value_is_address() accepts; a named scope becomes
 * 0.
 */
static bool
address(const char *text, struct msg_addr *a)
{
	const char *scope = strchr(text, '%');

	if (!without_scope(text, a))
		return false;
	if (scope == NULL || value_interface(text) != NULL)
		return true;
	a->scope = scope_number(scope + 1);
	return a->scope != 0;
}

socklen_t
value_address(const char *text, uint16_t port, struct sockaddr_storage *addr)
{
	struct msg_addr a;

	memset(addr, 0, sizeof(*addr));
	return address(text, &a) ? addr_to_socket(&a, port, addr) : 0;
}

/* Why it is not the address of a server; NULL: it can be one. */
static const char *
server_problem(const struct msg_addr *a, const char *interface)
{
	switch (addr_problem(a)) {
	case ADDR_MANY:
	case ADDR_NO_HOST:
		return "not the address of a host";
	case ADDR_MAPPED:
		return "no IPv6 packet has it: write the IPv4 address alone";
	case ADDR_NO_SCOPE:
		return interface != NULL
		    ? NULL
		    : "it is on every link: write its interface behind it, "
		      "as in fe80::1%eth0";
	case ADDR_FINE:
		break;
	}
	if (a->family == 4 && a->addr[0] == 127 && a->addr[1] == 127)
		return "127.127.x.y is a reference clock of another daemon, "
		       "and no server; for the machine's own clock write "
		       "\"local stratum\"";
	return NULL;
}

const char *
value_source(const char *text, char *out, size_t size)
{
	const char *problem = value_host_problem(text);
	const char *interface = value_interface(text);
	char written[ADDR_TEXT];
	struct msg_addr a;

	if (problem != NULL)
		return problem;
	(void)snprintf(out, size, "%s", text);
	if (!value_is_address(text))
		return NULL;
	if (!address(text, &a))
		return "no interface has that number";
	problem = server_problem(&a, interface);
	if (problem != NULL || strchr(text, '%') == NULL)
		return problem;
	addr_text(&a, written);
	(void)snprintf(out, size, "%s%s%s", written,
	    interface != NULL ? "%" : "", interface != NULL ? interface : "");
	return NULL;
}
