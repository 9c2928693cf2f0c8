/*
 * One connection to the control socket: its question, and how much of the
 * answer was sent.  All memory is of a fixed size, and nothing ever waits: a
 * connection that does not read delays only itself.
 */
#ifndef OBSERVE_CLIENT_H
#define OBSERVE_CLIENT_H

#include "common/msg.h"
#include "ntp-net/observe/facts.h"
#include "ntp-net/observe/stats.h"

enum client_phase {
	CLIENT_IDLE,	 /* waits for a question */
	CLIENT_WAIT_NET, /* waits for ntp-net */
	CLIENT_STATUS,	 /* sends ntp-net's answer */
	CLIENT_PROCESSES,
	CLIENT_CLOCK,
	CLIENT_EVENTS,
	CLIENT_SOCKETS, /* of ntp-serve */
	CLIENT_FAST,	/* counters of the fast path */
	CLIENT_CLIENTS,
	CLIENT_RESULT /* sends the last message of an answer */
};

struct client {
	struct channel ch; /* fd -1: not in use */
	enum client_phase phase;
	int64_t deadline_ns; /* CLOCK_MONOTONIC */
	int64_t opened_ns;
	uint32_t ask_id; /* of the question to ntp-net */
	bool status_known;
	uint64_t cursor; /* the next message of the phase */
	uint64_t events_end;
	uint32_t source_count;
	struct msg_status status;
	struct msg_source_status sources[SOURCES_MAX];
	struct msg_ctl_result result;
	uint32_t steps_left; /* until other connections get a turn */
	struct stats_view view;
	struct msg_server_status socket; /* the next to send */
	struct msg_client_status client;
	struct msg_fast_status fast;
	struct msg_process process;
};

/* Mark as unused.  The rest is not written: unused pages stay free. */
void client_init(struct client *c);

/* Call once, first: client_close() needs the signal.  Returns 0 or -1. */
MUST_CHECK int client_catch_ticks(void);

/*
 * Take over a connection.  client_close() closes its descriptor, and never
 * waits for long, whatever was sent to it.
 */
void client_open(struct client *c, int fd, int64_t now_ns);
void client_close(struct client *c);

/* The events that poll(2) should wait for. */
short client_events(const struct client *c);

/*
 * Read one question of an idle connection.  Returns 0 if it is for ntp-net: the
 * caller must then ask ntp-net and call client_wait_net().  Returns -1 if the
 * caller need do nothing: other questions are handled here, and a connection
 * that breaks the protocol is closed.
 */
MUST_CHECK int client_read(
    struct client *c, const struct facts *facts, int64_t now_ns);

/* Record that ntp-net was asked, with this id. */
void client_wait_net(struct client *c, uint32_t id, int64_t now_ns);

/*
 * Handle a message from ntp-net, for a connection in CLIENT_WAIT_NET that has
 * its id.  Returns -1 if the message is invalid.
 */
MUST_CHECK int client_from_net(struct client *c, const union msg *msg,
    const struct facts *facts, int64_t now_ns);

/* Answer with a refusal and its reason. */
void client_fail(struct client *c, const char *why, int64_t now_ns);

/*
 * Answer a question for ntp-net in its place, with what ntpd and ntp-clock have
 * reported.  lack says whether ntp-net does not run or does not answer.
 */
void client_without_net(struct client *c, const struct facts *facts,
    enum net_lack lack, int64_t now_ns);

/*
 * Send as much of the answer as fits, but not for long: if more is left,
 * client_events() asks for another turn.  Of the facts, only the headers of
 * their messages and the time line change.
 */
void client_pump(struct client *c, struct facts *facts, int64_t now_ns);

/* The deadline has passed: answer without ntp-net, or close. */
void client_expire(struct client *c, const struct facts *facts, int64_t now_ns);

#endif
