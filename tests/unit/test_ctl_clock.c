/*
 * What ntpctl prints about the clock: the ledger in words, and the members of
 * its JSON, whose names are an interface.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ntp-net/ctl/json.h"
#include "ntp-net/ctl/show.h"
#include "tests/tap.h"

#define S INT64_C(1000000000)

static const struct msg_clock_state usual = {
	.offset_ns = -1500,
	.error_ns = 2000000,
	.freq_ppb = 40000,
	.slope_q32 = 171799, /* 40 ppm */
	.slope_sigma_q32 = 43,
	.used_ns = 1250000000,
	.budget_ns = 30 * S,
	.budget_period_ns = 86400 * S,
	.low_ppb = -10000,
	.high_ppb = 90000,
	.anchor_ppb = 40000,
	.steps = 1,
	.samples = 22,
	.refused = 3,
	.flags = CLOCK_STATE_CONTROLLED | CLOCK_STATE_STARTUP_DONE |
	    CLOCK_STATE_HAS_LINE | CLOCK_STATE_IN_SYNC | CLOCK_STATE_ANCHORED,
};

static struct report report = { .clock_known = true };

static int
print_text(FILE *out)
{
	const struct show s = { .out = out, .colour = false };

	show_clock(&s, &report);
	return 0;
}

static int
print_json(FILE *out)
{
	return json_show_clock(out, &report);
}

static char *
printed(int (*print)(FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL || print(out) != 0)
		OK(0, "printed");
	if (out != NULL)
		(void)fclose(out); /* it is memory */
	return text;
}

static void
has_line(const char *want)
{
	char *text = printed(print_text);

	OK(text != NULL && strstr(text, want) != NULL, "text: \"%s\"", want);
	if (text != NULL && strstr(text, want) == NULL)
		printf("# got:\n%s", text);
	free(text);
}

static void
test_text(void)
{
	report.clock = usual;
	has_line("offset      -1.50 \u00b5s\n");
	has_line("error       at most 2.00 ms");
	has_line("budget      1.25 s of 30.0 s used in the last 24.0 h");
	has_line("-10.000 to +90.000 ppm, around the anchor");
	report.clock.flags |= CLOCK_STATE_CHARGED;
	has_line("around the anchor; the rate is charged to the budget");
	report.clock.flags = CLOCK_STATE_CONTROLLED;
	has_line("ppm, until the oscillator is known");
	report.clock.budget_ns = LIMIT_ANY;
	has_line("budget      1.25 s used, no limit");
}

/* A member, which must exist. */
static const json_t *
member(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	OK(v != NULL, "JSON has %s", name);
	return v;
}

static json_t *
parsed(void)
{
	char *text = printed(print_json);
	json_t *o = json_loads(text == NULL ? "" : text, 0, NULL);

	free(text);
	OK(o != NULL, "it is JSON");
	return o;
}

static void
test_json(void)
{
	static const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
		{ "offset_ns", -1500 },
		{ "bound_ns", 2000000 },
		{ "correction_ppb", 40000 },
		{ "steps", 1 },
		{ "budget_used_ns", 1250000000 },
		{ "budget_ns", 30 * S },
		{ "budget_period_ns", 86400 * S },
		{ "anchor_ppb", 40000 },
		{ "free_low_ppb", -10000 },
		{ "free_high_ppb", 90000 },
		{ "samples", 22 },
		{ "refused", 3 },
	};
	static const struct {
		const char *name;
		bool value;
	} flags[] = {
		{ "clock_controlled", true },
		{ "synchronized", true },
		{ "startup_done", true },
		{ "holdover", false },
		{ "anchored", true },
		{ "charged", false },
	};
	json_t *o;

	report.clock = usual;
	o = parsed();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		IS_I64(json_integer_value(member(o, numbers[i].name)),
		    numbers[i].value, "JSON, %s", numbers[i].name);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		OK(json_is_boolean(member(o, flags[i].name)) &&
			json_is_true(json_object_get(o, flags[i].name)) ==
			    flags[i].value,
		    "JSON, %s", flags[i].name);
	NEAR(json_number_value(member(o, "frequency_ppb")), 40000, 1,
	    "JSON, frequency_ppb");
	NEAR(json_number_value(member(o, "frequency_error_ppb")), 10, 1,
	    "JSON, frequency_error_ppb");
	OK(json_is_null(member(o, "frozen")), "JSON, not frozen");
	OK(json_object_get(o, "step_sum_ns") == NULL,
	    "JSON, no sum of steps alone");
	IS_I64(json_object_size(o), 23, "JSON, and nothing else");
	json_decref(o);
}

static void
test_json_changes(void)
{
	json_t *o;

	report.clock = usual;
	report.clock.budget_ns = LIMIT_ANY;
	report.clock.flags = CLOCK_STATE_CHARGED | CLOCK_STATE_FROZEN;
	strcpy(report.clock.frozen, "a rate of 5 ppm");
	o = parsed();
	OK(json_is_null(member(o, "budget_ns")), "no budget is null");
	OK(json_is_true(json_object_get(o, "charged")), "it is charged");
	OK(json_is_false(json_object_get(o, "anchored")), "no anchor yet");
	OK(json_is_string(member(o, "frozen")) &&
		strcmp(json_string_value(json_object_get(o, "frozen")),
		    "a rate of 5 ppm") == 0,
	    "it is frozen");
	OK(json_is_null(member(o, "offset_ns")) &&
		json_is_null(member(o, "bound_ns")) &&
		json_is_null(member(o, "frequency_ppb")),
	    "without a sample nothing is known");
	json_decref(o);
	report.clock = usual;
	report.clock.flags = CLOCK_STATE_CONTROLLED;
	report.clock.anchor_ppb = 0;
	has_line("offset      -\n");
	o = parsed();
	OK(json_is_null(member(o, "anchor_ppb")), "nor is the anchor");
	json_decref(o);
}

int
main(void)
{
	test_text();
	test_json();
	test_json_changes();
	return DONE();
}
