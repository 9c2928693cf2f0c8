/*
 * The content of a recording in words.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "ntp-net/poll/record/codec.h"

#define STORY_TEXT 1024
#define STORY_TIME 40

/* One item as a short text. */
void story_item(char text[STORY_TEXT], const struct item *it);

/* A time of CLOCK_REALTIME as text. */
void story_time(char text[STORY_TIME], int64_t real_ns);

/* Nanoseconds as microseconds, with a sign. */
double story_us(int64_t ns);

/* True if ntp-net decided this, false if it was an input. */
bool story_is_decision(const struct item *it);

#endif
