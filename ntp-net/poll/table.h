/*
 * What ntp-net asks: the entries of the configuration, and the sources that
 * stand for them.  An entry is one server or pool line; a slot is one address
 * of it, with its state.  Everything has a fixed place here; nothing is
 * allocated.
 */
#ifndef POLL_TABLE_H
#define POLL_TABLE_H

#include "common/addr.h"
#include "common/msg.h"
#include "core/filter/oscillator.h"
#include "core/select/habit.h"
#include "core/source/source.h"

#define TRUST_COUNT	SOURCE_TRUST
#define QUIET_QUERIES	8  /* unanswered in a row: try another address, */
#define PUT_OFF_QUERIES 3  /* or so many, if it asks for patience (RATE) */
#define FALSE_LIMIT	8  /* answers as a falseticker: likewise, in a pool */
#define POOL_ALL_MAX	16 /* addresses of a pool without a count */
#define BAD_MAX		16 /* addresses an entry remembers as bad ... */
#define BAD_NS		(3600 * NS_PER_S) /* ... for this long, */
#define DENIED_NS	(86400 * NS_PER_S) /* and if they denied us its service */
#define REFIDS_MAX	8 /* of this machine, as in struct source_config */

#define LOOKUP_LONG_NS (2 * NS_PER_S) /* see table_configured() */

/*
 * What is tried in vain while there is no time, is tried that often for about a
 * quarter of an hour, and then less.
 */
#define URGENT_NS    (4 * NS_PER_S)
#define URGENT_TRIES 225
#define SELF_AGAIN_NS                                                          \
	(1024 * NS_PER_S) /* the address may go to another machine */

enum lookup_state {
	LOOKUP_IDLE,
	LOOKUP_DUE,  /* to be asked at the time at */
	LOOKUP_ASKED /* given up at the time at */
};

/* Looking up the name of an entry, see names.h. */
struct lookup {
	enum lookup_state state;
	uint32_t
	    failed; /* in a row that brought no address at all: see below */
	struct mono at;
	struct mono asked; /* the last question */
	uint32_t id;	   /* of the question that is out */
	uint32_t tries;	   /* in a row that brought nothing new */
	int32_t error;	   /* of the last one, see msg_name.h; 0: none */
	int32_t error_logged;
	struct msg_addr refused; /* of NAME_NO_HOST */
};

struct bad_addr {
	struct msg_addr addr; /* family 0: none */
	struct mono until;
	bool denied; /* it denied us its service */
};

struct entry {
	bool used;
	bool kept;    /* private to a commit */
	bool literal; /* the name is an address */
	bool scoped;  /* an address with an interface, whose number is asked */
	uint32_t order; /* in the configuration */
	enum source_kind kind;
	uint16_t port;
	uint8_t poll_min_log2;
	uint8_t poll_max_log2;
	uint32_t count;	 /* slots wanted; 0: one for every address */
	uint32_t flags;	 /* SOURCE_INTERLEAVED */
	uint32_t key_id; /* 0: none */
	char name[NAME_LEN];
	struct msg_addr addrs[ADDRS_MAX]; /* of the last look-up */
	uint32_t addr_count;
	uint32_t addr_next; /* the first that has not been tried */
	struct mono addrs_at;
	struct lookup lookup;
	struct bad_addr bad[BAD_MAX];
};

/* What is to be said of a slot, see status.h; the better ones come later. */
enum slot_status {
	SLOT_UNREACHABLE,
	SLOT_UNSYNCHRONIZED, /* it says so */
	SLOT_TOO_FAR,	     /* by its root distance */
	SLOT_UNAUTHENTICATED,
	SLOT_DENIED,
	SLOT_SELF,	  /* it is this machine */
	SLOT_FALSETICKER, /* it disagrees with the majority, */
	SLOT_SMEARED,	  /* or serves smeared time */
	SLOT_OUTLIER,
	SLOT_CANDIDATE,
	SLOT_SELECTED
};

/* What the log said about a slot last. */
enum slot_said { SAID_NOTHING, SAID_GOOD, SAID_BAD };

struct slot {
	bool used;
	bool fresh; /* its estimate changed since the last decision */
	bool alarm; /* an answer since then was not foreseen at all */
	bool self;  /* it is this machine, by its address */
	int error;  /* errno of the network since the last answer, 0: none */
	uint32_t entry; /* index */
	struct msg_addr addr;
	int fd; /* of the query that is out, or -1 */
	struct mono since;
	enum slot_status status; /* as it was decided last */
	enum slot_said said;
	enum slot_status said_status;
	enum verdict said_reject; /* why its answers were refused then */
	uint32_t false_count;	  /* answers in a row as a falseticker */
	uint32_t replace_at; /* unanswered queries: look for another address */
	bool unsent; /* a query could not be sent; of a scoped entry only */
	struct source source;
	struct oscillator oscillator; /* ours, as it shows it */
	struct habit habit;
	bool estranged;		/* it has departed from that */
	bool smeared;		/* it serves smeared time, see leaps.h */
	struct mono smear_seen; /* the last answer that was judged for that */
};

