/*
 * Reading the configuration, see conf_read.h.  ntpd runs this at its start, at
 * every reload and for the check.  Before it returns, it frees all that it has
 * allocated except the prefixes and the keys in struct conf.
 */
#include "ntpd/conf/conf_read.h"

#include "ntpd/conf/keyfile.h"
#include "ntpd/conf/reader.h"

/* Checks that need the whole configuration. */
static void
check_whole(struct reader *r, const char *name)
{
	struct lex_place whole = { .file = name };
	const struct conf *c = r->conf;
	uint32_t most = 0;

	if (c->leap_smear_s != 0 && c->leap_file[0] == '\0')
		reader_error(r, &r->smear_place,
		    "\"leap smear\" needs \"leap file\": a leap second must be "
		    "known before it is smeared");
	for (uint32_t i = 0; i < c->source_count; i++)
		most += c->sources[i].count == 0 ? SOURCES_MAX
						 : c->sources[i].count;
	if (c->source_count == 0 && c->local_stratum == 0)
		reader_warning(r, &whole,
		    "there is no server or pool: the clock will not be kept");
	else if (r->minimum_place.file != NULL && c->min_sources > most)
		reader_warning(r, &r->minimum_place,
		    "there %s %u source%s at most: the clock will not be kept",
		    most == 1 ? "is" : "are", most, most == 1 ? "" : "s");
}

/* Every key that a source is queried with must exist. */
static void
check_keys(struct reader *r)
{
	struct conf *c = r->conf;

	if (r->keys_place.file != NULL)
		keyfile_read(r, c->keys_file, &r->keys_place);
	for (uint32_t i = 0; i < c->source_count; i++) {
		uint32_t id = c->sources[i].key_id;

		if (id == 0 ||
		    (c->keys != NULL && keyring_find(c->keys, id) != NULL))
			continue;
		if (r->keys_place.file == NULL)
			reader_error(r, &r->key_places[i],
			    "a key needs a statement keys \"file\"");
		else if (!r->keys_wrong)
			reader_error(r, &r->key_places[i],
			    "there is no key %u in \"%s\"", id, c->keys_file);
	}
}

int
conf_read(
    struct conf *c, const struct conf_text *texts, size_t count, FILE *report)
{
	struct reader r = { .conf = c, .report = report };

	for (size_t i = 0; i < count && !reader_is_over(&r); i++)
		reader_run(&r, texts[i].name, texts[i].text);
	check_keys(&r);
	if (r.errors == 0 && count > 0)
		check_whole(&r, texts[count - 1].name);
	reader_clear(&r);
	return r.errors == 0 ? 0 : -1;
}
