/*
 * Starting and ending the children.  Run by ntpd only; a child is started by
 * fork and exec with one descriptor, its channel, and gets all else by
 * message.
 */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/accuse.h"
#include "ntpd/journal.h"
#include "ntpd/kept/epoch.h"
#include "ntpd/sockets/answers.h"
#include "ntpd/supervise.h"

#define NO_FORK_NS    NS_PER_S /* until it is tried again */
#define CHANNEL_BYTES (256 * 1024)

/* Which children talk to each other without ntpd. */
static const enum proc links[][2] = {
#define LINK(a, b) { PROC_##a, PROC_##b },
#include "common/programs.def"
};
#define LINKS (sizeof(links) / sizeof(links[0]))

/* The child's side, after fork: nothing here may return. */
static NORETURN void
become(const struct supervisor *s, enum proc p, int fd)
{
	char path[sizeof(s->helpers) + 16];
	char name[16];
	char *const argv[] = { name, NULL };
	char *const envp[] = { NULL };
	sigset_t none;

	(void)snprintf(name, sizeof(name), "%s", proc_name(p));
	(void)snprintf(path, sizeof(path), "%s/%s", s->helpers, name);
	/* An ambient CAP_SYS_TIME is for ntp-clock alone. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		_exit(126);
	if (p == PROC_CLOCK && !s->powers.root && s->powers.set_clock &&
	    !s->options->no_clock)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME,
		    0, 0); /* where it fails, a file capability may do */
	if (fd == PARENT_FD) {
		if (fcntl(fd, F_SETFD, 0) == -1)
			_exit(126);
	} else if (dup2(fd, PARENT_FD) == -1) {
		_exit(126);
	}
	/* A terminal's Ctrl-C is for ntpd, which ends them in good order. */
	if (setpgid(0, 0) == -1)
		_exit(126);
	if (sigemptyset(&none) == -1 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) == -1)
		_exit(126);
	execve(path, argv, envp);
	_exit(death_no_exec(errno));
}

static void
send_or_kill(struct supervisor *s, int p, enum msg_type type, void *msg, int fd)
{
	struct child *c = &s->children[p];

	if (c->channel.fd == -1 || msg_send(&c->channel, type, msg, fd) == 0)
		return;
	if (errno == EPIPE || errno == ECONNRESET)
		return; /* it has died: that will be seen */
	journal_about(p, LOG_LEVEL_ERROR, "cannot send to %s: %s",
	    proc_name(child_proc(p)), strerrordesc_np(errno));
	stop_child(s, p);
}

/* Does this child record, and where? */
static bool
records(const struct supervisor *s, int p)
{
	return p == PROC_NET && s->recording.fds[0] != -1;
}

static void
send_records(struct supervisor *s, int p)
{
	for (int i = 0; i < RECORD_FILES; i++) {
		struct msg_record m;

		recording_describe(&s->recording, i, s->conf.record_bytes, &m);
		send_or_kill(s, p, MSG_RECORD, &m, s->recording.fds[i]);
	}
}

static void
send_start(struct supervisor *s, int p)
{
	struct msg_start m = { .uid = s->children[p].ids.uid,
		.gid = s->children[p].ids.gid,
		.log_level = (uint32_t)s->conf.log_level };

	if (s->powers.change_user)
		m.flags |= START_DROP_UID;
	if (s->powers.chroot && s->jail[0] != '\0')
		m.flags |= START_CHROOT;
	if (s->options->no_clock)
		m.flags |= START_NO_CLOCK;
	if (records(s, p))
		m.flags |= START_EXTRA;
	(void)snprintf(m.root, sizeof(m.root), "%s", s->jail);
	send_or_kill(s, p, MSG_START, &m, -1);
	if (records(s, p))
		send_records(s, p);
}

