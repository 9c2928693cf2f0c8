/*
 * The supervisor: which children there are, how they are connected, and what
 * becomes of what they say.
 */
#ifndef NTPD_SUPERVISE_H
#define NTPD_SUPERVISE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "ntpd/children/death.h"
#include "ntpd/children/watch.h"
#include "ntpd/conf/conf.h"
#include "ntpd/fast/fast.h"
#include "ntpd/kept/recording.h"
#include "ntpd/kept/state.h"
#include "ntpd/kin.h"
#include "ntpd/options.h"
#include "ntpd/sockets/await.h"
#include "ntpd/sockets/letgo.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/sockets/ways.h"
#include "ntpd/users.h"

#define ASKERS_MAX 8

struct child {
	struct channel channel; /* fd -1: it does not run */
	pid_t pid;		/* 0: it does not run */
	struct user_ids ids;
	bool wanted;
	bool ready;    /* it said so */
	bool worked;   /* it, or one before it, was ready */
	bool replaced; /* ended by us, to be started with other sockets */
	bool closed;   /* its channel, by itself */
	bool guilty;   /* ended by us, since it broke the rules */
	uint32_t restarts;
	uint32_t no_starts; /* it could not even be executed */
	int said_no_start;  /* exit status of which that was said; 0: none */
	struct pace anew;   /* of ntp-resolve: it ended for other files */
	struct deaths deaths;
	struct pace messages; /* that it sent */
	struct pace believed; /* what it says of others, see accuse.h */
	struct pace hints;    /* the same, see alive.c */
	struct watch watch;
	int64_t started_ns;    /* CLOCK_BOOTTIME; of ntpd too */
	int64_t ended_ns;      /* likewise, of the one before; 0: none */
	int64_t ended_wall_ns; /* and the time of day then */
	int64_t retry_ns;      /* when it is to be started again */
	int64_t kill_ns;       /* when it is to be killed again */
	int64_t renewed_ns[PROC_COUNT]; /* when it got a channel to another, */
	bool renew[PROC_COUNT];		/* and whether it is to get a new one */
};

/* Somebody on the socket for changes. */
struct asker {
	struct channel channel; /* fd -1: free */
	bool asked;		/* for what follows, and is to confirm it */
	enum ctl_command command;
	int64_t step_ns;
	int64_t margin_ns;
	int64_t deadline_ns;
};

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
	struct powers powers;
	char helpers[256];	  /* folder of the other programs */
	char jail[CONF_PATH_LEN]; /* empty folder for chroot; "": none */
	struct child children[CHILD_COUNT];
	struct asker askers[ASKERS_MAX];
	int change_fd;		 /* listens for them, -1: none */
	bool change_guarded;	 /* the kernel lets no descriptor come there */
	uint64_t refusals;	 /* of changes, by who asked, */
	int64_t refusal_said_ns; /* CLOCK_BOOTTIME of its last log line */
	struct kin_dead dead;	 /* children of the past */
	struct letgo letgo;
	/* as conf.listens, for each worker its own */
	int listen_fds[WORKERS_MAX][CONF_LISTEN_MAX];
	uint32_t worker_count;
	struct awaited awaited; /* addresses that are not listened on yet */
	struct fast_path fast;
	int links_fd;	      /* notices of interfaces, -1: none */
	int64_t links_due_ns; /* CLOCK_BOOTTIME: look at them; INT64_MAX */
	int lock_fd;	      /* the name that says who sets the clock, or -1 */
	int64_t lock_due_ns;  /* who asks for it waits until then */
	int control_fd;	      /* -1: none */
	char control_path[CONF_PATH_LEN]; /* of it, configured or not */
	gid_t control_gid;		  /* -1: none */
	mode_t control_mode;
	char change_path[CONF_PATH_LEN];
	struct file_id control_file;
	struct file_id change_file;
	struct file_id pid_file;
	int page_writer; /* -1: nobody is served */
	int page_reader;
	int counts_writer[WORKERS_MAX]; /* what each counts, -1: not yet */
	int counts_reader[WORKERS_MAX];
	int prefixes_fd; /* the access list, -1: nobody is served */
	struct recording recording;
	struct msg_leaps leaps;		/* of the leap file, if there is one */
	char leaps_path[CONF_PATH_LEN]; /* that they are from */
	int64_t leaps_due_ns;		/* CLOCK_BOOTTIME: read it again */
	struct ways ways;
	int notify_fd;
	int started_fd; /* pipe to the foreground process, -1: none */
	struct state_dir state_dir;
	struct state_dir spare_dir; /* until the next boot; fd -1: none */
	bool state_lost;	    /* what was kept could not be read */
	int64_t keep_ns;	    /* CLOCK_BOOTTIME: when to try again */
	uint64_t unkept; /* number of a charge that is not kept yet; 0: none */
	struct state state;
	int64_t state_saved_ns;
	int64_t epoch_noted_ns; /* CLOCK_BOOTTIME up to which its time is */
	int rtc_fd;		/* the seconds of the RTC, -1: none */
	int64_t rtc_behind_ns;
	int view_fd;	  /* tells that the clock was set, -1: nothing does */
	int clock_writer; /* of the page of ntp-clock's state, -1: none */
	int clock_reader;
	const struct page *clock_page; /* NULL: there is none */
	struct msg_clock_state clock;  /* the last that ntp-clock said */
	struct msg_net_state net;      /* the last that ntp-net said */
	struct msg_clock_event events[EVENTS_KEPT]; /* a ring */
	uint32_t event_count;			    /* ever */
	int64_t slope;	     /* the last that ntp-clock followed, */
	int64_t slope_sigma; /* how sure it was, */
	bool slope_known;    /* and whether there is one */
	bool clock_known;
	bool net_known;
	int64_t told_manager_ns; /* CLOCK_BOOTTIME, and what it was told */
	uint32_t told_state;	 /* NET_SYNCED, NET_HOLDOVER */
	int64_t manager_due_ns;	 /* see relay_manager() */
	uint32_t no_waits;	 /* in a row that failed */
	int64_t glance_ns;	 /* see alive.c */
	int64_t causes_ns;
	bool startup_done;	       /* the first correction was made */
	char reload_why[REASON_LEN];   /* what was wrong at the last one, */
	char reload_later[REASON_LEN]; /* or what of it needs a start */
	bool fast_later;	       /* likewise, of this one or one before */
	bool leaps_bad;		       /* the leap file could not be used */
	bool confined;
	bool page_sent; /* to the ntp-net that runs */
	bool announced; /* readiness */
	bool said_uncontrolled;
	bool said_no_state;
	bool said_one_family; /* of * */
	enum ending ending;
};

