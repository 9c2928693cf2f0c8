/*
 * The program in the kernel: really loaded, and run by the kernel on packets
 * that are made here (BPF_PROG_TEST_RUN).  Its answers are compared with those
 * of serve_request().  Needs root; no interface is touched.
 */
#include <sys/mman.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fastcount.h"
#include "core/packet/timestamp.h"
#include "ntp-net/serve/fast.h"
#include "ntpd/fast/fast.h"
#include "tests/tap.h"

#define PASS	    2 /* enum xdp_action */
#define DROP	    1
#define TX	    3
#define ETHER	    14
#define FRAME_MAX   256
#define PORT	    123
#define CLIENT_PORT 40123
#define PRECISION   (-23)
#define TRIES	    256 /* of a client over a limit */

enum family { V4, V6 };

struct frame {
	enum family family;
	uint8_t b[FRAME_MAX];
	size_t len;
};

struct world {
	struct bpf_object *object;
	int program;
	struct fast fast; /* our end of the line */
	const struct fast_counters *counters;
	uint32_t processors;
};

static struct world world;
static const uint8_t own_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t client_mac[6] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t own6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const uint8_t client6[16] = { 0x20, 0x01, 0x0d,
	0xb8, [7] = 7, [15] = 2 };
static const uint8_t own4[4] = { 192, 0, 2, 1 };
static const uint8_t client4[4] = { 198, 51, 100, 7 };

/* --- frames ------------------------------------------------------------------ */

static void
put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)(v & 0xff);
}

static unsigned int
get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static size_t
ip_len(const struct frame *f)
{
	return f->family == V4 ? 20 : 40;
}

static uint8_t *
ip_of(struct frame *f)
{
	return f->b + ETHER;
}

static uint8_t *
udp_of(struct frame *f)
{
	return f->b + ETHER + ip_len(f);
}

static uint8_t *
ntp_of(struct frame *f)
{
	return udp_of(f) + 8;
}

static uint32_t
sum_octets(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	return len % 2 == 0 ? sum : sum + ((uint32_t)p[len - 1] << 8);
}

static unsigned int
fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t
pseudo(struct frame *f)
{
	const uint8_t *ip = ip_of(f);
	uint32_t sum = 17 + get16(udp_of(f) + 4);

	return f->family == V4 ? sum + sum_octets(ip + 12, 8)
			       : sum + sum_octets(ip + 8, 32);
}

/* The checksums for what the frame has now. */
static void
finish(struct frame *f)
{
	size_t udp_len = f->len - ETHER - ip_len(f);
	unsigned int check;

	if (f->family == V4) {
		put16(ip_of(f) + 10, 0);
		put16(ip_of(f) + 10, 0xffff - fold(sum_octets(ip_of(f), 20)));
	}
	put16(udp_of(f) + 6, 0);
	check = 0xffff - fold(pseudo(f) + sum_octets(udp_of(f), udp_len));
	put16(udp_of(f) + 6, check == 0 ? 0xffff : check);
}

/* A valid request of a version, with len octets of NTP. */
static struct frame
request_of(enum family family, uint8_t version, size_t len)
{
	struct frame f = { .family = family };
	uint8_t *ip = ip_of(&f), *udp = udp_of(&f), *ntp = ntp_of(&f);

	f.len = ETHER + ip_len(&f) + 8 + len;
	memcpy(f.b, own_mac, 6);
	memcpy(f.b + 6, client_mac, 6);
	put16(f.b + 12, family == V4 ? 0x0800 : 0x86dd);
	if (family == V4) {
		ip[0] = 0x45;
		ip[1] = 0x10;
		put16(ip + 2, (unsigned int)(20 + 8 + len));
		put16(ip + 4, 0x1234);
		ip[8] = 55;
		ip[9] = 17;
		memcpy(ip + 12, client4, 4);
		memcpy(ip + 16, own4, 4);
	} else {
		ip[0] = 0x62;
		ip[3] = 0x99;
		put16(ip + 4, (unsigned int)(8 + len));
		ip[6] = 17;
		ip[7] = 33;
		memcpy(ip + 8, client6, 16);
		memcpy(ip + 24, own6, 16);
	}
	put16(udp, CLIENT_PORT);
	put16(udp + 2, PORT);
	put16(udp + 4, (unsigned int)(8 + len));
	ntp[0] = (uint8_t)(version << 3 | 3);
	ntp[2] = 6;
	for (int i = 0; i < 8; i++)
		ntp[40 + i] = (uint8_t)(17 * i + 0xa5);
	finish(&f);
	return f;
}

