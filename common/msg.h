/*
 * Everything that one process may say to another, and who may say it.
 *
 * A channel is a SOCK_SEQPACKET socket pair: the kernel keeps the boundaries
 * of messages.  A message is one fixed-size struct without padding, with a
 * header in front; integers are in host order (both ends run on one machine).
 * The table in messages.def has a row for each: what is not in it is refused,
 * and the channel with it.
 *
 * Units are in the names.  Raw time is CLOCK_MONOTONIC_RAW plus the time spent
 * suspended, see clock.h.  A slope is a fraction in units of 2^-32 (SLOPE_ONE
 * would be 100 %).  Positive offset: the local clock is behind.
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

#define TEXT_LEN 448 /* a line of log */

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
 * ntpd to a child: the descriptor that comes with this is a new channel to
 * another child; it replaces an older one.
 */
struct msg_peer {
	struct msg_header h;
	uint32_t peer; /* enum proc */
	uint32_t reserved;
};

/* ntpd to every child, at a reload: what to log from now on. */
struct msg_level {
	struct msg_header h;
	uint32_t log_level;
	uint32_t reserved;
};

/* A child to ntpd: it is in its sandbox and works. */
#define READY_CLOCK (1U << 0) /* ntp-clock: it may set the clock */
struct msg_ready {
	struct msg_header h;
	uint32_t flags;
	uint32_t reserved;
};

/*
 * A child to ntpd: who is at the other end of one of its channels, which it has
 * closed, sent what it may not send.  See ntpd/children/accuse.c.
 */
struct msg_accuse {
	struct msg_header h;
	uint32_t peer; /* enum proc */
	uint32_t reserved;
};

/*
 * A child to ntpd: who is at the other end of one of its channels does not read
 * or answer.  ntpd looks for itself, see ntpd/children/alive.c.
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
	uint32_t suppressed; /* lines that its rate limit left out before */
	char text[TEXT_LEN];
};

/*
 * ntpd to ntp-net: a configuration, followed by its sources and a commit.  Numbers
 * of statements are as in limits.def, 0 where they were not given.
 */
#define NET_CLOCK	(1U << 0) /* a clock process steers by the samples */
#define NET_SERVES	(1U << 1) /* there is a page for ntp-serve */
#define NET_ONCE	(1U << 2) /* ntpd -q */
#define NET_SLOPE_KNOWN (1U << 3)
#define NET_NOTICES	(1U << 4) /* MSG_NET_HURRY comes when a way is there */
struct msg_net_config {
	struct msg_header h;
	uint32_t flags;
	/* clang-format off */
#define SETTING_NARROW
#define NET_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	uint32_t reserved;
	int64_t drift_slope;	   /* what the clock was found to need before */
	int64_t drift_slope_sigma; /* how sure that is */

	/* clang-format off */
#define SETTING_WIDE
#define NET_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
};

enum source_kind {
	SOURCE_SERVER, /* one address of the name */
	SOURCE_POOL    /* count addresses of the name, 0: all */
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
	uint32_t key_id;     /* 0: its answers need no MAC */
	char name[NAME_LEN]; /* name or address literal */
};

/*
 * ntpd to ntp-net, before the commit: where this machine answers itself.  An
 * address of zeros stands for all of its family.
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
 * ntpd to ntp-net: the network has changed, or an operator is here: names and
 * sources that could not be reached are tried at once.
 */
struct msg_net_hurry {
	struct msg_header h;
};

struct msg_net_commit {
	struct msg_header h;
	uint32_t sources; /* how many MSG_NET_SOURCE went before */
	uint32_t reserved;
};

/*
 * ntpd to ntp-net: the last leap seconds of the file that lists them, in the
 * order of time, and whether they are smeared for clients.  The time must be
 * known to tell which is the next one, so ntp-net does.
 */
struct msg_leaps {
	struct msg_header h;
	uint32_t count;
	uint32_t smear_s;	  /* length, even; 0: none is smeared */
	int64_t expiry_ns;	  /* UTC; 0: there is no such file */
	int64_t at_ns[LEAPS_MAX]; /* the end of the month, UTC */
	uint32_t kind[LEAPS_MAX]; /* 1: a second is inserted, 2: deleted */
};

