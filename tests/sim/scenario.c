/*
 * Read scenarios, see scenario.h.
 */
#include "tests/sim/scenario.h"

#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64
#define UTC_START 1782864000 /* 2026-07-01 */

/* The words of a line, consumed from the left. */
struct words {
	const char *file;
	int line;
	uint32_t count;
	uint32_t next;
	char *word[WORDS_MAX];
	bool bad;
};

struct unit {
	const char *name;
	double factor;
};
static const struct unit times[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 },
	{ "s", 1e9 }, { "ks", 1e12 }, { "h", 3600e9 }, { "d", 86400e9 },
	{ NULL, 0 } };
static const struct unit fractions[] = { { "", 1 }, { "ppm", 1e-6 },
	{ "ppb", 1e-9 }, { "%", 0.01 }, { NULL, 0 } };

/* What follows a keyword, and which member it sets. */
enum kind { TIME_NS, TIME_S, FRACTION, NUMBER, WAY_BASE, WAY_JITTER, QUEUE };
struct field {
	const char *name;
	enum kind kind;
	size_t at;
	size_t also; /* other direction's offset; 0: one only */
};

#define AT(m) offsetof(struct scenario, m)
static const struct field scenario_fields[] = {
	{ "length", TIME_S, AT(length_s), 0 },
	{ "start", TIME_NS, AT(start_ns), 0 },
	{ "utc", NUMBER, AT(utc_s), 0 },
	{ "leap-file", NUMBER, AT(leap_file), 0 },
	{ "step-over", TIME_NS, AT(step_over_ns), 0 },
	{ "budget", TIME_NS, AT(budget_ns), 0 },
	{ "rtc", NUMBER, AT(rtc), 0 },
	{ "kept-anchor", FRACTION, AT(kept_anchor), 0 },
	{ "kept-drift", FRACTION, AT(kept_drift), 0 },
	{ "kept-sigma", FRACTION, AT(kept_sigma), 0 },
	{ "kept-age", TIME_NS, AT(kept_age_ns), 0 },
	{ "slew-limit", FRACTION, AT(slew_limit), 0 },
	{ "limit", TIME_NS, AT(limit_ns), 0 },
	{ "limit-from", TIME_S, AT(limit_from_s), 0 },
	{ NULL, NUMBER, 0, 0 },
};
#undef AT
#define AT(m) offsetof(struct oscillator_model, m)
static const struct field oscillator_fields[] = {
	{ "freq", FRACTION, AT(freq), 0 },
	{ "wander", FRACTION, AT(wander), 0 },
	{ "white", FRACTION, AT(white), 0 },
	{ "flicker", FRACTION, AT(flicker), 0 },
	{ "temp", FRACTION, AT(temp), 0 },
	{ "period", TIME_S, AT(temp_s), 0 },
	{ NULL, NUMBER, 0, 0 },
};
#undef AT
#define AT(m) offsetof(struct server_model, m)
static const struct field server_fields[] = {
	{ "base", WAY_BASE, AT(up), AT(down) },
	{ "up-base", WAY_BASE, AT(up), 0 },
	{ "down-base", WAY_BASE, AT(down), 0 },
	{ "jitter", WAY_JITTER, AT(up), AT(down) },
	{ "up", WAY_JITTER, AT(up), 0 },
	{ "down", WAY_JITTER, AT(down), 0 },
	{ "queue", QUEUE, AT(up), AT(down) },
	{ "up-queue", QUEUE, AT(up), 0 },
	{ "down-queue", QUEUE, AT(down), 0 },
	{ "stamps", TIME_NS, AT(stamp_ns), 0 },
	{ "daily", FRACTION, AT(daily), 0 },
	{ "loss", FRACTION, AT(loss), 0 },
	{ "duplicate", FRACTION, AT(duplicate), 0 },
	{ "reorder", FRACTION, AT(reorder), 0 },
	{ "hold", TIME_NS, AT(hold_ns), 0 },
	{ "offset", TIME_NS, AT(offset_ns), 0 },
	{ "drift", FRACTION, AT(drift), 0 },
	{ "wander", FRACTION, AT(wander), 0 },
	{ "root-delay", TIME_NS, AT(root_delay_ns), 0 },
	{ "root-dispersion", TIME_NS, AT(root_dispersion_ns), 0 },
	{ "precision", NUMBER, AT(precision_log2), 0 },
	{ "grain", TIME_NS, AT(grain_ns), 0 },
	{ "noise", TIME_NS, AT(noise_ns), 0 },
	{ "stratum", NUMBER, AT(stratum), 0 },
	{ "false-leap", NUMBER, AT(false_leap), 0 },
	{ "smear", TIME_S, AT(smear_s), 0 },
	{ "liar", NUMBER, AT(liar), 0 },
	{ NULL, NUMBER, 0, 0 },
};
#undef AT
#define AT(m) offsetof(struct target, m)
static const struct field target_fields[] = {
	{ "rms", TIME_NS, AT(rms_ns), 0 },
	{ "peak", TIME_NS, AT(peak_ns), 0 },
	{ "packets", NUMBER, AT(packets_day), 0 },
	{ "poll", TIME_S, AT(poll_s), 0 },
	{ "wakes", NUMBER, AT(wakes_day), 0 },
	{ "steps", NUMBER, AT(steps), 0 },
	{ "1ms", TIME_S, AT(reach_1ms_s), 0 },
	{ "100us", TIME_S, AT(reach_100us_s), 0 },
	{ "back", TIME_S, AT(back_s), 0 },
	{ NULL, NUMBER, 0, 0 },
};
#undef AT