/* The program's verdict; *f is then the frame as sent. */
static int
run(struct frame *f)
{
	uint8_t out[FRAME_MAX];
	struct bpf_test_run_opts opts = { .sz = sizeof(opts),
		.data_in = f->b,
		.data_size_in = (uint32_t)f->len,
		.data_out = out,
		.data_size_out = sizeof(out),
		.repeat = 1 };

	if (bpf_prog_test_run_opts(world.program, &opts) != 0)
		return -1;
	f->len = opts.data_size_out;
	memcpy(f->b, out, f->len);
	return (int)opts.retval;
}

/* --- the world ---------------------------------------------------------------- */

static int
map(const char *name)
{
	return bpf_object__find_map_fd_by_name(world.object, name);
}

static void
put_own(uint32_t flags)
{
	struct fast_own own = { .port = htons(PORT), .flags = flags };
	const uint8_t broadcast[4] = { 192, 0, 2, 255 };
	int rc;

	memcpy(own.mac, own_mac, 6);
	rc = bpf_map_update_elem(map(FAST_MAP_ADDRESS_6), own6, &own, BPF_ANY);
	memcpy(&own.broadcast, broadcast, 4);
	rc |= bpf_map_update_elem(map(FAST_MAP_ADDRESS_4), own4, &own, BPF_ANY);
	OK(rc == 0, "addresses of our own");
}

static void
close_world(void)
{
	if (world.fast.line != NULL)
		(void)munmap(world.fast.line, FAST_BYTES);
	bpf_object__close(world.object);
	memset(&world, 0, sizeof(world));
}

static bool
open_world(const struct fast_gate *gate)
{
	const struct bpf_program *p;

	world.processors = (uint32_t)libbpf_num_possible_cpus();
	world.object = fast_load(gate, world.processors);
	if (world.object == NULL)
		return false;
	p = bpf_object__find_program_by_name(world.object, "ntp_fast");
	world.program = bpf_program__fd(p);
	world.counters =
	    fastcount_map(map(FAST_MAP_COUNTERS), world.processors);
	return world.program >= 0 && world.counters != NULL &&
	    fast_map(&world.fast, map(FAST_MAP_LINE)) == 0;
}

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* A line on which UTC is years away from this machine's clock. */
static struct serve_state
synced(void)
{
	return (struct serve_state){ .clock = SERVE_SYNCED,
		.line.raw = { read_clock(CLOCK_MONOTONIC_RAW) - 5 * NS_PER_S },
		.line.theta_ns = INT64_C(1900000000) * NS_PER_S,
		.line.slope_q32 = 4294967, /* 1000 ppm */
		.root_delay_ns = 12345678,
		.root_dispersion_ns = 2345678,
		.reference = { INT64_C(1900000000) * NS_PER_S },
		.stratum = 3,
		.leap = LEAP_NONE,
		.refid = 0xc0000207 };
}

/* The program uses it for a second. */
static void
keep_telling(const struct serve_state *st)
{
	static struct timeline tl;

	fast_update(&world.fast, st, &tl, PRECISION);
}

/* Give the program the time; the second call also gives the rate. */
static void
tell(const struct serve_state *st)
{
	const struct timespec ts = { .tv_nsec = 50000000 };

	keep_telling(st);
	(void)nanosleep(&ts, NULL);
	keep_telling(st);
}

/* --- what is answered ---------------------------------------------------------- */

