/*
 * What the checks of probe share: a server, and how to ask it.
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
	int fd; /* not connected: answers may come from anywhere */
	union address server;
	socklen_t server_len;
};

struct reply {
	uint8_t buf[DATAGRAM_MAX + 1];
	size_t len;
	bool from_server; /* from the address and port that was asked */
};

/* Read an address; ends the program if it is none.  Returns its length. */
socklen_t parse_address(const char *text, uint16_t port, union address *a);

/* Print the result of a check. */
void say(bool holds, const char *sentence);

/* A request with its transmit timestamp. */
void request(uint8_t buf[HEADER_LEN], uint8_t first, uint64_t nonce);

/* Send a datagram to the server; ends the program if it cannot. */
void transmit(const struct probe *p, const uint8_t *buf, size_t len);

/* Send it and take the first thing that comes back; false: nothing does. */
bool ask(
    const struct probe *p, const uint8_t *buf, size_t len, struct reply *r);

/* The same with a plain request; true if its answer came back. */
bool ask_plain(const struct probe *p, uint8_t first, struct reply *r);

/* The origin timestamp of an answer, 0 where it has none. */
uint64_t origin(const struct reply *r);

/*
 * Ask for the time once, so that a server that is dead or behind is not taken
 * for one that is silent.  Returns how many other datagrams came before the
 * answer, or 1000 where there was none.
 */
int control(const struct probe *p);

/* How many more come after a while of silence. */
int linger(const struct probe *p);

/* The checks of the header; no argument. */
void run_header(const struct probe *p, const char *argument);

/* The checks of what follows the header, without keys; no argument. */
void run_fields(const struct probe *p, const char *argument);

/*
 * The checks of interleaved mode (RFC 9769); argument "few": by few requests,
 * of which a limited rate lets all through.
 */
void run_interleaved(const struct probe *p, const char *argument);

/*
 * What interleaved answers tell of those that waited in a queue on the server's
 * interface; the argument is how long it is there at least, in ms.
 */
void run_queue(const struct probe *p, const char *argument);

/* Requests as if from port 0 and from the server itself; no argument. */
void run_forged(const struct probe *p, const char *argument);

/* Requests and answers as if from another server, whose address is given. */
void run_loop(const struct probe *p, const char *argument);

/* One request as if from the address that is given: prints nothing. */
void run_from(const struct probe *p, const char *argument);

#endif
