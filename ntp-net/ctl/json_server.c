/*
 * What ntpctl prints for programs about serving, see json_server.h.  As in
 * json.c, lack of memory is found at the end.
 */
#include "ntp-net/ctl/json_server.h"

#include <math.h>

#include "ntp-net/ctl/json_print.h"
#include "ntp-net/ctl/text.h"

static json_t *
number(uint64_t v)
{
	return json_integer(v <= INT64_MAX ? (json_int_t)v : INT64_MAX);
}

/* Seconds to the microsecond; below zero is null. */
static json_t *
seconds(int64_t ns)
{
	if (ns < 0)
		return json_null();
	return json_real(round((double)ns / 1e3) / 1e6);
}

static int
put_counts(json_t *o, const uint64_t n[COUNT_KINDS])
{
	int rc = 0;

	for (size_t i = 0; i < COUNT_KINDS; i++)
		rc |= json_object_set_new(
		    o, server_counters[i].name, number(n[i]));
	return rc;
}

/* The object if all went into it, else NULL. */
static json_t *
whole(json_t *o, int rc)
{
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
listening(const struct server_row *row)
{
	char address[TEXT_SHORT];
	json_t *o = json_object();
	int rc = 0;

	text_address(address, sizeof(address), &row->addr);
	rc |= json_object_set_new(o, "address", json_string(address));
	rc |= json_object_set_new(o, "port", number(row->port));
	rc |= put_counts(o, row->n);
	return whole(o, rc);
}

static json_t *
worker(const struct server_row *row)
{
	json_t *o = json_object();
	int rc = 0;

	rc |=
	    json_object_set_new(o, "worker", number(row->worker + UINT64_C(1)));
	rc |= put_counts(o, row->n);
	return whole(o, rc);
}

static json_t *
fast(const struct server_sum *sum)
{
	const struct msg_fast_status *f = &sum->fast;

	if (!sum->fast_known)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "answered",
	    number(f->answered), "passed", number(f->passed), "denied",
	    number(f->denied), "rate_limited", number(f->limited));
}

int
json_show_server(FILE *out, const struct server_sum *sum)
{
	json_t *o = json_object();
	json_t *addresses = json_array(), *workers = json_array();
	int rc = 0;

	for (uint32_t i = 0; i < sum->listening_count; i++)
		rc |= json_array_append_new(
		    addresses, listening(&sum->listening[i]));
	for (uint32_t i = 0; i < sum->worker_count; i++)
		rc |=
		    json_array_append_new(workers, worker(&sum->by_worker[i]));
	rc |= json_object_set_new(o, "workers", number(sum->worker_count));
	rc |= put_counts(o, sum->n);
	rc |= json_object_set_new(o, "fast", fast(sum));
	rc |= json_object_set_new(o, "listening", addresses);
	rc |= json_object_set_new(o, "by_worker", workers);
	return json_print(out, o, false) | rc;
}

static json_t *
client(const struct msg_client_status *c)
{
	char address[TEXT_SHORT];

	server_client_text(address, sizeof(address), c);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
	    "address", address, "requests", number(server_client_requests(c)),
	    "answered", number(c->answered), "dropped", number(c->dropped),
	    "kisses", number(c->kisses), "first_s", seconds(c->first_ago_ns),
	    "last_s", seconds(c->last_ago_ns), "interval_s",
	    seconds(server_client_interval_ns(c)), "known", c->known != 0);
}

int
json_show_clients(FILE *out, const struct report *r)
{
	json_t *o = json_object(), *a = json_array();
	int rc = 0;

	for (size_t i = 0; i < r->client_count; i++)
		rc |= json_array_append_new(a, client(&r->clients[i]));
	rc |= json_object_set_new(o, "clients", a);
	return json_print(out, o, false) | rc;
}