/* The answer of the ordinary path to the same request, now. */
static void
ordinary(struct frame *f, const struct serve_state *st, uint8_t out[48])
{
	struct mono raw = { read_clock(CLOCK_MONOTONIC_RAW) };
	struct wall utc = serve_utc(st, raw);
	const struct serve_now now = {
		.raw = raw, .utc = utc, .precision_log2 = PRECISION
	};
	const struct serve_request rq = { .buf = ntp_of(f),
		.len = 48,
		.port = CLIENT_PORT,
		.receive = utc,
		.transmit = utc };
	struct serve_answer answer = { .octets = out };
	struct serve_head head;

	serve_prepare(&head, st, &now);
	OK(serve_request(&head, &rq, &answer) == SERVE_ANSWER &&
		answer.len == 48,
	    "the ordinary path answers");
}

static struct ntp_ts
stamp_at(const uint8_t *p)
{
	struct ntp_ts ts = { 0 };

	for (int i = 0; i < 8; i++)
		ts.v = ts.v << 8 | p[i];
	return ts;
}

static void
check_payload(const uint8_t *got, const uint8_t *want)
{
	uint32_t disp[2] = { get16(got + 8) << 16 | get16(got + 10),
		get16(want + 8) << 16 | get16(want + 10) };

	IS_I64(got[0], want[0], "leap, version and mode");
	IS_I64(got[1], want[1], "stratum");
	IS_I64(got[2], want[2], "poll");
	IS_I64(got[3], want[3], "precision");
	OK(memcmp(got + 4, want + 4, 4) == 0, "root delay");
	OK(disp[0] >= disp[1] && disp[0] <= disp[1] + 2,
	    "root dispersion, as it will be in a second: %u for %u", disp[0],
	    disp[1]);
	OK(memcmp(got + 12, want + 12, 4) == 0, "reference identifier");
	OK(memcmp(got + 16, want + 16, 8) == 0, "reference timestamp");
	OK(memcmp(got + 24, want + 24, 8) == 0, "origin is what was sent");
	OK(memcmp(got + 32, got + 40, 8) == 0, "it came and went at once");
	NEAR(ntp_ts_diff_ns(stamp_at(want + 32), stamp_at(got + 32)), 0,
	    2 * NS_PER_MS, "the time");
}

static void
check_packet(struct frame *q, struct frame *a)
{
	size_t n = ip_len(a);
	unsigned int check = get16(udp_of(a) + 6);
	struct frame copy = *a;

	OK(a->len == q->len, "as long as the request");
	OK(memcmp(a->b, q->b + 6, 6) == 0 && memcmp(a->b + 6, q->b, 6) == 0 &&
		memcmp(a->b + 12, q->b + 12, 2) == 0,
	    "back to the sender's MAC, from ours");
	if (a->family == V4)
		OK(memcmp(ip_of(a) + 12, own4, 4) == 0 &&
			memcmp(ip_of(a) + 16, client4, 4) == 0 &&
			ip_of(a)[8] == 64 && ip_of(a)[1] == 0 &&
			fold(sum_octets(ip_of(a), n)) == 0xffff,
		    "IPv4 header");
	else
		OK(memcmp(ip_of(a) + 8, own6, 16) == 0 &&
			memcmp(ip_of(a) + 24, client6, 16) == 0 &&
			ip_of(a)[7] == 64 && ip_of(a)[0] == 0x60,
		    "IPv6 header");
	OK(get16(udp_of(a)) == PORT && get16(udp_of(a) + 2) == CLIENT_PORT,
	    "ports");
	finish(&copy);
	IS_I64(check, get16(udp_of(&copy) + 6), "UDP checksum");
}

static void
test_answers(const struct serve_state *st)
{
	for (enum family family = V4; family <= V6; family++)
		for (uint8_t version = 1; version <= 4; version++) {
			struct frame q = request_of(family, version, 48);
			struct frame a = q;
			uint8_t want[48];
			int verdict = run(&a);

			ordinary(&q, st, want);
			IS_I64(verdict, TX, "IPv%d, version %d is answered",
			    family == V4 ? 4 : 6, version);
			check_payload(ntp_of(&a), want);
			check_packet(&q, &a);
		}
}