/* spawn.c: a child is named by its number, see common/proc.h */

/* Start a child, connect it to its siblings and give it its configuration. */
void spawn_start(struct supervisor *s, int child);

/*
 * Start every child that is wanted and does not run, kill again what should
 * have ended, and renew channels, each if its time has come.
 */
void spawn_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which spawn_due() has something to do; INT64_MAX: never. */
int64_t spawn_deadline(const struct supervisor *s);

/* Two children that talk to each other get a new channel soon. */
void spawn_renew(struct supervisor *s, enum proc a, enum proc b);

/* Give ntp-net the page of served time, if there is one, once. */
void spawn_send_page(struct supervisor *s);

/* Tell ntp-observe where each ntp-serve counts. */
void spawn_send_counts(struct supervisor *s);

/* Tell ntp-observe which addresses cannot be listened on yet. */
void spawn_send_awaited(struct supervisor *s);

/* Configuration messages; a full channel is a dead child. */
void spawn_configure_clock(struct supervisor *s);
void spawn_configure_net(struct supervisor *s);
void spawn_send_leaps(struct supervisor *s);

/* What ntp-serve may answer, with its access list or without. */
void spawn_configure_serve(struct supervisor *s, int child, bool with_prefixes);

/* stop.c */

/* End a child; it is started again, if it is wanted. */
void stop_child(struct supervisor *s, int child);

/* End a child that broke the rules: that counts as a crash, see death.h. */
void stop_guilty(struct supervisor *s, int child);

/*
 * A child has closed its channel.  If it has died, that will be seen; one that
 * lives on after a second broke the rules.
 */
void stop_closed(struct supervisor *s, int child);

/* End a child whose sockets have changed; it comes back at once. */
void stop_replace(struct supervisor *s, int child);

/* Ask all to end by closing their channels; kill those that do not. */
void stop_all(struct supervisor *s);

/* relay.c */

/* Read and act on what a child says, a bounded number of messages. */
void relay_child(struct supervisor *s, int child);

/*
 * Tell the service manager what ntp-net says, but not more than once a second.
 * Returns when to call again (CLOCK_BOOTTIME), INT64_MAX: no need.
 */
int64_t relay_manager(struct supervisor *s, int64_t now_ns);

/* Say to ntp-observe which processes run. */
void relay_process(struct supervisor *s, int child);

/* Say to ntp-observe where the program in the kernel counts, if there is one. */
void relay_fast(struct supervisor *s);

/*
 * Keep drift and ledger, if it is time for that or if forced.  Returns false, and
 * has said so, if they could not be kept anywhere.
 */
bool relay_save_state(struct supervisor *s, bool force);

/* Tell ntp-clock that the charge of this number is kept; or try again later. */
void relay_charged(struct supervisor *s, uint64_t number);
void relay_later(struct supervisor *s, uint64_t number);

/* A summary in the log: SIGUSR1. */
void relay_summary(const struct supervisor *s);

/*
 * Take note of what is on the page of ntp-clock's state, if that is newer, and
 * keep what must be kept of it, as of a message.
 */
void relay_look(struct supervisor *s);

/* reap.c */

/* A child is gone: take note and plan its restart. */
void reap_child(struct supervisor *s, pid_t pid, int status);

