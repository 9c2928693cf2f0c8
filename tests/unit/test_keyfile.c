/*
 * The file of keys: what it may contain, and the message for anything else.
 */
#include "ntpd/conf/conf_read.h"
#include "ntpd/conf/keyfile.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

static struct conf conf;
static char *report;
static char dir[] = "/tmp/test_keyfile.XXXXXX";

static uint32_t
key_count(void)
{
	return conf.keys == NULL ? 0 : conf.keys->count;
}

/* Parse a text as a file of keys; conf and report hold the result. */
static void
parse(const char *text, size_t len)
{
	struct reader r = { .conf = &conf };
	size_t size;

	free(report);
	report = NULL;
	r.report = open_memstream(&report, &size);
	if (r.report == NULL)
		abort();
	conf_clear(&conf);
	conf_init(&conf);
	keyfile_parse(&r, "k", text, len);
	if (fclose(r.report) != 0)
		abort();
}

/* clang-format off */
static const struct {
	const char *text;
	uint32_t id;
	enum mac_type type;
	uint32_t len;
	const char *value;
} good[] = {
	{ "1 MD5 secret\n", 1, MAC_MD5, 6, "secret" },
	{ "1 M secret", 1, MAC_MD5, 6, "secret" },
	{ "  2\tsha1   secret  # of whom\n", 2, MAC_SHA1, 6, "secret" },
	{ "# x\n\n3 SHA256 0123456789abcdefghij\n", 3, MAC_SHA256, 20, "0123456789abcdefghij" },
	{ "4 SHA512 4142434445464748494a4b\n", 4, MAC_SHA512, 11, "ABCDEFGHIJK" },
	{ "5 AES-128-CMAC 30313233343536373839616263646566\n", 5, MAC_AES128, 16, "0123456789abcdef" },
	{ "6 AES 0123456789abcdef\n", 6, MAC_AES128, 16, "0123456789abcdef" },
	{ "6 AES128CMAC 0123456789abcdef\n", 6, MAC_AES128, 16, "0123456789abcdef" },
	{ "65536 AES128 HEX:30313233343536373839616263646566\n", 65536, MAC_AES128, 16, "0123456789abcdef" },
	{ "4294967295 SHA1 HEX:4142\n", UINT32_MAX, MAC_SHA1, 2, "AB" },
	{ "7 SHA1 ASCII:this-has-more-than-twenty\n", 7, MAC_SHA1, 25, "this-has-more-than-twenty" },
};

static const struct {
	const char *text;
	unsigned int line;
	unsigned int column;
	const char *fragment;
} bad[] = {
	{ "x MD5 Secret\n", 1, 1, "expected a key ID from 1 to 4294967295" },
	{ "0 MD5 Secret\n", 1, 1, "expected a key ID from 1 to 4294967295" },
	{ "4294967296 MD5 Secret\n", 1, 1, "expected a key ID from 1 to 4294967295" },
	{ "99999999999999999999999999 MD5 Secret\n", 1, 1, "expected a key ID" },
	{ "-1 MD5 Secret\n", 1, 1, "expected a key ID" },
	{ "1\n", 1, 2, "expected a type" },
	{ "1 MD4 Secret\n", 1, 3, "expected a type" },
	{ "1 Secret\n", 1, 3, "expected a type" },
	{ "1 MD5\n", 1, 6, "expected a key behind its type" },
	{ "1 MD5 #Secret\n", 1, 7, "expected a key behind its type" },
	{ "1 MD5 Secret#1\n", 1, 7, "\"#\" begins a comment, and is part of no key" },
	{ "1 MD5 ASCII:Secret#1\n", 1, 7, "\"#\" begins a comment, and is part of no key" },
	{ "1 MD5 ASCII:\n", 1, 13, "an empty key" },
	{ "1 MD5 HEX:\n", 1, 11, "an empty key" },
	{ "1 MD5 HEX:123\n", 1, 11, "an odd number of hexadecimal digits" },
	{ "1 MD5 HEX:Secret\n", 1, 11, "no hexadecimal number" },
	{ "1 MD5 Secret-of-21-characters\n", 1, 7, "odd number of hexadecimal" },
	{ "1 MD5 Secret-of-22-character\n", 1, 7, "no hexadecimal number" },
	{ "1 MD5 ASCII:two words\n", 1, 17, "expected the end of the line" },
	{ "1 MD5 Secret 192.0.2.1\n", 1, 14, "a key cannot be limited to addresses" },
	{ "1 SHA1 Secret\r\n", 1, 14, "the line ends with CR LF" },
	{ "# comment\r\n", 1, 10, "the line ends with CR LF" },
	{ "1 SHA1 Sec\rret\n", 1, 11, "not printable ASCII" },
	{ "1 SHA1 Secr\xc3\xa9t\n", 1, 12, "not printable ASCII" },
	{ "1 AES128 Secret\n", 1, 10, "a key of AES128 has 16 octets" },
	{ "1 AES128 HEX:303132333435363738396162636465\n", 1, 14, "a key of AES128 has 16 octets" },
	{ "1 AES128 3031323334353637383961626364656667\n", 1, 10, "a key of AES128 has 16 octets" },
	{ "1 SHA1 Secret\n2 SHA1 b\n1 SHA1 c\n", 3, 1, "a key of this ID is there already" },
	{ "1 SHA1 ok\n\n2 nonsense Secret\n", 3, 3, "expected a type" },
};
/* clang-format on */

