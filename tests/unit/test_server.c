/*
 * What ntpctl makes of the counters of several ntp-serve: checks, sums, and the
 * output.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ntp-net/ctl/json.h"
#include "ntp-net/ctl/show.h"
#include "tests/tap.h"

#define S INT64_C(1000000000)

static struct report report;
static struct server_sum sum;

static void
same(const char *got, const char *want, const char *what)
{
	if (!tap_ok(strcmp(got, want) == 0, "%s", what))
		printf("# got \"%s\"\n", got);
}

static void
test_checks(void)
{
	const struct msg_server_status good = { .worker = WORKERS_MAX - 1,
		.port = 65535,
		.addr = { .family = 6 } };
	const struct msg_client_status client = { .bits = 32,
		.addr = { .family = 4 },
		.first_ago_ns = 5,
		.last_ago_ns = 5,
		.known = 1 };
	struct msg_server_status s = good;
	struct msg_client_status c = client;

	OK(server_status_ok(&s), "a good socket");
	s.worker++;
	OK(!server_status_ok(&s), "no such worker");
	s = good;
	s.port++;
	OK(!server_status_ok(&s), "no such port");
	s = good;
	s.addr.family = 0;
	OK(!server_status_ok(&s), "no address");
	OK(server_client_ok(&c), "a good client");
	c.bits = 64;
	OK(!server_client_ok(&c), "an IPv4 address has 32 bits");
	c.addr.family = 6;
	OK(server_client_ok(&c), "an IPv6 prefix 64");
	c.bits = 32;
	OK(!server_client_ok(&c), "and not 32");
	c = client;
	c.last_ago_ns = 6;
	OK(!server_client_ok(&c), "last before first");
	c.last_ago_ns = -1;
	OK(!server_client_ok(&c), "in the future");
	c = client;
	c.worker = WORKERS_MAX;
	OK(!server_client_ok(&c), "of no worker");
	c = client;
	c.known = 2;
	OK(!server_client_ok(&c), "neither known nor not");
}

static void
put_socket(uint32_t worker, uint8_t last, uint32_t port, uint64_t n)
{
	struct msg_server_status *s = &report.servers[report.server_count++];

	memset(s, 0, sizeof(*s));
	s->worker = worker;
	s->port = port;
	s->addr = (struct msg_addr){ .family = 4, .addr = { 192, 0, 2, last } };
	for (size_t i = 0; i < COUNT_KINDS; i++)
		s->n[i] = n + i;
}

static void
test_sums(void)
{
	put_socket(0, 1, 123, 10);
	put_socket(0, 2, 123, 100);
	put_socket(2, 2, 123, 1000);
	put_socket(2, 2, 1123, 20000);
	server_add_up(&report, &sum);
	IS_I64(sum.worker_count, 2, "two workers");
	IS_I64(sum.listening_count, 3, "three addresses");
	IS_I64(sum.n[COUNT_RECEIVED], 21110, "everything received");
	IS_I64(sum.n[COUNT_ANSWERED], 21114, "everything answered");
	IS_I64(sum.listening[1].n[COUNT_RECEIVED], 1100,
	    "one address over the workers");
	IS_I64(sum.by_worker[0].n[COUNT_RECEIVED], 110, "one worker");
	IS_I64(sum.by_worker[1].worker, 2, "the other one");
	put_socket(0, 1, 123, UINT64_MAX - COUNT_KINDS);
	server_add_up(&report, &sum);
	OK(sum.n[COUNT_RECEIVED] == UINT64_MAX, "a sum does not wrap around");
	report.server_count--;
	for (uint32_t i = 4; i < REPORT_SERVERS_MAX; i++)
		put_socket(i % WORKERS_MAX, (uint8_t)i, 200 + i, 1);
	server_add_up(&report, &sum);
	OK(sum.listening_count == REPORT_SERVERS_MAX - 1 &&
		sum.worker_count == WORKERS_MAX,
	    "as many as a report can have");
	report.server_count = 4;
	server_add_up(&report, &sum);
}

/* A function's output; the caller frees it. */
static char *
printed(void (*text)(const struct show *s), int (*json)(FILE *out))
{
	char *got = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&got, &size);
	struct show show = { .out = out };

	if (out == NULL)
		exit(1);
	if (text != NULL)
		text(&show);
	else
		OK(json(out) == 0, "printed");
	if (fclose(out) == EOF)
		exit(1);
	return got;
}

