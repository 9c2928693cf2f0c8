/*
 * Foreign sockets on our address: found in the kernel's table, beside sockets
 * that share their address with others.  On loopback, on free ports.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/listen.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/sockets/udp_table.h"
#include "tests/tap.h"

static int own_fds[WORKERS_MAX][CONF_LISTEN_MAX];
static uint16_t port;

static struct conf_listen
listen_at(const char *address)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct conf_listen l = { .len = 0 };

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1) {
		memcpy(&l.addr, &in, sizeof(in));
		l.len = sizeof(in);
	} else if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1) {
		memcpy(&l.addr, &in6, sizeof(in6));
		l.len = sizeof(in6);
	}
	return l;
}

/* A socket that shares its address, or -1. */
static int
open_at(const char *address)
{
	struct conf_listen l = listen_at(address);
	int fd;

	return socket_listen_udp(&l, &fd, 0, 1) == -1 ? -1 : fd;
}

/* Find a port that is free on all addresses used here. */
static void
find_port(void)
{
	for (port = 30000; port < 60000; port++) {
		struct conf_listen v4 = listen_at("0.0.0.0");
		struct conf_listen v6 = listen_at("::");

		if (socket_try_udp(&v4) == 0 &&
		    (socket_try_udp(&v6) == 0 || errno == EAFNOSUPPORT))
			return;
	}
	abort();
}

static int
check(const char *address, uint32_t count)
{
	const struct conf_listen l = listen_at(address);
	const struct udp_table_own own = {
		.fds = (const int(*)[CONF_LISTEN_MAX])own_fds,
		.workers = 1,
		.listens = count
	};

	errno = 0;
	return udp_table_check(&l, &own);
}

static void
test_family(const char *wildcard, const char *one, const char *two)
{
	int other;

	own_fds[0][0] = open_at(one);
	OK(own_fds[0][0] != -1, "a socket at %s", one);
	IS_I64(check(wildcard, 1), 0, "ours does not count for %s", wildcard);
	OK(check(wildcard, 0) == -1 && errno == EADDRINUSE,
	    "of another it would");
	OK(check(one, 0) == -1, "and for its own address");
	IS_I64(check(two, 0), 0, "but not for another one");
	port++;
	IS_I64(check(one, 0), 0, "nor another port");
	port--;
	(void)close(own_fds[0][0]);
	IS_I64(check(one, 0), 0, "when it is closed, it is gone");

	own_fds[0][0] = open_at(wildcard);
	other = open_at(one);
	OK(own_fds[0][0] != -1 && other != -1, "one that shares with ours");
	IS_I64(check(two, 1), 0, "does not count for another address");
	OK(check(one, 1) == -1 && errno == EADDRINUSE, "is found beside ours");
	own_fds[0][1] = other;
	IS_I64(check(one, 2), 0, "if it is not the second of ours");
	(void)close(other);
	(void)close(own_fds[0][0]);
}

int
main(void)
{
	struct conf_listen a, b;
	int fd;

	find_port();
	a = listen_at("0.0.0.0");
	b = listen_at("127.0.0.1");
	OK(listen_is_wildcard(&a) && !listen_is_wildcard(&b), "a wildcard");
	OK(listen_overlaps(&a, &b) && listen_overlaps(&b, &a) &&
		listen_overlaps(&b, &b),
	    "overlaps with all of its port");
	a = listen_at("127.0.0.2");
	OK(!listen_overlaps(&a, &b), "an address with no other");
	a = listen_at("::");
	OK(!listen_overlaps(&a, &b) && !listen_overlaps(&b, &a),
	    "and no family with the other");
	test_family("0.0.0.0", "127.0.0.1", "127.0.0.2");
	fd = open_at("::1");
	if (fd == -1) {
		SKIP("there is no IPv6");
		return DONE();
	}
	(void)close(fd);
	test_family("::", "::1", "2001:db8::1");
	return DONE();
}
