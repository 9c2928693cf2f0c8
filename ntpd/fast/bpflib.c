/*
 * Loading libbpf, see bpflib.h.  Run by ntpd, as root, before it gives up its
 * privileges and enters its sandbox.
 */
#include "ntpd/fast/bpflib.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libbpf.so.1"

/* Store a function pointer from dlsym() without a cast. */
static int
find(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol == NULL ? -1 : 0;
}

const struct bpflib *
bpflib_load(void)
{
	static struct bpflib lib;
	static void *library;
	int rc = 0;

	if (library != NULL)
		return &lib;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		errno = ELIBACC;
		return NULL;
	}
#define FIND(f) rc |= find(library, #f, &lib.f);
	BPFLIB_FUNCTIONS(FIND)
#undef FIND
	if (rc == 0)
		return &lib;
	(void)dlclose(library); /* useless */
	library = NULL;
	errno = ELIBACC;
	return NULL;
}
