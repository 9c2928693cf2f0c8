/*
 * The interface of the replay's system calls to the replay, and the calls
 * themselves: each replaces the call of its name.
 */
#ifndef SIM_REPLAY_CALLS_H
#define SIM_REPLAY_CALLS_H

#include <sys/socket.h>
#include <sys/types.h>

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "common/child.h"
#include "ntp-net/poll/query_mac.h"
#include "ntp-net/poll/record/codec.h"
#include "ntp-net/poll/record/writer.h"

/*
 * The recording's next item, which must be of this kind: else the program acts
 * differently, and the replay ends.  It stays the next one until
 * replay_writer_put() is called with it.
 */
const struct item *replay_peek(enum item_kind kind);

/* Is the next item of this kind? */
bool replay_is_next(enum item_kind kind);

/* False while the program's recorded state is not restored yet. */
bool replay_is_placed(void);

/* The program acts differently from the recording. */
__attribute__((noreturn)) void replay_differs(const char *now);

/* The program has ended. */
__attribute__((noreturn)) void replay_exit(int status);

/* A line of the program's log; the address of its page of served time. */
void replay_log(const char *text);
void *replay_page(void);

/* The last reading of the clocks. */
struct clock_pair replay_clock(void);

int64_t replay_clock_read_monotonic(void);
struct clock_pair replay_clock_read_pair(struct timeline *tl);
int64_t replay_clock_read_raw(struct timeline *tl);
int replay_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask);
int replay_ppoll_chk(struct pollfd *fds, nfds_t n,
    const struct timespec *timeout, const sigset_t *mask, size_t size);
ssize_t replay_sendmsg(int fd, const struct msghdr *mh, int flags);
ssize_t replay_recvmsg(int fd, struct msghdr *mh, int flags);
ssize_t replay_send(int fd, const void *buf, size_t length, int flags);
int replay_socket(int domain, int type, int protocol);
int replay_setsockopt(
    int fd, int level, int name, const void *value, socklen_t length);
int replay_connect(int fd, const struct sockaddr *sa, socklen_t length);
int replay_getsockname(int fd, struct sockaddr *sa, socklen_t *length);
int replay_close(int fd);
ssize_t replay_getrandom(void *buf, size_t length, unsigned int flags);
void *replay_mmap(
    void *at, size_t length, int protection, int flags, int fd, off_t offset);
int replay_ioctl(int fd, unsigned long request, ...);
sighandler_t replay_signal(int sig, sighandler_t handler);
int replay_sigprocmask(int how, const sigset_t *set, sigset_t *old);

void replay_give_extra(const struct child_extra *extra);
void replay_writer_open(struct writer *t, const struct writer_files *files);
bool replay_writer_runs(const struct writer *t);
void replay_writer_put(struct writer *t, const struct item *it);
void replay_writer_turn(struct writer *t, struct net *n);

/* Nothing is signed; the recording says whether a MAC was valid. */
void replay_query_mac_begin(void);
int replay_query_mac_take(struct msg_keys *m);
void replay_query_mac_commit(void);
size_t replay_query_mac_append(
    uint32_t key_id, uint8_t packet[QUERY_MAC_QUERY_MAX]);
enum auth_result replay_query_mac_check(
    uint32_t key_id, const uint8_t *buf, size_t len);

#endif
