/* What happens to a child that another child accuses of breaking the rules. */
#ifndef NTPD_ACCUSE_H
#define NTPD_ACCUSE_H

#include <stdint.h>

#include "common/pace.h"
#include "common/proc.h"
#include "core/types.h"

enum sentence {
	SENTENCE_LIAR,	  /* there is no channel between the two */
	SENTENCE_RENEW,	  /* the accuser is not believed */
	SENTENCE_REPLACE, /* believed, though it could be the hostile one */
	SENTENCE_GUILTY	  /* believed */
};

/*
 * Decide.  `believed` counts the replacements that the accuser has caused.
 * Pure.
 */
enum sentence accuse_judge(enum proc accuser, enum proc accused,
    struct pace *believed, int64_t now_ns);

#endif
