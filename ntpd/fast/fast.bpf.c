/* SPDX-License-Identifier: ISC OR GPL-2.0-only */
/*
 * The fast path: answers plain requests for the time in the driver of the
 * network interface (XDP), before the kernel has made a packet of them.  ntpd
 * loads and attaches it; ntp-serve tells it the time through the map "line";
 * see fastmap.h for the maps.
 *
 * It answers only what it fully understands: a request of 48 octets, mode 3,
 * version 1 to 4, neither symmetric nor interleaved, in an IPv4 packet without
 * options or an IPv6 packet without extension headers, to an address of this
 * interface.  It passes up everything else, and the ordinary path decides.  It
 * must never send a packet that is longer than the one received, nor to anybody
 * but the sender of a request (RFC 5905 section 9.2).
 *
 * Wire data is read through the kernel's structs here, not octet by octet: the
 * verifier proves every access, and here nanoseconds count.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "common/fastmap.h"

#define PROTO_UDP     17
#define IP_DF	      0x4000
#define TTL	      64
#define NTP_WORDS     12 /* words of 4 octets in a header */
#define MODE_CLIENT   3
#define MODE_SERVER   4
#define CLIENTS_MAX   65536
#define LEAK_MASK     7	 /* as in core/serve/limit.c: 1 of 8 is answered */
#define TELL_MASK     15 /* of the rest, 1 of 16 is passed up */
#define TELL_SHIFT    8
#define KEY_4	      UINT64_C(0xffffffff00000000) /* the /64 of no host */
/* or two comparisons become one, from which the verifier learns nothing */
#define OPAQUE(value) asm volatile("" : "+r"(value))
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The header as 32-bit words, RFC 5905 figure 8. */
enum {
	WORD_REFERENCE = 4,
	WORD_ORIGIN = 6,
	WORD_RECEIVE = 8,
	WORD_TRANSMIT = 10
};

struct ntp {
	uint32_t words[NTP_WORDS];
};

struct address6 {
	uint32_t words[4];
};

/* The kernel's struct ethhdr can only be read octet by octet. */
struct ether {
	uint16_t to[3];
	uint16_t from[3];
	uint16_t type;
};

/* The part that both families share. */
struct request {
	struct ether *eth;
	struct udphdr *udp;
	struct ntp *ntp;
	uint64_t pseudo;     /* sum of the pseudo-header */
	uint64_t client;     /* key of the rate limit */
	uint32_t flags;	     /* FAST_OWN_* */
	bool needs_checksum; /* IPv6: 0 does not mean "none" */
	bool unfinished;     /* its checksum, so also the answer's */
};

const volatile struct fast_settings settings = { 0 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct fast_line);
} line SEC(".maps");

/* ntpd makes one entry per processor; only this program writes to it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct fast_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, uint32_t);
	__type(value, struct fast_own);
} address4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, struct address6);
	__type(value, struct fast_own);
} address6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct fast_prefix4);
	__type(value, uint32_t);
} rules4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct fast_prefix6);
	__type(value, uint32_t);
} rules6 SEC(".maps");

/*
 * CLOCK_BOOTTIME at which each client will have used up its allowance.  A
 * client that is not in the map has sent nothing recently, so a flood of forged
 * addresses that evicts it does it no harm.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CLIENTS_MAX);
	__type(key, uint64_t);
	__type(value, uint64_t);
} clients SEC(".maps");

/* --- checksums (RFC 1071) ------------------------------------------------ */

ALWAYS_INLINE uint16_t
fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/*
 * No loops here: they would be slower, and a verifier that does not trust the
 * loader (no CAP_PERFMON) forbids a pointer with a variable offset.
 */
ALWAYS_INLINE uint64_t
sum_4(const uint32_t *words)
{
	return (uint64_t)words[0] + words[1] + words[2] + words[3];
}

ALWAYS_INLINE uint64_t
sum_ip(const struct iphdr *ip)
{
	const uint32_t *words = (const uint32_t *)ip;

	return sum_4(words) + words[4];
}

/* The sum of the UDP header without its checksum, and of the NTP header. */
ALWAYS_INLINE uint64_t
sum_datagram(const struct request *r)
{
	return (uint64_t)r->udp->source + r->udp->dest + r->udp->len +
	    sum_4(r->ntp->words) + sum_4(r->ntp->words + 4) +
	    sum_4(r->ntp->words + 8);
}

/*
 * Is the checksum right?  A datagram that has never left the machine (veth,
 * virtio) may contain only the sum of the pseudo-header, which hardware would
 * have completed.  Behind the driver the kernel knows that, and the answer must
 * be left unfinished likewise; in the driver nobody would know any more.
 */
