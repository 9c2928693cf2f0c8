/*
 * A scenario: what the machine, the network and the servers are like, what
 * happens when, and how well the clock must do.  Read from a text file; the
 * README of this folder says what may stand in one.
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

/* How the oscillator runs; frequencies are fractions. */
struct oscillator_model {
	double freq;	/* at the start; positive: it runs fast */
	double wander;	/* random walk: step per square root of a second */
	double white;	/* white frequency noise, each second */
	double flicker; /* flicker floor: Allan deviation of about this */
	double temp;	/* amplitude of a daily cycle, ... */
	double temp_s;	/* ... or of another period */
};

enum jitter_kind { JITTER_NONE, JITTER_EXP, JITTER_GAMMA, JITTER_LOGNORMAL };

/* One direction of the way to a server. */
struct path_model {
	double base_ns;
	enum jitter_kind jitter;
	double jitter_ns;   /* mean, scale, or median */
	double shape;	    /* of gamma; sigma of the logarithm of log-normal */
	double queue_ns;    /* a queue with a memory: its mean, ... */
	double queue_shape; /* ... sigma of its logarithm ... */
	double queue_s;	    /* ... and how long it stays alike */
};

struct server_model {
	struct path_model up;
	struct path_model down;
	double stamp_ns; /* noise of the kernel's timestamps, exponential */
	double daily;	 /* 0 to 1: jitter and queues go by the time of day */
	double loss;	 /* probabilities */
	double duplicate;
	double reorder;
	double hold_ns; /* between receiving and answering */
	double offset_ns;
	double drift;
	double wander;
	double root_delay_ns;
	double root_dispersion_ns;
	double precision_log2;
	double grain_ns; /* its timestamps are whole multiples of this */
	double noise_ns; /* and off by up to so much, each answer anew */
	double stratum;
	double false_leap; /* not 0: it announces this in any case, LEAP_* */
	double smear_s;	   /* not 0: it smears leap seconds over so long */
	double liar;	   /* not 0: it is no witness for what is true */
};

enum happening {
	HAPPEN_FREQ,	/* the oscillator's frequency jumps by value */
	HAPPEN_STEP,	/* somebody else steps the clock by value */
	HAPPEN_SUSPEND, /* for value; the clock comes back wrong by other */
	HAPPEN_PAUSE,	/* of a virtual machine, for value */
	HAPPEN_UP,	/* the base delay to a server changes by value */
	HAPPEN_DOWN,
	HAPPEN_ROUTE,  /* both change */
	HAPPEN_OUTAGE, /* nothing gets through for value */
	HAPPEN_OFFSET, /* a server's clock jumps by value */
	HAPPEN_DRIFT,  /* it drifts by value from now on */
	HAPPEN_LEAP    /* UTC has a leap second: value 1 s more, or -1 */
};

struct script_event {
	double at_s;
	enum happening what;
	int server; /* or SERVER_ALL */
	double value;
	double other;
};

/* What must be reached, 0: not said. */
struct target {
	int poll_log2; /* or POLL_DEFAULT */
	double rms_ns;
	double peak_ns;
	double packets_day;
	double poll_s;	  /* the mean may not be shorter */
	double wakes_day; /* of both programs */
	double steps;	  /* the most of any seed */
	double reach_1ms_s;
	double reach_100us_s;
	double back_s; /* after a pause within 1 ms, whatever the seed */
};

struct scenario {
	char name[SCENARIO_TEXT];
	char title[SCENARIO_TEXT];
	double length_s;
	double from_s; /* what is measured; 0 and 0: the last half */
	double to_s;
	double utc_s;	  /* when it begins */
	double leap_file; /* not 0: ntpd has one, with the leaps that happen */
	double start_ns;  /* the clock is ahead of UTC by so much */
	double poll_min;
	double poll_max;
	double step_over_ns;
	double budget_ns;   /* a day */
	double rtc;	    /* not 0: there is a real-time clock */
	double kept_anchor; /* of an earlier boot, if that is known: not 0 */
	double kept_drift;  /* UTC against raw time, as it was kept, ... */
	double kept_sigma; /* ... how sure that was; 0: nothing was kept, ... */
	double kept_age_ns; /* ... and when; 0: in another boot */
	double slew_limit;
	double limit_ns;     /* 0: none; else the error is never over it ... */
	double limit_from_s; /* ... from then on */
	struct oscillator_model oscillator;
	uint32_t server_count;
	struct server_model servers[SCENARIO_SERVERS];
	uint32_t event_count;
	struct script_event events[SCENARIO_EVENTS];
	uint32_t target_count;
	struct target targets[SCENARIO_TARGETS];
};

/* A scenario of no length and without servers, all else as by default. */
void scenario_init(struct scenario *sc);
void scenario_init_server(struct server_model *m);

/*
 * Read a file.  Returns 0, or -1 after having said on standard error what is
 * wrong with which line.
 */
int scenario_read(struct scenario *sc, const char *file);

/* Write one as a file that can be read. */
void scenario_write(const struct scenario *sc, FILE *f);

/* Poll once in 2^poll_log2 s only; POLL_DEFAULT changes nothing. */
void scenario_fix_poll(struct scenario *sc, int poll_log2);

#endif
