/*
 * Loading and attaching the fast path, see fast.h.  Run by ntpd before it gives
 * up its privileges; whatever fails here, ntpd still starts.
 */
#include "ntpd/fast/fast.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fastcount.h"
#include "ntpd/daemon_log.h"
#include "ntpd/fast/bpflib.h"
#include "ntpd/sockets/interface.h"

#define PROGRAM	  "ntp_fast"
#define SETTINGS  ".rodata"
#define SAID_MAX  200
#define RULES_MAX 1000000

static const struct bpflib *lib; /* NULL until it is loaded */

/* The library's messages are for debugging only. */
static int say(enum libbpf_print_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static int
say(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[SAID_MAX];

	if (level == LIBBPF_DEBUG)
		return 0;
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	daemon_log(LOG_LEVEL_DEBUG, "%s", text);
	return 0;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd); /* releases the object */
	*fd = -1;
}

static void
fast_none(struct fast_path *f)
{
	*f = (struct fast_path){ .line_fd = -1, .counters_fd = -1 };
	for (int i = 0; i < CONF_FAST_MAX; i++)
		f->link_fds[i] = -1;
}

bool
fast_is_there(const struct fast_path *f, const struct conf *c)
{
	for (uint32_t i = 0; i < c->fast_count; i++)
		if (f->link_fds[i] != -1 &&
		    f->indexes[i] != if_nametoindex(c->fasts[i].name))
			return false;
	return true;
}

void
fast_close(struct fast_path *f)
{
	close_fd(&f->line_fd);
	close_fd(&f->counters_fd);
	for (int i = 0; i < CONF_FAST_MAX; i++)
		close_fd(&f->link_fds[i]);
}

/* --- before it is loaded ------------------------------------------------- */

static size_t
rules_of(const struct fast_gate *g, sa_family_t family)
{
	size_t n = 0;

	for (size_t i = 0; i < g->rule_count; i++)
		if (g->rules[i].family == family)
			n++;
	return n;
}

static int
set_entries(struct bpf_object *o, const char *map, size_t entries)
{
	struct bpf_map *m = lib->bpf_object__find_map_by_name(o, map);

	if (m == NULL || entries > RULES_MAX) {
		errno = m == NULL ? ENOENT : E2BIG;
		return -1;
	}
	/* no map can have 0 entries */
	return lib->bpf_map__set_max_entries(
	    m, entries > 0 ? (uint32_t)entries : 1);
}

/*
 * Set the program's constants; the verifier removes the code that they exclude.
 */
static int
set_settings(struct bpf_object *o, const struct fast_gate *g)
{
	struct bpf_map *m = lib->bpf_object__find_map_by_name(o, SETTINGS);
	struct fast_settings s = {
		.fallback = (uint32_t)g->fallback,
		.has_rules = g->rule_count > 0 || g->fallback != FAST_ANSWER,
	};
	size_t size = 0;

	if (g->interval_ns > 0) {
		s.interval_ns = (uint64_t)g->interval_ns;
		s.burst_ns = s.interval_ns * (g->burst > 1 ? g->burst - 1 : 0);
	}
	if (m == NULL || lib->bpf_map__initial_value(m, &size) == NULL ||
	    size != sizeof(s)) {
		errno = EPROTO;
		return -1;
	}
	return lib->bpf_map__set_initial_value(m, &s, sizeof(s));
}

static int
prepare(struct bpf_object *o, const struct fast_gate *g, uint32_t processors)
{
	if (set_settings(o, g) != 0 ||
	    set_entries(o, FAST_MAP_COUNTERS, processors) != 0 ||
	    set_entries(o, FAST_MAP_RULES_4, rules_of(g, AF_INET)) != 0 ||
	    set_entries(o, FAST_MAP_RULES_6, rules_of(g, AF_INET6)) != 0)
		return -1;
	return g->interval_ns > 0 ? 0 : set_entries(o, FAST_MAP_CLIENTS, 1);
}

/* --- the rules ----------------------------------------------------------- */

static int
put_rule(struct bpf_object *o, const struct fast_rule *r)
{
	struct fast_prefix4 key4 = { .prefix = r->prefix };
	struct fast_prefix6 key6 = { .prefix = r->prefix };
	uint32_t action = (uint32_t)r->action;

	if (r->family == AF_INET) {
		memcpy(key4.addr, r->addr, sizeof(key4.addr));
		return lib->bpf_map_update_elem(
		    lib->bpf_object__find_map_fd_by_name(o, FAST_MAP_RULES_4),
		    &key4, &action, BPF_ANY);
	}
	memcpy(key6.addr, r->addr, sizeof(key6.addr));
	return lib->bpf_map_update_elem(
	    lib->bpf_object__find_map_fd_by_name(o, FAST_MAP_RULES_6), &key6,
	    &action, BPF_ANY);
}

