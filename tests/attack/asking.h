/*
 * What ntpctl does, by whom it should not be done.
 */
#ifndef ATTACK_ASKING_H
#define ATTACK_ASKING_H

#include <stddef.h>

#include "msg.h"

/* A connection to a control socket, or -1 with errno. */
int ask_connect(const char *path);

/*
 * Ask for a change, and confirm whatever one is asked to confirm; what came
 * of it is put into said.
 */
void ask_for_change(
    const char *path, enum ctl_command command, char *said, size_t size);

#endif
