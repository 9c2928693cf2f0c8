/* The checked configuration in one struct: ntpd.conf(5), -c and -p. */
#ifndef NTPD_CONF_H
#define NTPD_CONF_H

#include <sys/socket.h>
#include <sys/types.h>

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/keyring.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/msg.h"
#include "ntpd/conf/prefix.h"

#define CONF_LISTEN_MAX	 32
#define CONF_FAST_MAX	 8
#define CONF_SOURCES_MAX SOURCES_MAX
#define CONF_PATH_LEN	 104
#define CONF_FILE_LEN	 128

/* A place in the configuration, for messages; line 0: not given. */
struct conf_place {
	char file[CONF_FILE_LEN];
	unsigned int line;
	unsigned int column;
};

struct conf_listen {
	struct sockaddr_storage addr; /* with its port */
	socklen_t len;
	char file[CONF_FILE_LEN];    /* its place, for messages: file name */
	unsigned int line;	     /* and line */
	char interface[IF_NAMESIZE]; /* the part after "%", "": none */
	bool of_interface; /* read from an interface; may not be up yet */
	bool of_star;	   /* the family of * that a kernel may lack */
	bool of_wildcard;  /* and split off a wildcard, which covers it */
};

/* An interface with the fast path, in the kernel, see fast.h. */
struct conf_fast {
	char name[IF_NAMESIZE];
	uint16_t port;
	bool native;		  /* in the driver or not at all */
	char file[CONF_FILE_LEN]; /* for messages */
	unsigned int line;
};

struct conf_source {
	enum source_kind kind;
	char name[NAME_LEN]; /* host name or address literal */
	uint32_t port;
	uint8_t poll_min_log2;
	uint8_t poll_max_log2;
	uint32_t count; /* addresses of a pool; 0: all */
	bool interleaved;
	uint32_t key_id; /* 0: no key */
};

enum conf_violation { VIOLATION_FREEZE, VIOLATION_STOP };

/* The numbers are those of limits.def. */
struct conf_clock {
	/* clang-format off */
#define SETTING_WIDE
#define CLOCK_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	enum conf_violation on_violation;
};

struct conf {
	struct conf_source sources[CONF_SOURCES_MAX];
	uint32_t source_count;
	/*
	 * 0: not given.  For min_sources that means a majority; for
	 * local_stratum, none.
	 */
	/* clang-format off */
#define SETTING_NARROW
#define NET_SETTING(member, ...) member
#include "common/limits.def"
#define SETTING_WIDE
#define NET_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	struct conf_listen listens[CONF_LISTEN_MAX];
	uint32_t listen_count;
	/*
	 * Addresses with an interface whose number is looked up later, see
	 * interface.h.
	 */
	struct conf_listen scoped[CONF_LISTEN_MAX];
	uint32_t scoped_count;
	struct conf_fast fasts[CONF_FAST_MAX];
	uint32_t fast_count;
	uint32_t workers;	     /* 0: one for each core, up to 4 */
	struct prefix_list prefixes; /* of allow and deny */
	int64_t rate_interval_ns;    /* 0: no rate limit */
	uint32_t rate_burst;
	char leap_file[CONF_PATH_LEN]; /* empty: none */
	uint32_t leap_smear_s;	       /* 0: no smear */
	struct conf_clock clock;
	char control_socket[CONF_PATH_LEN];
	mode_t control_mode;
	char control_group[32]; /* empty: none */
	char state_directory[CONF_PATH_LEN];
	char record[CONF_PATH_LEN]; /* empty: no recording */
	int64_t record_bytes;	    /* both files together */
	/* places of statements and values that the machine may not support */
	struct conf_place leap_place;
	struct conf_place control_place;
	struct conf_place group_place;
	struct conf_place state_place;
	struct conf_place record_place;
	char keys_file[CONF_PATH_LEN]; /* empty: none */
	struct keyring *keys;	       /* its keys; NULL: none */
	enum log_level log_level;
};

/* The default of a number, in the unit of its row in common/limits.def. */
int64_t conf_usual(enum limit_id limit);

/* Set every value to its default, with no source and no listener. */
void conf_init(struct conf *c);

/* Free what conf_read() has allocated, whatever it returned. */
void conf_clear(struct conf *c);

/* Copy a file name for messages; a long one keeps its end. */
void conf_note_file(char file[CONF_FILE_LEN], const char *name);

/* The number of listen addresses that the statements name. */
uint32_t conf_listens_named(const struct conf *c);

#endif
