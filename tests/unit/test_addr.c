/*
 * Addresses: literals, which a server can have, reference IDs.
 */

#include <netinet/in.h>
#include <string.h>

#include "common/addr.h"
#include "ntp-net/poll/refid.h"
#include "tests/tap.h"

struct literal {
	const char *text;
	int family; /* 0: not a literal */
	bool usable;
	bool loopback;
};

static const struct literal literals[] = {
	{ "192.0.2.1", 4, true, false },
	{ "127.0.0.1", 4, true, true },
	{ "127.255.255.254", 4, true, true },
	{ "0.0.0.0", 4, false, false },
	{ "0.1.2.3", 4, false, false },
	{ "224.0.1.1", 4, false, false },
	{ "239.255.255.255", 4, false, false },
	{ "255.255.255.255", 4, false, false },
	{ "240.0.0.1", 4, true, false },
	{ "2001:db8::1", 6, true, false },
	{ "::1", 6, true, true },
	{ "::", 6, false, false },
	{ "ff02::101", 6, false, false },
	{ "::2", 6, true, false },
	{ "fe80::1%2", 6, true, false },
	{ "fe80::1", 6, false, false },
	{ "febf::1", 6, false, false },
	{ "fec0::1", 6, true, false },
	{ "::ffff:192.0.2.1", 6, false, false },
	{ "::fffe:c000:201", 6, true, false },
	{ "fe80::1%999999999", 6, true, false },
	{ "fe80::1%9999999999", 0, false, false },
	{ "fe80::1%", 0, false, false },
	{ "fe80::1%0", 0, false, false },
	{ "fe80::1%lo", 0, false, false },
	{ "192.0.2.1%2", 0, false, false },
	{ "192.0.2", 0, false, false },
	{ "192.0.2.256", 0, false, false },
	{ "192.0.2.1 ", 0, false, false },
	{ "time.example.net", 0, false, false },
	{ "", 0, false, false },
};

static void
test_literals(void)
{
	static const struct msg_addr zero;

	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		const struct literal *l = &literals[i];
		struct msg_addr a;
		char text[ADDR_TEXT];
		bool ok = addr_parse(l->text, &a);

		OK(ok == (l->family != 0), "\"%s\" is a literal or not",
		    l->text);
		IS_I64(a.family, l->family, "\"%s\" has its family", l->text);
		OK((addr_problem(&a) == ADDR_FINE) == l->usable,
		    "\"%s\" is usable or not", l->text);
		OK(addr_loopback(&a) == l->loopback,
		    "\"%s\" is loopback or not", l->text);
		addr_text(&a, text);
		if (ok)
			OK(strcmp(text, l->text) == 0, "\"%s\" is written back",
			    l->text);
		else
			OK(memcmp(&a, &zero, sizeof(a)) == 0,
			    "after \"%s\" all is zero", l->text);
	}
}

static void
test_problems(void)
{
	static const struct {
		const char *text;
		enum addr_problem problem;
	} cases[] = {
		{ "192.0.2.1", ADDR_FINE },
		{ "224.0.1.1", ADDR_MANY },
		{ "255.255.255.255", ADDR_MANY },
		{ "0.0.0.0", ADDR_NO_HOST },
		{ "0.1.2.3", ADDR_NO_HOST },
		{ "2001:db8::1", ADDR_FINE },
		{ "::", ADDR_NO_HOST },
		{ "ff02::101%2", ADDR_MANY },
		{ "fe80::1", ADDR_NO_SCOPE },
		{ "::ffff:192.0.2.1", ADDR_MAPPED },
		{ "", ADDR_NO_HOST },
	};
	char text[ADDR_TEXT];
	struct msg_addr a;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)addr_parse(cases[i].text, &a);
		OK(addr_problem(&a) == cases[i].problem,
		    "\"%s\" has the problem that it has", cases[i].text);
		OK(addr_is_any(&a) ==
			(strcmp(cases[i].text, "0.0.0.0") == 0 ||
			    strcmp(cases[i].text, "::") == 0 ||
			    cases[i].text[0] == '\0'),
		    "\"%s\" stands for all or not", cases[i].text);
	}
	(void)addr_parse("::ffff:192.0.2.1", &a);
	OK(addr_unmap(&a), "an address of IPv4 stands in one of IPv6");
	addr_text(&a, text);
	OK(strcmp(text, "192.0.2.1") == 0, "and comes out of it");
	OK(!addr_unmap(&a), "in itself there is none");
	(void)addr_parse("fe80::1%2", &a);
	OK(addr_link_local(&a), "link-local, with a scope");
	(void)addr_parse("fec0::1", &a);
	OK(!addr_link_local(&a) && !addr_unmap(&a), "and not");
}

static void
test_refid(void)
{
	struct msg_addr a;

	(void)addr_parse("192.0.2.1", &a);
	IS_I64(refid_of(&a), 0xc0000201, "of IPv4 it is the address");
	/* printf '\0...\1' | md5sum: 16 octets, the last is 1 */
	(void)addr_parse("::1", &a);
	IS_I64(refid_of(&a), 0xcf404dc8, "of IPv6 it is the MD5 prefix");
	memset(&a, 0, sizeof(a));
	IS_I64(refid_of(&a), 0, "no address has none");
}

static void
test_sockets(void)
{
	static const char *const texts[] = { "192.0.2.77", "2001:db8::77" };
	struct sockaddr_storage ss;
	struct msg_addr a, back;

	for (size_t i = 0; i < 2; i++) {
		(void)addr_parse(texts[i], &a);
		a.scope = i == 0 ? 0 : 7;
		OK(addr_to_socket(&a, 1123, &ss) != 0, "%s fits a socket",
		    texts[i]);
		IS_I64(addr_from_socket(&ss, &back), 1123, "with its port");
		OK(addr_equal(&a, &back), "%s comes back out of it", texts[i]);
	}
	back.scope = 8;
	OK(!addr_equal(&a, &back), "another scope is another address");
	memset(&a, 0, sizeof(a));
	IS_I64(addr_to_socket(&a, 123, &ss), 0, "no address fits no socket");
	ss.ss_family = AF_UNIX;
	(void)addr_from_socket(&ss, &back);
	IS_I64(back.family, 0, "another family gives no address");
}

int
main(void)
{
	test_literals();
	test_problems();
	test_refid();
	test_sockets();
	return DONE();
}
