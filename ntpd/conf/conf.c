/*
 * The configuration itself, see conf.h: its defaults, and its end.  Run by ntpd.
 */
#include "ntpd/conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/ctlpath.h"
#include "core/types.h"

#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif

void
conf_init(struct conf *c)
{
	*c = (struct conf){
		.clock = { .step_over_ns = 10 * NS_PER_MS,
		    .startup_forward_ns = LIMIT_ANY,
		    .startup_backward_ns = 86400 * NS_PER_S,
		    .limit_ns = 1000 * NS_PER_S,
		    .budget_ns = 30 * NS_PER_S,
		    .budget_period_ns = 86400 * NS_PER_S,
		    .frequency_limit_ppb = 50000,
		    .resume_limit_ns = 30 * 86400 * NS_PER_S,
		    .slew_limit_ppb = 500000,
		    .on_violation = VIOLATION_FREEZE },
		.max_distance_ns = DISTANCE_DEFAULT_NS,
		.control_socket = CTL_PATH,
		.control_mode = 0660,
		.state_directory = LOCALSTATEDIR "/lib/ntpd",
		.log_level = LOG_LEVEL_INFO,
	};
}

void
conf_note_file(char file[CONF_FILE_LEN], const char *name)
{
	size_t len = strlen(name);

	(void)snprintf(file, CONF_FILE_LEN, "%s%s",
	    len < CONF_FILE_LEN ? "" : "...",
	    len < CONF_FILE_LEN ? name : name + len - (CONF_FILE_LEN - 4));
}

uint32_t
conf_listens_named(const struct conf *c)
{
	uint32_t named = 0;

	for (uint32_t i = 0; i < c->listen_count; i++)
		if (!c->listens[i].of_wildcard)
			named++;
	return named;
}

void
conf_clear(struct conf *c)
{
	prefix_clear(&c->prefixes);
	if (c->keys != NULL)
		keyring_clear(c->keys);
	free(c->keys);
	c->keys = NULL;
}