static int
put_rules(struct bpf_object *o, const struct fast_gate *g)
{
	for (size_t i = 0; i < g->rule_count; i++)
		if (put_rule(o, &g->rules[i]) != 0)
			return -1;
	return 0;
}

/*
 * From here on only the program in the kernel can write to its counters.  A
 * holder of the descriptor can read them, and map them for reading.  A
 * read-only descriptor would not do: Linux does not map it (6.18).
 */
static int
freeze_counters(struct bpf_object *o)
{
	return lib->bpf_map_freeze(
	    lib->bpf_object__find_map_fd_by_name(o, FAST_MAP_COUNTERS));
}

struct bpf_object *
fast_load(const struct fast_gate *g, uint32_t processors)
{
	struct bpf_object_open_opts opts = { .sz = sizeof(opts),
		.object_name = PROGRAM };
	struct bpf_object *o;
	int saved;

	lib = bpflib_load();
	if (lib == NULL)
		return NULL;
	(void)lib->libbpf_set_print(say); /* returns the previous one */
	o = lib->bpf_object__open_mem(fast_program, fast_program_size, &opts);
	if (o == NULL)
		return NULL;
	if (prepare(o, g, processors) == 0 && lib->bpf_object__load(o) == 0 &&
	    freeze_counters(o) == 0 && put_rules(o, g) == 0)
		return o;
	saved = errno;
	lib->bpf_object__close(o);
	errno = saved;
	return NULL;
}

/* --- the interfaces ------------------------------------------------------ */

/* The interface's own MAC address, the destination of frames to it. */
static bool
find_mac(const struct ifaddrs *all, const char *name, struct fast_own *own)
{
	struct sockaddr_ll ll;

	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (a->ifa_addr == NULL || strcmp(a->ifa_name, name) != 0 ||
		    a->ifa_addr->sa_family != AF_PACKET)
			continue;
		memcpy(&ll, a->ifa_addr, sizeof(ll));
		if (ll.sll_halen != sizeof(own->mac))
			return false;
		memcpy(own->mac, ll.sll_addr, sizeof(own->mac));
		return true;
	}
	return false;
}

static int
put_own(struct bpf_object *o, const struct ifaddrs *a, struct fast_own own)
{
	struct msg_addr addr, all;

	(void)addr_from_socket(a->ifa_addr, &addr);
	if (addr.family == 4 && (a->ifa_flags & IFF_BROADCAST) != 0 &&
	    a->ifa_broadaddr != NULL) {
		(void)addr_from_socket(a->ifa_broadaddr, &all);
		memcpy(&own.broadcast, all.addr, sizeof(own.broadcast));
	}
	return lib->bpf_map_update_elem(
	    lib->bpf_object__find_map_fd_by_name(
		o, addr.family == 6 ? FAST_MAP_ADDRESS_6 : FAST_MAP_ADDRESS_4),
	    addr.addr, &own, BPF_ANY);
}

/*
 * Enter the addresses where it answers; it does from here on.  Returns their
 * number.
 */
static int
put_addresses(
    struct bpf_object *o, const struct conf_fast *cf, struct fast_own own)
{
	struct ifaddrs *all = NULL;
	int n = 0;

	own.port = htons(cf->port);
	if (getifaddrs(&all) == -1)
		return 0;
	if (find_mac(all, cf->name, &own))
		for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
			if (a->ifa_addr != NULL &&
			    strcmp(a->ifa_name, cf->name) == 0 &&
			    (a->ifa_addr->sa_family == AF_INET ||
				a->ifa_addr->sa_family == AF_INET6) &&
			    put_own(o, a, own) == 0)
				n++;
	freeifaddrs(all);
	return n;
}

static int
attach_as(int program, const struct conf_fast *cf, uint32_t mode)
{
	struct bpf_link_create_opts opts = { .sz = sizeof(opts),
		.flags = mode };
	unsigned int interface = if_nametoindex(cf->name);

	if (interface == 0)
		return -1;
	return lib->bpf_link_create(program, (int)interface, BPF_XDP, &opts);
}

/*
 * Attach in the driver, or in the generic way if the driver cannot.  What a
 * program in the driver of a veth sends is lost unless the other end has a
 * program too, which cannot be seen from here: so for a veth this is done only
 * on request.  A program of somebody else stays: EBUSY.  Returns a link, or a
 * negative value with errno.
 */