static void
test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct mac_key *k;

		parse(good[i].text, strlen(good[i].text));
		k = keyring_find(conf.keys, good[i].id);
		OK(k != NULL && key_count() == 1 &&
			k->type == (uint32_t)good[i].type &&
			k->len == good[i].len &&
			memcmp(k->value, good[i].value, k->len) == 0 &&
			strstr(report, "expected") == NULL,
		    "good line %zu", i);
	}
}

static void
test_bad(void)
{
	char place[32];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		parse(bad[i].text, strlen(bad[i].text));
		(void)snprintf(place, sizeof(place), "k:%u:%u: ", bad[i].line,
		    bad[i].column);
		OK(strstr(report, place) != NULL &&
			strstr(report, bad[i].fragment) != NULL,
		    "%s%s", place, bad[i].fragment);
		OK(strstr(report, "Secr") == NULL, "and nothing of the key");
	}
}

/* */
static void
test_long(void)
{
	char text[3000];
	char hex[] = "1 SHA1 HEX:";
	int len;

	memset(text, 'a', sizeof(text));
	memcpy(text, "1 SHA1 ", 7);
	parse(text, 901);
	OK(strstr(report, "k:1:8: a key of more than 64 octets") != NULL &&
		key_count() == 0,
	    "A-43 a key that is too long is not cut off");
	parse(text, sizeof(text));
	OK(strstr(report, "k:1:1: a line of more than 1000") != NULL &&
		key_count() == 0,
	    "A-43 nor a line");
	memcpy(text, hex, sizeof(hex) - 1);
	parse(text, sizeof(hex) - 1 + 128);
	OK(key_count() == 1 && conf.keys->keys[0].len == 64,
	    "64 octets are the longest key");
	parse("1 SHA1 a\0b\n", 11);
	OK(strstr(report, "k:1:9: a character that is not") != NULL,
	    "a zero byte ends nothing");
	len = snprintf(text, sizeof(text), "1 SHA1 %s\n", "ASCII:a");
	parse(text, (size_t)len);
	OK(key_count() == 1 && conf.keys->keys[0].len == 1, "a short one");
}

static void
test_many(void)
{
	static char text[KEYRING_MAX * 20 + 100];
	size_t len = 0;

	for (unsigned int i = 1; i <= KEYRING_MAX; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%u SHA1 k\n", i);
	parse(text, len);
	OK(key_count() == KEYRING_MAX && report[0] == '\0', "1024 keys");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "9999 SHA1 k");
	parse(text, len);
	OK(strstr(report, "k:1025:1: more than 1024 keys") != NULL, "not 1025");
	parse("1 MD5 a\n2 MD5 b\n", 16);
	OK(key_count() == 2 &&
		strstr(report, "k:1:1: warning: MD5 does not protect") &&
		strstr(report, "k:2") == NULL,
	    "E-08 MD5 is warned of, once");
}