static void
text_server(const struct show *s)
{
	show_server(s, &sum);
}

static void
text_clients(const struct show *s)
{
	show_clients(s, &report);
}

static int
json_server(FILE *out)
{
	return json_show_server(out, &sum);
}

static int
json_clients(FILE *out)
{
	return json_show_clients(out, &report);
}

static void
test_server_text(void)
{
	char *got = printed(text_server, NULL);

	/* clang-format off */
	same(got,
"address         received  answered  denied  limited  ignored  malformed\n"
"192.0.2.1             10        11      12       13       14         15\n"
"192.0.2.2           1100      1102    1104     1106     1108       1110\n"
"192.0.2.2:1123     20000     20001   20002    20003    20004      20005\n"
"all                21110     21114   21118    21122    21126      21130\n"
"\n"
"address         interleaved    mac  bad mac  kisses  unsent   shed\n"
"192.0.2.1                16     17       18      19      20     21\n"
"192.0.2.2              1112   1114     1116    1118    1120   1122\n"
"192.0.2.2:1123        20006  20007    20008   20009   20010  20011\n"
"all                   21134  21138    21142   21146   21150  21154\n"
"\n"
"lost by the kernel before they were received: 21158\n"
"\n"
"worker  received  answered  denied  limited  ignored  malformed\n"
"1            110       112     114      116      118        120\n"
"3          21000     21002   21004    21006    21008      21010\n"
"\n"
"worker  interleaved    mac  bad mac  kisses  unsent   shed\n"
"1               122    124      126     128     130    132\n"
"3             21012  21014    21016   21018   21020  21022\n",
	    "the counters in columns");
	/* clang-format on */
	free(got);
	report.server_count = 1;
	server_add_up(&report, &sum);
	got = printed(text_server, NULL);
	OK(strstr(got, "worker") == NULL, "one worker needs no table");
	free(got);
	sum.n[COUNT_LOST] = 0;
	got = printed(text_server, NULL);
	OK(strstr(got, "lost") == NULL, "of none that is lost nothing is said");
	free(got);
	report.server_count = REPORT_SERVERS_MAX;
	server_add_up(&report, &sum);
	got = printed(text_server, NULL);
	OK(strstr(got, "\nall ") != NULL, "with too many rows the sum stays");
	free(got);
	report.server_count = 4;
	server_add_up(&report, &sum);
}

static void
test_fast_text(void)
{
	char *got;

	report.fast = (struct msg_fast_status){
		.answered = 5000, .passed = 12, .denied = 300, .limited = 40
	};
	report.fast_known = true;
	server_add_up(&report, &sum);
	OK(sum.n[COUNT_RECEIVED] == 21110 + 5340 &&
		sum.n[COUNT_ANSWERED] == 21114 + 5000 &&
		sum.n[COUNT_DENIED] == 21118 + 300 &&
		sum.n[COUNT_RATE_LIMITED] == 21122 + 40 &&
		sum.n[COUNT_IGNORED] == 21126,
	    "the sums have what was answered fast, and nothing twice");
	got = printed(text_server, NULL);
	/* clang-format off */
	OK(strstr(got,
"192.0.2.2:1123     20000     20001   20002    20003    20004      20005\n"
"fast path           5340      5000     300       40        0          0\n"
"all                26450     26114   21418    21162    21126      21130\n"
"\n"
"address         interleaved    mac  bad mac  kisses  unsent   shed\n") != NULL &&
	    strstr(got,
"192.0.2.2:1123        20006  20007    20008   20009   20010  20011\n"
"fast path                 0      0        0       0       0      0\n"
"all                   21134  21138    21142   21146   21150  21154\n"
"\n"
"passed up by the fast path: 12, counted where they arrived\n"
"\n"
"lost by the kernel before they were received: 21158\n"
"\n"
"worker ") != NULL, "a row, and what was passed up");
	/* clang-format on */
	free(got);
	report.server_count = REPORT_SERVERS_MAX;
	server_add_up(&report, &sum);
	got = printed(text_server, NULL);
	OK(strstr(got, "\nfast path ") != NULL && strstr(got, "\nall ") != NULL,
	    "with too many rows these stay");
	free(got);
	report.server_count = 4;
	report.fast.answered = UINT64_MAX;
	server_add_up(&report, &sum);
	OK(sum.n[COUNT_RECEIVED] == UINT64_MAX &&
		sum.n[COUNT_ANSWERED] == UINT64_MAX,
	    "no sum wraps around");
}

