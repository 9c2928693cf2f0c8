/*
 * The numbers of a user namespace, see idmap.h.  Run by ntpd before it starts
 * anything.
 */
#include "ntpd/idmap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/file.h"

#define MAP_TEXT 16384 /* IDMAP_RANGES lines of up to 34 characters, and more */

int
idmap_parse(const char *text, struct idmap *m)
{
	*m = (struct idmap){ .count = 0 };
	while (*text != '\0') {
		uint32_t first, outside, count;
		int n = 0;

		if (m->count == IDMAP_RANGES ||
		    sscanf(text, "%10" SCNu32 " %10" SCNu32 " %10" SCNu32 "%n",
			&first, &outside, &count, &n) != 3 ||
		    (text[n] != '\n' && text[n] != '\0'))
			return -1;
		m->ranges[m->count].first = first;
		m->ranges[m->count++].count = count;
		text += n + (text[n] == '\n');
	}
	return m->count == 0 ? -1 : 0;
}

bool
idmap_has(const struct idmap *m, uint32_t id)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (id >= m->ranges[i].first &&
		    id - m->ranges[i].first < m->ranges[i].count)
			return true;
	return false;
}

static void
read_map(const char *path, struct idmap *m)
{
	char *text = malloc(MAP_TEXT);

	if (text == NULL || !file_text(path, text, MAP_TEXT) ||
	    idmap_parse(text, m) == -1)
		*m =
		    (struct idmap){ .ranges[0].count = UINT32_MAX, .count = 1 };
	free(text);
}

void
idspace_read(struct idspace *s)
{
	char word[16];

	read_map("/proc/self/uid_map", &s->uids);
	read_map("/proc/self/gid_map", &s->gids);
	s->setgroups = !file_text("/proc/self/setgroups", word, sizeof(word)) ||
	    strncmp(word, "deny", 4) != 0;
}
