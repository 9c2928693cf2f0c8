/*
 * The leap second file, see leapfile.h.  Run by ntpd only.  It must not wait
 * for a device, and uses nothing from a file whose hash is wrong.
 */
#include "ntpd/conf/leapfile.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/packet/timestamp.h"
#include "ntpd/conf/read_whole.h"

_Static_assert(LEAPFILE_HASH_LEN == SHA1_DIGEST_LENGTH, "SHA-1");

static void
hash_octets(void *context, const char *octets, size_t len)
{
	SHA1Update(context, (const uint8_t *)octets, len);
}

static int
parse(const char *text, size_t len, struct leapfile *f,
    char why[LEAPFILE_WHY_LEN])
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX ctx;
	struct leapfile_sink sink = { hash_octets, &ctx };
	enum leapfile_error e;

	SHA1Init(&ctx);
	e = leapfile_parse(text, len, &sink, f);
	SHA1Final(digest, &ctx);
	if (e != LEAPFILE_OK) {
		(void)snprintf(why, LEAPFILE_WHY_LEN, "line %u: %s", f->line,
		    leapfile_error_str(e));
		return -1;
	}
	if (memcmp(digest, f->hash, sizeof(digest)) != 0) {
		(void)snprintf(why, LEAPFILE_WHY_LEN,
		    "its hash is wrong: it is damaged or was changed");
		memset(f, 0, sizeof(*f));
		return -1;
	}
	return 0;
}

static int
read_open(int fd, struct leapfile *f, char why[LEAPFILE_WHY_LEN])
{
	char *text = NULL;
	struct stat st;
	ssize_t len;
	int rc = -1;

	if (fstat(fd, &st) == -1) {
		(void)snprintf(
		    why, LEAPFILE_WHY_LEN, "%s", strerrordesc_np(errno));
	} else if (!S_ISREG(st.st_mode)) {
		(void)snprintf(
		    why, LEAPFILE_WHY_LEN, "it is not a regular file");
	} else if ((text = malloc(LEAPFILE_BYTES_MAX + 1)) == NULL ||
	    (len = read_whole(fd, text, LEAPFILE_BYTES_MAX + 1)) == -1) {
		(void)snprintf(
		    why, LEAPFILE_WHY_LEN, "%s", strerrordesc_np(errno));
	} else {
		rc = parse(text, (size_t)len, f, why);
	}
	free(text);
	return rc;
}

int
leapfile_read(const char *path, struct leapfile *f, char why[LEAPFILE_WHY_LEN])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	memset(f, 0, sizeof(*f));
	why[0] = '\0';
	if (fd == -1) {
		(void)snprintf(
		    why, LEAPFILE_WHY_LEN, "%s", strerrordesc_np(errno));
		return -1;
	}
	rc = read_open(fd, f, why);
	(void)close(fd); /* it was only read */
	return rc;
}

bool
leapfile_expired(
    const struct leapfile *f, struct wall now, char why[LEAPFILE_WHY_LEN])
{
	struct wall_date d = wall_date(f->expiry);

	if (now.ns < f->expiry.ns)
		return false;
	(void)snprintf(why, LEAPFILE_WHY_LEN,
	    "by the clock of this machine it expired on %d-%02d-%02d", d.year,
	    d.month, d.day);
	return true;
}

struct msg_leaps
leapfile_message(const struct leapfile *f, uint32_t smear_s)
{
	struct msg_leaps m = { .smear_s = smear_s,
		.expiry_ns = f->expiry.ns > 0 ? f->expiry.ns : 0 };
	/* The first entry is not a leap second. */
	uint32_t first = f->count > LEAPS_MAX ? f->count - LEAPS_MAX : 1;

	for (uint32_t i = first; i < f->count; i++) {
		m.at_ns[m.count] = f->entries[i].at.ns;
		m.kind[m.count++] = (uint32_t)leapfile_kind(f, i);
	}
	return m;
}