void
spawn_configure_clock(struct supervisor *s)
{
	const struct conf_clock *k = &s->conf.clock;
	struct msg_clock_config m = {
		.step_over_ns = k->step_over_ns,
		.startup_forward_ns = k->startup_forward_ns,
		.startup_backward_ns = k->startup_backward_ns,
		.limit_ns = k->limit_ns,
		.budget_ns = k->budget_ns,
		.budget_period_ns = k->budget_period_ns,
		.frequency_limit_ppb = k->frequency_limit_ppb,
		.resume_limit_ns = k->resume_limit_ns,
		.rtc_behind_ns = s->rtc_behind_ns,
		.leap_before_ns = s->state.leap_ns,
		.slew_limit_ppb = k->slew_limit_ppb,
		.drift_slope = s->state.drift_slope,
		.earliest_ns = UTC_FIRST_NS,
		.known_ns = epoch_known_ns(&s->state),
	};

	if (k->on_violation == VIOLATION_STOP)
		m.flags |= CLOCK_STOP_ON_VIOLATION;
	if (!s->startup_done)
		m.flags |= CLOCK_STARTUP;
	if (s->options->once)
		m.flags |= CLOCK_ONCE;
	if (s->state.drift_known)
		m.flags |= CLOCK_DRIFT_KNOWN;
	if (s->slope_known) { /* the kernel may be in the middle of a slew */
		m.flags |= CLOCK_DRIFT_KNOWN;
		m.drift_slope = s->slope;
	}
	if ((s->state_dir.fd == -1 || s->state_lost) && !s->clock_known)
		m.flags |= CLOCK_NOTHING_KEPT;
	memcpy(&m.ledger, &s->state.ledger, sizeof(m.ledger));
	memcpy(m.frozen, s->state.frozen, sizeof(m.frozen));
	memcpy(m.leaps_ns, s->leaps.at_ns, sizeof(m.leaps_ns));
	send_or_kill(s, PROC_CLOCK, MSG_CLOCK_CONFIG, &m, -1);
}

/* True if a source is asked with this key. */
static bool
is_asked_with(const struct conf *c, uint32_t key_id)
{
	for (uint32_t i = 0; i < c->source_count; i++)
		if (c->sources[i].key_id == key_id)
			return true;
	return false;
}

/* ntp-net gets the keys that its sources use, ntp-serve all of them. */
static void
send_keys(struct supervisor *s, int p)
{
	const struct keyring *keys = s->conf.keys;
	struct msg_keys m = { .count = 0 };

	if (keys == NULL)
		return;
	for (uint32_t i = 0; i < keys->count; i++) {
		if (child_proc(p) == PROC_SERVE ||
		    is_asked_with(&s->conf, keys->keys[i].id))
			m.keys[m.count++] = keys->keys[i];
		if (m.count == KEYS_A_MESSAGE) {
			send_or_kill(s, p, MSG_KEYS, &m, -1);
			explicit_bzero(&m, sizeof(m));
		}
	}
	if (m.count != 0)
		send_or_kill(s, p, MSG_KEYS, &m, -1);
	explicit_bzero(&m, sizeof(m));
}

