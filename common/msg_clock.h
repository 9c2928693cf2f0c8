/*
 * The messages to and from ntp-clock, see msg.h: its limits, what it has done,
 * and the samples that it follows.
 */
#ifndef COMMON_MSG_CLOCK_H
#define COMMON_MSG_CLOCK_H

#include <stdint.h>

#include "common/msg_base.h"

WIRE_BEGIN
/*
 * ntpd to ntp-clock: the limits, as in limits.def; the one backward is a magnitude,
 * the one of the frequency is around the anchor, see core/steer/ledger.h.  They
 * hold until the process ends, or until the next of these messages after a reload;
 * only ntpd can send one.
 */
#define CLOCK_STOP_ON_VIOLATION (1U << 0) /* else: freeze */
#define CLOCK_STARTUP		(1U << 1) /* the startup limit is in force */
#define CLOCK_ONCE		(1U << 2) /* ntpd -q */
#define CLOCK_DRIFT_KNOWN	(1U << 3)
#define CLOCK_NOTHING_KEPT	(1U << 4) /* no folder keeps the ledger */
#define LIMIT_ANY		INT64_MAX /* no limit */
struct msg_clock_config {
	struct msg_header h;
	/* clang-format off */
#define SETTING_WIDE
#define CLOCK_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	int64_t drift_slope; /* frequency of UTC against raw time */
	int64_t earliest_ns; /* never step to before this UTC */
	int64_t known_ns;    /* UTC is later: to there the first step is free */
	int64_t rtc_behind_ns;	/* the RTC is set to UTC less this */
	int64_t leap_before_ns; /* UTC of the last leap second made, or 0 */
	int64_t leaps_ns[LEAPS_MAX]; /* those of the leap file, or 0 */
	struct msg_ledger ledger;
	uint32_t flags;
	uint32_t reserved;
	char frozen[REASON_LEN]; /* why it is frozen from before, or empty */
};

/* ntpd to ntp-clock: the descriptor is a file that has the seconds of the RTC. */
struct msg_clock_rtc {
	struct msg_header h;
};

/*
 * ntpd to ntp-clock: CLOCK_REALTIME was set, by whomever, or the machine has
 * slept.
 */
struct msg_clock_set {
	struct msg_header h;
};

/*
 * ntpd to ntp-clock and ntp-observe: the descriptor is the page, see page.h, on
 * which the former keeps its struct msg_clock_state, for whoever wants to know
 * it between two of its messages.
 */
struct msg_clock_page {
	struct msg_header h;
};

/*
 * ntp-clock to ntpd: to be kept before the clock is moved.  ntpd answers with
 * the same number once it is.
 */
struct msg_clock_charge {
	struct msg_header h;
	uint64_t number;
	int64_t leap_before_ns;
	struct msg_ledger ledger;
};
struct msg_clock_charged {
	struct msg_header h;
	uint64_t number;
};

/*
 * ntpd to ntp-clock, because an operator asked: ntpctl sync.  One step is
 * allowed, within margin_ns of the one that the operator saw and agreed to.
 */
struct msg_clock_release {
	struct msg_header h;
	int64_t step_ns;   /* positive: forward */
	int64_t margin_ns; /* 0 or more */
};

/*
 * ntp-clock, when something changes that others act on, once in 16 s while its
 * rate is charged or it slews, and seldom else.  What is newer is on its page.
 */
#define CLOCK_CONTROLLED   (1U << 0) /* it holds the capability */
#define CLOCK_IS_FROZEN	   (1U << 1)
#define CLOCK_STARTUP_DONE (1U << 2) /* the first correction was made */
#define CLOCK_HAS_LINE	   (1U << 3) /* a sample was accepted */
#define CLOCK_HOLDOVER	   (1U << 4) /* the last sample is old */
#define CLOCK_IN_SYNC	   (1U << 5) /* what it told the kernel */
#define CLOCK_ANCHORED	   (1U << 6) /* it knows its oscillator */
#define CLOCK_CHARGED	   (1U << 7) /* its rate is charged to the budget */
struct msg_clock_state {
	struct msg_header h;
	int64_t raw_ns;	   /* when this was true */
	int64_t offset_ns; /* UTC by the last sample, less CLOCK_REALTIME */
	int64_t error_ns;  /* bound of it: maxerror told to the kernel */
	int64_t freq_ppb;  /* correction in force, tick included */
	int64_t slope;	   /* of UTC against raw time, by the last sample */
	int64_t slope_sigma;
	int64_t used_ns; /* of the budget, in the last period */
	int64_t budget_ns;
	int64_t budget_period_ns;
	int64_t low_ppb; /* rates that are not charged */
	int64_t high_ppb;
	int64_t anchor_ppb;
	int64_t leap_before_ns; /* UTC of the last leap second made, or 0 */
	struct msg_ledger ledger;
	uint64_t steps;
	uint64_t samples; /* accepted */
	uint64_t refused; /* samples that were not */
	uint32_t flags;
	uint32_t reserved;
	char frozen[REASON_LEN]; /* why, or empty */
};

/* ntp-clock: one change of the clock, or its refusal, with the reason. */
#define EVENTS_KEPT 128 /* of these, by whoever is asked for the last ones */
enum clock_event {
	EVENT_NONE,
	EVENT_STEP,
	EVENT_SLEW,    /* a larger error begins to be slewed */
	EVENT_LOCKED,  /* the offset has come below a millisecond */
	EVENT_REFUSED, /* a sample that fails its checks */
	EVENT_FROZEN,
	EVENT_RELEASED,
	EVENT_STOP, /* a limit was passed: on violation stop */
	EVENT_HOLDOVER,
	EVENT_LEAP,
	EVENT_FAILED,  /* the kernel refused a change */
	EVENT_CHARGED, /* a rate begins to be charged to the budget */
	EVENT_RESUME,  /* the machine was found to have been paused */
	EVENT_COUNT
};
struct msg_clock_event {
	struct msg_header h;
	int64_t wall_ns;   /* CLOCK_REALTIME after it */
	int64_t amount_ns; /* of a step or slew, else 0 */
	uint32_t event;
	uint32_t reserved;
	char reason[REASON_LEN];
};

/* ntp-net to ntp-clock: UTC - raw is theta at raw, and then goes by slope. */
#define SAMPLE_MANY (1U << 0) /* three sources agree, or one with a key */
struct msg_sample {
	struct msg_header h;
	int64_t raw_ns;
	int64_t theta_ns;
	int64_t sigma_ns;
	int64_t slope;
	int64_t slope_sigma;
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	uint32_t leap;
	uint32_t flags;
};

WIRE_END

#endif