/* Request fields that the client may choose. */
static void
test_odd_answers(void)
{
	struct frame f = request_of(V4, 4, 48);

	memset(ntp_of(&f) + 1, 0xff, 23);
	ntp_of(&f)[0] |= 0xc0;
	finish(&f);
	IS_I64(run(&f), TX, "leap, stratum, poll, reference of any value");
	IS_I64(ntp_of(&f)[2], 0xff, "S-05 poll is copied, whatever it is");
	f = request_of(V4, 4, 48);
	put16(udp_of(&f) + 6, 0);
	IS_I64(run(&f), TX, "IPv4 without a UDP checksum");
	OK(get16(udp_of(&f) + 6) != 0, "is answered with one");
	f = request_of(V4, 4, 48);
	memset(ntp_of(&f) + 40, 0, 8);
	finish(&f);
	IS_I64(run(&f), TX, "S-04 transmit 0");
	OK(stamp_at(ntp_of(&f) + 24).v == 0, "comes back as 0");
	f = request_of(V4, 4, 48);
	put16(ip_of(&f) + 6, 0x4000);
	finish(&f);
	IS_I64(run(&f), TX, "do not fragment");
}

/* --- what is passed up ---------------------------------------------------------- */

/* A valid request with one or two octets changed. */
struct change {
	enum family family;
	int at; /* from the start of ... */
	enum { ETH, IP, UDP, NTP } part;
	uint8_t octet;
	bool unfinished; /* checksums stay as they were */
	const char *sentence;
};

/* clang-format off */
static const struct change changes[] = {
	{ V4, 0, NTP, 0x03, false, "S-03 version 0" },
	{ V4, 0, NTP, 0x2b, false, "S-03 version 5" },
	{ V4, 0, NTP, 0x3b, false, "S-03 version 7" },
	{ V4, 0, NTP, 0x08, false, "version 1 without a mode" },
	{ V4, 0, NTP, 0x21, false, "S-12 mode 1" },
	{ V4, 0, NTP, 0x22, false, "S-12 mode 2" },
	{ V6, 0, NTP, 0x24, false, "S-12 mode 4" },
	{ V4, 0, NTP, 0x25, false, "S-12 mode 5" },
	{ V4, 0, NTP, 0x26, false, "S-12 mode 6" },
	{ V6, 0, NTP, 0x27, false, "S-12 mode 7" },
	{ V4, 31, NTP, 1, false, "an origin timestamp: interleaved, perhaps" },
	{ V6, 24, NTP, 1, false, "an origin timestamp, IPv6" },
	{ V4, 39, NTP, 1, false, "a receive timestamp" },
	{ V6, 32, NTP, 1, false, "a receive timestamp, IPv6" },
	{ V4, 44, NTP, 1, true, "a wrong UDP checksum" },
	{ V6, 44, NTP, 1, true, "a wrong UDP checksum, IPv6" },
	{ V4, 3, UDP, 124, false, "another port" },
	{ V6, 3, UDP, 124, false, "another port, IPv6" },
	{ V4, 5, UDP, 55, false, "a UDP length that is not the packet's" },
	{ V6, 5, UDP, 57, false, "a UDP length that is not the packet's, IPv6" },
	{ V4, 0, IP, 0x46, false, "IP options" },
	{ V4, 0, IP, 0x55, false, "IP version 5" },
	{ V4, 3, IP, 77, false, "a total length beyond the frame" },
	{ V4, 6, IP, 0x20, false, "a first fragment" },
	{ V4, 7, IP, 1, false, "a later fragment" },
	{ V4, 9, IP, 6, false, "TCP" },
	{ V4, 8, IP, 56, true, "a wrong IP checksum" },
	{ V4, 19, IP, 2, false, "an address that is not ours" },
	{ V4, 16, IP, 224, false, "S-14 to a multicast group" },
	{ V4, 12, IP, 224, false, "S-14 from a multicast group" },
	{ V4, 12, IP, 255, false, "S-14 from what is no host's address" },
	{ V4, 12, IP, 127, false, "from loopback" },
	{ V4, 12, IP, 0, false, "from network 0" },
	{ V6, 6, IP, 44, false, "a fragment, IPv6" },
	{ V6, 6, IP, 0, false, "hop-by-hop options" },
	{ V6, 0, IP, 0x40, false, "IP version 4 as IPv6" },
	{ V6, 5, IP, 57, false, "a payload length beyond the frame" },
	{ V6, 39, IP, 9, false, "an address that is not ours, IPv6" },
	{ V6, 24, IP, 0xff, false, "S-14 to a multicast group, IPv6" },
	{ V6, 8, IP, 0xff, false, "S-14 from a multicast group, IPv6" },
	{ V4, 12, ETH, 0x81, true, "a VLAN" },
	{ V4, 13, ETH, 0x06, true, "ARP" },
	{ V4, 5, ETH, 9, true, "another machine's MAC" },
	{ V4, 0, ETH, 0xff, true, "a group of machines" },
	{ V4, 6, ETH, 0xff, true, "from a group's MAC" },
};
/* clang-format on */

