/*
 * Replay a recording, see replay.h.
 */
#include "tests/sim/replay.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/page.h"
#include "core/types.h"
#include "ntp-net/poll/record/layout.h"
#include "tests/sim/replay_calls.h"
#include "tests/sim/story.h"

int replay_net_main(void); /* main() of ntp-net */

/* The replay in this process. */
static struct {
	struct reader reader;
	struct item next; /* of the recording; valid if have */
	bool have;
	bool over;   /* no next item is left */
	bool placed; /* the program has its recorded state */
	struct net *net;
	struct clock_pair clock;
	struct item_decision decision; /* the last decision */
	struct replay_result *result;
	FILE *story;
	int detail;
	_Alignas(PAGE_BYTES) uint8_t page[PAGE_BYTES];
} play;

/* --- the end -------------------------------------------------------------- */

static const struct part *
part_now(void)
{
	return &play.reader.parts->part[play.reader.part];
}

__attribute__((noreturn)) static void
leave(void)
{
	if (play.story != NULL)
		(void)fflush(play.story); /* _exit() would lose it */
	_exit(0);
}

/* The replay differs at this place of the recording, for this reason. */
__attribute__((noreturn, format(printf, 1, 2))) static void
stop(const char *fmt, ...)
{
	char text[REPLAY_WHY - 256], time[STORY_TIME];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	story_time(time, play.clock.real_ns);
	(void)snprintf(play.result->why, REPLAY_WHY,
	    "%.100s, at byte %zu (%s): %s", part_now()->file, play.reader.place,
	    time, text);
	play.result->same = false;
	leave();
}

/* --- the next item -------------------------------------------------------- */

/* The end of the recording: everything was the same. */
__attribute__((noreturn)) static void
finish(void)
{
	play.result->ended = true;
	leave();
}

/* Fill play.next; skip pieces that repeat what is known. */
static void
fetch(void)
{
	while (!play.have && !play.over) {
		int rc = reader_next(&play.reader, &play.next);

		if (rc == -1)
			stop("expected %s", play.reader.wrong);
		play.over = rc == 0;
		play.have =
		    rc == 1 && !(play.placed && play.next.kind == ITEM_PIECE);
	}
}

bool
replay_is_next(enum item_kind kind)
{
	fetch();
	return play.have && play.next.kind == kind;
}

void
replay_differs(const char *now)
{
	char then[STORY_TEXT];

	story_item(then, &play.next);
	stop("it differs\n  then: %s\n  now:  %s", then, now);
}

const struct item *
replay_peek(enum item_kind kind)
{
	static const char *const words[ITEM_KINDS] = {
		[ITEM_CLOCK] = "it reads the clocks",
		[ITEM_RANDOM] = "it draws random bytes",
		[ITEM_WAIT] = "it waits",
		[ITEM_MESSAGE] = "it reads a message",
		[ITEM_OPEN] = "it opens a socket for a query",
		[ITEM_LOCAL] = "it asks for its own address",
		[ITEM_SENT] = "it sends a query",
		[ITEM_STAMP] = "it reads the time of sending",
		[ITEM_DATAGRAM] = "it reads a datagram",
		[ITEM_AUTH] = "it looks at a MAC",
		[ITEM_TOLD] = "it says something",
	};

	fetch();
	if (!play.have)
		finish();
	if (play.next.kind != kind)
		replay_differs(words[kind]);
	return &play.next;
}

bool
replay_is_placed(void)
{
	return play.placed;
}

struct clock_pair
replay_clock(void)
{
	return play.clock;
}

void *
replay_page(void)
{
	return play.page;
}

/* --- telling -------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void
tell(const char *fmt, ...)
{
	char time[STORY_TIME];
	va_list ap;

	if (play.story == NULL)
		return;
	story_time(time, play.clock.real_ns);
	fprintf(play.story, "%s ", time);
	va_start(ap, fmt);
	(void)vfprintf(play.story, fmt, ap);
	va_end(ap);
	(void)fputc('\n', play.story);
}

void
replay_log(const char *text)
{
	if (play.detail >= 1)
		tell("log: %s", text);
}

/* The address of a source's slot, as the program knows it. */
static const char *
slot_text(uint32_t slot, char text[ADDR_TEXT])
{
	if (play.net == NULL)
		return "?";
	addr_text(&play.net->table.slots[slot].addr, text);
	return text;
}

/* For people: the offset of our clock by this answer. */
static void
tell_answer(const struct item *it)
{
	const struct item_answer *a = &it->u.answer;
	int64_t ahead_ns = play.clock.real_ns - play.clock.raw_ns;
	char text[ADDR_TEXT];

	if (a->verdict == VERDICT_USED || a->verdict == VERDICT_OUTLIER)
		tell("%-15s %s: offset %+.3f us, delay %.3f us",
		    slot_text(it->slot, text),
		    verdict_str((enum verdict)a->verdict),
		    story_us(a->theta_ns - ahead_ns), story_us(a->delay_ns));
	else
		tell("%-15s not used: %s", slot_text(it->slot, text),
		    verdict_str((enum verdict)a->verdict));
}

