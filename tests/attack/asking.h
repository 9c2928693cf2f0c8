/*
 * What ntpctl does, by whom it should not be done.
 */
#ifndef ATTACK_ASKING_H
#define ATTACK_ASKING_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

/* A connection to a socket, or -1 with errno. */
int ask_connect(const char *path, const char *suffix);

/*
 * Ask for a change on the socket for changes beside this control socket, and
 * confirm whatever one is asked to confirm; what came of it is put into said.
 */
void ask_for_change(const char *path, enum ctl_command command, int64_t step_ns,
    char *said, size_t size);

#endif