static void
test_passed(void)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];
		struct frame f = request_of(c->family, 4, 48), before;
		uint8_t *parts[] = { f.b, ip_of(&f), udp_of(&f), ntp_of(&f) };

		parts[c->part][c->at] = c->octet;
		if (!c->unfinished)
			finish(&f);
		before = f;
		IS_I64(run(&f), PASS, "passed up: %s", c->sentence);
		OK(f.len == before.len && memcmp(f.b, before.b, f.len) == 0,
		    "as it came");
	}
}

static void
test_passed_more(void)
{
	static const size_t lengths[] = { 0, 4, 44, 47, 49, 52, 60, 68, 72,
		100 };
	struct frame f;

	for (enum family family = V4; family <= V6; family++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]);
		     i++) {
			f = request_of(family, 4, lengths[i]);
			IS_I64(run(&f), PASS, "S-11, MAC, extensions: %zu",
			    lengths[i]);
		}
	f = request_of(V4, 4, 48);
	f.len += 4;
	IS_I64(run(&f), PASS, "octets behind the packet");
	f = request_of(V4, 4, 48);
	put16(udp_of(&f), 0);
	finish(&f);
	IS_I64(run(&f), PASS, "S-13 from port 0");
	f = request_of(V4, 4, 48);
	memcpy(ip_of(&f) + 12, own4, 4);
	finish(&f);
	IS_I64(run(&f), PASS, "S-13 from our own address");
	f = request_of(V6, 4, 48);
	memcpy(ip_of(&f) + 8, own6, 16);
	finish(&f);
	IS_I64(run(&f), PASS, "S-13 from our own address, IPv6");
	f = request_of(V4, 4, 48);
	memcpy(ip_of(&f) + 12, own4, 3);
	ip_of(&f)[15] = 255;
	finish(&f);
	IS_I64(run(&f), PASS, "S-14 from our network's broadcast address");
	f = request_of(V6, 4, 48);
	memset(ip_of(&f) + 8, 0, 16);
	put16(ip_of(&f) + 18, 0xffff);
	memcpy(ip_of(&f) + 20, client4, 4);
	finish(&f);
	IS_I64(run(&f), PASS, "S-17 from an IPv4-mapped address");
	f = request_of(V6, 4, 48);
	put16(udp_of(&f) + 6, 0);
	IS_I64(run(&f), PASS, "IPv6 without a UDP checksum");
}

/* A packet that never left the machine may have a partial checksum. */
static void
test_partial(void)
{
	for (enum family family = V4; family <= V6; family++) {
		struct frame f = request_of(family, 4, 48), copy;
		unsigned int check;

		put16(udp_of(&f) + 6, fold(pseudo(&f)));
		check = get16(udp_of(&f) + 6);
		copy = f;
		IS_I64(run(&f), PASS, "half a checksum is a wrong one");
		put_own(FAST_OWN_VIRTUAL | FAST_OWN_BEHIND);
		IS_I64(run(&f), TX, "but not where hardware is to finish it");
		IS_I64(get16(udp_of(&f) + 6), check, "and so in the answer");
		put_own(FAST_OWN_VIRTUAL);
		IS_I64(run(&copy), TX, "nor in a virtual driver");
		check = get16(udp_of(&copy) + 6);
		finish(&copy);
		IS_I64(check, get16(udp_of(&copy) + 6), "which finishes it");
		put_own(0);
	}
}