static void
tell_sample(const struct item *it)
{
	const struct msg_sample *m = &it->u.msg.sample;
	int64_t ahead_ns = play.clock.real_ns - play.clock.raw_ns;

	tell("%-15s offset %+.3f us +- %.3f us, slope %+.4f ppm +- %.4f ppm%s",
	    "sample", story_us(m->theta_ns - ahead_ns), story_us(m->sigma_ns),
	    (double)m->slope_q32 / (double)SLOPE_ONE * 1e6,
	    (double)m->slope_sigma_q32 / (double)SLOPE_ONE * 1e6,
	    it->result != 0 ? ", not taken" : "");
}

static void
tell_decision(const struct item_decision *d)
{
	struct item change = { .kind = ITEM_DECISION, .u.decision = *d };
	char text[STORY_TEXT];
	bool same = d->agreed == play.decision.agreed &&
	    d->synced == play.decision.synced &&
	    d->peer == play.decision.peer &&
	    memcmp(d->states, play.decision.states, sizeof(d->states)) == 0;

	if (same)
		return;
	story_item(text, &change);
	tell("%s", text);
}

static void
tell_item(const struct item *it)
{
	char text[STORY_TEXT];

	if (play.detail >= 2 ||
	    (play.detail == 1 &&
		(it->kind == ITEM_OPEN || it->kind == ITEM_MESSAGE ||
		    it->kind == ITEM_TOLD))) {
		story_item(text, it);
		tell("%s", text);
	}
	if (it->kind == ITEM_ANSWER)
		tell_answer(it);
	else if (it->kind == ITEM_TOLD && it->u.msg.h.type == MSG_SAMPLE)
		tell_sample(it);
	else if (it->kind == ITEM_DECISION)
		tell_decision(&it->u.decision);
}

/* --- in the place of the writer --------------------------------------------- */

void
replay_writer_open(struct writer *t, const struct writer_files *files)
{
	(void)t;
	(void)files;
}

bool
replay_writer_runs(const struct writer *t)
{
	(void)t;
	return true;
}

static void
count(const struct item *it)
{
	struct replay_result *r = play.result;

	r->items++;
	r->decisions += story_is_decision(it);
	r->answers += it->kind == ITEM_ANSWER;
	r->samples += it->kind == ITEM_TOLD && it->u.msg.h.type == MSG_SAMPLE;
	if (it->kind == ITEM_DECISION)
		play.decision = it->u.decision;
	if (it->kind != ITEM_CLOCK)
		return;
	play.clock = it->u.clock;
	r->to_ns = play.clock.real_ns;
	if (r->from_ns == 0)
		r->from_ns = r->to_ns;
}

/* Compare what the program sees or decides now with the recording. */
void
replay_writer_put(struct writer *t, const struct item *it)
{
	char now[STORY_TEXT];

	(void)t;
	if (!play.placed)
		return;
	fetch();
	if (!play.have)
		finish();
	if (!codec_same(it, &play.next)) {
		story_item(now, it);
		replay_differs(now);
	}
	play.have = false;
	if (play.story != NULL)
		tell_item(it);
	count(it);
}

static bool
is_sane_floor(const struct min_delay *f)
{
	return f->next < MIN_DELAY_NEWEST && f->count <= MIN_DELAY_NEWEST &&
	    f->block_next < MIN_DELAY_BLOCKS &&
	    f->block_count <= MIN_DELAY_BLOCKS;
}

static bool
is_sane_entry(const struct entry *e)
{
	return e->addr_count <= ADDRS_MAX &&
	    msg_text_ok(e->name, sizeof(e->name));
}

/* Check what could lead out of a table or a text: the file is not trusted. */
static bool
is_sane(const struct net *n)
{
	const struct msg_clock_state *c = &n->clock_state;

	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		const struct slot *s = &n->table.slots[i];

		if (s->entry >= SOURCES_MAX ||
		    (uint32_t)s->status > SLOT_SELECTED ||
		    (uint32_t)s->said_status > SLOT_SELECTED ||
		    !is_sane_entry(&n->table.entries[i]) ||
		    !is_sane_floor(&s->source.estimator.min_delay))
			return false;
	}
	return n->table.staging.count <= SOURCES_MAX &&
	    n->report.ask_count <= ASKS_MAX &&
	    n->decision.agreement.peer >= -1 &&
	    n->decision.agreement.peer < SOURCES_MAX &&
	    msg_text_ok(c->frozen, sizeof(c->frozen));
}

