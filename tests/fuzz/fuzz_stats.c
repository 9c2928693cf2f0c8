/*
 * Fuzz target: the memory of an ntp-serve that was taken over, of any bytes.
 * What ntp-observe makes of it must be what ntpctl accepts.
 */
#include <sys/mman.h>

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/ctl/server.h"
#include "ntp-net/observe/stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORKER UINT64_C(1)
#define LOOKED 64 /* clients */

static int
make_file(void)
{
	int fd = memfd_create("counts", MFD_CLOEXEC);

	assert(fd != -1 && ftruncate(fd, COUNTS_BYTES) == 0);
	return fd;
}

static void
put(int fd, const uint8_t *data, size_t size, off_t at, size_t room)
{
	static const uint8_t zeros[COUNTS_CLIENTS_AT];

	assert(room <= sizeof(zeros));
	if (size > room)
		size = room;
	assert(pwrite(fd, zeros, room, at) == (ssize_t)room);
	assert(pwrite(fd, data, size, at) == (ssize_t)size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stats st;
	static int fd = -1;
	struct stats_view view = { .count = 0 };
	struct msg_server_status s;
	struct msg_client_status c;

	if (fd == -1) {
		fd = make_file();
		stats_init(&st);
		assert(stats_take(&st, WORKER, fd) == 0);
	}
	put(fd, data, size, 0, sizeof(struct counts));
	put(fd, data, size, COUNTS_CLIENTS_AT,
	    sizeof(struct limit_client) * LOOKED);
	for (uint64_t i = 0; i < COUNTS_SOCKETS; i++)
		if (stats_socket(&st, WORKER * COUNTS_SOCKETS + i, &s))
			assert(server_status_ok(&s));
	for (uint64_t i = 0; i < LOOKED; i++)
		if (stats_client(&st, &view, WORKER * LIMIT_CLIENTS + i, &c))
			assert(server_client_ok(&c));
	return 0;
}
