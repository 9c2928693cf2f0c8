/*
 * Where this machine answers itself, for ntp-net, which leaves such an address
 * out of its sources.  Pure.
 */
#ifndef NTPD_ANSWERS_H
#define NTPD_ANSWERS_H

#include "conf.h"
#include "msg.h"

/* The addresses and ports that the configuration listens on. */
struct msg_net_listens answers_message(const struct conf *c);

#endif