static int64_t
integer(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static void
test_server_json(void)
{
	static const char *const names[] = { "received", "answered", "denied",
		"rate_limited", "ignored", "malformed", "interleaved",
		"mac_answered", "mac_failed", "kisses", "response_send_errors",
		"shed", "lost" };
	char *got = printed(NULL, json_server);
	json_t *o = json_loads(got, 0, NULL);
	json_t *row = json_array_get(json_object_get(o, "listening"), 1);
	json_t *worker = json_array_get(json_object_get(o, "by_worker"), 1);

	OK(o != NULL && integer(o, "workers") == 2, "the number of workers");
	for (int i = 0; i < COUNT_KINDS; i++)
		OK(integer(o, names[i]) == 21110 + 4 * i &&
			integer(row, names[i]) == 1100 + 2 * i &&
			integer(worker, names[i]) == 21000 + 2 * i,
		    "%s, of all, an address and a worker", names[i]);
	same(json_string_value(json_object_get(row, "address")), "192.0.2.2",
	    "an address");
	IS_I64(integer(row, "port"), 123, "a port");
	IS_I64(integer(worker, "worker"), 3, "a worker by its number");
	json_decref(o);
	free(got);
}

static void
test_fast_json(void)
{
	char *got;
	json_t *o, *fast;

	report.fast.answered = 5000;
	server_add_up(&report, &sum);
	got = printed(NULL, json_server);
	o = json_loads(got, 0, NULL);
	fast = json_object_get(o, "fast");
	OK(json_object_size(fast) == 4 && integer(fast, "answered") == 5000 &&
		integer(fast, "passed") == 12 &&
		integer(fast, "denied") == 300 &&
		integer(fast, "rate_limited") == 40,
	    "the fast path as JSON");
	IS_I64(integer(o, "answered"), 21114 + 5000, "the sum has it");
	json_decref(o);
	free(got);
	report.fast_known = false;
	server_add_up(&report, &sum);
	got = printed(NULL, json_server);
	o = json_loads(got, 0, NULL);
	OK(json_is_null(json_object_get(o, "fast")) &&
		integer(o, "answered") == 21114,
	    "without one it is null");
	json_decref(o);
	free(got);
}

static void
put_client(uint32_t worker, uint8_t last, uint64_t answered, uint64_t dropped)
{
	struct msg_client_status c = { .worker = worker,
		.bits = 32,
		.addr = { .family = 4, .addr = { 192, 0, 2, last } },
		.answered = answered,
		.dropped = dropped,
		.kisses = 1,
		.first_ago_ns = (20 + worker) * S,
		.last_ago_ns = (10 - worker) * S,
		.known = worker == 1 };

	if (!server_add_client(&report, &c))
		OK(false, "no room");
}

static void
test_merge(void)
{
	const struct msg_client_status *c;

	server_merge_clients(&report);
	IS_I64(report.client_count, 0, "nobody");
	put_client(0, 7, 3, 0);
	put_client(0, 9, 50, 50);
	put_client(1, 7, 200, 4);
	put_client(0, 8, 1, 0);
	put_client(0, 5, 1, 0);
	server_merge_clients(&report);
	c = report.clients;
	IS_I64(report.client_count, 4, "one that met two workers is one");
	OK(c[0].addr.addr[3] == 7 && c[0].answered == 203 &&
		c[0].dropped == 4 && c[0].kisses == 2 && c[0].known == 1 &&
		c[0].first_ago_ns == 21 * S && c[0].last_ago_ns == 9 * S,
	    "with all that is known of it");
	OK(c[1].addr.addr[3] == 9 && c[2].addr.addr[3] == 5 &&
		c[3].addr.addr[3] == 8,
	    "most requests first, then by address");
	IS_I64(server_client_interval_ns(&c[0]), 12 * S / 206,
	    "the interval between requests");
	IS_I64(server_client_interval_ns(&c[2]), -1, "of one there is none");
}

static void
test_clients_print(void)
{
	struct msg_client_status v6 = { .bits = 64,
		.addr = { .family = 6, .addr = { 0x20, 1, 0xd, 0xb8 } },
		.answered = 7,
		.first_ago_ns = 3 * S,
		.last_ago_ns = 0 };
	char *got;
	json_t *o, *row;

	if (!server_add_client(&report, &v6))
		OK(false, "no room");
	server_merge_clients(&report);
	got = printed(text_clients, NULL);
	same(got,
	    "address        requests  dropped    last  interval\n"
	    "192.0.2.7           207        4  9.00 s   58.3 ms\n"
	    "192.0.2.9           100       50  10.0 s    101 ms\n"
	    "2001:db8::/64         7        0    0 ns    500 ms\n"
	    "192.0.2.5             1        0  10.0 s         -\n"
	    "192.0.2.8             1        0  10.0 s         -\n",
	    "the clients in columns");
	free(got);
	got = printed(NULL, json_clients);
	o = json_loads(got, 0, NULL);
	row = json_array_get(json_object_get(o, "clients"), 0);
	OK(integer(row, "requests") == 207 && integer(row, "answered") == 203 &&
		integer(row, "dropped") == 4 && integer(row, "kisses") == 2 &&
		json_is_true(json_object_get(row, "known")),
	    "and as JSON");
	NEAR(json_real_value(json_object_get(row, "first_s")), 21, 0, "first");
	NEAR(json_real_value(json_object_get(row, "last_s")), 9, 0, "last");
	NEAR(json_real_value(json_object_get(row, "interval_s")), 0.058252,
	    1e-9, "interval");
	row = json_array_get(json_object_get(o, "clients"), 4);
	OK(json_is_null(json_object_get(row, "interval_s")), "or none");
	json_decref(o);
	free(got);
}

static void
test_many(void)
{
	struct msg_client_status c = { .bits = 64, .addr = { .family = 6 } };
	size_t before = report.client_count;
	char *got;

	for (uint32_t i = 0; i < 60; i++)
		put_client(0, (uint8_t)(100 + i), 1, 0);
	server_merge_clients(&report);
	IS_I64(report.client_count, before + 60, "many clients");
	got = printed(text_clients, NULL);
	OK(strstr(got, "\nand 15 more\n") != NULL,
	    "of many, only the first are shown");
	free(got);
	report.client_count = 0;
	got = printed(text_clients, NULL);
	same(got, "no clients yet\n", "nobody");
	free(got);
	got = printed(NULL, json_clients);
	same(got, "{\n  \"clients\": []\n}\n", "nobody, as JSON");
	free(got);
	while (server_add_client(&report, &c))
		continue;
	IS_I64(report.client_count, WORKERS_MAX * 65536,
	    "not more than all workers can have");
	server_merge_clients(&report);
	IS_I64(report.client_count, 1, "all of them the same");
}

int
main(void)
{
	test_checks();
	test_sums();
	test_server_text();
	test_server_json();
	test_fast_text();
	test_fast_json();
	test_merge();
	test_clients_print();
	test_many();
	free(report.clients);
	return DONE();
}
