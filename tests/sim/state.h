/*
 * What there is in the world of one run, and nothing that is done with it.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "common/msg.h"
#include "common/page.h"
#include "tests/sim/figures.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/reference.h"

#define FD_FIRST     100 /* descriptors count from here, and PARENT_FD */
#define OBJECTS	     96
#define DATAGRAMS    8
#define QUEUE_LEN    64
#define FLIGHTS	     256
#define WORLD_EVENTS 1024
#define WAKE_NS	     20000		  /* from an interrupt to a program */
#define SERVER_NET   UINT32_C(0x0a000000) /* 10.0.0.1 is server 0 */
#define OWN_ADDRESS  UINT32_C(0x0a010001)

enum program { PROGRAM_CLOCK, PROGRAM_NET, PROGRAMS };

enum object_kind {
	OBJECT_NONE,
	OBJECT_CHANNEL,
	OBJECT_SOCKET,
	OBJECT_PAGE,
	OBJECT_RTC
};

struct datagram {
	uint8_t bytes[NTP_PACKET_LEN];
	int64_t stamp_ns; /* CLOCK_REALTIME */
};

struct message {
	size_t length;
	int fd; /* sent with it, or -1 */
	union msg msg;
};

/* What waits at one end of a channel. */
struct queue {
	uint32_t first;
	uint32_t count;
	struct message messages[QUEUE_LEN];
};

/* What a descriptor stands for. */
struct object {
	enum object_kind kind;
	enum program owner;
	uint32_t serial;     /* distinguishes it from earlier sockets */
	struct queue *queue; /* channel: messages that wait here, ... */
	struct object *peer; /* ... and its other end; NULL: ntpd */
	uint32_t server;     /* the server that a socket is connected to */
	bool stamp_waits;    /* a transmit timestamp waits */
	int64_t stamp_ns;
	uint32_t count;
	struct datagram datagrams[DATAGRAMS];
};

/* A program: a thread of control of its own. */
struct program_state {
	ucontext_t context;
	bool ended;
	bool stirred;	 /* new input has arrived */
	int64_t wake_ns; /* true time; INT64_MAX: never */
	uint64_t turns;
	struct object *parent; /* its channel to ntpd */
};

enum due {
	DUE_SERVER, /* a query reaches its server */
	DUE_CLIENT, /* an answer reaches the machine */
	DUE_READY,  /* and is ready for the program */
	DUE_STAMP,  /* the transmit timestamp is ready */
	DUE_SCRIPT
};

struct world_event {
	int64_t at_ns;
	uint64_t order; /* among events of the same time */
	enum due kind;
	uint32_t index; /* of the flight, or of the script's event */
};

/* A packet on its way. */
struct flight {
	bool used;
	uint32_t object;
	uint32_t serial;
	uint32_t server;
	int64_t stamp_ns;
	int64_t sent_raw_ns; /* when the query was sent */
	uint8_t bytes[NTP_PACKET_LEN];
};

struct world {
	const struct scenario *scenario;
	int64_t now_ns;	   /* true time */
	int64_t second_ns; /* of the next full second */
	int64_t end_ns;
	struct machine machine;
	struct network network;
	struct measure measure;
	struct reference reference;
	struct rng random[2]; /* results of getrandom(2) */
	enum leap leap;	      /* announced by servers */

	ucontext_t scheduler;
	enum program running;
	struct program_state programs[PROGRAMS];

	struct object objects[OBJECTS];
	uint32_t serial;
	struct flight flights[FLIGHTS];
	struct world_event events[WORLD_EVENTS]; /* a heap */
	uint32_t event_count;
	uint64_t event_order;

	_Alignas(PAGE_BYTES) uint8_t page[PAGE_BYTES];
	struct page *served; /* the page, once it is mapped */
	struct msg_clock_state clock_state;
	struct msg_net_state net_state;
	bool verbose;
};

#endif