/* Give the program its recorded state, piece by piece. */
static void
place(struct net *n)
{
	struct recorder *recorder = n->clocks.recorder;
	bool had_page;

	while (replay_is_next(ITEM_PIECE)) {
		const struct item_piece *piece = &play.next.u.piece;

		if (piece->offset > sizeof(*n) ||
		    piece->len > sizeof(*n) - piece->offset)
			stop("expected a piece of what was known");
		memcpy((uint8_t *)n + piece->offset, piece->bytes, piece->len);
		play.have = false;
	}
	n->clocks.recorder = n->table.recorder = recorder;
	had_page = (n->table.config.flags & NET_SERVES) != 0;
	n->page = had_page ? (struct page *)(void *)play.page : NULL;
	play.clock = n->clocks.pair;
	if (!is_sane(n))
		stop("what was known cannot have been");
}

void
replay_writer_turn(struct writer *t, struct net *n)
{
	(void)t;
	play.net = n;
	if (!play.placed)
		place(n);
	play.placed = true;
}

/* The program has ended: was this recorded? */
void
replay_exit(int status)
{
	char now[64];

	fetch();
	if (!play.have)
		finish();
	(void)snprintf(now, sizeof(now), "it ends with status %d", status);
	replay_differs(now);
}

/* --- runs ----------------------------------------------------------------- */

static void
run_here(const struct parts *p, uint32_t part, FILE *story, int detail,
    struct replay_result *r)
{
	reader_begin(&play.reader, p, part);
	play.placed = p->part[part].head.snapshot == 0;
	play.story = story;
	play.detail = detail;
	play.result = r;
	(void)replay_net_main();
	stop("ntp-net has returned from its main function");
}

/* A snapshot of another build does not fit this one. */
static bool
fits(const struct part *p, struct replay_result *r)
{
	if (p->head.snapshot == 0 || p->head.layout == layout_number())
		return true;
	(void)snprintf(r->why, REPLAY_WHY,
	    "%.100s, at byte %zu: it begins with what another build of ntp-net "
	    "knew (%s, layout %08" PRIx32 ", not %08" PRIx32 ")",
	    p->file, p->begin - HEAD_LEN, p->head.program, p->head.layout,
	    layout_number());
	return false;
}

void
replay_run(const struct parts *p, uint32_t part, FILE *story, int detail,
    struct replay_result *r)
{
	struct replay_result *shared = mmap(NULL, sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	memset(r, 0, sizeof(*r));
	if (shared == MAP_FAILED)
		err(1, "mmap");
	if (!fits(&p->part[part], r))
		return;
	shared->same = true;
	(void)fflush(NULL); /* or both processes would write it */
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		run_here(p, part, story, detail, shared);
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	*r = *shared;
	(void)munmap(shared, sizeof(*shared)); /* it cannot fail */
	r->same = r->same && r->ended;
	if (!r->same && r->why[0] == '\0')
		(void)snprintf(r->why, REPLAY_WHY,
		    "the replayed program was ended by signal %d",
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void
say_run(const struct part *p, uint32_t number)
{
	char time[STORY_TIME], program[HEAD_PROGRAM_LEN];

	for (size_t i = 0; i < sizeof(program); i++)
		program[i] =
		    p->head.program[i] < ' ' ? '\0' : p->head.program[i];
	story_time(time, p->head.real_ns);
	printf("%s session %" PRIu32 ": %s, from %s%s\n", time, number, program,
	    p->head.snapshot != 0 ? "what was known then"
				  : "the start of ntp-net",
	    strcmp(program, "ntpd " VERSION) == 0
		? ""
		: "; this is another version: " VERSION);
}

int
replay_all(const char *path, int detail)
{
	static struct parts parts;
	struct replay_result r;
	uint64_t decisions = 0;
	uint32_t runs = 0;
	int bad = 0;

	reader_load(&parts, path);
	for (uint32_t i = 0; i < parts.count; i++) {
		if (reader_goes_on(&parts, i))
			continue;
		say_run(&parts.part[i], ++runs);
		replay_run(&parts, i, stdout, detail, &r);
		decisions += r.decisions;
		if (!r.same)
			printf("replay: %s\n", r.why);
		bad += !r.same;
	}
	if (parts.wrong != NULL)
		printf("replay: %s, at byte %zu: expected %s\n", parts.stray,
		    parts.stray_at, parts.wrong);
	else if (runs == 0)
		printf("replay: %s: there is nothing in it\n", path);
	else if (bad == 0)
		printf(
		    "replay: %" PRIu64 " decisions, all the same\n", decisions);
	return bad != 0 || parts.wrong != NULL || runs == 0;
}
