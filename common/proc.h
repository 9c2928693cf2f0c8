/*
 * The programs, and the descriptors that they are started with.
 */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stdint.h>

enum proc {
	PROC_NTPD,
	PROC_CLOCK,
	PROC_NET,
	PROC_RESOLVE,
	PROC_SERVE,
	PROC_OBSERVE,
	PROC_CTL,
	PROC_COUNT
};

/*
 * Of ntp-serve there may be several, all alike: they are the children with the
 * numbers PROC_SERVE and from PROC_COUNT on.
 */
#define WORKERS_MAX 16
#define CHILD_COUNT (PROC_COUNT + WORKERS_MAX - 1)

/* The first descriptor of every child: its channel to ntpd. */
#define PARENT_FD 3

/* Of ntp-net, the files of a recording, where that is configured. */
#define RECORD_FD	 4
#define RECORD_FILES	 2
#define RECORD_MAGIC	 "\xd2\xc5\xc3NTPD\n" /* what they begin with */
#define RECORD_MAGIC_LEN 8
#define RECORD_LEAST	 (INT64_C(1) << 20) /* bytes of all files */

/* The program's name as in ps(1): "ntp-clock".  Defined in msg.c. */
const char *proc_name(enum proc p);

#endif
