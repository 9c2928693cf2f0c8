/*
 * Access lists of the configuration: the meaning of the statements, and the
 * file made from them.
 */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/types.h"
#include "ntpd/conf/conf_read.h"
#include "ntpd/conf/prefix.h"
#include "ntpd/sockets/memory.h"
#include "tests/tap.h"

static struct conf conf;

static int
read_text(const char *text)
{
	struct conf_text t = { .name = "t", .text = text };

	conf_clear(&conf);
	conf_init(&conf);
	return conf_read(&conf, &t, 1, stdout);
}

static void
test_parse(void)
{
	static const struct {
		const char *text;
		enum prefix_result result;
		const char *as;
	} t[] = {
		{ "192.0.2.0/24", PREFIX_OK, "192.0.2.0/24" },
		{ "192.0.2.1", PREFIX_OK, "192.0.2.1/32" },
		{ "192.0.2.1/32", PREFIX_OK, "192.0.2.1/32" },
		{ "0.0.0.0/0", PREFIX_OK, "0.0.0.0/0" },
		{ "192.0.2.1/024", PREFIX_BITS, "192.0.2.0/24" },
		{ "128.0.0.0/0", PREFIX_BITS, "0.0.0.0/0" },
		{ "192.0.2.129/25", PREFIX_BITS, "192.0.2.128/25" },
		{ "::/0", PREFIX_OK, "::/0" },
		{ "2001:DB8::/32", PREFIX_OK, "2001:db8::/32" },
		{ "2001:db8::1", PREFIX_OK, "2001:db8::1/128" },
		{ "2001:db8::1/127", PREFIX_BITS, "2001:db8::/127" },
		{ "::ffff:192.0.2.0/120", PREFIX_OK, "::ffff:192.0.2.0/120" },
		{ "", PREFIX_MALFORMED, NULL },
		{ "/", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/33", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/256", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/4294967320", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/99999999999999999999", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/+24", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/2.5", PREFIX_MALFORMED, NULL },
		{ "192.0.2.0/255.255.255.0", PREFIX_MALFORMED, NULL },
		{ "::/129", PREFIX_MALFORMED, NULL },
		{ "fe80::1%1", PREFIX_MALFORMED, NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
		    PREFIX_MALFORMED, NULL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char text[PREFIX_TEXT_LEN];
		struct msg_prefix p;

		OK(prefix_parse(t[i].text, &p) == t[i].result &&
			(t[i].as == NULL ||
			    strcmp(prefix_text(&p, text), t[i].as) == 0),
		    "\"%s\" is %s", t[i].text,
		    t[i].as == NULL ? "no prefix" : t[i].as);
	}
}

static void
test_statements(void)
{
	const struct msg_prefix *l;

	OK(read_text("server a\n") == 0 && conf.prefixes.count == 0 &&
		conf.rate_interval_ns == 0,
	    "no statement: no list, no limit");
	OK(read_text("net = 192.0.2.0/24\nserver a\nallow $net\n"
		     "deny 192.0.2.7 answer\ndeny 2001:db8::/32\n") == 0 &&
		conf.prefixes.count == 3,
	    "three statements");
	l = conf.prefixes.list;
	OK(l[0].family == 4 && l[0].bits == 24 &&
		l[0].verdict == PREFIX_ALLOW &&
		memcmp(l[0].addr, (uint8_t[16]){ 192, 0, 2 }, 16) == 0,
	    "allow");
	OK(l[1].bits == 32 && l[1].verdict == PREFIX_DENY_ANSWER &&
		l[1].addr[3] == 7,
	    "deny ... answer");
	OK(l[2].family == 6 && l[2].bits == 32 && l[2].verdict == PREFIX_DENY &&
		l[2].addr[3] == 0xb8,
	    "deny");
}

static void
test_rate(void)
{
	static const struct {
		const char *text;
		int64_t interval_ns;
		uint32_t burst;
	} t[] = {
		{ "rate limit 1 per 8s burst 16\n", 8 * NS_PER_S, 16 },
		{ "rate limit 1 per 8s\n", 8 * NS_PER_S, 16 },
		{ "rate limit 100 per 1m\n", 600 * NS_PER_MS, 100 },
		{ "rate limit 100 per 1m burst 1\n", 600 * NS_PER_MS, 1 },
		{ "rate limit 10000 per 1s\n", 100000, 10000 },
		{ "rate limit 1 per 1d burst 10000\n", 86400 * NS_PER_S,
		    10000 },
		{ "rate limit 3 per 1s burst 2\nrate limit 1 per 2\n",
		    2 * NS_PER_S, 16 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "server a\n%s", t[i].text);
		OK(read_text(text) == 0 &&
			conf.rate_interval_ns == t[i].interval_ns &&
			conf.rate_burst == t[i].burst,
		    "%.*s: one in %" PRId64 " ns, burst %u",
		    (int)strcspn(t[i].text, "\n"), t[i].text, t[i].interval_ns,
		    t[i].burst);
	}
}

/* This many prefixes, as text. */
static char *
many(int count)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		abort();
	for (int i = 0; i < count; i++)
		(void)fprintf(
		    f, "deny 10.%d.%d.%d\n", i >> 16, i >> 8 & 255, i & 255);
	if (fclose(f) != 0)
		abort();
	return text;
}

