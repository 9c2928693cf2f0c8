/*
 * The NTP packet header on the wire (RFC 5905 section 7.3).  Run by ntp-net and
 * ntp-serve.  Pure.
 */
#ifndef CORE_PACKET_H
#define CORE_PACKET_H

#include "core/types.h"

#define NTP_PACKET_LEN 48
#define NTP_VERSION    4

enum ntp_mode {
	MODE_RESERVED = 0,
	MODE_ACTIVE = 1,
	MODE_PASSIVE = 2,
	MODE_CLIENT = 3,
	MODE_SERVER = 4,
	MODE_BROADCAST = 5,
	MODE_CONTROL = 6,
	MODE_PRIVATE = 7
};

/* The header's fields in host order; times and short format as on the wire. */
struct packet {
	uint8_t leap;	 /* 0 to 3 */
	uint8_t version; /* 0 to 7 */
	uint8_t mode;	 /* enum ntp_mode */
	uint8_t stratum;
	int8_t poll_log2;
	int8_t precision_log2;
	uint32_t root_delay;	  /* 16.16 s */
	uint32_t root_dispersion; /* 16.16 s */
	uint32_t refid;
	struct ntp_ts reference;
	struct ntp_ts origin;
	struct ntp_ts receive;
	struct ntp_ts transmit;
};

/* Kiss codes, RFC 5905 section 7.4, as a refid in host order. */
#define KISS_RATE UINT32_C(0x52415445)
#define KISS_DENY UINT32_C(0x44454e59)
#define KISS_RSTR UINT32_C(0x52535452)

/*
 * Read the header of a datagram of len octets.  Returns 0; or -1 with *out all
 * zero if it is shorter than a header or its length is no multiple of four.
 * What follows the header is not read.
 */
MUST_CHECK int packet_parse(const uint8_t *buf, size_t len, struct packet *out);

/* Write the header: NTP_PACKET_LEN octets. */
void packet_format(const struct packet *p, uint8_t buf[NTP_PACKET_LEN]);

#endif
