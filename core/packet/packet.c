/*
 * The NTP packet header, read and written octet by octet.  Run by ntp-net,
 * ntp-serve and the tests.  It must never interpret the fields, nor read past
 * the given length.
 */
#include "core/packet/packet.h"

#include "core/octets.h"

#include <string.h>

/* The value of a two's complement octet, without a narrowing cast. */
static int8_t
get_s8(uint8_t v)
{
	return (int8_t)(v < 128 ? v : v - 256);
}

int
packet_parse(const uint8_t *buf, size_t len, struct packet *out)
{
	memset(out, 0, sizeof(*out));
	if (len < NTP_PACKET_LEN || len % 4 != 0)
		return -1;
	out->leap = buf[0] >> 6;
	out->version = (buf[0] >> 3) & 7;
	out->mode = buf[0] & 7;
	out->stratum = buf[1];
	out->poll_log2 = get_s8(buf[2]);
	out->precision_log2 = get_s8(buf[3]);
	out->root_delay = get_be32(buf + 4);
	out->root_dispersion = get_be32(buf + 8);
	out->refid = get_be32(buf + 12);
	out->reference.v = get_be64(buf + 16);
	out->origin.v = get_be64(buf + 24);
	out->receive.v = get_be64(buf + 32);
	out->transmit.v = get_be64(buf + 40);
	return 0;
}

void
packet_format(const struct packet *p, uint8_t buf[NTP_PACKET_LEN])
{
	buf[0] = (uint8_t)((p->leap & 3) << 6 | (p->version & 7) << 3 |
	    (p->mode & 7));
	buf[1] = p->stratum;
	buf[2] = (uint8_t)p->poll_log2;
	buf[3] = (uint8_t)p->precision_log2;
	put_be32(buf + 4, p->root_delay);
	put_be32(buf + 8, p->root_dispersion);
	put_be32(buf + 12, p->refid);
	put_be64(buf + 16, p->reference.v);
	put_be64(buf + 24, p->origin.v);
	put_be64(buf + 32, p->receive.v);
	put_be64(buf + 40, p->transmit.v);
}
