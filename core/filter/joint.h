/*
 * One line from the measurements of many sources.  They share one oscillator,
 * so a filter that takes in all of their measurements knows it better than any
 * mean of the lines of the sources' own filters.  Which sources are believed is
 * decided elsewhere (select.h).  Run by ntp-net.  Pure; all state is in the
 * caller's struct.
 */
#ifndef CORE_JOINT_H
#define CORE_JOINT_H

#include "core/filter/estimator.h"

#define JOINT_MAX SOURCES_MAX

/* What the joint filter knows of a source. */
struct joint_source {
	bool joined;
	double bias_ns;	 /* constant distance from the joint line */
	double bias_var; /* ns^2 */
};

struct joint {
	bool started;
	struct filter_bank bank;
	struct joint_source sources[JOINT_MAX];
};

enum joint_part {
	JOINT_OUT,   /* not believed, or not there: it has no influence */
	JOINT_ASIDE, /* believed, but not combined at present */
	JOINT_IN     /* combined */
};

/* A source at the moment of a decision. */
struct joint_input {
	enum joint_part part;
	/* the following members count for JOINT_IN only */
	double weight;	      /* > 0, of its line in the combination */
	struct estimate line; /* at that moment */
	bool fresh;	      /* last is not taken in yet: */
	struct observation last;
};

/* Forget everything; all zero is the same. */
void joint_stop(struct joint *j);

/*
 * Take in what has arrived since the last decision, and replace the combined
 * line with the joint one.  *line is the combined line at the moment of the
 * decision.  The joint filter starts from `from`, the filter of one of the
 * sources in *line: at first, and whenever a source that was in it is no longer
 * believed.  in[] has a fixed place for each source; n is at most JOINT_MAX.
 * Before a place is reused for another source, pass JOINT_OUT for it once.
 * With fewer than two sources in, the line stays as it is.  Returns how far the
 * line has moved, ns, at least 0.
 */
int64_t joint_update(struct joint *j, const struct joint_input *in, uint32_t n,
    const struct estimator *from, struct estimate *line);

/* Shift the line by this much, ns: a leap second has passed. */
void joint_shift(struct joint *j, int64_t by_ns);

#endif
