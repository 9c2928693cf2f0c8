/* The files of a recording.  ntpd opens them for ntp-net, see msg.h. */
#ifndef COMMON_MSG_RECORD_H
#define COMMON_MSG_RECORD_H

#include "common/msg_base.h"

#define RECORD_FILES	 2
#define RECORD_MAGIC	 "\xd2\xc5\xc3NTPD\n" /* the start of each file */
#define RECORD_MAGIC_LEN 8
#define RECORD_LEAST	 (INT64_C(1) << 20) /* bytes of all files together */

WIRE_BEGIN
/*
 * ntpd to ntp-net, just after MSG_START, with the descriptor of a file for a
 * recording.
 */
struct msg_record {
	struct msg_header h;
	uint64_t used_bytes; /* new data is appended after these */
	uint64_t limit_bytes;
	uint32_t newer; /* than the other file: continue with this one */
	uint32_t reserved;
};

WIRE_END

#endif