/*
 * ntpd to ntp-net, before the commit: the keys that its sources use, all anew.
 * ntpd to ntp-serve: all that there are.  No recording has what is in it.
 */
#define KEYS_A_MESSAGE 8
struct msg_keys {
	struct msg_header h;
	uint32_t count;
	uint32_t reserved;
	struct mac_key keys[KEYS_A_MESSAGE];
};

/* ntpd to ntp-net and ntp-serve, with the descriptor of the served page. */
struct msg_page {
	struct msg_header h;
};

/* ntp-net to ntpd, when one of these changes. */
#define NET_SYNCED     (1U << 0) /* enough sources agree */
#define NET_NO_SOURCES (1U << 1)
#define NET_GAVE_UP    (1U << 2) /* ntpd -q: no agreement in time */
#define NET_SEARCHES   (1U << 3) /* wants MSG_NET_HURRY at news of the network */
#define NET_HOLDOVER   (1U << 4) /* NET_SYNCED, by what was measured before */
struct msg_net_state {
	struct msg_header h;
	uint32_t flags;
	uint32_t selected; /* sources */
	uint32_t sources;
	uint32_t stratum;
};

/* ntpd to ntp-serve, before its sockets, and when it changes. */
struct msg_serve_config {
	struct msg_header h;
	int64_t rate_interval_ns; /* between a client's requests; 0: any */
	uint32_t rate_burst;
	uint32_t reserved;
};

/* ntpd to ntp-serve or ntp-observe, with a bound socket to work on. */
struct msg_socket {
	struct msg_header h;
};

/* ntp-observe to ntp-net; the answer repeats the id. */
struct msg_status_ask {
	struct msg_header h;
	uint32_t id;
	uint32_t reserved;
};

/*
 * The members of the messages below that ntpctl prints, and what they are, stand
 * in status.def.  The uptime is that of ntp-net, and to ntpctl that of ntpd.
 */
#define STATUS_SYNCED	  (1U << 0)
#define STATUS_CONTROLLED (1U << 1)
#define STATUS_FROZEN	  (1U << 2)
#define STATUS_LOCAL	  (1U << 3) /* served: its own time, local stratum */
#define STATUS_HOLDOVER	  (1U << 4) /* synced, by what was measured before */
#define STATUS_KNOWN	  (1U << 5) /* offset to root dispersion are measured */
#define STATUS_UNMEASURED (1U << 6) /* said by ntp-observe: ntp-net is gone */
#define STATUS_UNSERVED	  (1U << 7) /* local stratum, but nobody can ask yet */
struct msg_status {
	struct msg_header h;
	uint32_t id;
	uint32_t flags;
	uint32_t sources;
	uint32_t awaited_port; /* of the first address that is awaited */
	/* clang-format off */
#define STATUS_NARROW
#define SUMMARY(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define SUMMARY(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	/* since the last measurement that counted, or ntp-net ended; -1: none */
	int64_t age_ns;
	int64_t since_ns; /* that moment, UTC, which stays the same; 0: none */
	struct msg_addr awaited_addr; /* by ntp-observe, as msg_awaited */
	char why[REASON_LEN];	      /* not synchronized because, or empty */
};

enum source_state {
	STATE_RESOLVING,
	STATE_UNREACHABLE,
	STATE_UNSYNCHRONIZED,
	STATE_UNAUTHENTICATED,
	STATE_DENIED,
	STATE_SELF, /* it is this machine */
	STATE_FALSETICKER,
	STATE_OUTLIER,
	STATE_CANDIDATE,
	STATE_SELECTED
};
enum source_auth { SOURCE_AUTH_NONE, SOURCE_AUTH_MAC };
#define STATUS_INTERLEAVED (1U << 0) /* its last answer was, RFC 9769 */
#define STATUS_MEASURED	   (1U << 1) /* offset, error, delay, jitter are so */
#define STATUS_ANSWERED	   (1U << 2) /* stratum, version, refid are its own */
struct msg_source_status {
	struct msg_header h;
	uint32_t id;
	uint32_t flags; /* STATUS_INTERLEAVED and those below it */
	/* clang-format off */
#define STATUS_NARROW
#define SOURCE(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define SOURCE(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	struct msg_addr addr; /* family 0: none yet */
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
	uint32_t port;	/* of the first of them, if there is one */
	struct msg_addr addr;
};