/* Truncated to every length: no answer, and no read past the end. */
static void
test_short_frames(void)
{
	for (enum family family = V4; family <= V6; family++) {
		struct frame whole = request_of(family, 4, 48);
		int other = 0;

		for (size_t len = ETHER; len < whole.len; len++) {
			struct frame f = whole;

			f.len = len;
			other += run(&f) != PASS;
		}
		IS_I64(other, 0, "no frame that is cut short is answered");
	}
}

/* Random changes: an answer is never longer, and matches its request. */
static void
test_mutations(const struct serve_state *st)
{
	unsigned int seed = (unsigned int)time(NULL);
	int wrong = 0, answered = 0;

	printf("# seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		struct frame q = request_of(i % 2 == 0 ? V4 : V6, 4, 48), a;

		for (int n = 0; n <= i % 4; n++)
			q.b[(size_t)random() % q.len] ^=
			    (uint8_t)(1U << random() % 8);
		if (i % 3 != 0)
			finish(&q);
		a = q;
		keep_telling(st); /* however long they take */
		switch (run(&a)) {
		case TX:
			answered++;
			wrong += a.len != q.len ||
			    (ntp_of(&a)[0] & 7) != MODE_SERVER ||
			    (ntp_of(&q)[0] & 7) != MODE_CLIENT ||
			    memcmp(a.b, q.b + 6, 6) != 0;
			break;
		case PASS:
			wrong += a.len != q.len || memcmp(a.b, q.b, a.len) != 0;
			break;
		default:
			wrong++;
			break;
		}
	}
	IS_I64(wrong, 0, "whatever comes is answered well or left alone");
	OK(answered > 1000, "%d of them were answered", answered);
}

/* --- the time -------------------------------------------------------------------- */

static void
test_local(void)
{
	struct serve_state st = { .clock = SERVE_LOCAL, .stratum = 5 };
	struct frame f = request_of(V4, 4, 48);
	struct ntp_ts now;

	tell(&st);
	IS_I64(run(&f), TX, "local stratum is served");
	now = ntp_ts_from_wall((struct wall){ read_clock(CLOCK_REALTIME) });
	IS_I64(ntp_of(&f)[1], 5, "with its stratum");
	NEAR(ntp_ts_diff_ns(now, stamp_at(ntp_of(&f) + 40)), 0, 2 * NS_PER_MS,
	    "and the system's time");
}

static void
test_unknown(const struct serve_state *st)
{
	const struct serve_state none = { .clock = SERVE_UNSYNCED };
	const struct timespec valid = { .tv_sec = 1, .tv_nsec = 1000000 };
	struct frame f = request_of(V4, 4, 48);

	tell(&none);
	IS_I64(run(&f), PASS, "without the time all is passed up");
	tell(st);
	IS_I64(run(&f), TX, "with it, it is answered again");
	(void)nanosleep(&valid, NULL);
	f = request_of(V4, 4, 48);
	IS_I64(run(&f), PASS, "a second after the last word all is passed up");
}

/* A machine that has just booted has no time line yet. */
static void
test_before(void)
{
	struct frame f = request_of(V4, 4, 48);

	IS_I64(run(&f), PASS, "before the first word all is passed up");
}

/* --- who may ask ------------------------------------------------------------------ */

static struct fast_counters
count(void)
{
	return fastcount_sum(world.counters, world.processors);
}

