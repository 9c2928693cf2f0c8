/*
 * A recording of a simulated run: ntp-net writes it as it does on a machine,
 * to files of this machine.
 */
#ifndef SIM_TAPES_H
#define SIM_TAPES_H

#include <sys/types.h>

#include <stdint.h>

/* Record to path and path.1, both emptied, of so many bytes together. */
void tapes_open(const char *path, uint64_t bytes);

/* All is written. */
void tapes_close(void);

/* The calls that ntp-net makes for it. */
ssize_t sim_write(int fd, const void *buf, size_t length);
int sim_ftruncate(int fd, off_t length);

#endif
