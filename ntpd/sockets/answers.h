/*
 * Where this machine answers itself, for ntp-net, which leaves such an address
 * out of its sources, and where it cannot yet, for who asks how it stands.  Pure.
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