/* ntp-observe's descriptor must not allow writing, whatever its filter. */
static void
test_counters(void)
{
	size_t size = world.processors * sizeof(struct fast_counters);
	struct fast_counters n = { .answered = 1 };
	int fd = map(FAST_MAP_COUNTERS);
	uint32_t key = 0;
	void *p;

	OK(mmap(NULL, size, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
		errno == EPERM,
	    "counters cannot be mapped for writing");
	OK(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
		    MAP_FAILED &&
		errno == EPERM,
	    "nor for both");
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	OK(p != MAP_FAILED && mprotect(p, size, PROT_READ | PROT_WRITE) == -1 &&
		errno == EACCES,
	    "nor be made writable once they are mapped");
	OK(bpf_map_update_elem(fd, &key, &n, BPF_ANY) < 0 && errno == EPERM,
	    "nor be written with bpf(2)");
	if (p != MAP_FAILED)
		(void)munmap(p, size);
}

/* Run a request from the client's network, with another last octet. */
static int
run_from(enum family family, uint8_t first, uint8_t last)
{
	struct frame f = request_of(family, 4, 48);
	uint8_t *from = ip_of(&f) + (family == V4 ? 12 : 8);

	from[0] = first;
	from[family == V4 ? 3 : 15] = last;
	finish(&f);
	return run(&f);
}

static void
test_rules(const struct serve_state *st)
{
	/* clang-format off */
	struct fast_rule rules[] = {
		{ AF_INET, 24, { 198, 51, 100 }, FAST_ANSWER },
		{ AF_INET, 32, { 198, 51, 100, 9 }, FAST_DROP },
		{ AF_INET, 31, { 198, 51, 100, 10 }, FAST_PASS },
		{ AF_INET, 8, { 9 }, FAST_DROP },
		{ AF_INET6, 64, { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7 },
		    FAST_ANSWER },
		{ AF_INET6, 128, { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7, 0, 0, 0,
		    0, 0, 0, 0, 9 }, FAST_DROP },
	};
	/* clang-format on */
	const struct fast_gate gate = { .rules = rules,
		.rule_count = sizeof(rules) / sizeof(rules[0]),
		.fallback = FAST_PASS };
	struct fast_counters c;

	if (!open_world(&gate)) {
		OK(0, "a program with rules: %s", strerror(errno));
		return;
	}
	put_own(0);
	tell(st);
	IS_I64(run_from(V4, 198, 7), TX, "who is allowed is answered");
	IS_I64(run_from(V4, 198, 9), DROP, "S-17 the longest prefix decides");
	IS_I64(run_from(V4, 198, 11), PASS, "a denial with an answer");
	IS_I64(run_from(V4, 9, 1), DROP, "a denied network");
	IS_I64(run_from(V4, 10, 1), PASS, "where no rule fits");
	IS_I64(run_from(V6, 0x20, 2), TX, "allowed, IPv6");
	IS_I64(run_from(V6, 0x20, 9), DROP, "denied, IPv6");
	IS_I64(run_from(V6, 0x21, 2), PASS, "where no rule fits, IPv6");
	c = count();
	IS_I64(c.answered, 2, "answered is counted");
	IS_I64(c.passed, 3, "passed up is counted");
	IS_I64(c.denied, 3, "denied is counted");
	close_world();
}

/* Over its limit, one request in 8 is answered, or a few more. */
static bool
limited(enum family family, uint8_t first)
{
	int answered = 0;

	for (int i = 0; i < TRIES; i++)
		answered += run_from(family, first, 7) == TX;
	return answered > 0 && answered < TRIES / 2;
}

static void
test_limit(const struct serve_state *st)
{
	const struct fast_gate gate = { .interval_ns = 8 * NS_PER_S,
		.burst = 4 };
	int verdicts[4] = { 0 };
	struct fast_counters c;

	if (!open_world(&gate)) {
		OK(0, "a program with a limit: %s", strerror(errno));
		return;
	}
	put_own(0);
	tell(st);
	for (int i = 0; i < 4; i++)
		IS_I64(run_from(V4, 198, 7), TX, "request %d of a burst", i);
	for (int i = 0; i < 400; i++)
		verdicts[run_from(V4, 198, 7) & 3]++;
	OK(verdicts[TX] > 15 && verdicts[TX] < 100 && verdicts[PASS] > 2 &&
		verdicts[PASS] < 60,
	    "A-08 of 400 more, %d are answered, %d passed up, the rest dropped",
	    verdicts[TX], verdicts[PASS]);
	IS_I64(verdicts[TX] + verdicts[PASS] + verdicts[DROP], 400,
	    "and that is all");
	IS_I64(run_from(V4, 198, 8), TX, "another client is answered");
	for (int i = 0; i < 4; i++)
		IS_I64(run_from(V6, 0x20, (uint8_t)i), TX,
		    "a network of IPv6 is one client");
	OK(limited(V6, 0x20), "and has used up its burst as one");
	c = count();
	OK(c.answered > 9 + (uint64_t)verdicts[TX] &&
		c.answered < 9 + (uint64_t)verdicts[TX] + TRIES / 2,
	    "answered is counted");
	OK(c.limited >= (uint64_t)verdicts[DROP] + TRIES / 2,
	    "limited is counted");
	close_world();
}

/* A client is answered again when an interval is over. */
static void
test_interval(const struct serve_state *st)
{
	const struct fast_gate gate = { .interval_ns = 100 * NS_PER_MS,
		.burst = 1 };
	const struct timespec ts = { .tv_nsec = 110 * NS_PER_MS };

	if (!open_world(&gate)) {
		OK(0, "a program with a limit: %s", strerror(errno));
		return;
	}
	put_own(0);
	tell(st);
	IS_I64(run_from(V4, 198, 7), TX, "the first request");
	OK(limited(V4, 198), "the second is too soon");
	(void)nanosleep(&ts, NULL);
	IS_I64(run_from(V4, 198, 7), TX, "an interval later it is not");
	close_world();
}

/*
 * How long the kernel takes for a request that it does not change, so that it
 * can be repeated; printed for information.
 */
static void
say_speed(struct frame f, const char *what)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts),
		.data_in = f.b,
		.data_size_in = (uint32_t)f.len,
		.repeat = 100000 };

	if (bpf_prog_test_run_opts(world.program, &opts) == 0)
		printf("# %u ns for %s\n", opts.duration, what);
}