ALWAYS_INLINE bool
checksum_ok(struct request *r)
{
	uint16_t check = r->udp->check;

	r->unfinished = false;
	if (check == 0)
		return !r->needs_checksum;
	if ((r->flags & FAST_OWN_VIRTUAL) != 0 && check == fold(r->pseudo)) {
		r->unfinished = (r->flags & FAST_OWN_BEHIND) != 0;
		return true;
	}
	return fold(r->pseudo + sum_datagram(r) + check) == 0xffff;
}

/* --- counters ------------------------------------------------------------ */

ALWAYS_INLINE struct fast_counters *
own_counters(void)
{
	uint32_t cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

#define COUNT(member)                                                          \
	do {                                                                   \
		struct fast_counters *own = own_counters();                    \
		if (own != NULL)                                               \
			own->member++;                                         \
	} while (0)

/* --- who may ask --------------------------------------------------------- */

/*
 * The generic cell rate algorithm: a token bucket kept as a single time.  Two
 * processors that handle one client at the same time may let one request too
 * many through.
 */
ALWAYS_INLINE bool
within_limit(uint64_t client, uint64_t now_ns)
{
	uint64_t *due = bpf_map_lookup_elem(&clients, &client);
	uint64_t next = now_ns + settings.interval_ns;

	if (due == NULL) {
		/* if memory is out, the request is allowed */
		(void)bpf_map_update_elem(&clients, &client, &next, BPF_ANY);
		return true;
	}
	if (*due > now_ns + settings.burst_ns)
		return false;
	*due = (*due > now_ns ? *due : now_ns) + settings.interval_ns;
	return true;
}

/* --- the answer ---------------------------------------------------------- */

ALWAYS_INLINE struct fast_slot *
current_slot(void)
{
	uint32_t key = 0;
	struct fast_line *l = bpf_map_lookup_elem(&line, &key);

	if (l == NULL)
		return NULL;
	return &l->slots[*(volatile uint32_t *)&l->current % FAST_SLOTS];
}

/* Version 1 to 4, mode 3, and neither symmetric nor interleaved. */
ALWAYS_INLINE bool
is_plain(const struct ntp *ntp)
{
	uint8_t first = *(const uint8_t *)ntp;
	uint8_t version = first >> 3 & 7;

	return (first & 7) == MODE_CLIENT && version >= 1 && version <= 4 &&
	    (ntp->words[WORD_ORIGIN] | ntp->words[WORD_ORIGIN + 1] |
		ntp->words[WORD_RECEIVE] | ntp->words[WORD_RECEIVE + 1]) == 0;
}

ALWAYS_INLINE void
put_time(struct ntp *ntp, const struct fast_slot *slot, uint64_t now_ns)
{
	uint64_t since = now_ns > slot->boot_ns ? now_ns - slot->boot_ns : 0;
	uint64_t time = slot->ntp + (since * slot->scale >> FAST_SCALE_BIT);

	if (time == 0)
		time = 1; /* 0 would mean "unknown" */
	ntp->words[WORD_RECEIVE] = bpf_htonl((uint32_t)(time >> 32));
	ntp->words[WORD_RECEIVE + 1] = bpf_htonl((uint32_t)time);
	ntp->words[WORD_TRANSMIT] = ntp->words[WORD_RECEIVE];
	ntp->words[WORD_TRANSMIT + 1] = ntp->words[WORD_RECEIVE + 1];
}

/* RFC 5905 section 9.2 and figure 31: fast_xmit. */
ALWAYS_INLINE void
fill(struct ntp *ntp, const struct fast_slot *slot, uint64_t now_ns)
{
	uint8_t *octets = (uint8_t *)ntp;
	uint8_t version = octets[0] & 0x38, poll = octets[2];

	ntp->words[WORD_ORIGIN] = ntp->words[WORD_TRANSMIT];
	ntp->words[WORD_ORIGIN + 1] = ntp->words[WORD_TRANSMIT + 1];
	__builtin_memcpy(ntp->words, slot->header, FAST_HEADER);
	octets[0] |= version | MODE_SERVER;
	octets[2] = poll;
	put_time(ntp, slot, now_ns);
}

ALWAYS_INLINE void
swap_mac(struct ether *eth)
{
	uint16_t mac[3] = { eth->from[0], eth->from[1], eth->from[2] };

	eth->from[0] = eth->to[0];
	eth->from[1] = eth->to[1];
	eth->from[2] = eth->to[2];
	eth->to[0] = mac[0];
	eth->to[1] = mac[1];
	eth->to[2] = mac[2];
}

/* Swap the ports, and likewise the MAC addresses. */
ALWAYS_INLINE void
turn_round(struct request *r)
{
	uint16_t port = r->udp->source;
	uint16_t check;

	swap_mac(r->eth);
	r->udp->source = r->udp->dest;
	r->udp->dest = port;
	if (r->unfinished)
		return; /* swapping the addresses keeps the sum */
	check = (uint16_t)~fold(r->pseudo + sum_datagram(r));
	r->udp->check = check == 0 ? 0xffff : check;
}

/* The request is well-formed and for us; action is what the rules say. */
ALWAYS_INLINE int
decide(struct request *r, uint32_t action)
{
	const struct fast_slot *slot = current_slot();
	uint64_t now_ns, until_ns;

	if (action == FAST_DROP) {
		COUNT(denied);
		return XDP_DROP;
	}
	if (action != FAST_ANSWER || slot == NULL || !is_plain(r->ntp) ||
	    !checksum_ok(r))
		goto pass;
	until_ns = *(const volatile uint64_t *)&slot->until_ns;
	now_ns = bpf_ktime_get_boot_ns();
	if (now_ns >= until_ns)
		goto pass;
	if (settings.interval_ns != 0 && !within_limit(r->client, now_ns)) {
		uint32_t random = bpf_get_prandom_u32();

		/*
		 * A flood must not go up; a small share does, so that ntp-serve
		 * can send a kiss.
		 */
		if ((random & LEAK_MASK) != 0) {
			if ((random >> TELL_SHIFT & TELL_MASK) == 0)
				goto pass;
			COUNT(limited);
			return XDP_DROP;
		}
	}
	fill(r->ntp, slot, now_ns);
	turn_round(r);
	COUNT(answered);
	return XDP_TX;
pass:
	COUNT(passed);
	return XDP_PASS;
}

/* Is it for us, by MAC and port as well, and is the sender a single host? */
ALWAYS_INLINE bool
is_ours(const struct fast_own *own, struct request *r)
{
	const struct ether *eth = r->eth;
	const uint8_t first = *(const uint8_t *)eth->from;

	r->flags = own->flags;
	return own->port == r->udp->dest && (first & 1) == 0 &&
	    own->mac[0] == eth->to[0] && own->mac[1] == eth->to[1] &&
	    own->mac[2] == eth->to[2];
}

/* --- IPv4 (RFC 791) ------------------------------------------------------ */

/*
 * A UDP datagram of the right length that fills the packet, without options,
 * from a host (RFC 1122 section 3.2.1.3) that is not ourselves.
 */
ALWAYS_INLINE bool
ip_plain(const struct iphdr *ip, const struct udphdr *udp)
{
	const uint32_t from = bpf_ntohl(ip->saddr);

	return *(const uint8_t *)ip == 0x45 && ip->protocol == PROTO_UDP &&
	    (ip->frag_off & bpf_htons((uint16_t)~IP_DF)) == 0 &&
	    ip->tot_len ==
	    bpf_htons(sizeof(*ip) + sizeof(*udp) + sizeof(struct ntp)) &&
	    udp->len == bpf_htons(sizeof(*udp) + sizeof(struct ntp)) &&
	    udp->source != 0 && from >> 28 < 0xe && from >> 24 != 0 &&
	    from >> 24 != 127 && ip->saddr != ip->daddr &&
	    fold(sum_ip(ip)) == 0xffff;
}

ALWAYS_INLINE uint32_t
action_of(const uint32_t *rule)
{
	return rule == NULL ? settings.fallback : *rule;
}

ALWAYS_INLINE uint32_t
rule_4(const struct iphdr *ip)
{
	struct fast_prefix4 key = { .prefix = 32 };

	__builtin_memcpy(key.addr, &ip->saddr, sizeof(key.addr));
	return action_of(bpf_map_lookup_elem(&rules4, &key));
}

ALWAYS_INLINE void
swap_4(struct iphdr *ip)
{
	uint32_t from = ip->saddr;

	ip->tos = 0;
	ip->id = 0;
	ip->frag_off = bpf_htons(IP_DF);
	ip->ttl = TTL;
	ip->check = 0;
	ip->saddr = ip->daddr;
	ip->daddr = from;
	ip->check = (uint16_t)~fold(sum_ip(ip));
}

ALWAYS_INLINE int
answer_4(struct ether *eth, const void *end)
{
	struct iphdr *ip = (struct iphdr *)(eth + 1);
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	struct ntp *ntp = (struct ntp *)(udp + 1);
	struct request r = { .eth = eth, .udp = udp, .ntp = ntp };
	const struct fast_own *own;
	uint32_t to, action = FAST_ANSWER;
	int verdict;

	if ((const void *)(ntp + 1) > end)
		return XDP_PASS;
	OPAQUE(end);
	if ((const void *)(ntp + 1) < end || !ip_plain(ip, udp))
		return XDP_PASS;
	to = ip->daddr;
	own = bpf_map_lookup_elem(&address4, &to);
	if (own == NULL || !is_ours(own, &r) || own->broadcast == ip->saddr)
		return XDP_PASS;
	r.pseudo =
	    (uint64_t)ip->saddr + ip->daddr + bpf_htons(PROTO_UDP) + udp->len;
	r.client = KEY_4 | ip->saddr;
	if (settings.has_rules != 0)
		action = rule_4(ip);
	verdict = decide(&r, action);
	if (verdict == XDP_TX)
		swap_4(ip);
	return verdict;
}

/* --- IPv6 (RFC 8200) ----------------------------------------------------- */

/*
 * As ip_plain().  An address that begins with 64 zero bits is no host on a
 * network.
 */
ALWAYS_INLINE bool
ip6_plain(const struct ipv6hdr *ip, const struct udphdr *udp)
{
	const uint32_t *from = ip->saddr.in6_u.u6_addr32;
	const uint32_t *to = ip->daddr.in6_u.u6_addr32;

	return *(const uint8_t *)ip >> 4 == 6 && ip->nexthdr == PROTO_UDP &&
	    ip->payload_len == bpf_htons(sizeof(*udp) + sizeof(struct ntp)) &&
	    udp->len == ip->payload_len && udp->source != 0 &&
	    *(const uint8_t *)from != 0xff && (from[0] | from[1]) != 0 &&
	    ((from[0] ^ to[0]) | (from[1] ^ to[1]) | (from[2] ^ to[2]) |
		(from[3] ^ to[3])) != 0;
}

ALWAYS_INLINE uint32_t
rule_6(const struct ipv6hdr *ip)
{
	struct fast_prefix6 key = { .prefix = 128 };

	__builtin_memcpy(key.addr, &ip->saddr, sizeof(key.addr));
	return action_of(bpf_map_lookup_elem(&rules6, &key));
}

ALWAYS_INLINE void
swap_6(struct ipv6hdr *ip)
{
	struct in6_addr from = ip->saddr;

	*(uint32_t *)ip = bpf_htonl(UINT32_C(6) << 28);
	ip->hop_limit = TTL;
	ip->saddr = ip->daddr;
	ip->daddr = from;
}

ALWAYS_INLINE int
answer_6(struct ether *eth, const void *end)
{
	struct ipv6hdr *ip = (struct ipv6hdr *)(eth + 1);
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	struct ntp *ntp = (struct ntp *)(udp + 1);
	struct request r = {
		.eth = eth, .udp = udp, .ntp = ntp, .needs_checksum = true
	};
	const struct fast_own *own;
	uint32_t action = FAST_ANSWER;
	struct address6 to;
	int verdict;

	if ((const void *)(ntp + 1) > end)
		return XDP_PASS;
	OPAQUE(end);
	if ((const void *)(ntp + 1) < end || !ip6_plain(ip, udp))
		return XDP_PASS;
	__builtin_memcpy(&to, &ip->daddr, sizeof(to));
	own = bpf_map_lookup_elem(&address6, &to);
	if (own == NULL || !is_ours(own, &r))
		return XDP_PASS;
	r.pseudo = sum_4(ip->saddr.in6_u.u6_addr32) +
	    sum_4(ip->daddr.in6_u.u6_addr32) + bpf_htons(PROTO_UDP) + udp->len;
	__builtin_memcpy(&r.client, &ip->saddr, sizeof(r.client));
	if (settings.has_rules != 0)
		action = rule_6(ip);
	verdict = decide(&r, action);
	if (verdict == XDP_TX)
		swap_6(ip);
	return verdict;
}

SEC("xdp")
int
ntp_fast(struct xdp_md *ctx)
{
	struct ether *eth = (struct ether *)(uintptr_t)ctx->data;
	const void *end = (const void *)(uintptr_t)ctx->data_end;

	if ((const void *)(eth + 1) > end)
		return XDP_PASS;
	if (eth->type == bpf_htons(ETH_P_IP))
		return answer_4(eth, end);
	if (eth->type == bpf_htons(ETH_P_IPV6))
		return answer_6(eth, end);
	return XDP_PASS;
}

/*
 * What the kernel is told: the closest license name that it knows to the line
 * above.
 */
char _license[] SEC("license") = "Dual BSD/GPL";
