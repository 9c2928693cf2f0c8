/*
 * Interfaces in the configuration: their addresses become listen addresses.
 * Uses the loopback interface, which every machine has.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/sockets/interface.h"
#include "tests/tap.h"

static struct conf conf;
static char *report; /* of the last look-up */
static size_t report_len;

static void
add(const char *address, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct conf_listen *l = &conf.listens[conf.listen_count++];

	OK(inet_pton(AF_INET, address, &in.sin_addr) == 1, "%s", address);
	memset(l, 0, sizeof(*l));
	memcpy(&l->addr, &in, sizeof(in));
	l->len = sizeof(in);
}

static void
fast(const char *name, uint16_t port)
{
	memset(&conf, 0, sizeof(conf));
	conf.fasts[0] =
	    (struct conf_fast){ .port = port, .file = "f", .line = 7 };
	(void)snprintf(
	    conf.fasts[0].name, sizeof(conf.fasts[0].name), "%s", name);
	conf.fast_count = 1;
}

static void
look_up(void (*how)(struct conf *, FILE *))
{
	FILE *f;

	free(report);
	report = NULL;
	f = open_memstream(&report, &report_len);
	if (!tap_ok(f != NULL, "a report"))
		return;
	how(&conf, f);
	(void)fclose(f); /* to memory */
}

/* How many IPv4 addresses in the list have this address and port. */
static int
count(const char *address, uint16_t port)
{
	struct sockaddr_in in;
	struct in_addr want;
	int n = 0;

	if (inet_pton(AF_INET, address, &want) != 1)
		return -1;
	for (uint32_t i = 0; i < conf.listen_count; i++) {
		memcpy(&in, &conf.listens[i].addr, sizeof(in));
		n += in.sin_family == AF_INET &&
		    in.sin_addr.s_addr == want.s_addr &&
		    in.sin_port == htons(port);
	}
	return n;
}

/* A link-local address, as the parser leaves it. */
static void
scoped(const char *interface)
{
	struct conf_listen *l = &conf.scoped[conf.scoped_count++];
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(123) };

	in6.sin6_addr.s6_addr[0] = 0xfe;
	in6.sin6_addr.s6_addr[1] = 0x80;
	memset(l, 0, sizeof(*l));
	memcpy(&l->addr, &in6, sizeof(in6));
	l->len = sizeof(in6);
	(void)snprintf(l->interface, sizeof(l->interface), "%s", interface);
}

/* The scope of the address at index i, 0: none. */
static uint32_t
scope_at(uint32_t i)
{
	struct sockaddr_in6 in6;

	memcpy(&in6, &conf.listens[i].addr, sizeof(in6));
	return in6.sin6_family == AF_INET6 ? in6.sin6_scope_id : 0;
}

static void
test_scoped(void)
{
	memset(&conf, 0, sizeof(conf));
	OK(!interface_is_named(&conf), "no interface is named");
	add("192.0.2.1", 123);
	scoped("nosuchif0");
	scoped("lo");
	OK(interface_is_named(&conf), "two are");
	look_up(interface_listens);
	IS_I64(conf.listen_count, 2, "the one that is there is listened on");
	IS_I64(scope_at(1), if_nametoindex("lo"), "with its number");
	OK(strcmp(conf.listens[1].interface, "lo") == 0, "and its name");

	/* One interface has gone, the other has come. */
	(void)snprintf(conf.listens[1].interface, IF_NAMESIZE, "was");
	(void)snprintf(conf.scoped[0].interface, IF_NAMESIZE, "lo");
	conf.scoped_count = 1;
	look_up(interface_renew);
	IS_I64(conf.listen_count, 2, "what it was is not listened on");
	OK(count("192.0.2.1", 123) == 1 && scope_at(1) != 0 &&
		strcmp(conf.listens[1].interface, "lo") == 0,
	    "what it is now is, and all that has no interface");
}

int
main(void)
{
	char driver[INTERFACE_DRIVER_LEN] = "x";
	uint32_t had;

	fast("lo", 1123);
	look_up(interface_listens);
	IS_I64(count("127.0.0.1", 1123), 1, "its address is listened on");
	OK(conf.listen_count > 0 && conf.listens[0].line == 7 &&
		strcmp(conf.listens[0].file, "f") == 0 &&
		conf.listens[0].of_interface,
	    "with the place of its statement");
	OK(strcmp(report,
	       "f:7: warning: nothing is answered fast on lo: what comes in "
	       "there is this machine's own\n") == 0,
	    "which is warned of, since it is the loopback");
	had = conf.listen_count;
	look_up(interface_listens);
	IS_I64(conf.listen_count, had, "nothing is there twice");
	look_up(interface_renew);
	IS_I64(conf.listen_count, had, "nor anew");

	fast("lo", 1123);
	add("0.0.0.0", 1123);
	look_up(interface_listens);
	IS_I64(count("127.0.0.1", 1123), 0, "it has the address already");
	fast("lo", 1123);
	add("0.0.0.0", 123);
	look_up(interface_listens);
	IS_I64(count("127.0.0.1", 1123), 1, "it has not");

	fast("nosuchif0", 123);
	look_up(interface_listens);
	IS_I64(conf.listen_count, 0, "has no address");
	OK(report[0] == '\0', "and is not warned of here");

	fast("lo", 1123);
	for (int i = 0; i < CONF_LISTEN_MAX; i++) {
		char address[32];

		(void)snprintf(address, sizeof(address), "192.0.2.%d", i);
		add(address, 123);
	}
	look_up(interface_listens);
	OK(conf.listen_count == CONF_LISTEN_MAX &&
		strstr(report,
		    "f:7: warning: more than 32 addresses to listen on, with "
		    "those of lo: the others are not listened on\n") != NULL,
	    "addresses that are too many are warned of");

	test_scoped();
	interface_driver("nosuchif0", driver);
	OK(driver[0] == '\0', "no interface has no driver");
	free(report);
	return DONE();
}