/* A thousand rules, of which the last matches, and a limit. */
static void
test_many_rules(const struct serve_state *st)
{
	static struct fast_rule rules[1000];
	const struct fast_gate gate = { .rules = rules,
		.rule_count = sizeof(rules) / sizeof(rules[0]),
		.fallback = FAST_DROP,
		.interval_ns = 8 * NS_PER_S,
		.burst = 2 };

	for (size_t i = 0; i < gate.rule_count; i++) {
		rules[i] = (struct fast_rule){ .family = AF_INET,
			.prefix = 24,
			.addr = { 198, (uint8_t)(i / 250), (uint8_t)(i % 250) },
			.action = FAST_DROP };
	}
	rules[999].addr[1] = 51;
	rules[999].addr[2] = 100;
	rules[999].action = FAST_ANSWER;
	if (!open_world(&gate)) {
		OK(0, "a program with many rules: %s", strerror(errno));
		return;
	}
	put_own(0);
	tell(st);
	IS_I64(run_from(V4, 198, 7), TX, "one of a thousand rules allows it");
	IS_I64(run_from(V4, 198, 7), TX, "and again");
	OK(limited(V4, 198), "until the limit");
	IS_I64(run_from(V4, 199, 7), DROP, "no other network is answered");
	say_speed(request_of(V4, 4, 48),
	    "a request over the limit, with a thousand rules");
	close_world();
}

int
main(void)
{
	const struct fast_gate open = { .rules = NULL };
	const struct serve_state st = synced();

	if (geteuid() != 0 || !open_world(&open)) {
		printf("1..0 # SKIP no BPF here: %s\n",
		    geteuid() != 0 ? "needs root" : strerror(errno));
		return 0;
	}
	put_own(0);
	test_counters();
	test_before();
	tell(&st);
	test_answers(&st);
	test_odd_answers();
	test_passed();
	tell(&st);
	test_passed_more();
	test_partial();
	test_short_frames();
	tell(&st);
	say_speed(request_of(V4, 4, 60), "IPv4 that is not plain");
	say_speed(request_of(V6, 4, 60), "IPv6 that is not plain");
	say_speed(request_of(V4, 5, 48), "a version that is not known");
	test_mutations(&st);
	test_local();
	test_unknown(&st);
	close_world();
	test_rules(&st);
	test_many_rules(&st);
	test_limit(&st);
	test_interval(&st);
	return DONE();
}
