/*
 * The configuration itself, see conf.h: setting the defaults, and freeing it.
 * Run by ntpd.
 */
#include "ntpd/conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/ctlpath.h"
#include "core/types.h"

#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif

int64_t
conf_usual(enum limit_id limit)
{
	static const int64_t usual_of[] = {
#define LIMIT(id, statement, kind, what, such_as, least, most, usual)          \
	LIMIT_NUMBER(usual),
#include "common/limits.def"
	};

	return usual_of[limit];
}

void
conf_init(struct conf *c)
{
	*c = (struct conf){
		.clock = { .on_violation = VIOLATION_FREEZE },
		.control_socket = CTL_PATH,
		.control_mode = (mode_t)conf_usual(LIMIT_MODE),
		.state_directory = LOCALSTATEDIR "/lib/ntpd",
		.log_level = LOG_LEVEL_INFO,
	};
#define NET_SETTING(                                                           \
    member, id, statement, kind, what, such_as, least, most, usual)            \
	c->member = LIMIT_NUMBER(usual);
#define CLOCK_SETTING(                                                         \
    member, id, statement, kind, what, such_as, least, most, usual)            \
	c->clock.member = LIMIT_NUMBER(usual);
#include "common/limits.def"
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
