/*
 * One connection to the control socket: what it asked, and how far its answer
 * has been sent.  All memory is of a fixed size, and nothing ever waits: a
 * connection that does not read holds up nobody but itself.
 */
#ifndef OBSERVE_CLIENT_H
#define OBSERVE_CLIENT_H

#include "common/msg.h"
#include "ntp-net/observe/facts.h"
#include "ntp-net/observe/stats.h"

enum client_phase {
	CLIENT_IDLE,	 /* waits for a question */
	CLIENT_WAIT_NET, /* waits for ntp-net */
	CLIENT_STATUS,	 /* sends what ntp-net said */
	CLIENT_PROCESSES,
	CLIENT_CLOCK,
	CLIENT_EVENTS,
	CLIENT_SOCKETS, /* of ntp-serve */
	CLIENT_FAST,	/* what the program in the kernel counts */
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
	uint32_t steps_left; /* before others get their turn */
	struct stats_view view;
	struct msg_server_status socket; /* the next to be sent */
	struct msg_client_status client;
	struct msg_fast_status fast;
	struct msg_process process;
};

/* Not in use.  The rest is left alone: pages that nobody needs stay free. */
void client_init(struct client *c);

/* Once, before any: client_close() needs the signal.  Returns 0 or -1. */
MUST_CHECK int client_catch_ticks(void);

/*
 * Take over a connection; its descriptor is closed by client_close(), which
 * never waits for long, whatever was sent to it.
 */
void client_open(struct client *c, int fd, int64_t now_ns);
void client_close(struct client *c);

/* What poll(2) should look for. */
short client_events(const struct client *c);

/*
 * Read one question of an idle connection.  Returns 0 if it is for ntp-net,
 * which the caller must ask, and call client_wait_net().  Returns -1 if there is
 * nothing to do: everything else is seen to here, and a connection that breaks
 * the rules is closed.
 */
MUST_CHECK int client_read(
    struct client *c, const struct facts *facts, int64_t now_ns);

/* ntp-net was asked with this id. */
void client_wait_net(struct client *c, uint32_t id, int64_t now_ns);

/*
 * A message from ntp-net for a connection in CLIENT_WAIT_NET that has its id.
 * Returns -1 if ntp-net may not send it so.
 */
MUST_CHECK int client_from_net(struct client *c, const union msg *msg,
    const struct facts *facts, int64_t now_ns);

/* Answer with a refusal and its reason. */
void client_fail(struct client *c, const char *why, int64_t now_ns);

/*
 * Answer a question for ntp-net in its place, with what ntpd and ntp-clock know:
 * it is not there, or it has been asked and is silent, as says.
 */
void client_without_net(struct client *c, const struct facts *facts,
    enum net_lack lack, int64_t now_ns);

/*
 * Send as much of the answer as there is room for, but not for long: where it
 * is not finished then, client_events() asks for another turn.  The facts are
 * not changed but for the headers of their messages, and the time line.
 */
void client_pump(struct client *c, struct facts *facts, int64_t now_ns);

/* The deadline has passed: answer without ntp-net, or close. */
void client_expire(struct client *c, const struct facts *facts, int64_t now_ns);

#endif