static void
test_many(void)
{
	char *first = many(40000), *last = many(PREFIXES_MAX - 3 * 40000);
	struct conf_text t[] = { { "a", first }, { "b", first }, { "c", first },
		{ "d", last }, { "e", "server a\n" }, { "f", "allow ::1\n" } };
	char *report = NULL;
	size_t size;
	FILE *f = open_memstream(&report, &size);

	if (f == NULL)
		abort();
	conf_clear(&conf);
	conf_init(&conf);
	OK(conf_read(&conf, t, 5, f) == 0 &&
		conf.prefixes.count == PREFIXES_MAX,
	    "%d prefixes of several files", PREFIXES_MAX);
	conf_clear(&conf);
	conf_init(&conf);
	OK(conf_read(&conf, t, 6, f) == -1 && fflush(f) == 0 &&
		strstr(report, "f:1:7: more than 131072 prefixes\n") != NULL,
	    "and no more");
	(void)fclose(f);
	free(report);
	free(first);
	free(last);
}

static void
test_same(void)
{
	struct prefix_list a = { .list = NULL }, b = { .list = NULL };
	struct msg_prefix p = { .family = 4, .verdict = PREFIX_DENY };

	OK(prefix_same(&a, &b), "two empty lists are the same");
	OK(prefix_add(&a, &p) == 0 && !prefix_same(&a, &b), "one is longer");
	OK(prefix_add(&b, &p) == 0 && prefix_same(&a, &b), "both are");
	b.list[0].verdict = PREFIX_ALLOW;
	OK(!prefix_same(&a, &b), "another verdict is another list");
	prefix_clear(&a);
	prefix_clear(&b);
	OK(a.count == 0 && prefix_same(&a, &b), "cleared");
}

static int
list_in_memory(const struct prefix_list *l)
{
	return memory_of("test", l->list, l->count * sizeof(l->list[0]));
}

static void
test_file(void)
{
	struct msg_prefix back[4], p = { .family = 6, .bits = 128 };
	struct prefix_list l = { .list = NULL };
	int fd;

	for (uint8_t i = 0; i < 3; i++) {
		p.addr[15] = i;
		if (prefix_add(&l, &p) == -1)
			abort();
	}
	fd = list_in_memory(&l);
	OK(fd != -1 && pread(fd, back, sizeof(back), 0) == 3 * sizeof(p) &&
		memcmp(back, l.list, 3 * sizeof(p)) == 0,
	    "the file holds the list");
	OK(write(fd, &p, sizeof(p)) == -1 && errno == EPERM &&
		ftruncate(fd, 0) == -1 && errno == EPERM &&
		mmap(NULL, sizeof(p), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0) == MAP_FAILED &&
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == -1,
	    "nobody can change it");
	OK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "close-on-exec");
	(void)close(fd);
	prefix_clear(&l);
	fd = list_in_memory(&l);
	OK(fd != -1 && pread(fd, back, sizeof(back), 0) == 0,
	    "an empty list is an empty file");
	(void)close(fd);
}

int
main(void)
{
	test_parse();
	test_statements();
	test_rate();
	test_many();
	test_same();
	test_file();
	conf_clear(&conf);
	return DONE();
}