struct happening_word {
	const char *name;
	enum happening what;
	enum kind kind; /* of its value */
	bool server;	/* it names a server */
};
static const struct happening_word happenings[] = {
	{ "freq", HAPPEN_FREQ, FRACTION, false },
	{ "wander", HAPPEN_WANDER, FRACTION, false },
	{ "step", HAPPEN_STEP, TIME_NS, false },
	{ "suspend", HAPPEN_SUSPEND, TIME_NS, false },
	{ "pause", HAPPEN_PAUSE, TIME_NS, false },
	{ "up", HAPPEN_UP, TIME_NS, true },
	{ "down", HAPPEN_DOWN, TIME_NS, true },
	{ "route", HAPPEN_ROUTE, TIME_NS, true },
	{ "up-grow", HAPPEN_UP_GROW, FRACTION, true },
	{ "down-grow", HAPPEN_DOWN_GROW, FRACTION, true },
	{ "up-queue", HAPPEN_UP_QUEUE, TIME_NS, true },
	{ "down-queue", HAPPEN_DOWN_QUEUE, TIME_NS, true },
	{ "outage", HAPPEN_OUTAGE, TIME_NS, true },
	{ "offset", HAPPEN_OFFSET, TIME_NS, true },
	{ "drift", HAPPEN_DRIFT, FRACTION, true },
	{ "leap", HAPPEN_LEAP, TIME_NS, false },
	{ NULL, HAPPEN_FREQ, NUMBER, false },
};

static void
complain(struct words *w, const char *what)
{
	if (!w->bad)
		warnx("%s:%d: %s, near \"%s\"", w->file, w->line, what,
		    w->next == 0 || w->next > w->count ? ""
						       : w->word[w->next - 1]);
	w->bad = true;
}

static const char *
next_word(struct words *w)
{
	if (w->next >= w->count) {
		w->next++;
		complain(w, "something is missing");
		return "";
	}
	return w->word[w->next++];
}

static bool
more_words(const struct words *w)
{
	return !w->bad && w->next < w->count;
}

static double
read_number(struct words *w, const struct unit *units)
{
	const char *text = next_word(w);
	char *end;
	double v = strtod(text, &end);

	if (end == text)
		complain(w, "a number is needed");
	for (; units != NULL && units->name != NULL; units++)
		if (strcmp(end, units->name) == 0)
			return v * units->factor;
	if (units != NULL || *end != '\0')
		complain(w, "this unit is not known here");
	return v;
}

