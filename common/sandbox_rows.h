/*
 * Macros for the rows of a seccomp filter, used by each program's profile.c.  A
 * comment above each row or group says who needs it.  A row that
 * tests/sandbox/calls.t.sh never sees in use has the mark "unseen:" and the
 * reason why it is needed.
 *
 * The table tests/sandbox/LIBC lists what libraries may set up at first use,
 * which can be after the filter is loaded, and why it is no surprise for our
 * programs.
 *
 * For an int argument the kernel ignores the upper half, and so do the *_INT
 * rows.  *_LONG is for lengths and other arguments that the kernel takes as a
 * long, such as memory protection.  *_ONLY: no bits other than these are set.
 */
#ifndef COMMON_SANDBOX_ROWS_H
#define COMMON_SANDBOX_ROWS_H

#include <seccomp.h>

#include "common/sandbox.h"

#define INT_BITS  UINT64_C(0xffffffff)
#define LONG_BITS UINT64_MAX

/* clang-format off */
#define SANDBOX_ROW(name, result, further, arg, mask, value)                   \
	{ SCMP_SYS(name), result, further, arg, mask, value }

#define ALLOW(name) SANDBOX_ROW(name, SANDBOX_ALLOW, false, 0, 0, 0)
#define ALLOW_BITS(name, arg, mask, value)                                     \
	SANDBOX_ROW(name, SANDBOX_ALLOW, false, arg, mask, value)
#define ALLOW_INT(name, arg, value)                                            \
	ALLOW_BITS(name, arg, INT_BITS, (uint32_t)(value))
#define ALLOW_LONG(name, arg, value) ALLOW_BITS(name, arg, LONG_BITS, value)
#define ALLOW_INT_ONLY(name, arg, bits)                                        \
	ALLOW_BITS(name, arg, (uint32_t)~(uint32_t)(bits), 0)
#define ALLOW_LONG_ONLY(name, arg, bits)                                       \
	ALLOW_BITS(name, arg, ~(uint64_t)(bits), 0)

#define AND_BITS(name, arg, mask, value)                                       \
	SANDBOX_ROW(name, SANDBOX_ALLOW, true, arg, mask, value)
#define AND_INT(name, arg, value)                                              \
	AND_BITS(name, arg, INT_BITS, (uint32_t)(value))
#define AND_LONG(name, arg, value) AND_BITS(name, arg, LONG_BITS, value)
#define AND_INT_ONLY(name, arg, bits)                                          \
	AND_BITS(name, arg, (uint32_t)~(uint32_t)(bits), 0)

/* Calls that fail with an errno, and calls that kill the process. */
#define FAIL(name, error) SANDBOX_ROW(name, error, false, 0, 0, 0)
#define FAIL_INT(name, arg, value, error)                                      \
	SANDBOX_ROW(name, error, false, arg, INT_BITS, (uint32_t)(value))
#define KILL(name) SANDBOX_ROW(name, SANDBOX_KILL, false, 0, 0, 0)
#define KILL_INT(name, arg, value)                                             \
	SANDBOX_ROW(name, SANDBOX_KILL, false, arg, INT_BITS, (uint32_t)(value))

/* Calls that no program of ours and no library makes, but an intruder would. */
#define KILL_ATTACKS                                                           \
	KILL(ptrace), KILL(process_vm_readv), KILL(process_vm_writev),         \
	KILL(execveat), KILL(tkill), KILL(pidfd_send_signal),                  \
	KILL(rt_sigqueueinfo), KILL(rt_tgsigqueueinfo), KILL(pidfd_getfd),     \
	KILL_INT(fcntl, 1, F_SETOWN), KILL_INT(fcntl, 1, F_SETOWN_EX),         \
	KILL_INT(fcntl, 1, F_SETSIG), KILL_INT(fcntl, 1, F_SETLEASE),          \
	KILL_INT(fcntl, 1, F_NOTIFY),                                          \
	KILL(setreuid), KILL(setregid), KILL(setfsuid), KILL(setfsgid),        \
	KILL(clock_settime), KILL(settimeofday), KILL(adjtimex),               \
	KILL(mount), KILL(umount2), KILL(pivot_root), KILL(setns), KILL(bpf),  \
	KILL(move_mount), KILL(open_tree), KILL(fsopen),                       \
	KILL(perf_event_open), KILL(userfaultfd), KILL(io_uring_setup),        \
	KILL(keyctl), KILL(add_key), KILL(request_key), KILL(init_module),     \
	KILL(finit_module), KILL(delete_module), KILL(kexec_load),             \
	KILL(kexec_file_load), KILL(reboot), KILL(swapon), KILL(syslog),       \
	KILL(open_by_handle_at), KILL(personality), KILL(quotactl)

/* Missing in older headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* Linux 6.16 */
#endif

/* The arguments of some calls, by number. */
enum { SOCKET_FAMILY, SOCKET_TYPE, SOCKET_PROTOCOL };
enum { OPTION_FD, OPTION_LEVEL, OPTION_NAME };
enum { MMAP_ADDRESS, MMAP_LENGTH, MMAP_PROTECTION, MMAP_FLAGS };

/* A socket of a family, type and protocol, non-blocking or blocking. */
#define SOCKET_TYPE_BITS                                                       \
	((uint32_t)~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define ALLOW_SOCKET(call, family, type, protocol)                             \
	ALLOW_INT(call, SOCKET_FAMILY, family),                                \
	AND_BITS(call, SOCKET_TYPE, SOCKET_TYPE_BITS, type),                   \
	AND_INT(call, SOCKET_PROTOCOL, protocol)

/* call: setsockopt or getsockopt */
#define ALLOW_OPTION(call, level, option)                                      \
	ALLOW_INT(call, OPTION_LEVEL, level),                                  \
	AND_INT(call, OPTION_NAME, option)

/* The clocks that we read; the others belong to processes or devices. */
#define ALLOW_CLOCKS(call)                                                     \
	ALLOW_INT(call, 0, CLOCK_REALTIME),                                    \
	ALLOW_INT(call, 0, CLOCK_MONOTONIC),                                   \
	ALLOW_INT(call, 0, CLOCK_MONOTONIC_RAW),                               \
	ALLOW_INT(call, 0, CLOCK_BOOTTIME)
/* clang-format on */

#endif
