/*
 * Fuzz target: a configuration.  The first byte says how the rest is read: as
 * the bytes of a file, as a choice of words that the grammar knows, or as a
 * choice of statements with a word put in here and there.  Whatever comes, the
 * reading ends, says what is wrong, and what it accepts is in range.
 */
#include <sys/mman.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/conf_read.h"

#define TEXT_MAX 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* clang-format off */
static const char *const words[] = {
	"\n", "\n", "\n", " ", "\t", "\\\n", "\r\n", "#", "{", "}", "=", "\"",
	"'", "$a", "$b", "$", "a = ", "b = ", "server ", "server a", "pool ",
	"pool b.example ", "servers ", "minimum sources ", "maximum distance ", "listen on ", "* ",
	"port ", "poll ", "to ", "count ", "weight ", "trusted ", "rtable ",
	"query from ", "constraint from ", "constraints from ", "sensor ",
	"correction ", "refid ", "fast ", "native ", "lo ", "stratum ", "local stratum ", "clock {\n",
	"clock ", "step over ", "startup limit ", "forward ", "backward ",
	"any ", "none ", "limit ", "budget ", "per ", "slew limit ",
	"frequency limit ", "resume limit ",
	"on violation ", "freeze ", "stop ", "control socket ", "mode ",
	"group ", "state directory ", "log level ", "info ", "allow ", "deny ", "answer ", "rate limit ", "burst ", "nts ",
	"key ", "include ", "\"/nonexistent\" ", "0 ", "1 ", "7 ", "123 ",
	"16s ", "1024s ", "1.5s ", "10ms ", "1d ", "500ppm ", "0.01% ",
	"0660 ", "192.0.2.1 ", "2001:db8::1 ", "fe80::1%lo ",
	"9223372036854775807 ", "99999999999999999999 ", "0.0000000001 ",
	"a.b.c ", "-5 ", "\"x y\" ", "\xc3\xa4", "\x01", "/x ", ".", "$a ",
};
static const char *const statements[] = {
	"server a.example\n", "server 192.0.2.1 port 7 poll 16s to 64s\n",
	"pool b.example count 3 weight 2\n", "servers c.example trusted\n",
	"minimum sources 2\n", "listen on * port 9\n", "listen on ::1\n",
	"query from 192.0.2.1\n", "constraint from \"https://a/\" ::1\n",
	"sensor * correction -5 refid GPS stratum 1\n", "local stratum 9\n",
	"clock {\n", "step over 1ms\n", "limit any\n", "}\n", "clock { }\n",
	"startup limit forward any backward 2h\n", "budget 1s per 1d\n",
	"budget none\n", "slew limit 2%\n", "on violation stop\n",
	"frequency limit 9ppm\n", "resume limit any\n", "resume limit 1h\n",
	"control socket /a mode 600 group b\n", "control socket none\n",
	"state directory \"/b c\"\n", "log level debug\n", "a = \"d port 5\"\n",
	"server $a\n", "# c\n", "\n", "allow 192.0.2.0/24\n",
	"deny ::ffff:192.0.2.0/121 answer\n", "deny ::/0\n",
	"rate limit 9 per 1m burst 3\n",
};
/* clang-format on */
#define WORD_COUNT	(sizeof(words) / sizeof(words[0]))
#define STATEMENT_COUNT (sizeof(statements) / sizeof(statements[0]))

/* What the byte stands for, in this mode. */
static const char *
choose(uint8_t mode, uint8_t byte, uint8_t next)
{
	if (mode % 4 == 1)
		return words[byte % WORD_COUNT];
	if (mode % 4 == 2 && byte > 200)
		return words[next % WORD_COUNT];
	return statements[byte % STATEMENT_COUNT];
}

/* The configuration as text; the caller frees it. */
static char *
make_text(uint8_t mode, const uint8_t *data, size_t size)
{
	char *text = malloc(TEXT_MAX);
	size_t len = 0;

	assert(text != NULL);
	for (size_t i = 0; i < size; i++) {
		const char *s =
		    choose(mode, data[i], i + 1 < size ? data[i + 1] : 0);

		if (len + strlen(s) >= TEXT_MAX)
			break;
		memcpy(text + len, s, strlen(s));
		len += strlen(s);
	}
	text[len] = '\0';
	return text;
}

