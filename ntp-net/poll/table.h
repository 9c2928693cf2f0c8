/*
 * What ntp-net queries: the entries of the configuration and their sources.  An
 * entry is one server or pool line.  A slot is one address of an entry, with
 * its state.  Everything has a fixed place here; nothing is allocated.
 */
#ifndef POLL_TABLE_H
#define POLL_TABLE_H

#include "common/addr.h"
#include "common/msg.h"
#include "core/filter/oscillator.h"
#include "core/select/bias.h"
#include "core/source/source.h"

#define QUIET_QUERIES	8  /* lost in a row: try another address, */
#define PUT_OFF_QUERIES 3  /* or this many after a RATE kiss */
#define FALSE_LIMIT	8  /* false answers in a row: likewise in a pool */
#define POOL_ALL_MAX	16 /* addresses of a pool without a count */
#define BAD_MAX		16 /* bad addresses that an entry remembers ... */
#define BAD_NS		(3600 * NS_PER_S)  /* ... for this long, */
#define DENIED_NS	(86400 * NS_PER_S) /* and if they denied us service */
#define REFIDS_MAX	8 /* of this machine, as in struct source_config */

#define LOOKUP_LONG_NS (2 * NS_PER_S) /* see table_configured() */

/*
 * While the time is unknown, failed attempts are repeated at this interval for
 * about a quarter of an hour, and then less often.
 */
#define URGENT_NS    (4 * NS_PER_S)
#define URGENT_TRIES 225
#define SELF_AGAIN_NS                                                          \
	(1024 * NS_PER_S) /* the address may go to another machine */

enum lookup_state {
	LOOKUP_IDLE,
	LOOKUP_DUE,  /* ask at time at */
	LOOKUP_ASKED /* give up at time at */
};

/* The look-up of an entry's name, see lookup.h. */
struct lookup {
	enum lookup_state state;
	uint32_t failed; /* in a row, without any address: see below */
	struct mono at;
	struct mono asked; /* the last question */
	uint32_t id;	   /* of the pending question */
	uint32_t tries;	   /* in a row that brought nothing new */
	int32_t error;	   /* of the last one, see msg_name.h; 0: none */
	int32_t error_logged;
	struct msg_addr refused; /* the address for NAME_NO_HOST */
};

struct bad_addr {
	struct msg_addr addr; /* family 0: none */
	struct mono until;
	bool denied; /* it denied us service */
};

struct entry {
	bool used;
	bool kept;	/* used only during a commit */
	bool literal;	/* the name is an address */
	bool scoped;	/* an address with the name of an interface */
	uint32_t order; /* place in the configuration */
	enum source_kind kind;
	uint16_t port;
	uint8_t poll_min_log2;
	uint8_t poll_max_log2;
	uint32_t count;	 /* slots wanted; 0: one per address */
	uint32_t flags;	 /* SOURCE_INTERLEAVED */
	uint32_t key_id; /* 0: none */
	char name[NAME_LEN];
	struct msg_addr addrs[ADDRS_MAX]; /* from the last look-up */
	uint32_t addr_count;
	uint32_t addr_next; /* the first that was not tried yet */
	struct mono addrs_at;
	struct lookup lookup;
	struct bad_addr bad[BAD_MAX];
};

/* The status of a slot, see status.h; better ones come later. */
enum slot_status {
	SLOT_UNREACHABLE,
	SLOT_UNSYNCHRONIZED, /* by its own statement */
	SLOT_TOO_FAR,	     /* its root distance is too large */
	SLOT_UNAUTHENTICATED,
	SLOT_DENIED,
	SLOT_SELF,	  /* this machine itself */
	SLOT_FALSETICKER, /* disagrees with the majority, */
	SLOT_SMEARED,	  /* or serves smeared time */
	SLOT_OUTLIER,
	SLOT_CANDIDATE,
	SLOT_SELECTED
};

/* What was last logged about a slot. */
enum slot_said { SAID_NOTHING, SAID_GOOD, SAID_BAD };

struct slot {
	bool used;
	bool fresh;	/* its estimate changed since the last decision */
	bool alarm;	/* an unexpected answer since then */
	bool self;	/* its address belongs to this machine */
	int error;	/* network errno since the last answer; 0: none */
	uint32_t entry; /* index */
	struct msg_addr addr;
	int fd;			 /* socket of the pending query, or -1 */
	enum slot_status status; /* by the last decision */
	enum slot_said said;
	enum slot_status said_status;
	enum verdict said_reject; /* the rejection that was logged */
	uint32_t false_count;	  /* answers in a row as a falseticker */
	uint32_t replace_at;	  /* lost queries after which to replace it */
	bool unsent;		  /* scoped entry: a query could not be sent */
	struct source source;
	struct oscillator oscillator; /* ours, as measured by this source */
	struct bias bias;
	bool deviating;		/* it deviates from its learned bias */
	bool smeared;		/* it serves smeared time, see leaps.h */
	struct mono smear_seen; /* the last answer checked for a smear */
};