void
spawn_configure_net(struct supervisor *s)
{
	struct msg_net_config m = { .min_sources = s->conf.min_sources,
		.local_stratum = s->conf.local_stratum,
		.max_distance_ns = s->conf.max_distance_ns };
	struct msg_net_commit commit = { .sources = s->conf.source_count };
	struct msg_net_listens listens = answers_message(&s->conf);

	m.flags = NET_CLOCK;
	if (s->page_writer != -1)
		m.flags |= NET_SERVES;
	if (s->options->once)
		m.flags |= NET_ONCE;
	if (s->ways.fd != -1)
		m.flags |= NET_NOTICES;
	if (s->state.drift_known) {
		m.flags |= NET_SLOPE_KNOWN;
		m.drift_slope = s->state.drift_slope;
		m.drift_slope_sigma = s->state.drift_slope_sigma;
	}
	if (s->slope_known) { /* newer than what is kept */
		m.flags |= NET_SLOPE_KNOWN;
		m.drift_slope = s->slope;
		m.drift_slope_sigma = s->slope_sigma;
	}
	send_or_kill(s, PROC_NET, MSG_NET_CONFIG, &m, -1);
	send_keys(s, PROC_NET);
	for (uint32_t i = 0; i < s->conf.source_count; i++) {
		const struct conf_source *cs = &s->conf.sources[i];
		struct msg_net_source src = { .kind = cs->kind,
			.port = cs->port,
			.poll_min_log2 = cs->poll_min_log2,
			.poll_max_log2 = cs->poll_max_log2,
			.count = cs->count,
			.key_id = cs->key_id,
			.flags = cs->interleaved ? SOURCE_INTERLEAVED : 0 };

		(void)snprintf(src.name, sizeof(src.name), "%s", cs->name);
		send_or_kill(s, PROC_NET, MSG_NET_SOURCE, &src, -1);
	}
	send_or_kill(s, PROC_NET, MSG_NET_LISTENS, &listens, -1);
	send_or_kill(s, PROC_NET, MSG_NET_COMMIT, &commit, -1);
	spawn_send_leaps(s);
}

void
spawn_send_leaps(struct supervisor *s)
{
	struct msg_leaps m = s->leaps;

	send_or_kill(s, PROC_NET, MSG_LEAPS, &m, -1);
}

void
spawn_configure_serve(struct supervisor *s, int p, bool with_prefixes)
{
	struct msg_serve_config m = { .rate_interval_ns =
					  s->conf.rate_interval_ns,
		.rate_burst = s->conf.rate_burst };
	struct msg_prefixes prefixes = { .count = s->conf.prefixes.count };

	send_or_kill(s, p, MSG_SERVE_CONFIG, &m, -1);
	if (with_prefixes)
		send_or_kill(s, p, MSG_PREFIXES, &prefixes, s->prefixes_fd);
}

/* The counters go on; who the clients are is to be learned anew. */
static void
give_counts(struct supervisor *s, int p)
{
	struct msg_counts m = { .worker = child_worker(p) };
	int writer = s->counts_writer[m.worker];

	if (socket_clear_clients(writer) == -1)
		journal(LOG_LEVEL_WARNING, "cannot clear the clients of %s: %s",
		    proc_name(PROC_SERVE), strerrordesc_np(errno));
	send_or_kill(s, p, MSG_COUNTS, &m, writer);
}

void
spawn_send_counts(struct supervisor *s)
{
	for (uint32_t w = 0; w < WORKERS_MAX; w++) {
		struct msg_counts m = { .worker = w };

		if (s->counts_reader[w] != -1)
			send_or_kill(s, PROC_OBSERVE, MSG_COUNTS, &m,
			    s->counts_reader[w]);
	}
}

void
spawn_send_awaited(struct supervisor *s)
{
	struct msg_awaited m = answers_awaited(&s->awaited);

	send_or_kill(s, PROC_OBSERVE, MSG_AWAITED, &m, -1);
}

static void
configure_clock(struct supervisor *s, int p)
{
	struct msg_clock_rtc rtc = { .h = { 0, 0 } };
	struct msg_clock_page page = { .h = { 0, 0 } };

	s->unkept = 0; /* the one that asked for it is gone */
	if (s->rtc_fd != -1)
		send_or_kill(s, p, MSG_CLOCK_RTC, &rtc, s->rtc_fd);
	if (s->clock_page != NULL)
		send_or_kill(s, p, MSG_CLOCK_PAGE, &page, s->clock_writer);
	relay_look(s); /* the last word of the one before */
	spawn_configure_clock(s);
}

static void
configure_net(struct supervisor *s, int p)
{
	(void)p; /* there is one */
	s->page_sent = false;
	spawn_send_page(s);
	relay_look(s); /* the slope */
	spawn_configure_net(s);
}