/* --- the file, and the configuration -------------------------------------- */

static const char *
path_of(const char *name)
{
	static char path[sizeof(dir) + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	const char *path = path_of(name);
	FILE *f;

	(void)unlink(path); /* it may be another user's */
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0 ||
	    chmod(path, mode) == -1)
		abort();
}

/* A configuration, in which FILE means the file of keys. */
static int
read_conf(const char *before, const char *after)
{
	char text[512];
	struct conf_text t = { .name = "t", .text = text };
	size_t size;
	FILE *f;
	int rc;

	(void)snprintf(text, sizeof(text), "%s%s%s", before,
	    after == NULL ? "" : path_of("keys"), after == NULL ? "" : after);
	free(report);
	report = NULL;
	f = open_memstream(&report, &size);
	if (f == NULL)
		abort();
	conf_clear(&conf);
	conf_init(&conf);
	rc = conf_read(&conf, &t, 1, f);
	if (fclose(f) != 0)
		abort();
	return rc;
}

static void
test_modes(void)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0644, 0666 };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_file("keys", "1 SHA1 a\n", modes[i]);
		OK(read_conf("server a\nkeys \"", "\"\n") == -1 &&
			strstr(report, "t:2:6: cannot use the keys in ") &&
			strstr(report, "others than its owner") != NULL,
		    "E-10 a file of mode %04o is refused", modes[i]);
	}
	write_file("keys", "1 SHA1 a\n", 0400);
	OK(read_conf("server a\nkeys \"", "\"\n") == 0 && key_count() == 1,
	    "E-10 one of mode 0400 is read");
	if (geteuid() == 0 && chown(path_of("keys"), 12345, 0) == 0)
		OK(read_conf("server a\nkeys \"", "\"\n") == -1 &&
			strstr(report, "it belongs to another user") != NULL,
		    "one of another user is refused");
	else
		SKIP("chown needs root");
}

static void
test_files(void)
{
	OK(read_conf("server a\nkeys \"/nonexistent\"\n", NULL) == -1 &&
		strstr(report,
		    "t:2:6: cannot use the keys in "
		    "\"/nonexistent\": No such file") != NULL,
	    "a file that is not there");
	OK(read_conf("server a\nkeys \"/dev/zero\"\n", NULL) == -1 &&
		strstr(report, "it is not a regular file") != NULL,
	    "what is no file");
	OK(read_conf("server a\nkeys \"x\"\n", NULL) == -1 &&
		strstr(report, "t:2:6: expected a path that begins") != NULL,
	    "a path that begins nowhere");
}

static void
test_sources(void)
{
	write_file("keys", "7 SHA1 a\n9 AES128 0123456789abcdef\n", 0600);
	OK(read_conf("server a key 7\npool b count 2 key 9\nserver c\nkeys \"",
	       "\"\n") == 0 &&
		conf.sources[0].key_id == 7 && conf.sources[1].key_id == 9 &&
		conf.sources[2].key_id == 0,
	    "servers and pools have keys, before the file is named");
	OK(read_conf("server a\nserver b key 8\nkeys \"", "\"\n") == -1 &&
		strstr(report, "t:2:14: there is no key 8 in ") != NULL,
	    "a key that is not there");
	OK(read_conf("server a\nserver b key 8\n", NULL) == -1 &&
		strstr(report, "t:2:14: a key needs a statement keys") != NULL,
	    "a key without a file");
	OK(read_conf("server b key 0\nkeys \"", "\"\n") == -1 &&
		strstr(report, "t:1:14: expected a key ID from 1") != NULL,
	    "key 0");
	write_file("keys", "7 SHA1 a\n8 SHA1\n", 0600);
	OK(read_conf("server b key 8\nkeys \"", "\"\n") == -1 &&
		strstr(report, "/keys:2:7: expected a key behind") != NULL &&
		strstr(report, "there is no key") == NULL,
	    "an error in the file has its place there, and is one error");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		abort();
	test_good();
	test_bad();
	test_long();
	test_many();
	test_modes();
	test_files();
	test_sources();
	(void)unlink(path_of("keys"));
	(void)rmdir(dir);
	free(report);
	return DONE();
}
