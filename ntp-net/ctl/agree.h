/*
 * The step that the user of "ntpctl sync" agrees to.
 */
#ifndef CTL_AGREE_H
#define CTL_AGREE_H

#include "common/msg.h"

#define AGREE_LEN 512 /* length of the texts below */

/*
 * Describe the step in one sentence, from ntp-clock's state.  Returns false if
 * there is no step to agree to; text then says why.
 */
bool agree_describe(
    const struct msg_clock_state *clock, char *text, size_t size);

/* The command that agrees to the step, for a user who cannot be asked. */
void agree_command(const struct msg_clock_state *clock, const char *socket,
    char *text, size_t size);

enum agree_answer { AGREE_YES, AGREE_NO, AGREE_NOBODY };

/*
 * Ask the user, if standard input is a terminal: a pipe is never taken for
 * somebody's answer.
 */
enum agree_answer agree_ask(
    const struct msg_clock_state *clock, const char *what);

#endif
