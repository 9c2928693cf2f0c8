/*
 * All messages between processes, and who may send them.
 *
 * A channel is a SOCK_SEQPACKET socket pair, so the kernel keeps the message
 * boundaries.  A message is one fixed-size struct without padding that starts
 * with a header.  Integers are in host order, since both ends run on one
 * machine.  messages.def has a row for each message and direction.  Anything
 * else is refused and its channel is closed.
 *
 * Units are in the names.  Raw time is CLOCK_MONOTONIC_RAW plus suspended time,
 * see clock.h.  A slope is a fraction in units of 2^-32 (SLOPE_ONE stands for
 * 1).  Positive offset: the local clock is behind.
 */
#ifndef COMMON_MSG_H
#define COMMON_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg_base.h"
#include "common/msg_clock.h"
#include "common/msg_counts.h"
#include "common/msg_ctl.h"
#include "common/msg_fast.h"
#include "common/msg_key.h"
#include "common/msg_name.h"
#include "common/msg_record.h"
#include "common/proc.h"
#include "core/types.h"

#define TEXT_LEN 448 /* length of a log line */

enum msg_type {
	MSG_NONE,
#define MESSAGE(name, ...) MSG_##name,
#include "common/messages.def"
	MSG_COUNT
};

WIRE_BEGIN
/* ntpd to every child, the first message: how to drop privileges. */
#define START_DROP_UID (1U << 0) /* change to uid and gid */
#define START_CHROOT   (1U << 1) /* chroot to root[] */
#define START_NO_CLOCK (1U << 2) /* -x: never hold a capability */
#define START_EXTRA                                                            \
	(1U << 3) /* messages with descriptors follow, see child.h */
struct msg_start {
	struct msg_header h;
	uint32_t uid;
	uint32_t gid;
	uint32_t flags;
	uint32_t log_level;
	char root[104];
};

/*
 * ntpd to a child: the attached descriptor is a new channel to another child,
 * and replaces any older one.
 */
struct msg_peer {
	struct msg_header h;
	uint32_t peer; /* enum proc */
	uint32_t reserved;
};

/* ntpd to every child, at a reload: the new log level. */
struct msg_level {
	struct msg_header h;
	uint32_t log_level;
	uint32_t reserved;
};

/* A child to ntpd: it has entered its sandbox and is working. */
#define READY_CLOCK (1U << 0) /* ntp-clock: it may set the clock */
struct msg_ready {
	struct msg_header h;
	uint32_t flags;
	uint32_t reserved;
};

/*
 * A child to ntpd: a peer sent an invalid message, and the child has closed
 * that channel.  See ntpd/children/accuse.c.
 */
struct msg_accuse {
	struct msg_header h;
	uint32_t peer; /* enum proc */
	uint32_t reserved;
};

/*
 * A child to ntpd: a peer does not read or answer.  ntpd checks for itself, see
 * ntpd/children/alive.c.
 */
struct msg_silent {
	struct msg_header h;
	uint32_t peer; /* enum proc */
	uint32_t reserved;
};

/* A child to ntpd: one line of log, zero-terminated, printable. */
struct msg_log {
	struct msg_header h;
	uint32_t level;
	uint32_t suppressed; /* lines dropped before this by the rate limit */
	char text[TEXT_LEN];
};

/*
 * ntpd to ntp-net: a configuration, followed by its sources and a commit.  The
 * numbers are as in limits.def; 0 if not configured.
 */
#define NET_CLOCK	(1U << 0) /* ntp-clock steers by the samples */
#define NET_SERVES	(1U << 1) /* ntp-serve reads a page */
#define NET_ONCE	(1U << 2) /* ntpd -q */
#define NET_SLOPE_KNOWN (1U << 3)
#define NET_NOTICES	(1U << 4) /* MSG_NET_HURRY comes with a new route */
struct msg_net_config {
	struct msg_header h;
	uint32_t flags;
	/* clang-format off */
#define SETTING_NARROW
#define NET_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	uint32_t reserved;
	int64_t drift_q32;	 /* the clock's frequency, found before */
	int64_t drift_sigma_q32; /* its standard deviation */

	/* clang-format off */
#define SETTING_WIDE
#define NET_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
};

enum source_kind {
	SOURCE_SERVER, /* one address of the name */
	SOURCE_POOL    /* count addresses of the name; 0: all */
};
#define SOURCE_INTERLEAVED (1U << 0) /* RFC 9769 */
struct msg_net_source {
	struct msg_header h;
	uint32_t kind;
	uint32_t port;
	uint32_t poll_min_log2; /* seconds, 0 to 17 */
	uint32_t poll_max_log2;
	uint32_t count;
	uint32_t flags;
	uint32_t key_id;     /* 0: answers need no MAC */
	char name[NAME_LEN]; /* host name or address literal */
};

/*
 * ntpd to ntp-net, before the commit: the addresses on which this machine
 * itself answers.  An all-zero address stands for its whole family.
 */
