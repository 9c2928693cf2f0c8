/*
 * The configuration: what ntpd.conf(5), -c and -p say, checked, in one struct.
 */
#ifndef NTPD_CONF_H
#define NTPD_CONF_H

#include <sys/socket.h>
#include <sys/types.h>

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/keyring.h"
#include "common/log.h"
#include "common/msg.h"
#include "ntpd/conf/prefix.h"

#define CONF_LISTEN_MAX	 32
#define CONF_FAST_MAX	 8
#define CONF_SOURCES_MAX SOURCES_MAX
#define CONF_PATH_LEN	 104
#define CONF_FILE_LEN	 128

#define CONF_RECORD_BYTES (INT64_C(16) << 20) /* unless configured */

/* Where something stands, for messages; line 0: it was not given. */
struct conf_place {
	char file[CONF_FILE_LEN];
	unsigned int line;
	unsigned int column;
};

struct conf_listen {
	struct sockaddr_storage addr; /* port included */
	socklen_t len;
	char file[CONF_FILE_LEN]; /* where it stands, for messages: the name, */
	unsigned int line;	  /* and the line */
	char interface[IF_NAMESIZE]; /* behind its "%", "": none */
	bool of_interface; /* one of its addresses, which may not be up yet */
	bool of_star;	   /* the family of * that a kernel may lack */
	bool of_wildcard;  /* and what is sent to it meant a wildcard */
};

/* An interface that is listened on fast: in the kernel, see fast.h. */
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
	uint16_t port;
	uint8_t poll_min_log2;
	uint8_t poll_max_log2;
	uint8_t count; /* of a pool; 0: all addresses */
	bool interleaved;
	uint32_t key_id; /* 0: none */
};

enum conf_violation { VIOLATION_FREEZE, VIOLATION_STOP };

struct conf_clock {
	int64_t step_over_ns;
	int64_t startup_forward_ns;  /* LIMIT_ANY: any */
	int64_t startup_backward_ns; /* LIMIT_ANY: any */
	int64_t limit_ns;	     /* LIMIT_ANY: any */
	int64_t budget_ns;	     /* LIMIT_ANY: none */
	int64_t budget_period_ns;
	int64_t frequency_limit_ppb; /* around the anchor */
	int64_t resume_limit_ns;     /* LIMIT_ANY: any */
	int64_t slew_limit_ppb;
	enum conf_violation on_violation;
};

struct conf {
	struct conf_source sources[CONF_SOURCES_MAX];
	uint32_t source_count;
	uint32_t min_sources; /* 0: a majority */
	int64_t max_distance_ns;
	struct conf_listen listens[CONF_LISTEN_MAX];
	uint32_t listen_count;
	/* Those with an interface, whose number is still to come, see
	 * interface.h. */
	struct conf_listen scoped[CONF_LISTEN_MAX];
	uint32_t scoped_count;
	struct conf_fast fasts[CONF_FAST_MAX];
	uint32_t fast_count;
	uint32_t local_stratum;	     /* 0: none */
	uint32_t workers;	     /* 0: one for each core, up to 4 */
	struct prefix_list prefixes; /* of allow and deny */
	int64_t rate_interval_ns;    /* 0: no rate limit */
	uint32_t rate_burst;
	char leap_file[CONF_PATH_LEN]; /* empty: none */
	uint32_t leap_smear_s;	       /* 0: nothing is smeared */
	struct conf_clock clock;
	char control_socket[CONF_PATH_LEN];
	mode_t control_mode;
	char control_group[32]; /* empty: none */
	char state_directory[CONF_PATH_LEN];
	char record[CONF_PATH_LEN]; /* empty: nothing is recorded */
	int64_t record_bytes;	    /* of both files of it together */
	/* of the statements and values above that the machine may lack */
	struct conf_place leap_place;
	struct conf_place control_place;
	struct conf_place group_place;
	struct conf_place state_place;
	struct conf_place record_place;
	char keys_file[CONF_PATH_LEN]; /* empty: none */
	struct keyring *keys;	       /* what is in it; NULL: nothing */
	enum log_level log_level;
};

/* Every value at its default, no source, no listener. */
void conf_init(struct conf *c);

/* Free what conf_read() has allocated, whatever it returned. */
void conf_clear(struct conf *c);

/* Keep the name of a file for messages; of a long one the end tells more. */
void conf_note_file(char file[CONF_FILE_LEN], const char *name);

/* How many addresses to listen on the statements have named. */
uint32_t conf_listens_named(const struct conf *c);

/* One piece of configuration text with its name for messages. */
struct conf_text {
	const char *name; /* the file, or "-c" or "-p" with its number */
	const char *text; /* NULL: read the file of that name */
};

/*
 * Read the texts in order into *c, which the caller has given its defaults.
 * Errors and warnings go to report, one line each with its newline, in the
 * form "FILE:LINE:COLUMN: what is wrong, what was expected"; all errors that
 * can be told apart are reported, not only the first.  The file of keys is
 * read, too.  Returns 0, or -1 if there was an error: *c is then not to be used.
 * Whoever does not need *c any more calls keyring_clear() on its keys.
 */
MUST_CHECK int conf_read(
    struct conf *c, const struct conf_text *texts, size_t count, FILE *report);

#endif
