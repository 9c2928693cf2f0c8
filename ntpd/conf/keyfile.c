/*
 * The file of symmetric keys, see keyfile.h.  Run by ntpd only, which alone
 * reads it.  A line that is not understood to its end is an error: otherwise a
 * key that was cut off, or that has one character too many, would be noticed
 * only on the day it is needed (CVE-2021-22212).
 */
#include "ntpd/conf/keyfile.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/octets.h"
#include "ntpd/conf/read_whole.h"

#define FILE_BYTES_MAX (256 * 1024)
#define LINE_MAX_LEN   1000
#define PLAIN_MAX      20 /* characters; a longer key is hexadecimal */

/* A line, and the position in it. */
struct line {
	struct reader *r;
	struct lex_place place; /* its column is set for each message */
	const char *begin;
	const char *at;
	const char *end;
};

/* A word of a line: points into the line, no copy. */
struct word {
	const char *begin;
	size_t len;
};

static const struct {
	const char *name;
	enum mac_type type;
} types[] = {
	{ "MD5", MAC_MD5 },
	{ "M", MAC_MD5 }, /* of very old files */
	{ "SHA1", MAC_SHA1 },
	{ "SHA-1", MAC_SHA1 },
	{ "SHA256", MAC_SHA256 },
	{ "SHA-256", MAC_SHA256 },
	{ "SHA512", MAC_SHA512 },
	{ "SHA-512", MAC_SHA512 },
	{ "AES128", MAC_AES128 },
	{ "AES-128", MAC_AES128 },
	{ "AES", MAC_AES128 }, /* of ntpsec */
	{ "AES128CMAC", MAC_AES128 },
	{ "AES-128-CMAC", MAC_AES128 },
};

static bool
wrong(struct line *l, const char *at, const char *what)
{
	l->place.column = (unsigned int)(at - l->begin) + 1;
	l->r->keys_wrong = true;
	reader_error(l->r, &l->place, "%s", what);
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(struct line *l)
{
	while (l->at < l->end && is_blank(*l->at))
		l->at++;
}

/* The next word; false at the end of the line or at a comment. */
static bool
next_word(struct line *l, struct word *w)
{
	skip_blanks(l);
	w->begin = l->at;
	w->len = 0;
	if (l->at == l->end || *l->at == '#')
		return false;
	while (l->at < l->end && !is_blank(*l->at))
		l->at++;
	w->len = (size_t)(l->at - w->begin);
	return true;
}

static bool
begins(const struct word *w, const char *prefix)
{
	size_t n = strlen(prefix);

	return w->len >= n && strncasecmp(w->begin, prefix, n) == 0;
}

/* Accept only printable ASCII, which is all that the formats use. */
static bool
check_characters(struct line *l)
{
	if (l->end > l->begin && l->end[-1] == '\r')
		return wrong(l, l->end - 1,
		    "the line ends with CR LF: a CR would be part of the key, "
		    "the end of a line is LF alone");
	if (l->end - l->begin > LINE_MAX_LEN)
		return wrong(
		    l, l->begin, "a line of more than 1000 characters");
	for (const char *p = l->begin; p < l->end; p++)
		if ((*p < ' ' || *p > '~') && *p != '\t')
			return wrong(
			    l, p, "a character that is not printable ASCII");
	return true;
}

static bool
read_id(struct line *l, const struct word *w, uint32_t *id)
{
	uint64_t v = 0;

	for (size_t i = 0; i < w->len; i++) {
		if (w->begin[i] < '0' || w->begin[i] > '9' || v > UINT32_MAX)
			return wrong(l, w->begin,
			    "expected a key ID from 1 to 4294967295");
		v = v * 10 + (uint64_t)(w->begin[i] - '0');
	}
	if (v == 0 || v > UINT32_MAX)
		return wrong(
		    l, w->begin, "expected a key ID from 1 to 4294967295");
	*id = (uint32_t)v;
	return true;
}

static bool
read_type(struct line *l, uint32_t *type)
{
	struct word w;

	if (next_word(l, &w))
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strlen(types[i].name) == w.len &&
			    begins(&w, types[i].name)) {
				*type = (uint32_t)types[i].type;
				return true;
			}
	return wrong(
	    l, w.begin, "expected a type: MD5, SHA1, SHA256, SHA512 or AES128");
}

static bool
read_hex(struct line *l, const struct word *w, struct mac_key *key)
{
	if (w->len % 2 != 0)
		return wrong(l, w->begin,
		    "an odd number of hexadecimal digits in a key");
	if (w->len / 2 > MAC_KEY_MAX)
		return wrong(l, w->begin, "a key of more than 64 octets");
	for (size_t i = 0; i < w->len; i += 2) {
		int high = hex_digit(w->begin[i]);
		int low = hex_digit(w->begin[i + 1]);

		if (high == -1 || low == -1)
			return wrong(l, w->begin,
			    "a key that is no hexadecimal number (one of more "
			    "than 20 characters is one, unless it begins with "
			    "ASCII:)");
		key->value[i / 2] = (uint8_t)(high << 4 | low);
	}
	key->len = (uint32_t)(w->len / 2);
	return true;
}

