/*
 * Interfaces in the configuration: their addresses become ones to listen on.
 * The loopback interface is the one that every machine has.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "tap.h"

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

static int
look_up(void)
{
	FILE *f;
	int rc;

	free(report);
	report = NULL;
	f = open_memstream(&report, &report_len);
	rc = f == NULL ? -2 : interface_listens(&conf, f);

	if (f != NULL)
		(void)fclose(f);
	return rc;
}

/* How many addresses of IPv4 are in the list, with this one and port. */
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

int
main(void)
{
	char driver[INTERFACE_DRIVER_LEN] = "x";
	uint32_t had;

	fast("lo", 1123);
	IS_I64(look_up(), 0, "an interface");
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
	IS_I64(look_up(), 0, "once more");
	IS_I64(conf.listen_count, had, "nothing is there twice");

	fast("lo", 1123);
	add("0.0.0.0", 1123);
	IS_I64(look_up(), 0, "beside a wildcard");
	IS_I64(count("127.0.0.1", 1123), 0, "it has the address already");
	fast("lo", 1123);
	add("0.0.0.0", 123);
	IS_I64(look_up(), 0, "beside a wildcard of another port");
	IS_I64(count("127.0.0.1", 1123), 1, "it has not");

	fast("nosuchif0", 123);
	IS_I64(look_up(), 0, "an interface that is gone");
	IS_I64(conf.listen_count, 0, "has no address");
	OK(report[0] == '\0', "and is not warned of here");

	fast("lo", 1123);
	for (int i = 0; i < CONF_LISTEN_MAX; i++) {
		char address[32];

		(void)snprintf(address, sizeof(address), "192.0.2.%d", i);
		add(address, 123);
	}
	IS_I64(look_up(), -1, "too many addresses");
	OK(strstr(report,
	       "f:7: more than 32 addresses to listen on, with "
	       "those of lo\n") != NULL,
	    "are reported");
	free(report);

	interface_driver("nosuchif0", driver);
	OK(driver[0] == '\0', "no interface has no driver");
	return DONE();
}
