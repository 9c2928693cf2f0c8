/*
 * A name server for the tests of names:
 *
 *	fakedns ADDRESS PORT FILE
 *
 * It answers questions for A and AAAA over UDP from the file.  It reads the
 * file again for each question, so that a test can change it.  A line is a
 * name, and its addresses of both families or one of the words NXDOMAIN,
 * SERVFAIL, SILENT.  A name that is in no line is NXDOMAIN.
 *
 * It prints a line for each question: "A NAME" or "AAAA NAME".
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/peers/wire.h"

#define DNS_HEADER 12
#define NAME_MAX_  256
#define TYPE_A	   1
#define TYPE_AAAA  28
#define CLASS_IN   1
#define TTL_S	   1
#define SERVFAIL   2
#define NXDOMAIN   3
#define ANSWER_LEN 512
#define POINTER	   0xc00c /* points to the name in the question */

struct question {
	char name[NAME_MAX_];
	unsigned int type;
	size_t end; /* end of the question */
};

struct reply {
	uint8_t buf[ANSWER_LEN];
	size_t len; /* 0: send no reply */
	unsigned int count;
	unsigned int code;
};

/* The labels of a name, joined by dots.  False if malformed. */
static bool
parse_question(const uint8_t *buf, size_t len, struct question *q)
{
	size_t at = DNS_HEADER, out = 0;

	memset(q, 0, sizeof(*q));
	while (at < len && buf[at] != 0) {
		size_t n = buf[at];

		if (n > 63 || at + 1 + n >= len || out + n + 1 >= NAME_MAX_)
			return false;
		if (out != 0)
			q->name[out++] = '.';
		memcpy(q->name + out, buf + at + 1, n);
		out += n;
		at += n + 1;
	}
	if (at + 5 > len)
		return false;
	q->type = (unsigned int)wire_get(buf + at + 1, 2);
	q->end = at + 5;
	return q->end <= ANSWER_LEN;
}

static void
put_record(struct reply *r, unsigned int type, const void *addr, size_t len)
{
	uint8_t *p = r->buf + r->len;

	if (r->len + 12 + len > sizeof(r->buf))
		return;
	wire_put(p, POINTER, 2);
	wire_put(p + 2, type, 2);
	wire_put(p + 4, CLASS_IN, 2);
	wire_put(p + 6, TTL_S, 4);
	wire_put(p + 10, len, 2);
	memcpy(p + 12, addr, len);
	r->len += 12 + len;
	r->count++;
}

static void
put_value(struct reply *r, const struct question *q, const char *word)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcmp(word, "NXDOMAIN") == 0)
		r->code = NXDOMAIN;
	else if (strcmp(word, "SERVFAIL") == 0)
		r->code = SERVFAIL;
	else if (strcmp(word, "SILENT") == 0)
		r->len = 0;
	else if (inet_pton(AF_INET, word, &v4) == 1) {
		if (q->type == TYPE_A)
			put_record(r, TYPE_A, &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, word, &v6) == 1) {
		if (q->type == TYPE_AAAA)
			put_record(r, TYPE_AAAA, &v6, sizeof(v6));
	} else {
		errx(2, "not an address: %s", word);
	}
}

/* Add the answers from the first line with this name. */
static void
look_up(const char *path, const struct question *q, struct reply *r)
{
	char line[1024];
	FILE *f = fopen(path, "re");
	bool found = false;

	if (f == NULL)
		err(2, "%s", path);
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		char *save = NULL;
		char *word = strtok_r(line, " \t\n", &save);

		found = word != NULL && strcasecmp(word, q->name) == 0;
		while (found && r->len != 0 &&
		    (word = strtok_r(NULL, " \t\n", &save)) != NULL)
			put_value(r, q, word);
	}
	if (!found)
		r->code = NXDOMAIN;
	(void)fclose(f); /* it was only read */
}

static void
fill_reply(const char *path, const uint8_t *buf, const struct question *q,
    struct reply *r)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->buf, buf, q->end);
	r->len = q->end;
	look_up(path, q, r);
	/* An answer with authority, recursion as desired and available. */
	wire_put(r->buf + 2, 0x8580U | r->code, 2);
	wire_put(r->buf + 4, 1, 2);
	wire_put(r->buf + 6, r->count, 2);
	wire_put(r->buf + 8, 0, 4);
}

static void
serve(int fd, const char *path)
{
	uint8_t buf[ANSWER_LEN];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	struct question q;
	struct reply r;
	ssize_t n = recvfrom(
	    fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len);

	if (n < DNS_HEADER || !parse_question(buf, (size_t)n, &q))
		return;
	fill_reply(path, buf, &q, &r);
	(void)printf("%s %s\n", q.type == TYPE_A ? "A" : "AAAA", q.name);
	(void)fflush(stdout);
	if (r.len != 0)
		(void)sendto(
		    fd, r.buf, r.len, 0, (struct sockaddr *)&from, from_len);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int fd;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1)
		errx(2, "usage: fakedns ADDRESS PORT FILE");
	own.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&own, sizeof(own)) == -1)
		err(2, "%s port %s", argv[1], argv[2]);
	for (;;)
		serve(fd, argv[3]);
}