static bool
read_ascii(struct line *l, const struct word *w, struct mac_key *key)
{
	if (w->len > MAC_KEY_MAX)
		return wrong(l, w->begin, "a key of more than 64 octets");
	memcpy(key->value, w->begin, w->len);
	key->len = (uint32_t)w->len;
	return true;
}

static struct word
behind(struct word w, size_t n)
{
	return (struct word){ w.begin + n, w.len - n };
}

/* The key itself: in chrony's format with a prefix, else as in ntp.keys. */
static bool
read_value(struct line *l, struct mac_key *key)
{
	struct word w;
	bool read;

	if (!next_word(l, &w))
		return wrong(l, w.begin, "expected a key behind its type");
	if (memchr(w.begin, '#', w.len) != NULL)
		return wrong(l, w.begin,
		    "\"#\" begins a comment, and is part of no key: write such "
		    "a key in hexadecimal");
	if (begins(&w, "HEX:")) {
		w = behind(w, 4);
		read = read_hex(l, &w, key);
	} else if (begins(&w, "ASCII:")) {
		w = behind(w, 6);
		read = read_ascii(l, &w, key);
	} else if (w.len > PLAIN_MAX) {
		read = read_hex(l, &w, key);
	} else {
		read = read_ascii(l, &w, key);
	}
	if (read && key->len == 0)
		return wrong(l, w.begin, "an empty key");
	if (read && key->type == MAC_AES128 && key->len != MAC_AES128_KEY)
		return wrong(l, w.begin,
		    "a key of AES128 has 16 octets: 32 hexadecimal digits");
	return read;
}

/* RFC 8573 section 2: MD5 "MUST be deprecated"; logged once. */
static void
warn_md5(struct line *l, const struct mac_key *key)
{
	if (key->type != MAC_MD5 || l->r->keys_warned)
		return;
	l->r->keys_warned = true;
	l->place.column = 1;
	reader_warning(l->r, &l->place,
	    "MD5 does not protect any more (RFC 8573): AES128 does");
}

/* Returns true if there is a valid key, which is then in *key. */
static bool
read_key(struct line *l, struct mac_key *key)
{
	struct word w;

	if (!check_characters(l) || !next_word(l, &w) ||
	    !read_id(l, &w, &key->id) || !read_type(l, &key->type) ||
	    !read_value(l, key))
		return false;
	if (next_word(l, &w))
		return wrong(l, w.begin,
		    "expected the end of the line: a key cannot be limited to "
		    "addresses");
	warn_md5(l, key);
	return true;
}

static void
read_line(struct line *l, struct keyring *keys)
{
	struct mac_key key = { .id = 0 };

	if (read_key(l, &key) && keyring_add(keys, &key) == -1)
		(void)wrong(l, l->begin, /* which is reported */
		    keys->count == KEYRING_MAX
			? "more than 1024 keys"
			: "a key of this ID is there already");
	explicit_bzero(&key, sizeof(key));
}

static void
cannot_use(struct reader *r, const struct lex_place *place, const char *path,
    const char *why)
{
	r->keys_wrong = true;
	reader_error(r, place, "cannot use the keys in \"%s\": %s", path, why);
}

void
keyfile_parse(struct reader *r, const char *name, const char *text, size_t len)
{
	struct line l = { .r = r, .place = { .file = name } };
	const char *end = text + len;

	if (r->conf->keys == NULL)
		r->conf->keys = calloc(1, sizeof(*r->conf->keys));
	if (r->conf->keys == NULL) {
		cannot_use(r, &l.place, name, strerrordesc_np(ENOMEM));
		return;
	}
	while (text < end && !reader_is_over(r)) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));

		l.begin = l.at = text;
		l.end = nl != NULL ? nl : end;
		l.place.line++;
		read_line(&l, r->conf->keys);
		text = nl != NULL ? nl + 1 : end;
	}
}

/* Why an open file must not be used; NULL: it may be. */
static const char *
file_problem(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerrordesc_np(errno);
	if (!S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it belongs to another user";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others than its owner have access to it: chmod 600";
	return NULL;
}

void
keyfile_read(struct reader *r, const char *path, const struct lex_place *place)
{
	const char *problem;
	char *buf = NULL;
	ssize_t len;
	int fd;

	if (path[0] == '\0')
		return; /* an error was reported */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	problem = fd == -1 ? strerrordesc_np(errno) : file_problem(fd);
	if (problem == NULL && (buf = malloc(FILE_BYTES_MAX)) == NULL)
		problem = strerrordesc_np(ENOMEM);
	if (problem == NULL) {
		len = read_whole(fd, buf, FILE_BYTES_MAX);
		if (len == -1)
			problem = strerrordesc_np(errno);
		else if (len == FILE_BYTES_MAX)
			problem = "it is larger than 256 KiB";
		else
			keyfile_parse(r, path, buf, (size_t)len);
		explicit_bzero(buf, FILE_BYTES_MAX);
	}
	if (problem != NULL)
		cannot_use(r, place, path, problem);
	free(buf);
	if (fd != -1)
		(void)close(fd); /* only read */
}