static void
configure_serve(struct supervisor *s, int p)
{
	const int *fds = s->listen_fds[child_worker(p)];
	struct msg_page page = { .h = { 0, 0 } };
	struct msg_fast fast = { .h = { 0, 0 } };

	give_counts(s, p);
	spawn_configure_serve(s, p, true); /* before anybody can ask */
	send_keys(s, p);
	send_or_kill(s, p, MSG_PAGE, &page, s->page_reader);
	if (p == PROC_SERVE && s->fast.line_fd != -1) /* one is enough */
		send_or_kill(s, p, MSG_FAST, &fast, s->fast.line_fd);
	for (uint32_t i = 0; i < s->conf.listen_count; i++) {
		struct msg_socket m = { .h = { 0, 0 } };

		send_or_kill(s, p, MSG_SOCKET, &m, fds[i]);
	}
}

static void
configure_observe(struct supervisor *s, int p)
{
	struct msg_socket m = { .h = { 0, 0 } };
	struct msg_clock_page page = { .h = { 0, 0 } };
	uint32_t first =
	    s->event_count > EVENTS_KEPT ? s->event_count - EVENTS_KEPT : 0;

	send_or_kill(s, p, MSG_SOCKET, &m, s->control_fd);
	spawn_send_counts(s);
	spawn_send_awaited(s);
	relay_fast(s);
	for (int of = PROC_NTPD; of < CHILD_COUNT; of++)
		relay_process(s, of);
	for (uint32_t i = first; i < s->event_count; i++) {
		struct msg_clock_event e = s->events[i % EVENTS_KEPT];

		send_or_kill(s, p, MSG_CLOCK_EVENT, &e, -1);
	}
	if (s->clock_page != NULL)
		send_or_kill(s, p, MSG_CLOCK_PAGE, &page, s->clock_reader);
	if (s->clock_known) {
		struct msg_clock_state c = s->clock;

		send_or_kill(s, p, MSG_CLOCK_STATE, &c, -1);
	}
}

/* Two children without a channel get one in a second, at the latest. */
static void
connect_again(struct supervisor *s, enum proc a, enum proc b)
{
	int64_t past_ns = clock_read_boot() - RENEW_EVERY_NS + NO_FORK_NS;

	journal_about((int)a, LOG_LEVEL_ERROR,
	    "cannot connect %s and %s: %s: it is tried again", proc_name(a),
	    proc_name(b), strerrordesc_np(errno));
	s->children[a].renewed_ns[b] = s->children[b].renewed_ns[a] = past_ns;
	spawn_renew(s, a, b);
}

/* A channel between two children, an end for each. */
static void
connect_children(struct supervisor *s, enum proc a, enum proc b)
{
	struct msg_peer to_a = { .peer = (uint32_t)b };
	struct msg_peer to_b = { .peer = (uint32_t)a };
	bool guarded;
	int fds[2];

	if (s->children[a].channel.fd == -1 || s->children[b].channel.fd == -1)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, fds) == -1) {
		connect_again(s, a, b);
		return;
	}
	/* Children pass no descriptors: see common/msg.h. */
	guarded =
	    msg_refuse_rights(fds[0]) == 0 && msg_refuse_rights(fds[1]) == 0;
	s->children[a].renewed_ns[b] = s->children[b].renewed_ns[a] =
	    clock_read_boot();
	s->children[a].renew[b] = s->children[b].renew[a] = false;
	send_or_kill(s, (int)a, MSG_PEER, &to_a, fds[0]);
	send_or_kill(s, (int)b, MSG_PEER, &to_b, fds[1]);
	/* The children have them; one may have sent, and the other be dead. */
	letgo_sockets(&s->letgo, fds, 2, guarded);
}

void
spawn_send_page(struct supervisor *s)
{
	struct msg_page page = { .h = { 0, 0 } };

	if (s->page_writer == -1 || s->page_sent)
		return;
	send_or_kill(s, PROC_NET, MSG_PAGE, &page, s->page_writer);
	s->page_sent = true;
}

