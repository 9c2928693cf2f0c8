/*
 * libbpf, loaded only if the fast path is configured, so that every other ntpd
 * is spared its memory and code.
 */
#ifndef NTPD_BPFLIB_H
#define NTPD_BPFLIB_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "common/attr.h"

/* The functions that ntpd uses, one line each. */
#define BPFLIB_FUNCTIONS(X)                                                    \
	X(bpf_link_create)                                                     \
	X(bpf_map__initial_value)                                              \
	X(bpf_map__set_initial_value)                                          \
	X(bpf_map__set_max_entries)                                            \
	X(bpf_map_freeze)                                                      \
	X(bpf_map_update_elem)                                                 \
	X(bpf_object__close)                                                   \
	X(bpf_object__find_map_by_name)                                        \
	X(bpf_object__find_map_fd_by_name)                                     \
	X(bpf_object__find_program_by_name)                                    \
	X(bpf_object__load)                                                    \
	X(bpf_object__open_mem)                                                \
	X(bpf_program__fd)                                                     \
	X(libbpf_num_possible_cpus)                                            \
	X(libbpf_set_print)

#define BPFLIB_MEMBER(f) __typeof__(f) *f;
struct bpflib {
	BPFLIB_FUNCTIONS(BPFLIB_MEMBER)
};

/*
 * Load the library, once for the life of the process.  Returns its functions,
 * or NULL with errno: ELIBACC if it is not installed or too old.
 */
MUST_CHECK const struct bpflib *bpflib_load(void);

#endif
