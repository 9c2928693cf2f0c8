/*
 * The addresses where this machine answers clients itself, for ntp-net, which
 * leaves them out of its sources, and those where it cannot answer yet, for the
 * status.  Pure.
 */
#ifndef NTPD_ANSWERS_H
#define NTPD_ANSWERS_H

#include "common/msg.h"
#include "ntpd/conf/conf.h"
#include "ntpd/sockets/await.h"

/* The addresses and ports that the configuration listens on. */
struct msg_net_listens answers_message(const struct conf *c);

/* Those that it cannot listen on yet, for ntp-observe. */
struct msg_awaited answers_awaited(const struct awaited *a);

#endif
