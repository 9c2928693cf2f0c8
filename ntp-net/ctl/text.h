/*
 * Numbers and names as people read them.  Pure: text goes into the caller's
 * buffer, always ends with a zero byte, and is cut if there is no room.
 */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include "common/escape.h"
#include "ntp-net/ctl/report.h"

/* Room for each text below whose comment gives no length. */
#define TEXT_SHORT 64

/*
 * A time with three significant digits and a unit from ns to d, "12.3 µs".  If
 * signed_ is set, with a sign, even for zero and positive values.
 */
void text_time(char *dst, size_t size, int64_t ns, bool signed_);

/* Seconds with all digits that a user must type: "-5000.012", "0.000012". */
void text_seconds(char *dst, size_t size, int64_t ns);

/*
 * The exact reverse: a sign, digits, a point and at most nine more digits.
 * Returns false for any other text, or if the value is too large.
 */
bool text_parse_seconds(const char *text, int64_t *ns);

/* "+12.3 µs ± 4.10 µs" */
void text_offset(char *dst, size_t size, int64_t offset_ns, int64_t error_ns);

/* A slope in parts per billion. */
double text_slope_ppb(int64_t slope_q32);

/* Parts per million, "-1.235 ppm ± 0.003 ppm"; the values are ppb. */
void text_frequency(char *dst, size_t size, double ppb, double error_ppb);

/* The two largest units of a duration, "3 h 05 min"; below zero is zero. */
void text_duration(char *dst, size_t size, int64_t ns);

/* UTC with seconds, "2026-11-23 17:05:57Z". */
void text_wall_second(char *dst, size_t size, int64_t wall_ns);

/* UTC with milliseconds, "2026-11-23 17:05:57.123Z". */
void text_wall(char *dst, size_t size, int64_t wall_ns);

/* The address alone, with the scope if link-local; "" if there is none. */
void text_address(char *dst, size_t size, const struct msg_addr *a);

/* The address, and the port unless it is 123; "-" if there is none. */
void text_endpoint(
    char *dst, size_t size, const struct msg_addr *a, uint32_t port);

/* Columns that a text takes on a terminal: one per character. */
size_t text_width(const char *s);

/* The names of INTERFACE: of an enum leap, source_state, source_auth, clock_event. */
const char *text_leap(uint32_t leap);
const char *text_state(uint32_t state);
const char *text_auth(uint32_t auth);
const char *text_event(uint32_t event);

#endif
