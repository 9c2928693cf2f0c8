/*
 * The messages to and from ntp-clock, see msg.h: its limits, what it has done,
 * and the samples that it follows.
 */
#ifndef COMMON_MSG_CLOCK_H
#define COMMON_MSG_CLOCK_H

#include <stdint.h>

#include "common/msg_base.h"
#include "core/types.h"

WIRE_BEGIN
/*
 * ntpd to ntp-clock: the limits, as in limits.def.  The backward limit is a
 * magnitude; the frequency limit is relative to the anchor, see
 * core/steer/ledger.h.  They are in force until the process ends or a reload
 * brings the next of these messages.  Only ntpd can send it.
 */
#define CLOCK_CONFIG_STOP_ON_VIOLATION (1U << 0) /* else: freeze */
#define CLOCK_CONFIG_STARTUP	       (1U << 1) /* the startup limit is in force */
#define CLOCK_CONFIG_ONCE	       (1U << 2) /* ntpd -q */
#define CLOCK_CONFIG_DRIFT_KNOWN       (1U << 3)
#define CLOCK_CONFIG_NOTHING_KEPT      (1U << 4) /* the ledger cannot be stored */
#define LIMIT_ANY		       INT64_MAX /* no limit */
struct msg_clock_config {
	struct msg_header h;
	/* clang-format off */
#define SETTING_WIDE
#define CLOCK_SETTING(member, ...) member
#include "common/limits.def"
	/* clang-format on */
	int64_t drift_q32;	/* frequency of UTC relative to raw time */
	int64_t earliest_ns;	/* never step to before this UTC */
	int64_t known_ns;	/* UTC is later: first step up to it is free */
	int64_t rtc_behind_ns;	/* the RTC is set to UTC minus this */
	int64_t leap_before_ns; /* UTC of the last leap second made, or 0 */
	int64_t leaps_ns[LEAPS_MAX]; /* of the leap file, or 0 */
	struct msg_ledger ledger;
	uint32_t flags;
	uint32_t reserved;
	char frozen[REASON_LEN]; /* reason of an earlier freeze, or empty */
};

/*
 * ntpd to ntp-clock: the descriptor is a file that contains the RTC's seconds.
 */
struct msg_clock_rtc {
	struct msg_header h;
};

/*
 * ntpd to ntp-clock: somebody set CLOCK_REALTIME, or the machine was suspended.
 */
struct msg_clock_set {
	struct msg_header h;
};

/*
 * ntpd to ntp-clock and ntp-observe: the descriptor is the page (see page.h) on
 * which ntp-clock publishes its struct msg_clock_state, for readers that need
 * it between two of its messages.
 */
struct msg_clock_page {
	struct msg_header h;
};

/*
 * ntp-clock to ntpd: store this before the clock is moved.  ntpd answers with
 * the same number once it is stored.
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
 * ntpd to ntp-clock, because an operator ran ntpctl sync.  Allows one step
 * within margin_ns of the step that the operator saw and agreed to.
 */
struct msg_clock_release {
	struct msg_header h;
	int64_t step_ns;   /* positive: forward */
	int64_t margin_ns; /* 0 or more */
};

/*
 * From ntp-clock: when something changes that others act on, every 16 s while
 * its rate is charged or it slews, and otherwise rarely.  Its page has newer
 * values.
 */
#define CLOCK_STATE_CONTROLLED	 (1U << 0) /* it holds the capability */
#define CLOCK_STATE_FROZEN	 (1U << 1)
#define CLOCK_STATE_STARTUP_DONE (1U << 2) /* the first correction was made */
#define CLOCK_STATE_HAS_LINE	 (1U << 3) /* a sample was accepted */
#define CLOCK_STATE_HOLDOVER	 (1U << 4) /* the last sample is old */
#define CLOCK_STATE_IN_SYNC	 (1U << 5) /* what it told the kernel */
#define CLOCK_STATE_ANCHORED	 (1U << 6) /* its oscillator is known */
#define CLOCK_STATE_CHARGED	 (1U << 7) /* its rate is charged to the budget */
struct msg_clock_state {
	struct msg_header h;
	int64_t raw_ns;	   /* time of this state */
	int64_t offset_ns; /* UTC by the last sample, less CLOCK_REALTIME */
	int64_t error_ns;  /* bound of offset_ns: the kernel's maxerror */
	int64_t freq_ppb;  /* current correction, including the tick */
	int64_t slope_q32; /* of UTC relative to raw, by the last sample */
	int64_t slope_sigma_q32;
	int64_t used_ns; /* charged to the budget in the last period */
	int64_t budget_ns;
	int64_t budget_period_ns;
	int64_t low_ppb; /* rates that are not charged */
	int64_t high_ppb;
	int64_t anchor_ppb;
	int64_t leap_before_ns; /* UTC of the last leap second made, or 0 */
	struct msg_ledger ledger;
	uint64_t steps;
	uint64_t samples; /* accepted */
	uint64_t refused; /* samples that were not accepted */
	uint32_t flags;
	uint32_t reserved;
	char frozen[REASON_LEN]; /* the reason, or empty */
};

/* ntp-clock: one change of the clock, or a refusal, with the reason. */
#define EVENTS_KEPT 128 /* events that receivers keep */
enum clock_event {
	EVENT_NONE,
	EVENT_STEP,
	EVENT_SLEW,    /* starts to slew a larger error */
	EVENT_LOCKED,  /* the offset fell below a millisecond */
	EVENT_REFUSED, /* a sample failed its checks */
	EVENT_FROZEN,
	EVENT_RELEASED,
	EVENT_STOP, /* a limit was exceeded: on violation stop */
	EVENT_HOLDOVER,
	EVENT_LEAP,
	EVENT_FAILED,  /* the kernel refused a change */
	EVENT_CHARGED, /* starts to charge a rate to the budget */
	EVENT_RESUME,  /* the machine was paused */
	EVENT_COUNT
};
struct msg_clock_event {
	struct msg_header h;
	int64_t wall_ns;   /* CLOCK_REALTIME after the event */
	int64_t amount_ns; /* of a step or slew, else 0 */
	uint32_t event;
	uint32_t reserved;
	char reason[REASON_LEN];
};

/* ntp-net to ntp-clock: UTC - raw is theta at raw, and changes by slope. */
#define SAMPLE_MANY (1U << 0) /* three sources agree, or one with a key */
struct msg_sample {
	struct msg_header h;
	int64_t raw_ns;
	int64_t theta_ns;
	int64_t sigma_ns;
	int64_t slope_q32;
	int64_t slope_sigma_q32;
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	uint32_t leap;
	uint32_t flags;
};

WIRE_END

#endif
