/*
 * One line from the measurements of many sources.  They share one oscillator:
 * a filter that takes in what all of them say knows it better than any mean of
 * lines that each source's filter has found alone.  Which sources are believed
 * is decided elsewhere (select.h).  Run by ntp-net.  Pure; all state is in the
 * caller's struct.
 */
#ifndef CORE_JOINT_H
#define CORE_JOINT_H

#include "core/filter/estimator.h"

#define JOINT_MAX SOURCES_MAX

/* What is known of a source in the joint filter. */
struct joint_source {
	bool joined;
	double bias_ns;	 /* it is that far from the joint line, constantly */
	double bias_var; /* ns^2 */
};

struct joint {
	bool started;
	struct bank bank;
	struct joint_source sources[JOINT_MAX];
};

enum joint_part {
	JOINT_OUT,   /* not believed, or not there: its influence ends */
	JOINT_ASIDE, /* believed, but not combined: taken in when it is again */
	JOINT_IN     /* combined */
};

/* A source at the moment of a decision. */
struct joint_input {
	enum joint_part part;
	/* what follows counts for JOINT_IN only */
	double weight;	      /* > 0, of its line in the combination */
	struct estimate line; /* at that moment */
	bool fresh;	      /* there is an observation not taken in yet: */
	struct observation last;
};

/* Forget all; zeros are the same. */
void joint_stop(struct joint *j);

/*
 * Take in what has come since the last decision, and put the joint line in the
 * place of the combined one; *line is that, at the moment of the decision, and
 * from is the filter of one of the sources in it, by which the joint filter
 * starts: at first, and whenever a source that was in it is believed no more.
 * in[] has a fixed place for each source and n, at most JOINT_MAX, of them;
 * one that becomes another source has to be JOINT_OUT once between the two.
 * With fewer than two sources in, the line stays as it is.  Returns how far it
 * has been moved, ns, at least 0.
 */
int64_t joint_update(struct joint *j, const struct joint_input *in, uint32_t n,
    const struct estimator *from, struct estimate *line);

/* Shift the line by so much: a leap second has passed. */
void joint_shift(struct joint *j, int64_t by_ns);

#endif