/* What a child is told when it starts, after MSG_START. */
static void (*const tell[PROC_COUNT])(struct supervisor *s, int p) = {
	[PROC_CLOCK] = configure_clock,
	[PROC_NET] = configure_net,
	[PROC_SERVE] = configure_serve,
	[PROC_OBSERVE] = configure_observe,
};

static void
configure(struct supervisor *s, int p)
{
	if (tell[child_proc(p)] != NULL)
		tell[child_proc(p)](s, p);
	for (size_t i = 0; i < LINKS; i++)
		if ((int)links[i][0] == p || (int)links[i][1] == p)
			connect_children(s, links[i][0], links[i][1]);
}

/* Room for a whole configuration and log of events before it is read. */
static void
widen(int fd)
{
	const int bytes = CHANNEL_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
	    sizeof(bytes)); /* smaller works, with luck */
}

void
spawn_start(struct supervisor *s, int p)
{
	struct child *c = &s->children[p];
	int fds[2];
	pid_t pid;

	c->started_ns = clock_read_boot();
	c->retry_ns = c->started_ns + NO_FORK_NS;
	c->ready = c->guilty = c->closed = false;
	c->messages = (struct pace){ 0 };
	c->watch = (struct watch){ .asked = false };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, fds) == -1)
		goto failed;
	c->channel.guarded = msg_refuse_rights(fds[0]) == 0;
	pid = fork();
	if (pid == 0)
		become(s, child_proc(p), fds[1]);
	(void)close(fds[1]); /* the child's */
	if (pid == -1) {
		(void)close(fds[0]);
		goto failed;
	}
	c->pid = pid;
	c->channel.fd = fds[0];
	widen(fds[0]);
	send_start(s, p);
	configure(s, p);
	relay_process(s, p);
	return;
failed:
	journal_about(p, LOG_LEVEL_ERROR, "cannot start %s: %s",
	    proc_name(child_proc(p)), strerrordesc_np(errno));
}

/* When two children are to get a new channel; INT64_MAX: they need none. */
static int64_t
renewal_ns(const struct supervisor *s, size_t i)
{
	const struct child *a = &s->children[links[i][0]];
	const struct child *b = &s->children[links[i][1]];

	/* Who starts anew gets one then. */
	if (!a->renew[links[i][1]] || a->channel.fd == -1 ||
	    b->channel.fd == -1)
		return INT64_MAX;
	return a->renewed_ns[links[i][1]] + RENEW_EVERY_NS;
}

void
spawn_renew(struct supervisor *s, enum proc a, enum proc b)
{
	s->children[a].renew[b] = s->children[b].renew[a] = true;
}

void
spawn_due(struct supervisor *s, int64_t now_ns)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		struct child *c = &s->children[p];

		if (c->wanted && c->pid == 0 && c->retry_ns <= now_ns)
			spawn_start(s, p);
		else if (c->pid > 0 && c->channel.fd == -1 &&
		    c->kill_ns <= now_ns) {
			c->guilty |= c->closed;
			stop_child(s, p);
		}
	}
	for (size_t i = 0; i < LINKS; i++)
		if (renewal_ns(s, i) <= now_ns)
			connect_children(s, links[i][0], links[i][1]);
}

int64_t
spawn_deadline(const struct supervisor *s)
{
	int64_t first = INT64_MAX;

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		const struct child *c = &s->children[p];

		if (c->wanted && c->pid == 0 && c->retry_ns < first)
			first = c->retry_ns;
		if (c->pid > 0 && c->channel.fd == -1 && c->kill_ns < first)
			first = c->kill_ns;
	}
	for (size_t i = 0; i < LINKS; i++)
		if (renewal_ns(s, i) < first)
			first = renewal_ns(s, i);
	return first;
}
