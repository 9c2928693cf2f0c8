/*
 * The system calls of the simulated machine, see calls.c: each does what the
 * real call of its name does, on struct world.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/types.h>

#include <poll.h>
#include <signal.h>
#include <time.h>

int sim_clock_gettime(clockid_t id, struct timespec *ts);
int sim_clock_adjtime(clockid_t id, struct timex *tx);
int sim_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask);
int sim_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t size);
ssize_t sim_sendmsg(int fd, const struct msghdr *mh, int flags);
ssize_t sim_recvmsg(int fd, struct msghdr *mh, int flags);
ssize_t sim_send(int fd, const void *buf, size_t length, int flags);
int sim_socket(int domain, int type, int protocol);
int sim_ioctl(int fd, unsigned long request, ...);
int sim_setsockopt(
    int fd, int level, int name, const void *value, socklen_t length);
int sim_connect(int fd, const struct sockaddr *sa, socklen_t length);
int sim_getsockname(int fd, struct sockaddr *sa, socklen_t *length);
ssize_t sim_pread(int fd, void *buf, size_t length, off_t offset);
ssize_t sim_pread_chk(
    int fd, void *buf, size_t length, off_t offset, size_t size);
int sim_close(int fd);
ssize_t sim_getrandom(void *buf, size_t length, unsigned int flags);
void *sim_mmap(
    void *at, size_t length, int protection, int flags, int fd, off_t offset);
sighandler_t sim_signal(int sig, sighandler_t handler);
int sim_sigprocmask(int how, const sigset_t *set, sigset_t *old);
__attribute__((noreturn)) void sim_exit(int status);

#endif
