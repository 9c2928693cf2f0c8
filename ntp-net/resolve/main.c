/*
 * ntp-resolve: resolves names to addresses with the resolver of the C library.
 * Started by ntpd(8), asked by ntp-net.  It parses replies of name servers and
 * may read the resolver's files.  It must never write a file, hold a
 * capability, or tell ntp-net anything but addresses.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/child.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "ntp-net/resolve/files.h"
#include "ntp-net/resolve/profile.h"

#define NAME_MAX_LEN 253 /* RFC 1035 section 2.3.4, as text */

/*
 * One silent name server costs 6 s, three cost 9 s; a name of one label with a
 * search list takes up to twice as long.  Without these options the C library
 * may try for a minute, and no other name can be resolved meanwhile.
 */
#define RESOLVER_OPTIONS "timeout:2 attempts:2"

static struct resolver {
	struct channel parent;
	struct channel net;
	struct files files; /* the files we may read */
	bool answered;	    /* a name, since the start */
} resolver;

/* The addresses found for one family, in order of preference. */
struct found {
	struct msg_addr addrs[ADDRS_MAX];
	uint32_t count;
};

/*
 * True for 1 to 253 characters that a host name, or an address with a scope,
 * may contain.
 */
static bool
name_ok(const char name[NAME_LEN])
{
	size_t len;

	if (!msg_text_ok(name, NAME_LEN))
		return false;
	len = strlen(name);
	if (len < 1 || len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr(".:_-%", name[i]) == NULL)
			return false;
	return true;
}

static void
add_addr(struct found *f, const struct msg_addr *a)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (memcmp(&f->addrs[i], a, sizeof(*a)) == 0)
			return;
	if (f->count < ADDRS_MAX)
		f->addrs[f->count++] = *a;
}

/*
 * Alternate between the families, starting with the one that the C library
 * prefers (RFC 6724).  So a caller that uses only the first few tries both.
 */
static void
interleave(struct msg_resolved *out, const struct found *first,
    const struct found *second)
{
	for (uint32_t i = 0; i < ADDRS_MAX; i++) {
		if (i < first->count && out->count < ADDRS_MAX)
			out->addrs[out->count++] = first->addrs[i];
		if (i < second->count && out->count < ADDRS_MAX)
			out->addrs[out->count++] = second->addrs[i];
	}
}

static void
look_up(struct msg_resolved *out, const char *name)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM };
	struct found v4 = { .count = 0 }, v6 = { .count = 0 };
	struct addrinfo *results = NULL;
	struct msg_addr a;
	int first = 0;

	out->error = getaddrinfo(name, NULL, &hints, &results);
	if (out->error != 0)
		return;
	for (const struct addrinfo *ai = results; ai != NULL;
	     ai = ai->ai_next) {
		(void)addr_from_socket(ai->ai_addr, &a);
		(void)addr_unmap(&a); /* packets go to the IPv4 address */
		if (a.family == 0)
			continue;
		if (first == 0)
			first = a.family;
		add_addr(a.family == 4 ? &v4 : &v6, &a);
	}
	freeaddrinfo(results);
	if (first == 6)
		interleave(out, &v6, &v4);
	else
		interleave(out, &v4, &v6);
	if (out->count == 0)
		out->error = EAI_NONAME;
}

/*
 * Exit if a file was replaced: Landlock allows only the files that existed at
 * the start.  ntpd then starts a new ntp-resolve, and ntp-net asks that one
 * again.  Never exit before the first look-up: on a file system that gives a
 * file a new number at each access, no look-up would ever happen.
 */
static void
begin_anew_if_changed(const struct resolver *r)
{
	if (!r->answered || !files_changed(&r->files))
		return;
	log_info("the resolver's files have changed: restarting to read them");
	_exit(0);
}

/*
 * Resolve an address with an interface name, as in fe80::1%eth0 (RFC 4007
 * section 11).  Only the kernel is asked for the interface's number, at each
 * look-up.
 */
static void
look_up_scoped(struct msg_resolved *out, const char *name)
{
	size_t len = strcspn(name, "%");
	char address[INET6_ADDRSTRLEN];
	struct msg_addr *a = &out->addrs[0];

	out->error = EAI_NONAME;
	if (len >= sizeof(address))
		return;
	memcpy(address, name, len);
	address[len] = '\0';
	if (!addr_parse(address, a) || a->family != 6)
		return;
	a->scope = if_nametoindex(name + len + 1);
	out->error = a->scope == 0 ? NAME_NO_INTERFACE : 0;
	out->count = a->scope == 0 ? 0 : 1;
}

/* Resolve a name for ntp-net. */
static int
answer(struct received *received)
{
	const struct msg_resolve *ask = &received->m.resolve;
	struct resolver *r = &resolver;
	struct msg_resolved out = { .id = ask->id };

	if (!msg_text_ok(ask->name, sizeof(ask->name)))
		return -1;
	if (name_ok(ask->name) && strchr(ask->name, '%') != NULL) {
		look_up_scoped(&out, ask->name);
		goto send;
	}
	begin_anew_if_changed(r);
	if (name_ok(ask->name))
		look_up(&out, ask->name);
	else
		out.error = EAI_NONAME;
	if (out.error != 0)
		log_debug("no address: name=%s reason=%s", ask->name,
		    gai_strerror(out.error));
	else
		log_debug(
		    "resolved: name=%s addresses=%u", ask->name, out.count);
	if (out.error != 0)
		begin_anew_if_changed(r); /* perhaps the reason */
	r->answered = true;
send:
	/* If the channel is full the answer is lost, and ntp-net asks again. */
	if (msg_send(&r->net, MSG_RESOLVED, &out, -1) == -1)
		log_debug("answer lost: name=%s", ask->name);
	return 0;
}

static const struct handler handlers[MSG_COUNT] = {
	[MSG_PEER] = { dispatch_peer, &resolver.net },
	[MSG_RESOLVE] = { answer, NULL },
};

/* Handle at most one name, so that ntpd's messages are read in between. */
static void
read_net(struct resolver *r)
{
	enum msg_result got = dispatch_next(&r->net, handlers);

	if (got == MSG_CLOSED || got == MSG_BAD)
		child_drop_channel(&r->net, got);
}

/*
 * Enter the sandbox.  Its rules depend on the modules that this machine uses.
 */
static void
begin(struct resolver *r)
{
	const struct sandbox_profile *profile = &resolve_profile;

	files_note(&r->files);
	if (files_need_local(RESOLVE_NSSWITCH))
		profile = &resolve_local_profile;
	child_begin(PROC_RESOLVE, profile, &r->parent, NULL);
}

int
main(void)
{
	struct resolver *r = &resolver;
	uint32_t tries = 0;

	/* If this fails, the C library's own time limits apply. */
	(void)setenv("RES_OPTIONS", RESOLVER_OPTIONS, 1);
	begin(r);
	(void)malloc_trim(0); /* frees what building the filter used */
	r->net = channel_none(PROC_RESOLVE, PROC_NET);
	for (;;) {
		struct pollfd pfds[2] = {
			{ .fd = r->parent.fd, .events = POLLIN },
			{ .fd = r->net.fd, .events = POLLIN },
		};

		if (ppoll(pfds, 2, NULL, NULL) == -1) {
			child_wait_failed(&tries);
			continue;
		}
		tries = 0;
		if (pfds[0].revents != 0)
			dispatch_all(&r->parent, handlers);
		else if (pfds[1].revents != 0)
			read_net(r);
	}
}
