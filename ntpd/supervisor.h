/*
 * The whole state of ntpd, each part as its owner defines it.  For code that
 * combines several parts; code that needs one part takes that part.
 */
#ifndef NTPD_SUPERVISOR_H
#define NTPD_SUPERVISOR_H

#include "common/loop.h"
#include "ntpd/change.h"
#include "ntpd/children/child.h"
#include "ntpd/children/heard.h"
#include "ntpd/conf/conf.h"
#include "ntpd/fast/fast.h"
#include "ntpd/kept/kept.h"
#include "ntpd/kept/leaps.h"
#include "ntpd/kept/recording.h"
#include "ntpd/kept/view.h"
#include "ntpd/manager.h"
#include "ntpd/options.h"
#include "ntpd/sockets/control_socket.h"
#include "ntpd/sockets/links.h"
#include "ntpd/sockets/listens.h"
#include "ntpd/sockets/ways.h"

enum ending {
	ENDING_NONE,
	ENDING_ASKED,	  /* TERM, INT */
	ENDING_VIOLATION, /* on violation stop */
	ENDING_ONCE_DONE, /* -q: the clock is set */
	ENDING_ONCE_FAILED,
	ENDING_FAILED /* it cannot go on */
};

struct supervisor {
	const struct options *options;
	struct conf conf;
	struct children children;
	struct heard heard;
	struct kept kept;
	struct clock_view view;
	struct leaps leaps;
	struct recording recording;
	struct listeners listeners;
	struct fast_path fast;
	struct links links;
	struct ways ways;
	struct control_sockets control;
	struct changes changes;
	struct manager manager;
	struct file_id pid_file;
	struct loop loop;
	int64_t turned_ns; /* CLOCK_BOOTTIME when its turn began */
	int lock_fd; /* the name that marks the setter of the clock, or -1 */
	int64_t lock_due_ns; /* queries wait until then */
	uint32_t no_waits;   /* failed waits in a row */
	bool confined;
	bool said_uncontrolled;
	enum ending ending;
};

#endif
