/*
 * A recording of a simulated run: ntp-net writes it as usual, to files of the
 * machine that runs the simulator.
 */
#ifndef SIM_WRITERS_H
#define SIM_WRITERS_H

#include <sys/types.h>

#include <stdint.h>

/* Record to path and path.1, which are emptied, of `bytes` octets in total. */
void writers_open(const char *path, uint64_t bytes);

/* Finish the recording. */
void writers_close(void);

/* The system calls that ntp-net uses to write it. */
ssize_t sim_write(int fd, const void *buf, size_t length);
int sim_ftruncate(int fd, off_t length);

#endif