static void
check_clock(const struct conf_clock *k)
{
	assert(k->step_over_ns > 0 && k->limit_ns >= 0);
	assert(k->startup_forward_ns >= 0 && k->startup_backward_ns >= 0);
	assert(k->budget_ns >= 0 && k->budget_period_ns > 0);
	assert(k->slew_limit_ppb >= 1000 && k->slew_limit_ppb <= 100000000);
	assert(k->frequency_limit_ppb >= 1000);
	assert(k->frequency_limit_ppb <= 500000 && k->resume_limit_ns >= 0);
}

static void
check_source(const struct conf_source *s)
{
	assert(s->name[0] != '\0');
	assert(memchr(s->name, '\0', sizeof(s->name)) != NULL);
	assert(s->port != 0 && s->count <= 16);
	assert(s->poll_min_log2 <= s->poll_max_log2);
	assert(s->poll_max_log2 <= 17);
}

static void
check_access(const struct conf *c)
{
	assert(c->prefixes.count <= PREFIXES_MAX);
	for (uint32_t i = 0; i < c->prefixes.count; i++) {
		const struct msg_prefix *m = &c->prefixes.list[i];
		char text[PREFIX_TEXT_LEN];
		struct msg_prefix again;

		assert(m->family == 4 || m->family == 6);
		assert(m->bits <= (m->family == 4 ? 32 : 128));
		assert(m->verdict >= PREFIX_ALLOW &&
		    m->verdict <= PREFIX_DENY_ANSWER && m->reserved == 0);
		if (prefix_parse(prefix_text(m, text), &again) != PREFIX_OK)
			abort();
		assert(memcmp(m->addr, again.addr, sizeof(m->addr)) == 0 &&
		    m->bits == again.bits && m->family == again.family);
	}
	if (c->rate_interval_ns == 0)
		return;
	assert(c->rate_interval_ns >= 100000);
	assert(c->rate_interval_ns <= INT64_C(86400000000000));
	assert(c->rate_burst >= 1 && c->rate_burst <= 10000);
}

/* What every accepted configuration is. */
static void
check_conf(const struct conf *c)
{
	assert(c->source_count <= CONF_SOURCES_MAX);
	assert(c->listen_count <= CONF_LISTEN_MAX);
	assert(c->min_sources <= 64 && c->local_stratum <= 15);
	for (uint32_t i = 0; i < c->source_count; i++)
		check_source(&c->sources[i]);
	for (uint32_t i = 0; i < c->listen_count; i++)
		assert(c->listens[i].len >= sizeof(sa_family_t));
	check_clock(&c->clock);
	check_access(c);
	assert(c->control_socket[0] == '/' || c->control_socket[0] == '\0');
	assert(c->state_directory[0] == '/');
	assert(c->record[0] == '/' || c->record[0] == '\0');
	assert(c->record[0] == '\0' || c->record_bytes >= 1 << 20);
	assert(c->control_mode <= 0777);
}

/* Nothing that a terminal would obey may come through a message. */
static void
check_report(const char *report, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert(report[i] == '\n' ||
		    ((unsigned char)report[i] >= ' ' && report[i] != 0x7f));
}

static void
read_conf(const struct conf_text *text)
{
	struct conf *c = malloc(sizeof(*c));
	char *report = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&report, &len);
	int rc;

	assert(c != NULL && f != NULL);
	conf_init(c);
	rc = conf_read(c, text, 1, f);
	if (fclose(f) != 0)
		abort();
	check_report(report, len);
	if (rc == 0)
		check_conf(c);
	else
		assert(len > 0);
	free(report);
	conf_clear(c);
	free(c);
}

/* The bytes as a file, zero bytes and all. */
static void
read_bytes(const uint8_t *data, size_t size)
{
	struct conf_text text = { .name = NULL };
	int fd = memfd_create("conf", MFD_CLOEXEC);
	char path[32];

	assert(fd != -1);
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	text.name = path;
	read_conf(&text);
	(void)close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_text text = { .name = "fuzz" };
	char *made;

	if (size == 0)
		return 0;
	if (data[0] % 4 == 0) {
		read_bytes(data + 1, size - 1);
		return 0;
	}
	made = make_text(data[0], data + 1, size - 1);
	text.text = made;
	read_conf(&text);
	free(made);
	return 0;
}
