/*
 * The files of a recording, which ntpd opens for ntp-net, see msg.h.
 */
#ifndef COMMON_MSG_RECORD_H
#define COMMON_MSG_RECORD_H

#include "common/msg_base.h"

#define RECORD_FILES	 2
#define RECORD_MAGIC	 "\xd2\xc5\xc3NTPD\n" /* what they begin with */
#define RECORD_MAGIC_LEN 8
#define RECORD_LEAST	 (INT64_C(1) << 20) /* bytes of all files */

WIRE_BEGIN
/*
 * ntpd to ntp-net, just after MSG_START, with the descriptor of a file that a
 * recording may be written to.
 */
struct msg_record {
	struct msg_header h;
	uint64_t used_bytes; /* it will be appended to */
	uint64_t limit_bytes;
	uint32_t newer; /* than the other file: go on with this one */
	uint32_t reserved;
};

WIRE_END

#endif