#define LISTENS_MAX 32
struct msg_net_listens {
	struct msg_header h;
	uint32_t count;
	uint32_t reserved;
	struct msg_addr addrs[LISTENS_MAX];
	uint32_t ports[LISTENS_MAX];
};

/*
 * ntpd to ntp-net: the network has changed, or an operator is waiting.  Names
 * and unreachable sources are retried at once.
 */
struct msg_net_hurry {
	struct msg_header h;
};

struct msg_net_commit {
	struct msg_header h;
	uint32_t sources; /* how many MSG_NET_SOURCE were sent */
	uint32_t reserved;
};

/*
 * ntpd to ntp-net: the last leap seconds in the leap file, in order of time,
 * and whether they are smeared for clients.  Which one is next depends on the
 * time, so ntp-net decides that.
 */
struct msg_leaps {
	struct msg_header h;
	uint32_t count;
	uint32_t smear_s;	  /* length, even; 0: not smeared */
	int64_t expiry_ns;	  /* UTC; 0: there is no leap file */
	int64_t at_ns[LEAPS_MAX]; /* end of the month, UTC */
	uint32_t kind[LEAPS_MAX]; /* 1: a second is inserted, 2: deleted */
};

/*
 * ntpd to ntp-net, before the commit: the keys that its sources use; they
 * replace all earlier ones.  ntpd to ntp-serve: all keys.  Their contents are
 * never recorded.
 */
#define KEYS_A_MESSAGE 8
struct msg_keys {
	struct msg_header h;
	uint32_t count;
	uint32_t reserved;
	struct mac_key keys[KEYS_A_MESSAGE];
};

/*
 * ntpd to ntp-net and ntp-serve, with the descriptor of the page of served
 * time.
 */
struct msg_page {
	struct msg_header h;
};

/* ntp-net to ntpd, when any of these changes. */
#define NET_SYNCED     (1U << 0) /* enough sources agree */
#define NET_NO_SOURCES (1U << 1)
#define NET_GAVE_UP    (1U << 2) /* ntpd -q: no agreement in time */
#define NET_SEARCHES   (1U << 3) /* wants MSG_NET_HURRY on network changes */
#define NET_HOLDOVER   (1U << 4) /* NET_SYNCED, by earlier measurements */
struct msg_net_state {
	struct msg_header h;
	uint32_t flags;
	uint32_t selected; /* sources */
	uint32_t sources;
	uint32_t stratum;
};

/* ntpd to ntp-serve, before its sockets and at each change. */
struct msg_serve_config {
	struct msg_header h;
	int64_t rate_interval_ns; /* per client; 0: no limit */
	uint32_t rate_burst;
	uint32_t reserved;
};

/* ntpd to ntp-serve or ntp-observe, with a bound socket to serve. */
struct msg_socket {
	struct msg_header h;
};

/* ntp-observe to ntp-net; the replies repeat the id. */
struct msg_status_ask {
	struct msg_header h;
	uint32_t id;
	uint32_t reserved;
};

/*
 * The members that ntpctl prints from the messages below are defined in
 * status.def.  The uptime is ntp-net's; ntpctl is given ntpd's.
 */
#define STATUS_SYNCED	  (1U << 0)
#define STATUS_CONTROLLED (1U << 1)
#define STATUS_FROZEN	  (1U << 2)
#define STATUS_LOCAL	  (1U << 3) /* serves its own time, local stratum */
#define STATUS_HOLDOVER	  (1U << 4) /* synced, by earlier measurements */
#define STATUS_KNOWN	  (1U << 5) /* offset to dispersion are measured */
#define STATUS_UNMEASURED (1U << 6) /* set by ntp-observe: ntp-net is gone */
#define STATUS_UNSERVED	  (1U << 7) /* local stratum, but no socket yet */
struct msg_status {
	struct msg_header h;
	uint32_t id;
	uint32_t flags;
	uint32_t sources;
	uint32_t awaited_port; /* of awaited_addr */
	/* clang-format off */
#define STATUS_NARROW
#define SUMMARY(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define SUMMARY(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	/* since the last measurement used, or ntp-net's end; -1: none */
	int64_t age_ns;
	int64_t since_ns;	      /* UTC of it, constant; 0: none */
	struct msg_addr awaited_addr; /* by ntp-observe, see msg_awaited */
	char why[REASON_LEN];	      /* why not synchronized, or empty */
};

enum source_state {
	STATE_RESOLVING,
	STATE_UNREACHABLE,
	STATE_UNSYNCHRONIZED,
	STATE_UNAUTHENTICATED,
	STATE_DENIED,
	STATE_SELF, /* this machine itself */
	STATE_FALSETICKER,
	STATE_OUTLIER,
	STATE_CANDIDATE,
	STATE_SELECTED
};
enum source_auth { SOURCE_AUTH_NONE, SOURCE_AUTH_MAC };
#define STATUS_INTERLEAVED (1U << 0) /* in its last answer, RFC 9769 */
#define STATUS_MEASURED	   (1U << 1) /* offset to jitter are measured */
#define STATUS_ANSWERED	   (1U << 2) /* stratum to refid are its own */
struct msg_source_status {
	struct msg_header h;
	uint32_t id;
	uint32_t flags; /* STATUS_INTERLEAVED, _MEASURED, _ANSWERED */
	/* clang-format off */
#define STATUS_NARROW
#define SOURCE(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define SOURCE(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	struct msg_addr addr; /* family 0: no address yet */
	char name[NAME_LEN];
	char why[REASON_LEN]; /* why it is not selected, or empty */
};

