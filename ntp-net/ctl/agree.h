/*
 * The step that the user of "ntpctl sync" agrees to.
 */
#ifndef CTL_AGREE_H
#define CTL_AGREE_H

#include "common/msg.h"

#define AGREE_LEN 512 /* of the texts below */

/*
 * What the step is, one sentence, from what ntp-clock says.  Returns false
 * where there is none to agree to; then text says why.
 */
bool agree_describe(
    const struct msg_clock_state *clock, char *text, size_t size);

/* The command that agrees to it, for who cannot be asked. */
void agree_command(const struct msg_clock_state *clock, const char *socket,
    char *text, size_t size);

enum agree_answer { AGREE_YES, AGREE_NO, AGREE_NOBODY };

/*
 * Ask whoever sits at the terminal, if standard input is one: nobody is not
 * asked by way of a pipe.
 */
enum agree_answer agree_ask(
    const struct msg_clock_state *clock, const char *what);

#endif