/* alive.c */

/* Ask a child whether it lives, unless it was asked already. */
void alive_ask(struct supervisor *s, int child);

/* One child says that another does not respond: look, but not often. */
void alive_hint(struct supervisor *s, int from, enum proc of);

/* wait(2) says that a process was stopped, or goes on. */
void alive_signal(struct supervisor *s, pid_t pid, int status);

/*
 * After a wait for events, before anything is sent: has anybody left unread
 * what it was sent before?  It looks no more than once in 10 s.
 */
void alive_glance(struct supervisor *s, int64_t now_ns);

/* Look, end who hangs, and ask where there is a cause, each if it is time. */
void alive_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which alive_due() has something to do; INT64_MAX: never. */
int64_t alive_deadline(const struct supervisor *s);

/* Does this child not respond, as far as is known? */
bool alive_in_doubt(const struct supervisor *s, enum proc p);

/* view.c */

/* Make that page, and begin to watch CLOCK_REALTIME; what fails is left out. */
void view_open(struct supervisor *s);

/* The timer can be read: tell ntp-clock if the clock was set. */
void view_read(struct supervisor *s);

/* What is on the page; false if there is nothing.  The values are not checked. */
MUST_CHECK bool view_clock(
    const struct supervisor *s, struct msg_clock_state *m);

/*
 * Is this a virtual machine, as far as its processor says?  Where none says, every
 * machine may be one.
 */
bool view_is_virtual(void);

/* control.c */

/* May one more come for a change? */
bool control_has_room(struct supervisor *s);

/* Somebody is there, on change_fd. */
void control_accept(struct supervisor *s);

/* What an asker says can be read. */
void control_read(struct supervisor *s, struct asker *a);

/* Forget askers whose time is over. */
void control_expire(struct supervisor *s, int64_t now_ns);

/* reload.c */

/*
 * Read the configuration again.  On an error, which it logs, everything stays
 * as it is and -1 is returned, else 0.
 */
int reload(struct supervisor *s);

/* Read the configuration that the options name into *c, errors to report. */
MUST_CHECK int reload_read(
    const struct options *o, struct conf *c, FILE *report);

/* The answer to who asked for a reload that was done: also what was not. */
void reload_answer(const struct supervisor *s, char answer[REASON_LEN]);

/* The first thing that is wrong is what who asked for the reload gets to know. */
void reload_keep_why(struct supervisor *s, const char *line);

/*
 * Listen on the addresses of *next, which differs from s->conf in these alone.
 * What cannot be done is said, and all stays as it was.
 */
void reload_listens(struct supervisor *s, struct conf *next);

/* Try those again that are waited for, and listen on what is free by now. */
void reload_awaited(struct supervisor *s);

/* Which workers are wanted, from the configuration and its sockets. */
void reload_want_workers(struct supervisor *s);

/* listens.c */

/*
 * Open what a listening configuration needs, a socket for every address and
 * worker, taking over what is the same.  Left out of *next are the family of *
 * that the kernel does not have and, into s->awaited, what cannot be listened on
 * for the moment; where an operator has asked for the change, only what was
 * waited for before.  Returns 0, or -1 with errno after a line of log; nothing is
 * changed then.
 */
MUST_CHECK int listens_open(
    struct supervisor *s, struct conf *next, bool asked);

/*
 * The same at the start, when nothing is open yet, for s->conf itself.  What the
 * machine is short of may be there again in a moment: it is tried again.
 */
MUST_CHECK int listens_begin(struct supervisor *s);

/* How many addresses are listened on, and how many cannot be yet; for the log. */
#define LISTENS_TEXT 80
void listens_text(const struct supervisor *s, char text[LISTENS_TEXT]);

/* Do both listen on the same addresses, in whatever order? */
bool listens_same(const struct conf *a, const struct conf *b);

/* Could it be listened on now? */
bool listens_free(const struct supervisor *s, const struct conf_listen *l);

/* leaps.c */

/*
 * Read the leap file, if there is one, and have what it says in s->leaps; one
 * that cannot be used leaves what the same file said before.  Returns true if
 * that has changed.
 */
bool leaps_read(struct supervisor *s);

/* links.c */

/*
 * Where the configuration names interfaces that may come, go, or get other
 * addresses: have the kernel tell of that (rtnetlink(7)), or look every 10 s
 * where it may not.
 */
void links_watch(struct supervisor *s);

/* The kernel has told: s->links_due_ns is when to act, CLOCK_BOOTTIME. */
void links_hear(struct supervisor *s, int64_t now_ns);

/* Listen on what these interfaces are and have now. */
void links_follow(struct supervisor *s);

/* supervise.c */

/*
 * Block the signals that supervise() handles, from the first moment on: one
 * that comes early waits for it.
 */
void supervise_block_signals(void);

/* Run until told to stop.  Returns the exit status. */
int supervise(struct supervisor *s);

#endif
