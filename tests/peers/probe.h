/*
 * What the checks of probe share: a server, and how to send requests to it.
 */
#ifndef PEERS_PROBE_H
#define PEERS_PROBE_H

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/peers/wire.h"

#define DATAGRAM_MAX 1500
#define REQUEST	     0x23 /* leap 0, version 4, mode 3 */

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct probe {
	int fd; /* not connected: gets answers from anywhere */
	union address server;
	socklen_t server_len;
};

struct reply {
	uint8_t buf[DATAGRAM_MAX + 1];
	size_t len;
	bool from_server; /* from the server's address and port */
};

/* Parse an address; ends the program if invalid.  Returns its length. */
socklen_t parse_address(const char *text, uint16_t port, union address *a);

/* Print the result of a check. */
void say(bool holds, const char *sentence);

/* A request with its transmit timestamp. */
void request(uint8_t buf[HEADER_LEN], uint8_t first, uint64_t nonce);

/* Send a datagram to the server; ends the program if it cannot. */
void transmit(const struct probe *p, const uint8_t *buf, size_t len);

/* Send it and receive the first datagram that comes back; false: none. */
bool ask(
    const struct probe *p, const uint8_t *buf, size_t len, struct reply *r);

/* The same with a plain request; true if it was answered. */
bool ask_plain(const struct probe *p, uint8_t first, struct reply *r);

/* The origin timestamp of an answer, 0 if it has none. */
uint64_t origin(const struct reply *r);

/*
 * Send one plain request, so that a dead or slow server is not taken for a
 * silent one.  Returns how many other datagrams came before its answer, or 1000
 * if there was no answer.
 */
int control(const struct probe *p);

/* How many more come before LINGER_MS of silence. */
int linger(const struct probe *p);

/* The checks of the header; no argument. */
void run_header(const struct probe *p, const char *argument);

/* The checks of what follows the header, without keys; no argument. */
void run_fields(const struct probe *p, const char *argument);

/*
 * The checks of interleaved mode (RFC 9769).  With the argument "few" they send
 * few requests, all within a rate limit.
 */
void run_interleaved(const struct probe *p, const char *argument);

/*
 * Checks of interleaved answers about those that waited in a queue on the
 * server's interface.  The argument is the least time in the queue, in ms.
 */
void run_queue(const struct probe *p, const char *argument);

/* Requests that seem to come from port 0 and from the server; no argument. */
void run_forged(const struct probe *p, const char *argument);

/* Packets that seem to come from another server, the argument. */
void run_loop(const struct probe *p, const char *argument);

/* One request that seems to come from the argument: prints nothing. */
void run_from(const struct probe *p, const char *argument);

#endif