/* ntpd to ntp-observe, whenever a child starts or ends; pid 0: not running. */
struct msg_process {
	struct msg_header h;
	uint32_t child;	 /* enum proc, or of another ntp-serve, see above */
	uint32_t wanted; /* 0: the configuration has no use for it any more */
	uint32_t silent; /* 1: it does not respond, see ntpd/children/alive.c */
	/* clang-format off */
#define STATUS_NARROW
#define PROCESS(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define PROCESS(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
	int64_t
	    since_ns; /* when it ended, UTC of this machine then; 0: it runs */
};

WIRE_END

/* Room for any message. */
union msg {
	struct msg_header h;
#define MESSAGE(name, member, ...) struct msg_##member member;
#include "common/messages.def"
};

/*
 * Who passes descriptors: ntpd to its children, and nobody else to anybody.
 * The close of a descriptor may wait for as long as whoever sent it likes (a
 * TCP socket with SO_LINGER for an hour, a file of FUSE for ever), and so may
 * the receipt and the close of a socket where one waits in the queue.  So none
 * is taken from anybody but ntpd:
 *
 * - where the kernel knows SO_PASSRIGHTS (Linux 6.16) it refuses to carry one,
 *   see msg_refuse_rights();
 * - elsewhere msg_recv() looks before it takes a message, and leaves one with
 *   a descriptor where it is;
 * - a socket in whose queue one may be is closed by channel_close() if it can
 *   tell that there is none, and else is left open; ntpd and ntp-observe, whose
 *   peers come and go, have better ways (ntpd/sockets/letgo.c, observe/client.c).
 */
bool msg_may_pass(enum proc from, enum proc to);

/*
 * Have the kernel refuse descriptors that are sent to this socket, or to those
 * that will be accepted on it.  Call it before anybody can send.  Returns 0, or
 * -1 with errno where the kernel cannot.
 */
int msg_refuse_rights(int fd);

/*
 * One end of a channel.  fd is -1 where there is none.  Owned by the caller;
 * channel_close() closes the descriptor.
 */
struct channel {
	int fd;
	enum proc self;
	enum proc peer;
	uint32_t dropped; /* messages that found the channel full */
	uint32_t kept;	  /* descriptors that channel_close() left open */
	bool guarded;	  /* msg_refuse_rights() of it has succeeded */
};

/* An end that has no descriptor yet. */
struct channel channel_none(enum proc self, enum proc peer);

/*
 * Close the descriptor, if there is one: at once, whatever was sent to it.
 * Where a descriptor waits in its queue it stays open, counted in kept, until
 * the process ends, which waits for nothing.
 */
void channel_close(struct channel *ch);

/*
 * Send one message; its header is filled in here from the type.  pass_fd goes
 * with it unless it is -1, and stays the caller's.  Never waits.  Returns 0,
 * or -1 with errno: EAGAIN where the channel is full (counted in dropped),
 * EPROTO where the table has no such message from self to peer.
 */
MUST_CHECK int msg_send(
    struct channel *ch, enum msg_type type, void *msg, int pass_fd);

/*
 * The same where a loss does not matter: the next such message, or the end of
 * the other side, makes up for it.
 */
void msg_offer(struct channel *ch, enum msg_type type, void *msg);

/*
 * Is there something that was sent and that the other end has not read?  The
 * kernel says so; where it does not, the answer is no.
 */
bool msg_unread(const struct channel *ch);

enum msg_result {
	MSG_GOT,     /* a message, checked against the table */
	MSG_NOTHING, /* none is waiting */
	MSG_CLOSED,  /* the other end is gone */
	MSG_BAD	     /* a message that may not be: close the channel */
};

/*
 * Receive one message, without waiting.  Type, direction and length are
 * checked; the values are not.  A descriptor that came with it is put into
 * *fd and is then the caller's, else *fd is -1; one that comes with a message
 * whose row expects none makes it bad, and so does a missing one.  From whom
 * none may come (msg_may_pass), none is taken: the message stays in the queue,
 * and the channel is to be closed.
 */
MUST_CHECK enum msg_result msg_recv(
    struct channel *ch, union msg *msg, int *fd);

/* True if the bytes are text that ends within n with a zero byte. */
bool msg_text_ok(const char *text, size_t n);

#endif
