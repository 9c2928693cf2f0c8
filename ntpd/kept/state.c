/*
 * The state directory, see state.h.  Run by ntpd only.
 */
#include "ntpd/kept/state.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ctlpath.h"
#include "core/filter/drift.h"
#include "core/steer/steer.h"
#include "ntpd/conf/read_whole.h"
#include "ntpd/file.h"

#define STATE_FILE "clock"
#define STATE_MAX  2048

/*
 * A checksum against accidents (FNV-1a): a flipped bit must not change the
 * ledger.
 */
static uint64_t
checksum(const char *text, size_t len)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return sum;
}

static int
open_dir(struct state_dir *dir, const char *path, mode_t mode, int flags)
{
	(void)snprintf(dir->file, sizeof(dir->file), "%s", STATE_FILE);
	dir->fd = -1;
	if (mkdir(path, mode) == -1 && errno != EEXIST)
		return -1;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	return dir->fd == -1 ? -1 : 0;
}

/* Close it again, with errno as it is. */
static int
refuse_dir(struct state_dir *dir)
{
	dir->fd = file_give_up(dir->fd);
	return -1;
}

int
state_open(struct state_dir *dir, const char *path)
{
	if (open_dir(dir, path, 0755, 0) == -1)
		return -1;
	if (faccessat(dir->fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return refuse_dir(dir);
	return 0;
}

int
state_open_volatile(
    struct state_dir *dir, const char *instead_of, const char **path)
{
	static char fallback[CTL_FALLBACK_DIR_LEN];
	bool root = geteuid() == 0;
	struct stat st;

	(void)snprintf(fallback, sizeof(fallback), CTL_FALLBACK_DIR, geteuid());
	*path = root ? CTL_RUN_DIR : fallback;
	if (open_dir(dir, *path, root ? 0755 : 0700, O_NOFOLLOW) == -1)
		return -1;
	(void)snprintf(dir->file, sizeof(dir->file), STATE_FILE "-%016" PRIx64,
	    checksum(instead_of, strlen(instead_of)));
	if (fstat(dir->fd, &st) == -1 || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		errno = EPERM;
		return refuse_dir(dir);
	}
	if (faccessat(dir->fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return refuse_dir(dir);
	return 0;
}

/* The kernel's identifier of this boot. */
static void
boot_id(char *id, size_t size)
{
	if (!file_text("/proc/sys/kernel/random/boot_id", id, size))
		(void)snprintf(id, size, "unknown");
	id[strcspn(id, "\n")] = '\0';
}

/* Parse `count` numbers after a keyword; nothing else may be in the line. */
static bool
take_numbers(const char **text, const char *word, int64_t *numbers, int count)
{
	const char *at = *text;
	char *end;

	if (strncmp(at, word, strlen(word)) != 0)
		return false;
	at += strlen(word);
	for (int i = 0; i < count; i++) {
		if (*at++ != ' ')
			return false;
		errno = 0;
		numbers[i] = strtoll(at, &end, 10);
		if (end == at || errno != 0)
			return false;
		at = end;
	}
	if (*at++ != '\n')
		return false;
	*text = at;
	return true;
}

/* The rest of a line after a keyword and a space. */
static bool
take_text(const char **text, const char *word, char *out, size_t size)
{
	const char *at = *text + strlen(word) + 1;
	size_t len;

	if (strncmp(*text, word, strlen(word)) != 0 ||
	    (*text)[strlen(word)] != ' ')
		return false;
	len = strcspn(at, "\n");
	if (at[len] != '\n' || len >= size)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	*text = at + len + 1;
	return true;
}

static bool
take_checksum(const char *text, const char *at)
{
	char want[32];
	int n = snprintf(want, sizeof(want), "check %016" PRIx64 "\n",
	    checksum(text, (size_t)(at - text)));

	return strncmp(at, want, (size_t)n) == 0 &&
	    strcmp(at + n, "end\n") == 0;
}

/* From versions 1 and 2 use the drift, and from 2 the time. */
static bool
scan_old(struct state *s, const char *at, int64_t version)
{
	int64_t drift[2], budget[2];
	char boot[sizeof(s->boot_id)];

	if (!take_numbers(&at, "drift", drift, 2) ||
	    !take_numbers(&at, "budget", budget, 2) ||
	    !take_text(&at, "boot", boot, sizeof(boot)))
		return false;
	s->drift_q32 = drift[0];
	s->drift_sigma_q32 = drift[1];
	s->boot_id[0] = '\0'; /* it has no ledger of this boot */
	if (version == 2 && !take_numbers(&at, "time", &s->time_ns, 1))
		return false;
	return strcmp(at, "end\n") == 0;
}

static bool
scan(struct state *s, const char *text)
{
	const char *at = text;
	int64_t version, drift[2], ledger[LEDGER_WORDS];

	if (!take_numbers(&at, "ntpd-state", &version, 1))
		return false;
	if (version == 1 || version == 2)
		return scan_old(s, at, version);
	if (version != 3 || !take_numbers(&at, "drift", drift, 2) ||
	    !take_text(&at, "boot", s->boot_id, sizeof(s->boot_id)) ||
	    !take_numbers(&at, "time", &s->time_ns, 1) ||
	    !take_numbers(&at, "leap", &s->leap_ns, 1) ||
	    !take_numbers(&at, "ledger", ledger, LEDGER_WORDS) ||
	    !take_text(&at, "frozen", s->frozen, sizeof(s->frozen)))
		return false;
	s->drift_q32 = drift[0];
	s->drift_sigma_q32 = drift[1];
	memcpy(&s->ledger, ledger, sizeof(s->ledger));
	return take_checksum(text, at);
}

static int
parse(struct state *s, const char *text)
{
	if (!scan(s, text))
		return -1;
	/*
	 * Saved by a program that accepted later times: they count as unknown.
	 */
	if (s->time_ns > UTC_LAST_NS)
		s->time_ns = 0;
	if (s->leap_ns > UTC_LAST_NS)
		s->leap_ns = 0;
	if (s->drift_q32 > SLOPE_MAX || s->drift_q32 < -SLOPE_MAX ||
	    s->drift_sigma_q32 < 0 || s->drift_sigma_q32 > SLOPE_MAX ||
	    s->time_ns < 0 || s->leap_ns < 0 || !ledger_ok(&s->ledger))
		return -1;
	s->drift_known = s->drift_sigma_q32 > 0;
	return 0;
}

/* Another boot, or a version without a ledger. */
static void
begin_boot(struct state *s)
{
	s->drift_sigma_q32 = drift_of_other_boot(s->drift_sigma_q32);
	ledger_reboot(&s->ledger);
	s->frozen[0] = '\0';
	if (s->ledger.flags != 0 || !s->drift_known)
		return;
	s->ledger.anchor_sppm = steer_slope_rate(s->drift_q32);
	if (s->ledger.anchor_sppm > LEDGER_COLD_SPPM ||
	    s->ledger.anchor_sppm < -LEDGER_COLD_SPPM)
		s->ledger.anchor_sppm = 0;
	else
		s->ledger.flags = LEDGER_KNOWN;
}

int
state_load(const struct state_dir *dir, struct state *s)
{
	char text[STATE_MAX], id[sizeof(s->boot_id)];
	ssize_t n;
	int fd;

	memset(s, 0, sizeof(*s));
	boot_id(s->boot_id, sizeof(s->boot_id));
	memcpy(id, s->boot_id, sizeof(id));
	if (dir->fd == -1)
		return 0;
	fd = openat(
	    dir->fd, dir->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd); /* only read */
	if (n < 0)
		return -1;
	text[n] = '\0';
	if (parse(s, text) == -1) {
		memset(s, 0, sizeof(*s));
		memcpy(s->boot_id, id, sizeof(id));
		errno = EBADMSG;
		return -1;
	}
	if (strcmp(s->boot_id, id) != 0)
		begin_boot(s);
	else /* the drift was known when the ledger was last reported */
		s->drift_sigma_q32 = drift_of_this_boot(
		    s->drift_sigma_q32, clock_read_boot() - s->ledger.until_ns);
	memcpy(s->boot_id, id, sizeof(id));
	return 0;
}

bool
state_take(struct state *kept, const struct msg_clock_state *m)
{
	struct ledger_kept before = kept->ledger;
	bool changed = kept->leap_ns != m->leap_before_ns ||
	    strcmp(kept->frozen, m->frozen) != 0;

	memcpy(&kept->ledger, &m->ledger, sizeof(kept->ledger));
	memcpy(kept->frozen, m->frozen, sizeof(kept->frozen));
	kept->leap_ns = m->leap_before_ns;
	return changed || kept->ledger.flags != before.flags ||
	    ledger_overdrawn(&before, &kept->ledger);
}

int
state_load_later(
    const struct state_dir *dir, const struct state_dir *spare, struct state *s)
{
	struct state other;
	int rc = state_load(dir, s), saved = errno;

	if (spare->fd != -1 && state_load(spare, &other) == 0 &&
	    other.ledger.until_ns > s->ledger.until_ns) {
		*s = other;
		rc = 0;
	}
	errno = saved;
	return rc;
}

/*
 * Write the format that scan() reads.  Returns its length, or -1 if there is no
 * room.
 */
static int
compose(const struct state *s, char text[STATE_MAX])
{
	int64_t ledger[LEDGER_WORDS];
	int n, k;

	memcpy(ledger, &s->ledger, sizeof(ledger));
	n = snprintf(text, STATE_MAX,
	    "ntpd-state 3\n"
	    "drift %" PRId64 " %" PRId64 "\n"
	    "boot %s\n"
	    "time %" PRId64 "\n"
	    "leap %" PRId64 "\n"
	    "ledger",
	    s->drift_q32, s->drift_known ? s->drift_sigma_q32 : 0, s->boot_id,
	    s->time_ns, s->leap_ns);
	for (int i = 0; i < LEDGER_WORDS && n > 0 && n < STATE_MAX; i++)
		n += snprintf(
		    text + n, (size_t)(STATE_MAX - n), " %" PRId64, ledger[i]);
	if (n > 0 && n < STATE_MAX)
		n += snprintf(text + n, (size_t)(STATE_MAX - n),
		    "\nfrozen %s\n", s->frozen);
	if (n <= 0 || n >= STATE_MAX)
		return -1;
	k = snprintf(text + n, (size_t)(STATE_MAX - n),
	    "check %016" PRIx64 "\nend\n", checksum(text, (size_t)n));
	return n + k < STATE_MAX ? n + k : -1;
}

int
state_save(const struct state_dir *dir, const struct state *s)
{
	char text[STATE_MAX], temp[sizeof(dir->file) + 8];
	int fd, n, rc, saved;

	if (dir->fd == -1)
		return 0;
	(void)snprintf(temp, sizeof(temp), "%s.new", dir->file);
	n = compose(s, text);
	if (n == -1) {
		errno = EOVERFLOW;
		return -1;
	}
	if (unlinkat(dir->fd, temp, 0) == -1 && errno != ENOENT)
		return -1;
	fd = openat(dir->fd, temp,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1)
		return -1;
	rc = write_whole(fd, text, (size_t)n) == -1 ? -1 : fsync(fd);
	saved = errno;
	if (close(fd) == -1 && rc == 0) {
		rc = -1;
		saved = errno;
	}
	errno = saved;
	if (rc == -1)
		return -1;
	if (renameat(dir->fd, temp, dir->fd, dir->file) == -1)
		return -1;
	return fsync(dir->fd);
}
