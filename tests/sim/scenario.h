/*
 * A scenario: the machine, the network and the servers, the events, and the
 * targets for the clock.  Read from a text file; the README of this folder
 * gives the format.
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SCENARIO_SERVERS 16
#define SCENARIO_EVENTS	 64
#define SCENARIO_TARGETS 12
#define SCENARIO_TEXT	 64
#define POLL_DEFAULT	 (-1) /* the daemon's own choice */
#define SERVER_ALL	 (-1)

/* The oscillator; frequencies are fractions. */
struct oscillator_model {
	double freq;	/* at the start; positive: fast */
	double wander;	/* random walk: step per square root of a second */
	double white;	/* white frequency noise, each second */
	double flicker; /* flicker floor: Allan deviation of about this */
	double temp;	/* amplitude of a daily cycle, ... */
	double temp_s;	/* ... or of another period */
};

enum jitter_kind { JITTER_NONE, JITTER_EXP, JITTER_GAMMA, JITTER_LOGNORMAL };

/* One direction of the path to a server. */
struct path_model {
	double base_ns;
	enum jitter_kind jitter;
	double jitter_ns;   /* mean, scale, or median */
	double shape;	    /* of gamma; sigma of the logarithm of log-normal */
	double queue_ns;    /* a correlated queue: its mean, ... */
	double queue_shape; /* ... sigma of its logarithm ... */
	double queue_s;	    /* ... and its correlation time */
};

struct server_model {
	struct path_model up;
	struct path_model down;
	double stamp_ns; /* noise of the kernel's timestamps, exponential */
	double daily;	 /* 0 to 1: daily cycle of jitter and queues */
	double loss;	 /* probabilities */
	double duplicate;
	double reorder;
	double hold_ns; /* between receiving and sending */
	double offset_ns;
	double drift;
	double wander;
	double root_delay_ns;
	double root_dispersion_ns;
	double precision_log2;
	double grain_ns; /* its timestamps are multiples of this */
	double noise_ns; /* uniform error of each answer, at most */
	double stratum;
	double false_leap; /* not 0: always announces this, LEAP_* */
	double smear_s;	   /* not 0: smears leap seconds over this time */
	double liar;	   /* not 0: its time does not count as true */
};

enum happening {
	HAPPEN_FREQ,	/* the oscillator's frequency jumps by value */
	HAPPEN_WANDER,	/* its random walk is value from then on */
	HAPPEN_STEP,	/* another program steps the clock by value */
	HAPPEN_SUSPEND, /* for value; the clock is then off by other */
	HAPPEN_PAUSE,	/* of a virtual machine, for value */
	HAPPEN_UP,	/* the base delay to a server changes by value */
	HAPPEN_DOWN,
	HAPPEN_ROUTE,	/* both change */
	HAPPEN_UP_GROW, /* it grows by value, a fraction, from then on */
	HAPPEN_DOWN_GROW,
	HAPPEN_UP_QUEUE, /* the mean of the correlated queue is value */
	HAPPEN_DOWN_QUEUE,
	HAPPEN_OUTAGE, /* nothing arrives for value */
	HAPPEN_OFFSET, /* a server's clock jumps by value */
	HAPPEN_DRIFT,  /* its drift is value from then on */
	HAPPEN_LEAP    /* UTC has a leap second: value 1 inserted, -1 deleted */
};

struct script_event {
	double at_s;
	enum happening what;
	int server; /* or SERVER_ALL */
	double value;
	double other;
};

/* The targets; 0: none. */
struct target {
	int poll_log2; /* or POLL_DEFAULT */
	double rms_ns;
	double peak_ns;
	double packets_day;
	double poll_s;	  /* least mean interval */
	double wakes_day; /* of both programs together */
	double steps;	  /* the most in any seed */
	double reach_1ms_s;
	double reach_100us_s;
	double back_s; /* recovery to 1 ms after a pause, in every seed */
};

struct scenario {
	char name[SCENARIO_TEXT];
	char title[SCENARIO_TEXT];
	double length_s;
	double from_s; /* the measured window; 0 and 0: the last half */
	double to_s;
	double utc_s;	  /* UTC at the start */
	double leap_file; /* not 0: ntpd has one that lists HAPPEN_LEAP */
	double start_ns;  /* the clock's initial error, positive: ahead */
	double poll_min;
	double poll_max;
	double step_over_ns;
	double budget_ns;   /* per day */
	double rtc;	    /* not 0: there is a real-time clock */
	double kept_anchor; /* not 0: a known one of an earlier boot */
	double kept_drift;  /* saved: UTC's drift against raw time, ... */
	double kept_sigma;  /* ... its sigma; 0: nothing was saved, ... */
	double kept_age_ns; /* ... and its age; 0: saved in another boot */
	double slew_limit;
	double limit_ns;     /* 0: none; else the error stays below it ... */
	double limit_from_s; /* ... from then on */
	struct oscillator_model oscillator;
	uint32_t server_count;
	struct server_model servers[SCENARIO_SERVERS];
	uint32_t event_count;
	struct script_event events[SCENARIO_EVENTS];
	uint32_t target_count;
	struct target targets[SCENARIO_TARGETS];
};

/* A scenario of no length and without servers; all else has its default. */
void scenario_init(struct scenario *sc);
void scenario_init_server(struct server_model *m);

/*
 * Read a file.  Returns 0, or -1 after printing on standard error what is wrong
 * in which line.
 */
int scenario_read(struct scenario *sc, const char *file);

/* Write a scenario as a file that can be read. */
void scenario_write(const struct scenario *sc, FILE *f);

/* Poll only once in 2^poll_log2 s; POLL_DEFAULT changes nothing. */
void scenario_fix_poll(struct scenario *sc, int poll_log2);

#endif