static int
attach(
    int program, const struct conf_fast *cf, const char *driver, bool *native)
{
	int fd = -1;

	*native = cf->native || strcmp(driver, "veth") != 0;
	if (*native)
		fd = attach_as(program, cf, XDP_FLAGS_DRV_MODE);
	if (fd >= 0 || cf->native ||
	    (*native && (errno == EBUSY || errno == EPERM)))
		return fd;
	*native = false;
	return attach_as(program, cf, XDP_FLAGS_SKB_MODE);
}

/* A frame that never leaves the machine has no finished checksum. */
static uint32_t
flags_of(const char *driver, bool native)
{
	static const char *const virtual[] = { "veth", "virtio_net", "tun" };
	uint32_t flags = native ? 0 : FAST_OWN_BEHIND;

	for (size_t i = 0; i < sizeof(virtual) / sizeof(virtual[0]); i++)
		if (strcmp(driver, virtual[i]) == 0)
			flags |= FAST_OWN_VIRTUAL;
	return flags;
}

static const char *
hint(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return ": CAP_BPF and CAP_NET_ADMIN are needed";
	case EBUSY:
	case EEXIST:
		return ": another program is attached there";
	case EINVAL:
	case ENOSYS:
	case EOPNOTSUPP:
		return ": Linux 5.9 or newer with BPF and XDP is needed";
	default:
		return "";
	}
}

static void
say_ordinary(const struct conf_fast *cf, int error)
{
	daemon_log(LOG_LEVEL_WARNING,
	    "no fast path on %s (line %u): %s%s: it is served without",
	    cf->name, cf->line, strerrordesc_np(error), hint(error));
}

/* Returns a link, or -1 after logging why there is none. */
static int
open_one(struct bpf_object *o, const struct conf_fast *cf)
{
	const struct bpf_program *program =
	    lib->bpf_object__find_program_by_name(o, PROGRAM);
	struct fast_own own = { .flags = 0 };
	char driver[INTERFACE_DRIVER_LEN];
	bool native;
	int fd, n;

	if (if_nametoindex(cf->name) == 0) {
		daemon_log(LOG_LEVEL_WARNING,
		    "there is no interface %s (line %u) yet: it is served once it appears, with the fast path after a restart",
		    cf->name, cf->line);
		return -1;
	}
	interface_driver(cf->name, driver);
	fd = attach(lib->bpf_program__fd(program), cf, driver, &native);
	if (fd < 0) {
		say_ordinary(cf, errno);
		return -1;
	}
	own.flags = flags_of(driver, native);
	n = put_addresses(o, cf, own);
	if (n == 0)
		daemon_log(LOG_LEVEL_WARNING,
		    "no fast path on %s (line %u): it has no Ethernet or IP address",
		    cf->name, cf->line);
	else
		daemon_log(LOG_LEVEL_INFO,
		    "fast path on %s, %s: port=%u addresses=%d", cf->name,
		    native ? "in its driver" : "behind its driver", cf->port,
		    n);
	return fd;
}

/* The number of possible processors; 0, with errno, if unknown. */
static uint32_t
count_processors(void)
{
	int n;

	lib = bpflib_load();
	if (lib == NULL)
		return 0;
	n = lib->libbpf_num_possible_cpus();
	return n > 0 ? (uint32_t)n : 0;
}

void
fast_open(
    struct fast_path *f, const struct conf *c, const struct fast_gate *gate)
{
	struct bpf_object *o = NULL;
	bool any = false;

	fast_none(f);
	if (c->fast_count == 0)
		return;
	f->processors = count_processors();
	if (f->processors > 0)
		o = fast_load(gate, f->processors);
	if (o == NULL) {
		say_ordinary(&c->fasts[0], errno);
		return;
	}
	for (uint32_t i = 0; i < c->fast_count; i++) {
		f->link_fds[i] = open_one(o, &c->fasts[i]);
		f->indexes[i] = if_nametoindex(c->fasts[i].name);
		any = any || f->link_fds[i] != -1;
	}
	if (any) {
		f->line_fd = fcntl(
		    lib->bpf_object__find_map_fd_by_name(o, FAST_MAP_LINE),
		    F_DUPFD_CLOEXEC, 0);
		f->counters_fd = fcntl(
		    lib->bpf_object__find_map_fd_by_name(o, FAST_MAP_COUNTERS),
		    F_DUPFD_CLOEXEC, 0);
	}
	lib->bpf_object__close(o); /* the links keep what they need */
	if (f->counters_fd != -1)
		f->counters = fastcount_map(f->counters_fd, f->processors);
	if (any && (f->line_fd == -1 || f->counters == NULL)) {
		say_ordinary(&c->fasts[0], errno);
		fast_close(f);
	}
}
