/*
 * What is in a recording, in words.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "ntp-net/poll/record/codec.h"

#define STORY_TEXT 1024
#define STORY_TIME 40

/* One item as a short text. */
void story_item(char text[STORY_TEXT], const struct item *it);

/* A moment of CLOCK_REALTIME. */
void story_time(char text[STORY_TIME], int64_t real_ns);

/* Nanoseconds as microseconds, with a sign. */
double story_us(int64_t ns);

/* Something that ntp-net decided, not something that it saw. */
bool story_is_decision(const struct item *it);

#endif