/* A configuration that is not complete yet. */
struct staging {
	bool open;
	struct msg_net_config config;
	struct msg_net_source lines[SOURCES_MAX];
	uint32_t count;
};

struct recorder;

struct table {
	struct recorder *recorder; /* of what is seen of it; NULL: none */
	struct msg_net_config config;
	bool committed; /* there has been a configuration */
	struct mono committed_at;
	uint32_t entry_count;
	struct entry entries[SOURCES_MAX];
	struct slot slots[SOURCES_MAX];
	struct staging staging;
	struct msg_net_listens listens; /* where this machine answers itself */
	bool unknown;  /* no time is agreed on: better ask too often */
	struct probe { /* is there a way to those that no query leaves for? */
		struct mono at;
		uint32_t tries; /* in a row, in vain */
	} probe;
	uint32_t next_id;	     /* of look-ups */
	uint32_t answers;	     /* that came for them */
	uint32_t refids[REFIDS_MAX]; /* by which others know this machine */
	uint32_t refid_next;
	int64_t precision_ns; /* of a reading of our clock */
	double slope;	      /* of UTC - raw, for new sources ... */
	double slope_sigma;   /* ... as well as it is known */
};

/*
 * An empty table, in memory that is all zero, most of which is not touched: it
 * is large, and few machines have many sources.  precision_ns: of a clock
 * reading, at least 1.
 */
void table_begin(struct table *t, int64_t precision_ns);

/*
 * The three messages of a configuration from ntpd.  All values are checked:
 * -1 means that they are out of range or order, and nothing else has changed.
 */
MUST_CHECK int table_config(struct table *t, const struct msg_net_config *m);
MUST_CHECK int table_line(struct table *t, const struct msg_net_source *m);

/* Where this machine answers; likewise. */
MUST_CHECK int table_listens(struct table *t, const struct msg_net_listens *m);

/*
 * The configuration is complete and comes into force.  An entry that was there
 * before (everything is the same, but the count may differ) keeps its addresses
 * and its slots with all that is known of them.
 */
MUST_CHECK int table_commit(
    struct table *t, const struct msg_net_commit *m, struct mono now);

/*
 * Start to ask an address for an entry.  random: 32 random bits.  Returns the
 * slot, or NULL if all are taken.
 */
struct slot *table_start(struct table *t, uint32_t entry,
    const struct msg_addr *addr, struct mono now, uint32_t random);

/* A status as messages have it, which tell less of some. */
enum source_state table_state(enum slot_status status);

/* Stop asking: closes the socket, forgets everything. */
void table_stop(struct slot *s);

/* True if a slot asks this address and port. */
bool table_has_addr(
    const struct table *t, const struct msg_addr *addr, uint16_t port);

/* True if this machine, whose address it is, answers there itself. */
bool table_answers(
    const struct table *t, const struct msg_addr *addr, uint16_t port);

/* How many slots an entry has. */
uint32_t table_slots_of(const struct table *t, uint32_t entry);

/* How many slots are free, less one for each entry that has none yet. */
uint32_t table_free(const struct table *t);

/*
 * Sources: slots, and what entries that have none yet are to have: a pool whose
 * name was not looked up yet as many as it is to have.
 */
uint32_t table_sources(const struct table *t);

/*
 * How many of them count for a majority: those of source_counts(), and names
 * that may yet be looked up.  As a source that is silent does not count after
 * SOURCE_BURST queries, a name does not after so many look-ups that failed,
 * until one brings an address.  For each LOOKUP_LONG_NS that one took it is one
 * more.
 */
uint32_t table_configured(const struct table *t);

/* Those of these that are to come of names that are yet to be looked up. */
uint32_t table_awaited(const struct table *t);

/* This machine is known by a reference ID; 0 is ignored. */
void table_learn_refid(struct table *t, uint32_t refid);

/* Ask all soon, and a few times in a row. */
void table_rush(struct table *t, struct mono now);

/* Ask all soon that do not answer: there may be a way to them now. */
void table_hurry(struct table *t, struct mono now);

/* Is there a source for which no query could leave the machine? */
bool table_lacks_way(const struct table *t);

/* When to look whether there is a way; INT64_MAX: not at all. */
struct mono table_probe_deadline(const struct table *t);

/*
 * The machine was suspended or paused: ask all soon, and trust what is known no
 * more than to this standard deviation.
 */
void table_resumed(struct table *t, struct mono now, double sigma_ns);

/* A leap second has passed: shift all estimates but of who smears it. */
void table_leap(struct table *t, int64_t by_ns);

/* When the earliest timer of a source is due; INT64_MAX: no source. */
struct mono table_deadline(const struct table *t);

#endif