static double
read_kind(struct words *w, enum kind kind)
{
	if (kind == TIME_NS)
		return read_number(w, times);
	if (kind == TIME_S)
		return read_number(w, times) / 1e9;
	if (kind == FRACTION)
		return read_number(w, fractions);
	return read_number(w, NULL);
}

static void
read_jitter(struct words *w, struct path_model *p)
{
	const char *name = next_word(w);

	p->jitter = JITTER_NONE;
	if (strcmp(name, "none") == 0)
		return;
	if (strcmp(name, "exp") == 0) {
		p->jitter = JITTER_EXP;
	} else if (strcmp(name, "gamma") == 0) {
		p->jitter = JITTER_GAMMA;
		p->shape = read_number(w, NULL);
	} else if (strcmp(name, "lognormal") == 0) {
		p->jitter = JITTER_LOGNORMAL;
		p->shape = read_number(w, NULL);
	} else {
		complain(w, "no such distribution");
	}
	p->jitter_ns = read_number(w, times);
}

/* Copy only what was given for both directions to the other one. */
static void
copy_way(enum kind kind, const struct path_model *from, void *other)
{
	struct path_model *to = other;

	if (kind == WAY_BASE) {
		to->base_ns = from->base_ns;
	} else if (kind == WAY_JITTER) {
		to->jitter = from->jitter;
		to->shape = from->shape;
		to->jitter_ns = from->jitter_ns;
	} else {
		to->queue_ns = from->queue_ns;
		to->queue_shape = from->queue_shape;
		to->queue_s = from->queue_s;
	}
}

/* The value of one field, in the struct at base. */
static void
read_field(struct words *w, const struct field *f, char *base)
{
	struct path_model *p = (struct path_model *)(void *)(base + f->at);
	double v;

	switch (f->kind) {
	case WAY_BASE:
		p->base_ns = read_number(w, times);
		break;
	case WAY_JITTER:
		read_jitter(w, p);
		break;
	case QUEUE:
		p->queue_ns = read_number(w, times);
		p->queue_shape = read_number(w, NULL);
		p->queue_s = read_number(w, times) / 1e9;
		break;
	case TIME_NS:
	case TIME_S:
	case FRACTION:
	case NUMBER:
		v = read_kind(w, f->kind);
		memcpy(base + f->at, &v, sizeof(v));
		break;
	}
	if (f->also != 0)
		copy_way(f->kind, p, base + f->also);
}

static bool
read_known(struct words *w, const struct field *f, void *base, const char *name)
{
	for (; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0) {
			read_field(w, f, base);
			return true;
		}
	return false;
}

/* Names and values up to the end of the line. */
static void
read_fields(struct words *w, const struct field *f, void *base)
{
	while (more_words(w))
		if (!read_known(w, f, base, next_word(w)))
			complain(w, "no such word");
}

static void
read_server(struct words *w, struct scenario *sc)
{
	struct server_model m;
	double count = 1;

	scenario_init_server(&m);
	if (more_words(w) && strcmp(w->word[w->next], "count") == 0) {
		w->next++;
		count = read_number(w, NULL);
	}
	read_fields(w, server_fields, &m);
	for (; count >= 1; count--) {
		if (sc->server_count == SCENARIO_SERVERS) {
			complain(w, "too many servers");
			return;
		}
		sc->servers[sc->server_count++] = m;
	}
}