struct msg_status_end {
	struct msg_header h;
	uint32_t id;
	uint32_t reserved;
};

/* ntpd to ntp-observe: the addresses that cannot be listened on yet. */
struct msg_awaited {
	struct msg_header h;
	uint32_t count; /* at most LISTENS_MAX */
	uint32_t port;	/* of the first one, if any */
	struct msg_addr addr;
};

/* ntpd to ntp-observe, when a child starts or ends.  pid 0: not running. */
struct msg_process {
	struct msg_header h;
	uint32_t child;	 /* enum proc, or a further ntp-serve, see proc.h */
	uint32_t wanted; /* 0: the configuration no longer needs it */
	uint32_t silent; /* 1: it does not respond, see ntpd/children/alive.c */
	/* clang-format off */
#define STATUS_NARROW
#define PROCESS(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define PROCESS(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	int64_t since_ns; /* local UTC of its end; 0: it runs */
};

WIRE_END

/* Room for any message. */
union msg {
	struct msg_header h;
#define MESSAGE(name, member, ...) struct msg_##member member;
#include "common/messages.def"
};

/*
 * Who may pass descriptors: only ntpd, to its children.  Closing a descriptor
 * can block for as long as its sender likes: a TCP socket with SO_LINGER for an
 * hour, a FUSE file for ever.  So can receiving one, and closing a socket with
 * one in its queue.  So no program accepts a descriptor from anyone but ntpd:
 *
 * - If the kernel has SO_PASSRIGHTS (Linux 6.16), it refuses to carry one, see
 *   msg_refuse_rights().
 * - Otherwise msg_recv() looks before it takes a message, and leaves a message
 *   with a descriptor in the queue.
 * - channel_close() closes a socket with a possible descriptor in its queue
 *   only if it can tell that there is none; otherwise it leaves the socket
 *   open.  ntpd and ntp-observe, whose peers come and go, have better ways
 *   (ntpd/sockets/letgo.c, ntp-net/observe/client.c).
 */
bool msg_may_pass(enum proc from, enum proc to);

/*
 * Make the kernel refuse descriptors sent to this socket, or to sockets that
 * will be accepted on it.  Call it before anybody can send.  Returns 0, or -1
 * with errno if the kernel does not support it.
 */
int msg_refuse_rights(int fd);

/*
 * One end of a channel.  fd is -1 if there is none.  Owned by the caller;
 * channel_close() closes the descriptor.
 */
struct channel {
	int fd;
	enum proc self;
	enum proc peer;
	uint32_t dropped; /* messages lost because the channel was full */
	uint32_t kept;	  /* descriptors left open by channel_close() */
	bool guarded;	  /* msg_refuse_rights() succeeded */
};

/* A channel end without a descriptor. */
struct channel channel_none(enum proc self, enum proc peer);

/*
 * Close the descriptor, if any, without blocking, whatever was sent to it.  If
 * a descriptor waits in its queue, the socket stays open until the process ends
 * (an exit never waits), and kept counts it.
 */
void channel_close(struct channel *ch);

/*
 * Send one message.  Fills in its header from the type.  pass_fd goes with it
 * unless it is -1, and remains the caller's. Never waits.  Returns 0, or -1
 * with errno: EAGAIN if the channel is full (counted in dropped), EPROTO if the
 * table has no such message from self to peer.
 */
MUST_CHECK int msg_send(
    struct channel *ch, enum msg_type type, void *msg, int pass_fd);

/*
 * The same for a message that may be lost: the next one of its kind, or the end
 * of the peer, makes up for it.
 */
void msg_offer(struct channel *ch, enum msg_type type, void *msg);

/*
 * True if the peer has not yet read all that was sent.  Asks the kernel; false
 * if the kernel cannot tell.
 */
bool msg_unread(const struct channel *ch);

enum msg_result {
	MSG_GOT,     /* a valid message according to the table */
	MSG_NOTHING, /* none is waiting */
	MSG_CLOSED,  /* the peer is gone */
	MSG_BAD	     /* an invalid message: close the channel */
};

/*
 * Receive one message without waiting.  Checks type, direction and length, but
 * not the values.  *fd becomes the descriptor that came with it, then owned by
 * the caller, or -1.  A descriptor whose row expects none makes the message
 * bad, and so does a missing one.  From a peer that may not pass descriptors
 * (msg_may_pass) none is taken: the message stays in the queue, and the caller
 * must close the channel.
 */
MUST_CHECK enum msg_result msg_recv(
    struct channel *ch, union msg *msg, int *fd);

/* True if the text is terminated by a zero byte within its first n bytes. */
bool msg_text_ok(const char *text, size_t n);

#endif
