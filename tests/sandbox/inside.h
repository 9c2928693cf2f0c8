/*
 * Attempts inside of a sandbox, entered for real by a process of the test.
 */
#ifndef TESTS_SANDBOX_INSIDE_H
#define TESTS_SANDBOX_INSIDE_H

#include "common/sandbox.h"

#define DONE_OK		  0   /* what an attempt returns: it worked */
#define REFUSED		  100 /* it failed with an errno */
#define INSIDE_FILE_BYTES 8   /* how long the file of a recording may get */
#define INSIDE_PROFILES	  5

/* What may become of an attempt. */
enum outcome {
	KILLED, /* by the filter */
	FAILS,	/* the call returns an error */
	WORKS,
	STOPPED /* killed or fails, it does not matter which */
};

/* ntp-clock, ntp-net, ntp-serve, ntp-resolve, ntp-observe */
extern const struct sandbox_profile *const inside_profiles[INSIDE_PROFILES];

/* Returns false where there can be no test. */
bool inside_begin(void);
void inside_end(void);

/* What an attempt returns for that of a call. */
int outcome_of(long rc);

/*
 * In a new process: enter the sandbox, try, and say by the exit status what
 * came of it.  With ntpd's profile only what ntpd itself does is done; NULL: in
 * no sandbox.
 */
int run_inside(const struct sandbox_profile *profile, int (*run)(void));

/* Is that what became of it? */
bool as_expected(int status, enum outcome expect);

const char *inside_word(enum outcome expect);

#endif
