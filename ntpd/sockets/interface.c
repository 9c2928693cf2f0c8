/*
 * The addresses of interfaces, see interface.h.  Run by ntpd, whenever it reads
 * its configuration or the interfaces have changed.
 */
#include "ntpd/sockets/interface.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "ntpd/conf/listen.h"

#define SPLIT_MAX 8 /* addresses of one wildcard */

/* Copy only what a socket is bound to; the rest is zero, as elsewhere. */
static struct conf_listen
listen_of(const struct sockaddr *sa, uint16_t port,
    const char file[CONF_FILE_LEN], unsigned int line)
{
	struct conf_listen l = { .line = line, .of_interface = true };
	struct msg_addr a;

	memcpy(l.file, file, sizeof(l.file));
	(void)addr_from_socket(sa, &a);
	l.len = addr_to_socket(&a, port, &l.addr);
	return l;
}

/* Does a socket for a receive what is sent to b? */
static bool
covers(const struct conf_listen *a, const struct conf_listen *b)
{
	struct msg_addr x, y;

	return addr_from_socket(&a->addr, &x) ==
	    addr_from_socket(&b->addr, &y) &&
	    (addr_equal(&x, &y) ||
		(x.family == y.family && x.scope == 0 && addr_is_any(&x)));
}

static bool
add(struct conf *c, const struct conf_listen *l)
{
	for (uint32_t i = 0; i < c->listen_count; i++)
		if (covers(&c->listens[i], l))
			return true;
	if (c->listen_count == CONF_LISTEN_MAX)
		return false;
	c->listens[c->listen_count++] = *l;
	return true;
}

/* Add all addresses of one interface; false: there are too many. */
static bool
add_all(struct conf *c, const struct conf_fast *f, const struct ifaddrs *all)
{
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		struct conf_listen l;

		if (a->ifa_addr == NULL || strcmp(a->ifa_name, f->name) != 0 ||
		    (a->ifa_addr->sa_family != AF_INET &&
			a->ifa_addr->sa_family != AF_INET6))
			continue;
		l = listen_of(a->ifa_addr, f->port, f->file, f->line);
		if (!add(c, &l))
			return false;
	}
	return true;
}

/* No program in the kernel answers what a machine sends to itself. */
static void
warn_of_loopback(
    const struct conf_fast *f, const struct ifaddrs *all, FILE *report)
{
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
		if (strcmp(a->ifa_name, f->name) == 0 &&
		    (a->ifa_flags & IFF_LOOPBACK) != 0) {
			(void)fprintf(report,
			    "%s:%u: warning: nothing is answered fast on %s: "
			    "what comes in there is this machine's own\n",
			    f->file, f->line, f->name);
			return;
		}
}

static void
warn_of_many(const char file[CONF_FILE_LEN], unsigned int line,
    const char *interface, FILE *report)
{
	(void)fprintf(report,
	    "%s:%u: warning: more than %d addresses to listen on, with those "
	    "of %s: the others are not listened on\n",
	    file, line, CONF_LISTEN_MAX, interface);
}

/* Add the addresses with a named interface, if that exists. */
static void
add_scoped(struct conf *c, FILE *report)
{
	for (uint32_t i = 0; i < c->scoped_count; i++) {
		struct conf_listen l = c->scoped[i];
		struct msg_addr a;
		uint16_t port = addr_from_socket(&l.addr, &a);

		a.scope = if_nametoindex(l.interface);
		l.len = addr_to_socket(&a, port, &l.addr);
		if (a.scope != 0 && !add(c, &l))
			warn_of_many(l.file, l.line, l.interface, report);
	}
}

void
interface_listens(struct conf *c, FILE *report)
{
	struct ifaddrs *all = NULL;

	add_scoped(c, report);
	if (c->fast_count == 0)
		return;
	if (getifaddrs(&all) == -1) {
		(void)fprintf(report,
		    "warning: the addresses of interfaces are not known yet: "
		    "%s\n",
		    strerrordesc_np(errno));
		return;
	}
	for (uint32_t i = 0; i < c->fast_count; i++) {
		const struct conf_fast *f = &c->fasts[i];

		warn_of_loopback(f, all, report);
		if (!add_all(c, f, all))
			warn_of_many(f->file, f->line, f->name, report);
	}
	freeifaddrs(all);
}

bool
interface_is_named(const struct conf *c)
{
	return c->scoped_count > 0 || c->fast_count > 0;
}

void
interface_renew(struct conf *c, FILE *report)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->listen_count; i++) {
		const struct conf_listen *l = &c->listens[i];

		if (l->interface[0] == '\0' &&
		    (!l->of_interface || l->of_wildcard))
			c->listens[kept++] = *l;
	}
	c->listen_count = kept;
	interface_listens(c, report);
}

static bool
worth_a_socket(const struct ifaddrs *a, sa_family_t family)
{
	struct msg_addr addr;

	if (a->ifa_addr == NULL || a->ifa_addr->sa_family != family ||
	    (a->ifa_flags & IFF_LOOPBACK) != 0)
		return false;
	(void)addr_from_socket(a->ifa_addr, &addr);
	return !addr_link_local(&addr);
}

static void
split(struct conf *c, uint32_t wildcard, const struct ifaddrs *all)
{
	const struct conf_listen w = c->listens[wildcard];
	uint32_t added = 0;

	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		struct conf_listen l;

		if (!worth_a_socket(a, w.addr.ss_family))
			continue;
		l = listen_of(a->ifa_addr, listen_port(&w), w.file, w.line);
		l.of_wildcard = true;
		l.of_star = w.of_star;
		if (added == SPLIT_MAX || c->listen_count == CONF_LISTEN_MAX)
			return;
		if (listen_find(c->listens, c->listen_count, &l) != -1)
			continue;
		c->listens[c->listen_count++] = l;
		added++;
	}
}

void
interface_split(struct conf *c)
{
	struct ifaddrs *all = NULL;
	uint32_t named = c->listen_count;

	if (getifaddrs(&all) == -1)
		return; /* the wildcards receive all */
	for (uint32_t i = 0; i < named; i++)
		if (listen_is_wildcard(&c->listens[i]))
			split(c, i, all);
	freeifaddrs(all);
}

void
interface_driver(const char *name, char driver[INTERFACE_DRIVER_LEN])
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(&ifr, 0, sizeof(ifr));
	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_data = (void *)&info;
	driver[0] = '\0';
	if (fd == -1)
		return;
	if (ioctl(fd, SIOCETHTOOL, &ifr) == 0)
		(void)snprintf(driver, INTERFACE_DRIVER_LEN, "%.*s",
		    (int)sizeof(info.driver) - 1, info.driver);
	(void)close(fd); /* only used to ask */
}
