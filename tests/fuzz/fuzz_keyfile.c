/*
 * Fuzz target: a file of keys of any bytes.  Every key that comes of it is one
 * that may be, and whatever is no key is an error.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/conf/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf conf;
	struct reader r = { .conf = &conf };
	char *report = NULL;
	size_t len;

	conf_init(&conf);
	r.report = open_memstream(&report, &len);
	if (r.report == NULL)
		abort();
	keyfile_parse(&r, "f", (const char *)data, size);
	if (fclose(r.report) != 0)
		abort();
	assert((r.errors != 0) == r.keys_wrong);
	assert((len != 0) == (r.errors + r.warnings != 0));
	for (uint32_t i = 0; conf.keys != NULL && i < conf.keys->count; i++) {
		assert(keyring_key_ok(&conf.keys->keys[i]));
		assert(i == 0 ||
		    conf.keys->keys[i - 1].id < conf.keys->keys[i].id);
	}
	free(report);
	conf_clear(&conf);
	return 0;
}
