/*
 * The system calls of ntp-clock in the adversary's world, see adversary.syms.
 */
#ifndef TESTS_ATTACK_ADV_CALLS_H
#define TESTS_ATTACK_ADV_CALLS_H

#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/types.h>

#include <poll.h>
#include <signal.h>
#include <time.h>

int adv_clock_gettime(clockid_t id, struct timespec *ts);
int adv_clock_adjtime(clockid_t id, struct timex *tx);
int adv_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask);
int adv_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t room);
ssize_t adv_recvmsg(int from, struct msghdr *mh, int flags);
ssize_t adv_sendmsg(int to, const struct msghdr *mh, int flags);
ssize_t adv_pread(int fd, void *buf, size_t size, off_t at);
ssize_t adv_pread_chk(int fd, void *buf, size_t size, off_t at, size_t room);
int adv_close(int fd);
void (*adv_signal(int sig, void (*handler)(int)))(int);
__attribute__((noreturn)) void adv_exit(int status);

#endif