static void
read_at(struct words *w, struct scenario *sc)
{
	struct script_event e = { .at_s = read_number(w, times) / 1e9,
		.server = SERVER_ALL };
	const char *name = next_word(w);
	const struct happening_word *h = happenings;

	while (h->name != NULL && strcmp(h->name, name) != 0)
		h++;
	if (h->name == NULL || sc->event_count == SCENARIO_EVENTS) {
		complain(w, "cannot happen");
		return;
	}
	e.what = h->what;
	if (h->server && more_words(w)) {
		if (strcmp(w->word[w->next], "all") == 0)
			w->next++;
		else
			e.server = (int)read_number(w, NULL);
		if (e.server >= (int)sc->server_count || e.server < SERVER_ALL)
			complain(w, "no such server");
	}
	e.value = read_kind(w, h->kind);
	if (more_words(w))
		e.other = read_number(w, times);
	sc->events[sc->event_count++] = e;
}

static void
read_target(struct words *w, struct scenario *sc)
{
	struct target t = { .poll_log2 = POLL_DEFAULT };

	if (sc->target_count == SCENARIO_TARGETS) {
		complain(w, "too many targets");
		return;
	}
	if (more_words(w) && strcmp(w->word[w->next], "default") == 0)
		w->next++;
	else
		t.poll_log2 = (int)read_number(w, NULL);
	read_fields(w, target_fields, &t);
	sc->targets[sc->target_count++] = t;
}

static void
read_title(struct words *w, struct scenario *sc)
{
	size_t n = 0;

	sc->title[0] = '\0';
	while (more_words(w) && n < sizeof(sc->title))
		n += (size_t)snprintf(sc->title + n, sizeof(sc->title) - n,
		    "%s%s", n == 0 ? "" : " ", next_word(w));
}

static void
read_line(struct words *w, struct scenario *sc)
{
	const char *name = next_word(w);

	if (strcmp(name, "title") == 0) {
		read_title(w, sc);
	} else if (strcmp(name, "window") == 0) {
		sc->from_s = read_number(w, times) / 1e9;
		sc->to_s = read_number(w, times) / 1e9;
	} else if (strcmp(name, "poll") == 0) {
		sc->poll_min = read_number(w, NULL);
		sc->poll_max = read_number(w, NULL);
	} else if (strcmp(name, "clock") == 0) {
		read_fields(w, oscillator_fields, &sc->oscillator);
	} else if (strcmp(name, "server") == 0) {
		read_server(w, sc);
	} else if (strcmp(name, "at") == 0) {
		read_at(w, sc);
	} else if (strcmp(name, "target") == 0) {
		read_target(w, sc);
	} else if (!read_known(w, scenario_fields, sc, name)) {
		complain(w, "no such word");
	}
	if (more_words(w))
		complain(w, "something is left over");
}

/* --- writing -------------------------------------------------------------- */

static void
write_jitter(const struct path_model *p, FILE *f)
{
	switch (p->jitter) {
	case JITTER_NONE:
		fprintf(f, "none");
		break;
	case JITTER_EXP:
		fprintf(f, "exp %.17gns", p->jitter_ns);
		break;
	case JITTER_GAMMA:
		fprintf(f, "gamma %.17g %.17gns", p->shape, p->jitter_ns);
		break;
	case JITTER_LOGNORMAL:
		fprintf(f, "lognormal %.17g %.17gns", p->shape, p->jitter_ns);
		break;
	}
}

static void
write_way(const char *name, const struct path_model *p, FILE *f)
{
	fprintf(f, " %s-base %.17gns %s ", name, p->base_ns, name);
	write_jitter(p, f);
	if (p->queue_s > 0)
		fprintf(f, " %s-queue %.17gns %.17g %.17gs", name, p->queue_ns,
		    p->queue_shape, p->queue_s);
}

static void
write_value(enum kind kind, double v, FILE *f)
{
	fprintf(f, " %.17g%s", v,
	    kind == TIME_NS	 ? "ns"
		: kind == TIME_S ? "s"
				 : "");
}

/* All fields that are plain numbers and not 0. */
static void
write_fields(
    const struct field *field, const void *base, const char *end, FILE *f)
{
	for (; field->name != NULL; field++) {
		double v;

		if (field->kind > NUMBER)
			continue;
		memcpy(&v, (const char *)base + field->at, sizeof(v));
		if (v == 0)
			continue;
		fprintf(f, " %s", field->name);
		write_value(field->kind, v, f);
		fprintf(f, "%s", end);
	}
}

