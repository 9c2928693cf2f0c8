/*
 * The fast path: a program in the kernel that answers plain requests in the
 * driver of a network interface (ntpd/fast).  ntpd loads and attaches it while
 * it still may, and gives the map of the time to ntp-serve.  Afterwards it only
 * holds the links: when the last descriptor of a link is closed, the program is
 * detached from its interface, however ntpd ended.
 */
#ifndef NTPD_FAST_H
#define NTPD_FAST_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

#include "common/fastmap.h"
#include "ntpd/conf/conf.h"

/*
 * A rule for the clients in a network; the longest prefix that matches decides.
 */
struct fast_rule {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix;	    /* length in bits */
	uint8_t addr[16];   /* in wire order; IPv4 uses the first 4 octets */
	enum fast_action action;
};

/* Which clients are answered, and how often; all zeros: all of them, always. */
struct fast_gate {
	struct fast_rule *rules; /* of equal prefixes the last one counts */
	size_t rule_count;
	enum fast_action fallback; /* if no rule matches */
	int64_t interval_ns; /* between a client's requests; 0: no limit */
	uint32_t burst;	     /* requests at once, at least 1 */
};

/*
 * The gate of a configuration; its rules are allocated.  Returns 0, or -1 with
 * errno.  fast_gate_clear() frees them.
 */
MUST_CHECK int fast_gate_init(struct fast_gate *g, const struct conf *c);
void fast_gate_clear(struct fast_gate *g);

struct fast_path {
	int line_fd;	 /* map of the time, -1: no fast path */
	int counters_fd; /* map of the counters, one entry per processor */
	uint32_t processors;
	const struct fast_counters *counters; /* mapped; NULL: none */
	int link_fds[CONF_FAST_MAX]; /* as conf.fasts, -1: not attached */
	unsigned int indexes[CONF_FAST_MAX]; /* of the interfaces then */
	bool later; /* a new configuration needs a restart */
};

struct bpf_object; /* from libbpf */

/*
 * Load the program with its rules in force and with counters for `processors`
 * processors, which only the program can write.  Returns it, or NULL with
 * errno.  The caller owns it and closes it with bpf_object__close().
 */
MUST_CHECK struct bpf_object *fast_load(
    const struct fast_gate *g, uint32_t processors);

/*
 * Load the program and attach it to the interfaces that the configuration
 * listens on fast, natively or else in the kernel's generic way.  Failures are
 * logged, and the ordinary path does the work; f->line_fd is -1 if nothing was
 * attached.  Needs CAP_BPF and CAP_NET_ADMIN.
 */
void fast_open(
    struct fast_path *f, const struct conf *c, const struct fast_gate *gate);

/* Do the interfaces that it was attached to still exist? */
bool fast_is_there(const struct fast_path *f, const struct conf *c);

/*
 * Does the program, loaded for the configuration `now`, do what `next` wants,
 * as far as it ever did?  there is what fast_is_there() said.
 */
bool fast_fits(const struct fast_path *f, bool there, const struct conf *now,
    const struct conf *next);

/* Detach from every interface; needs no privilege. */
void fast_close(struct fast_path *f);

/* The program's object file, as compiled. */
extern const unsigned char fast_program[];
extern const uint64_t fast_program_size; /* octets */

#endif