/* A configuration that is still incomplete. */
struct staging {
	bool open;
	struct msg_net_config config;
	struct msg_net_source lines[SOURCES_MAX];
	uint32_t count;
};

struct recorder;

struct table {
	struct recorder *recorder; /* of received data; NULL: none */
	struct msg_net_config config;
	bool committed; /* true after the first configuration */
	struct mono committed_at;
	uint32_t entry_count;
	/* From here on, no entry and no slot is used: their memory is cold. */
	uint32_t end;
	struct entry entries[SOURCES_MAX];
	struct slot slots[SOURCES_MAX];
	struct staging staging;
	struct msg_net_listens listens; /* where this machine answers */
	bool unknown;			/* no agreed time: query more often */
	struct probe { /* for sources that cannot be reached at all */
		struct mono at;
		uint32_t tries; /* in a row without success */
	} probe;
	uint32_t next_id;	     /* for look-ups */
	uint32_t answers;	     /* received to look-ups */
	uint32_t refids[REFIDS_MAX]; /* that identify this machine to others */
	uint32_t refid_next;
	int64_t precision_ns; /* precision of our clock */
	double slope;	      /* of UTC - raw, for new sources ... */
	double slope_sigma;   /* ... and its uncertainty */
};

/*
 * Initialize a table in zeroed memory.  Most of that memory is not touched: it
 * is large, and few machines have many sources.  precision_ns: of a clock
 * reading, at least 1.
 */
void table_begin(struct table *t, int64_t precision_ns);

/*
 * Handle the messages of a configuration from ntpd.  Checks all values.
 * Returns -1 and changes nothing else if a value is out of range, or the
 * messages are out of order.
 */
MUST_CHECK int table_config(struct table *t, const struct msg_net_config *m);
MUST_CHECK int table_line(struct table *t, const struct msg_net_source *m);

/* The addresses on which this machine answers.  Errors as above. */
MUST_CHECK int table_listens(struct table *t, const struct msg_net_listens *m);

/*
 * The configuration is complete and comes into force.  An entry that existed
 * before (the same in everything but the count) keeps its addresses and its
 * slots with their state.
 */
MUST_CHECK int table_commit(
    struct table *t, const struct msg_net_commit *m, struct mono now);

/*
 * Start a slot for an address of an entry.  random: 32 random bits.  Returns
 * the slot, or NULL if all are in use.
 */
struct slot *table_start(struct table *t, uint32_t entry,
    const struct msg_addr *addr, struct mono now, uint32_t random);

/* The status in the form that messages use, which is coarser. */
enum source_state table_state(enum slot_status status);

/* Stop a slot: close its socket and forget its state. */
void table_stop(struct slot *s);

/* True if a slot asks this address and port. */
bool table_has_addr(
    const struct table *t, const struct msg_addr *addr, uint16_t port);

/* True if this machine itself answers at this address of its own. */
bool table_answers(
    const struct table *t, const struct msg_addr *addr, uint16_t port);

/* The number of slots of an entry. */
uint32_t table_slots_of(const struct table *t, uint32_t entry);

/* The number of free slots, minus one for each entry that has none yet. */
uint32_t table_free(const struct table *t);

/*
 * The number of sources: slots, plus the slots wanted by entries that have none
 * yet.  A pool whose name has not been resolved counts the slots that it is to
 * get.
 */
uint32_t table_sources(const struct table *t);

/*
 * How many of them count for a majority: those of source_counts(), and names
 * that may still be resolved.  A silent source stops counting after
 * SOURCE_BURST queries.  Likewise, a name stops counting after SOURCE_BURST
 * failed look-ups, until one brings an address.  A failed look-up counts once
 * more for each LOOKUP_LONG_NS that it took.
 */
uint32_t table_configured(const struct table *t);

/* Those of table_configured() that belong to names still to be resolved. */
uint32_t table_awaited(const struct table *t);

/* Add a reference ID that identifies this machine; 0 is ignored. */
void table_learn_refid(struct table *t, uint32_t refid);

/* Query all sources soon, in a burst. */
void table_burst(struct table *t, struct mono now);

/* Query all unreachable sources soon: there may be a route now. */
void table_hurry(struct table *t, struct mono now);

/* True if there is a source to which no query could leave the machine. */
bool table_lacks_way(const struct table *t);

/* When to look for a route again; INT64_MAX: never. */
struct mono table_probe_deadline(const struct table *t);

/*
 * The machine was suspended or paused: query all sources soon, and raise the
 * uncertainty of every estimate to at least this standard deviation.
 */
void table_resumed(struct table *t, struct mono now, double sigma_ns);

/*
 * A leap second has passed: shift all estimates except those of smearing
 * sources.
 */
void table_leap(struct table *t, int64_t by_ns);

/* The earliest timer of a source; INT64_MAX: no sources. */
struct mono table_deadline(const struct table *t);

#endif