static void
write_event(const struct script_event *e, FILE *f)
{
	const struct happening_word *h = happenings;

	while (h->what != e->what)
		h++;
	fprintf(f, "at %.17gs %s", e->at_s, h->name);
	if (h->server && e->server == SERVER_ALL)
		fprintf(f, " all");
	else if (h->server)
		fprintf(f, " %d", e->server);
	write_value(h->kind, e->value, f);
	if (e->other != 0)
		write_value(TIME_NS, e->other, f);
	fprintf(f, "\n");
}

void
scenario_write(const struct scenario *sc, FILE *f)
{
	fprintf(f, "title %s\n", sc->title);
	write_fields(scenario_fields, sc, "\n", f);
	fprintf(f, "window %.17gs %.17gs\n", sc->from_s, sc->to_s);
	fprintf(f, "poll %g %g\nclock", sc->poll_min, sc->poll_max);
	write_fields(oscillator_fields, &sc->oscillator, "", f);
	fprintf(f, "\n");
	for (uint32_t i = 0; i < sc->server_count; i++) {
		fprintf(f, "server");
		write_way("up", &sc->servers[i].up, f);
		write_way("down", &sc->servers[i].down, f);
		write_fields(server_fields, &sc->servers[i], "", f);
		fprintf(f, "\n");
	}
	for (uint32_t i = 0; i < sc->event_count; i++)
		write_event(&sc->events[i], f);
}

/* --- reading a file ------------------------------------------------------- */

void
scenario_init_server(struct server_model *m)
{
	memset(m, 0, sizeof(*m));
	m->hold_ns = 10e3;
	m->precision_log2 = -26;
	m->stratum = 1;
}

void
scenario_init(struct scenario *sc)
{
	memset(sc, 0, sizeof(*sc));
	sc->utc_s = UTC_START;
	sc->poll_min = 4;
	sc->poll_max = 10;
	sc->step_over_ns = 10e6;
	sc->budget_ns = 30e9;
	sc->rtc = 1;
	sc->slew_limit = 500e-6;
	sc->oscillator.temp_s = 86400;
}

static void
set_name(struct scenario *sc, const char *file)
{
	const char *base = strrchr(file, '/');
	size_t n;

	(void)snprintf(
	    sc->name, sizeof(sc->name), "%s", base == NULL ? file : base + 1);
	n = strlen(sc->name);
	if (n > 4 && strcmp(sc->name + n - 4, ".sim") == 0)
		sc->name[n - 4] = '\0';
}

int
scenario_read(struct scenario *sc, const char *file)
{
	struct words w = { .file = file };
	char line[1024];
	FILE *f = fopen(file, "r");

	scenario_init(sc);
	set_name(sc, file);
	if (f == NULL) {
		warn("%s", file);
		return -1;
	}
	while (fgets(line, sizeof(line), f) != NULL && !w.bad) {
		char *save, *word;

		w.line++;
		w.count = w.next = 0;
		line[strcspn(line, "#\n")] = '\0';
		for (word = strtok_r(line, " \t", &save);
		     word != NULL && w.count < WORDS_MAX;
		     word = strtok_r(NULL, " \t", &save))
			w.word[w.count++] = word;
		if (w.count != 0)
			read_line(&w, sc);
	}
	(void)fclose(f); /* it was only read */
	if (!w.bad && (sc->length_s <= 0 || sc->server_count == 0))
		complain(&w, "a length and a server are needed");
	if (sc->to_s <= 0) {
		sc->from_s = sc->length_s / 2;
		sc->to_s = sc->length_s;
	}
	return w.bad ? -1 : 0;
}

void
scenario_fix_poll(struct scenario *sc, int poll_log2)
{
	if (poll_log2 != POLL_DEFAULT)
		sc->poll_min = sc->poll_max = poll_log2;
}
