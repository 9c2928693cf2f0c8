/* Random bytes, see random.h. */
#include "common/random.h"

#include <sys/syscall.h>

#include <unistd.h>

ssize_t
random_raw(void *buf, size_t length, unsigned int flags)
{
	return syscall(SYS_getrandom, buf, length, flags);
}
