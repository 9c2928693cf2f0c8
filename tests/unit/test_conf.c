/*
 * The configuration: what valid statements mean, and the message for each
 * broken one, which must name the right place.
 */
#include <sys/stat.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/types.h"
#include "ntpd/conf/conf_read.h"
#include "tests/tap.h"

static struct conf conf;
static char *report;
static char dir[] = "/tmp/test_conf.XXXXXX";

/* Read texts; conf and report hold the result. */
static int
read_texts(const struct conf_text *texts, size_t count)
{
	size_t size;
	FILE *f;
	int rc;

	free(report);
	report = NULL;
	f = open_memstream(&report, &size);
	if (f == NULL)
		abort();
	conf_clear(&conf);
	conf_init(&conf);
	rc = conf_read(&conf, texts, count, f);
	if (fclose(f) != 0)
		abort();
	return rc;
}

static int
read_text(const char *text)
{
	struct conf_text t = { .name = "t", .text = text };

	return read_texts(&t, 1);
}

/* A file in the test's folder. */
static const char *
file(const char *name, const void *text, size_t len)
{
	static char path[sizeof(dir) + 64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		abort();
	return path;
}

static int
read_file(const char *path)
{
	struct conf_text t = { .name = path };

	return read_texts(&t, 1);
}

/* How often the needle occurs in the report. */
static unsigned int
said(const char *needle)
{
	unsigned int n = 0;

	for (const char *p = report; (p = strstr(p, needle)) != NULL; p++)
		n++;
	return n;
}

struct broken {
	const char *text;
	unsigned int line;
	unsigned int column;
	const char *fragment;
};

/* clang-format off */
static const struct broken broken[] = {
	/* statements */
	{ "bogus\n", 1, 1, "expected a statement such as \"server\", \"pool\" or \"listen\", found \"bogus\"" },
	{ "\n\n  servr a\n", 3, 3, "found \"servr\"" },
	{ "}\n", 1, 1, "found \"}\"" },
	{ "= x\n", 1, 1, "found \"=\"" },
	{ "\"server\" a\n", 1, 1, "found \"server\"" },
	/* characters */
	{ "server a\001\n", 1, 9, "control character 0x01" },
	{ "server a \x7f\n", 1, 10, "control character 0x7f" },
	{ "# a comment\033[2J\nserver a\n", 1, 12, "control character 0x1b" },
	{ "server \"a\001\"\n", 1, 10, "control character 0x01" },
	{ "server a\rserver b\n", 1, 9, "control character 0x0d" },
	{ "server b\xc3\xbc" "cher\n", 1, 9, "byte 0xc3 outside of quotes is not ASCII" },
	{ "server a!\n", 1, 9, "unexpected character \"!\"" },
	{ "server a, b\n", 1, 9, "unexpected character \",\"" },
	{ "server a \\ b\n", 1, 10, "\"\\\" is not at the end of the line" },
	{ "server \"a\n", 1, 8, "this quote is not closed in its line" },
	{ "server 'a\"\n", 1, 8, "this quote is not closed in its line" },
	{ "server a\"b\"\n", 1, 9, "unexpected character \"\"\"" },
	{ "\xef\xbb\xbfserver a\n", 1, 1, "the file begins with a byte order mark (BOM): save it without one" },
	{ "\xff\xfes", 1, 1, "the file is not ASCII or UTF-8: save it as that" },
	{ "\nserver a\n\xef\xbb\xbfserver b\n", 3, 1, "byte 0xef outside of quotes is not ASCII" },
	/* macros */
	{ "server = \"x\"\n", 1, 1, "\"server\" begins a statement, and cannot be a macro: leave out the \"=\", or choose another name" },
	{ "server a\nmetrics = x\n", 2, 1, "\"metrics\" begins a statement" },
	{ "server $x\n", 1, 8, "no such macro: x" },
	{ "server $\n", 1, 8, "\"$\" without the name of a macro" },
	{ "server a$x\n", 1, 9, "unexpected character \"$\"" },
	{ "x = \"a\"\nserver $x.b\n", 2, 10, "unexpected character \".\"" },
	{ "x = \"$y\"\ny = \"a\"\nserver $x\n", 3, 8, "unexpected character \"$\"" },
	{ "x =\n", 1, 4, "expected the value of the macro, found the end of the line" },
	{ "x = {\n", 1, 5, "expected the value of the macro, found \"{\"" },
	{ "a.b = \"c\"\n", 1, 1, "the name of a macro has only letters" },
	{ "x = \"port 0\"\nserver a $x\n", 2, 10, "expected a port from 1 to 65535, found \"0\"" },
	/* include */
	{ "include\n", 1, 8, "expected a file, found the end of the line" },
	{ "include \"\"\n", 1, 9, "expected a file, found \"\"" },
	{ "include \"x\"\n", 1, 9, "expected a path that begins with \"/\", found \"x\"" },
	{ "include \"/nonexistent/file\"\n", 1, 9, "cannot read \"/nonexistent/file\": No such file" },
	{ "include \"/\" x\n", 1, 13, "expected the end of the line, found \"x\"" },
	{ "include \"/tmp\"\n", 1, 9, "cannot read \"/tmp\": Is a directory" },
	{ "include \"/dev/zero\"\n", 1, 9, "it is not a regular file" },
	/* server, pool, servers */
	{ "server\n", 1, 7, "expected a host name or an address, found the end of the line" },
	{ "server", 1, 7, "expected a host name or an address, found the end of the line" },
	{ "server {\n", 1, 8, "expected a host name or an address, found \"{\"" },
	{ "server \"\"\n", 1, 8, "it is empty" },
	{ "server a b\n", 1, 10, "expected \"interleaved\", \"key\", \"poll\", \"port\", \"trusted\", \"weight\" or the end of the line, found \"b\"" },
	{ "server a..b\n", 1, 8, "nothing before or after a dot" },
	{ "server .\n", 1, 8, "nothing before or after a dot" },
	{ "server -a\n", 1, 8, "only letters, digits" },
	{ "server a/b\n", 1, 8, "only letters, digits" },
	{ "server \"a b\"\n", 1, 8, "only letters, digits" },
	{ "server 1.2.3\n", 1, 8, "not an IPv4 address" },
	{ "server 256.1.1.1\n", 1, 8, "not an IPv4 address" },
	{ "server 0x7f000001\n", 1, 8, "not an IPv4 address" },
	{ "server 0.0.0.0\n", 1, 8, "not the address of a host" },
	{ "server 224.0.1.1\n", 1, 8, "not the address of a host" },
	{ "server 255.255.255.255\n", 1, 8, "not the address of a host" },
	{ "server ::\n", 1, 8, "not the address of a host" },
	{ "server ff02::101\n", 1, 8, "not the address of a host" },
	{ "server fe80::1%0\n", 1, 8, "no interface has that number" },
	{ "server fe80::1%99999999999\n", 1, 8, "no interface has that number" },
	{ "server fe80::1%sixteen-letters0\n", 1, 8, "not an IPv6 address" },
	{ "server fe80::1%a/b\n", 1, 8, "not an IPv6 address" },
	{ "server fe80::1::2\n", 1, 8, "not an IPv6 address" },
	{ "server fe80::1%\n", 1, 8, "not an IPv6 address" },
	{ "server a:123\n", 1, 8, "found \"a:123\": write a port 123" },
	{ "server 127.0.0.1:1123\n", 1, 8, "found \"127.0.0.1:1123\": write 127.0.0.1 port 1123" },
	{ "pool pool.ntp.org:123 count 2\n", 1, 6, "write pool.ntp.org port 123" },
	{ "server [2001:db8::1]:1123\n", 1, 8, "write 2001:db8::1 port 1123" },
	{ "server [2001:db8::1]\n", 1, 8, "write 2001:db8::1" },
	{ "server a:ntp\n", 1, 8, "not an IPv6 address" },
	{ "server fe80::1\n", 1, 8, "it is on every link: write its interface behind it, as in fe80::1%eth0" },
	{ "server febf::1\n", 1, 8, "it is on every link" },
	{ "server ::ffff:192.0.2.1\n", 1, 8, "no IPv6 packet has it: write the IPv4 address alone" },
	{ "server 127.127.1.0\n", 1, 8, "127.127.x.y is a reference clock of another daemon, and no server" },
	{ "pool 127.127.28.0\n", 1, 6, "for the machine's own clock write \"local stratum\"" },
	{ "server a port\n", 1, 14, "expected a port from 1 to 65535, found the end of the line" },
	{ "server a port 0\n", 1, 15, "expected a port from 1 to 65535, found \"0\"" },
	{ "server a port 65536\n", 1, 15, "found \"65536\"" },
	{ "server a port 18446744073709551739\n", 1, 15, "found \"18446744073709551739\"" },
	{ "server a port -1\n", 1, 15, "found \"-1\"" },
	{ "server a port ntp\n", 1, 15, "found \"ntp\"" },
	{ "server a port 12.5\n", 1, 15, "found \"12.5\"" },
	{ "server a port any\n", 1, 15, "expected a port from 1 to 65535, found \"any\"" },
	{ "server a poll\n", 1, 14, "expected a poll interval from 1s to 131072s" },
	{ "server a poll 16s\n", 1, 18, "expected \"to\", found the end of the line" },
	{ "server a poll 16s to\n", 1, 21, "expected a poll interval" },
	{ "server a poll 20s to 1024s\n", 1, 15, "expected a power of two of seconds such as 16s or 32s, found \"20s\"" },
	{ "server a poll 16s to 1000s\n", 1, 22, "such as 512s or 1024s, found \"1000s\"" },
	{ "server a poll 1500ms to 16s\n", 1, 15, "such as 1s or 2s" },
	{ "server a poll 500ms to 16s\n", 1, 15, "expected a poll interval from 1s to 131072s, found \"500ms\"" },
	{ "server a poll 1s to 262144s\n", 1, 21, "expected a poll interval from 1s to 131072s, found \"262144s\"" },
	{ "server a poll 64s to 16s\n", 1, 15, "the first poll interval is longer than the second" },
	{ "server a poll x to 16s\n", 1, 15, "found \"x\"" },
	{ "server a count 2\n", 1, 10, "found \"count\"" },
	{ "servers a count 2\n", 1, 11, "found \"count\"" },
	{ "server a weight 11\n", 1, 17, "expected a weight from 1 to 10, found \"11\"" },
	{ "server a weight 0\n", 1, 17, "expected a weight from 1 to 10" },
	{ "server a key 7\n", 1, 14, "a key needs a statement keys \"file\"" },
	{ "server a key\n", 1, 13, "expected a key ID from 1 to 4294967295" },
	{ "server a key 4294967296\n", 1, 14, "expected a key ID from 1 to 4294967295" },
	{ "server a nts port 4460\n", 1, 10, "this version does not support \"nts\"" },
	{ "pool\n", 1, 5, "expected a host name or an address" },
	{ "pool a count\n", 1, 13, "expected a number from 1 to 16" },
	{ "pool a count 0\n", 1, 14, "expected a number from 1 to 16, found \"0\"" },
	{ "pool a count 17\n", 1, 14, "found \"17\"" },
	{ "pool a key 7\n", 1, 12, "a key needs a statement keys \"file\"" },
	{ "keys\n", 1, 5, "expected a path that begins with \"/\", found the end of the line" },
	{ "pool a x\n", 1, 8, "expected \"count\", \"interleaved\", \"key\", \"poll\", \"port\", \"trusted\", \"weight\" or the end of the line" },
	{ "servers\n", 1, 8, "expected a host name or an address" },
	{ "minimum 3\n", 1, 9, "expected \"sources\", found \"3\"" },
	{ "minimum sources\n", 1, 16, "expected a number from 1 to 64" },
	{ "minimum sources 0\n", 1, 17, "found \"0\"" },
	{ "minimum sources 65\n", 1, 17, "found \"65\"" },
	{ "maximum\n", 1, 8, "expected \"distance\"" },
	{ "maximum distance\n", 1, 17, "expected a duration such as 3s" },
	{ "maximum distance 0\n", 1, 18, "expected a duration from 1ms to 16s, found \"0\"" },
	{ "maximum distance 17s\n", 1, 18, "found \"17s\"" },
	{ "minimum sources 3 4\n", 1, 19, "expected the end of the line, found \"4\"" },
	/* statements of OpenNTPD */
	{ "query 192.0.2.1\n", 1, 7, "expected \"from\", found \"192.0.2.1\"" },
	{ "query from\n", 1, 11, "expected an address" },
	{ "query from localhost\n", 1, 12, "expected an address, found \"localhost\"" },
	{ "constraint \"https://a\"\n", 1, 12, "expected \"from\", found \"https://a\"" },
	{ "constraint from\n", 1, 16, "expected a URL or an address" },
	{ "constraint from \"https://a\" b\n", 1, 29, "expected an address, found \"b\"" },
	{ "constraints from \"https://a\" 192.0.2.1\n", 1, 30, "expected the end of the line" },
	{ "sensor\n", 1, 7, "expected a sensor or *" },
	{ "sensor * correction x\n", 1, 21, "from -127000000 to 127000000, found \"x\"" },
	{ "sensor * correction 127000001\n", 1, 21, "found \"127000001\"" },
	{ "sensor * correction -127000001\n", 1, 21, "found \"-127000001\"" },
	{ "sensor * correction --1\n", 1, 21, "found \"--1\"" },
	{ "sensor * stratum 16\n", 1, 18, "expected a stratum from 1 to 15" },
	{ "sensor * refid GPSDO\n", 1, 16, "expected a reference of 1 to 4 characters, found \"GPSDO\"" },
	{ "sensor * weight x\n", 1, 17, "expected a weight" },
	{ "sensor * port 1\n", 1, 10, "expected \"correction\", \"refid\", \"stratum\", \"trusted\", \"weight\" or the end of the line" },
	/* listen */
	{ "listen 192.0.2.1\n", 1, 8, "expected \"on\", found \"192.0.2.1\"" },
	{ "listen on\n", 1, 10, "expected an address or *" },
	{ "listen on 127.0.0.1:1123\n", 1, 11, "expected an address or *, found \"127.0.0.1:1123\": write 127.0.0.1 port 1123" },
	{ "listen on *:123\n", 1, 11, "write * port 123" },
	{ "listen on [::1]:123\n", 1, 11, "write ::1 port 123" },
	{ "listen on localhost\n", 1, 11, "expected an address or *, found \"localhost\"" },
	{ "listen on fe80::1%no/such\n", 1, 11, "expected an address or *" },
	{ "listen on 224.0.1.1\n", 1, 11, "\"224.0.1.1\" cannot be listened on: what is sent to many is not answered" },
	{ "listen on 255.255.255.255 port 1123\n", 1, 11, "what is sent to many is not answered" },
	{ "listen on 0.0.0.1\n", 1, 11, "not the address of a host: write 0.0.0.0 for all" },
	{ "listen on ff02::101%lo\n", 1, 11, "what is sent to many is not answered" },
	{ "listen on ff0e::101\n", 1, 11, "what is sent to many is not answered" },
	{ "listen on fe80::1\n", 1, 11, "it is on every link: write its interface behind it, as in fe80::1%eth0" },
	{ "listen on FEBF::1\n", 1, 11, "it is on every link" },
	{ "listen on ::ffff:127.0.0.1\n", 1, 11, "\"::ffff:127.0.0.1\" cannot be listened on: no IPv6 packet has it: write 127.0.0.1" },
	{ "x = a\nlisten on ::ffff:c000:201\n", 2, 11, "write 192.0.2.1" },
	{ "listen on * port 0\n", 1, 18, "expected a port" },
	{ "listen on * rtable 256\n", 1, 20, "expected a routing table from 0 to 255" },
	{ "listen on * weight 1\n", 1, 13, "expected \"fast\", \"port\", \"rtable\" or the end of the line" },
	{ "listen on no/such fast\n", 1, 11, "expected the name of an interface, found \"no/such\"" },
	{ "listen on 192.0.2.1 fast\n", 1, 11, "expected the name of an interface, found \"192.0.2.1\"" },
	{ "listen on * fast native\n", 1, 11, "expected the name of an interface, found \"*\"" },
	{ "listen on an-interface-with-a-long-name fast\n", 1, 11, "expected the name of an interface" },
	{ "listen on lo\n", 1, 11, "expected an address or *, found \"lo\"" },
	{ "listen on lo native\n", 1, 14, "expected \"fast\", \"port\", \"rtable\"" },
	{ "listen on lo fast 1\n", 1, 19, "expected \"fast\", \"native\", \"port\", \"rtable\"" },
	{ "listen on lo fast\nlisten on lo port 1 fast\n", 2, 11, "\"lo\" is listened on fast already, by t:1" },
	{ "local 10\n", 1, 7, "expected \"stratum\"" },
	{ "local stratum 0\n", 1, 15, "expected a stratum from 1 to 15, found \"0\"" },
	{ "local stratum 16\n", 1, 15, "found \"16\"" },
	/* allow, deny, rate limit */
	{ "allow\n", 1, 6, "expected an address or a prefix such as 192.0.2.0/24, found the end of the line" },
	{ "allow any\n", 1, 7, "expected an address or a prefix such as 192.0.2.0/24, found \"any\"" },
	{ "allow localhost\n", 1, 7, "expected an address or a prefix such as 192.0.2.0/24, found \"localhost\"" },
	{ "allow 192.0.2.0/33\n", 1, 7, "found \"192.0.2.0/33\"" },
	{ "allow 192.0.2.0/\n", 1, 7, "found \"192.0.2.0/\"" },
	{ "allow 192.0.2.0/-1\n", 1, 7, "found \"192.0.2.0/-1\"" },
	{ "allow 192.0.2.0/24/8\n", 1, 7, "found \"192.0.2.0/24/8\"" },
	{ "allow 192.0.2/24\n", 1, 7, "found \"192.0.2/24\"" },
	{ "allow /24\n", 1, 7, "found \"/24\"" },
	{ "allow 192.0.2.0 24\n", 1, 17, "expected the end of the line, found \"24\"" },
	{ "allow 192.0.2.0/24 answer\n", 1, 20, "expected the end of the line, found \"answer\"" },
	{ "allow 192.0.2.7/24\n", 1, 7, "\"192.0.2.7/24\" has bits after its first 24: the prefix is 192.0.2.0/24" },
	{ "deny 2001:db8::1/64 answer\n", 1, 6, "the prefix is 2001:db8::/64" },
	{ "deny 2001:db8::/129\n", 1, 6, "found \"2001:db8::/129\"" },
	{ "deny fe80::1%lo\n", 1, 6, "found \"fe80::1%lo\"" },
	{ "deny 2001:db8::/32 silent\n", 1, 20, "expected \"answer\" or the end of the line, found \"silent\"" },
	{ "rate\n", 1, 5, "expected \"limit\", found the end of the line" },
	{ "rate limit\n", 1, 11, "expected a number of requests from 1 to 10000" },
	{ "rate limit 0 per 1s\n", 1, 12, "expected a number of requests from 1 to 10000, found \"0\"" },
	{ "rate limit 10001 per 1s\n", 1, 12, "found \"10001\"" },
	{ "rate limit 1\n", 1, 13, "expected \"per\", found the end of the line" },
	{ "rate limit 1 per\n", 1, 17, "expected a duration such as 8s" },
	{ "rate limit 1 per 0\n", 1, 18, "expected a duration from 1s to 1d, found \"0\"" },
	{ "rate limit 1 per 25h\n", 1, 18, "expected a duration from 1s to 1d, found \"25h\"" },
	{ "rate limit 1 per 8s 16\n", 1, 21, "expected \"burst\" or the end of the line, found \"16\"" },
	{ "rate limit 1 per 8s burst\n", 1, 26, "expected a number of requests from 1 to 10000" },
	{ "rate limit 1 per 8s burst 10001\n", 1, 27, "found \"10001\"" },
	{ "nts server listen on *\n", 1, 1, "this version does not support \"nts\"" },
	{ "metrics on 127.0.0.1\n", 1, 1, "this version does not support \"metrics\"" },
	/* leap */
	{ "leap\n", 1, 5, "expected \"file\" or \"smear\", found the end of the line" },
	{ "leap second\n", 1, 6, "expected \"file\" or \"smear\", found \"second\"" },
	{ "leap file\n", 1, 10, "expected a path that begins with \"/\"" },
	{ "leap file \"x\"\n", 1, 11, "expected a path that begins with \"/\", found \"x\"" },
	{ "leap file /x y\n", 1, 14, "expected the end of the line, found \"y\"" },
	{ "leap smear\n", 1, 11, "expected a duration from 1h to 48h" },
	{ "leap file /x\nleap smear 24\n", 2, 12, "expected a duration from 1h to 48h, found \"24\"" },
	{ "leap file /x\nleap smear 3598s\n", 2, 12, "expected a duration from 1h to 48h, found \"3598s\"" },
	{ "leap file /x\nleap smear 49h\n", 2, 12, "found \"49h\"" },
	{ "leap file /x\nleap smear 3601s\n", 2, 12, "found \"3601s\"" },
	{ "leap file /x\nleap smear 1.0000001h\n", 2, 12, "found \"1.0000001h\"" },
	{ "leap file /x\nleap smear any\n", 2, 12, "found \"any\"" },
	{ "server a\nleap smear 24h\n", 2, 12, "\"leap smear\" needs \"leap file\"" },
	/* clock */
	{ "clock\n", 1, 6, "expected \"{\", found the end of the line" },
	{ "clock {", 1, 7, "expected \"}\" for this \"{\"" },
	{ "server a\nclock {\nstep over 1s\n", 2, 7, "found the end of the file" },
	{ "clock {\nbogus\n}\n", 2, 1, "expected \"budget\", \"frequency\", \"limit\", \"on\", \"resume\", \"slew\", \"startup\", \"step\", the end of the line or \"}\", found \"bogus\"" },
	{ "clock { } x\n", 1, 11, "expected the end of the line, found \"x\"" },
	{ "clock { { }\n", 1, 9, "found \"{\"" },
	{ "clock { limit 1s limit 2s }\n", 1, 18, "expected the end of the line or \"}\", found \"limit\"" },
	{ "clock {\n\tstep 10ms\n}\n", 2, 7, "expected \"over\"" },
	{ "clock {\n\tstep over ten\n}\n", 2, 12, "expected a duration such as 10ms, found \"ten\"" },
	{ "clock { step over 0 }\n", 1, 19, "expected a duration from 1us to 1d, found \"0\"" },
	{ "clock { step over 25h }\n", 1, 19, "expected a duration from 1us to 1d" },
	{ "clock { step over any }\n", 1, 19, "expected a duration such as 10ms, found \"any\"" },
	{ "clock { startup 1s }\n", 1, 17, "expected \"limit\"" },
	{ "clock { startup limit 1s }\n", 1, 23, "expected \"backward\" or \"forward\", found \"1s\"" },
	{ "clock { startup limit forward }\n", 1, 31, "expected a duration such as 10ms or \"any\", found \"}\"" },
	{ "clock { startup limit backward soon }\n", 1, 32, "expected a duration such as 10ms, found \"soon\"" },
	{ "clock { startup limit forward -1s }\n", 1, 31, "found \"-1s\"" },
	{ "clock { limit }\n", 1, 15, "expected a duration such as 10ms or \"any\"" },
	{ "clock { limit 10 s }\n", 1, 18, "expected the end of the line or \"}\", found \"s\": a unit stands at its number, write 10s" },
	{ "clock { slew limit 500 ppm }\n", 1, 20, "expected a rate from 1ppm to 100000ppm, found \"500\"" },
	{ "clock { budget 1.5 d per 1d }\n", 1, 20, "a unit stands at its number, write 1.5d" },
	{ "rate limit 1 per 8 s\n", 1, 20, "a unit stands at its number, write 8s" },
	{ "workers 2\ns\n", 2, 1, "expected a statement such as \"server\", \"pool\" or \"listen\", found \"s\"" },
	{ "clock { limit 1x }\n", 1, 15, "expected a duration such as 10ms, found \"1x\"" },
	{ "clock { limit 1..5s }\n", 1, 15, "found \"1..5s\"" },
	{ "clock { limit 1.s }\n", 1, 15, "found \"1.s\"" },
	{ "clock { limit 1.5.5s }\n", 1, 15, "found \"1.5.5s\"" },
	{ "clock { limit .5s }\n", 1, 15, "found \".5s\"" },
	{ "clock { limit s }\n", 1, 15, "found \"s\"" },
	{ "clock { limit none }\n", 1, 15, "found \"none\"" },
	{ "clock { limit 0.5ns }\n", 1, 15, "\"0.5ns\" is not a whole number of nanoseconds" },
	{ "clock { limit 1.0000000001s }\n", 1, 15, "is not a whole number of nanoseconds" },
	{ "clock { limit 106752d }\n", 1, 15, "\"106752d\" is too long: the longest duration is 106751d" },
	{ "clock { limit 9223372036854775807ns }\n", 1, 15, "is too long" },
	{ "clock { limit 9223372036854775808ns }\n", 1, 15, "is too long" },
	{ "clock { limit 99999999999999999999999999d }\n", 1, 15, "is too long" },
	{ "clock { limit 9223372036.854775808s }\n", 1, 15, "is too long" },
	{ "clock { budget 10s }\n", 1, 20, "expected \"per\", found \"}\"" },
	{ "clock { budget 10s per }\n", 1, 24, "expected a duration such as 1d" },
	{ "clock { budget 10s per 100ms }\n", 1, 24, "expected a duration from 1s to 106751d" },
	{ "clock { budget none per 1d }\n", 1, 21, "found \"per\"" },
	{ "clock { budget any per 1d }\n", 1, 16, "found \"any\"" },
	{ "clock { slew 500ppm }\n", 1, 14, "expected \"limit\"" },
	{ "clock { slew limit 500 }\n", 1, 20, "expected a rate from 1ppm to 100000ppm, found \"500\"" },
	{ "clock { slew limit 999ppb }\n", 1, 20, "found \"999ppb\"" },
	{ "clock { slew limit 100001ppm }\n", 1, 20, "found \"100001ppm\"" },
	{ "clock { slew limit 10.1% }\n", 1, 20, "found \"10.1%\"" },
	{ "clock { slew limit 0.5ppb }\n", 1, 20, "found \"0.5ppb\"" },
	{ "clock { slew limit any }\n", 1, 20, "found \"any\"" },
	{ "clock { frequency 50ppm }\n", 1, 19, "expected \"limit\"" },
	{ "clock { frequency limit 50 }\n", 1, 25, "expected a rate from 1ppm to 500ppm, found \"50\"" },
	{ "clock { frequency limit 999ppb }\n", 1, 25, "found \"999ppb\"" },
	{ "clock { frequency limit 501ppm }\n", 1, 25, "found \"501ppm\"" },
	{ "clock { frequency limit 0 }\n", 1, 25, "found \"0\"" },
	{ "clock { frequency limit any }\n", 1, 25, "found \"any\"" },
	{ "clock { resume 1d }\n", 1, 16, "expected \"limit\"" },
	{ "clock { resume limit }\n", 1, 22, "expected a duration such as 10ms or \"any\"" },
	{ "clock { resume limit -1s }\n", 1, 22, "found \"-1s\"" },
	{ "clock { resume limit none }\n", 1, 22, "found \"none\"" },
	{ "clock { on freeze }\n", 1, 12, "expected \"violation\"" },
	{ "clock { on violation panic }\n", 1, 22, "expected \"freeze\" or \"stop\", found \"panic\"" },
	{ "clock { on violation }\n", 1, 22, "expected \"freeze\" or \"stop\", found \"}\"" },
	{ "clock { include \"/x\" }\n", 1, 9, "found \"include\"" },
	/* the daemon */
	{ "control\n", 1, 8, "expected \"socket\"" },
	{ "control socket\n", 1, 15, "expected a path that begins with \"/\" or \"none\"" },
	{ "control socket \"run\"\n", 1, 16, "expected a path that begins with \"/\", found \"run\"" },
	{ "control socket \"none\"\n", 1, 16, "found \"none\"" },
	{ "control socket none mode 0660\n", 1, 21, "expected the end of the line" },
	{ "control socket /x mode 1777\n", 1, 24, "expected a mode from 0 to 0777, found \"1777\"" },
	{ "control socket /x mode 0668\n", 1, 24, "found \"0668\"" },
	{ "control socket /x mode rw\n", 1, 24, "found \"rw\"" },
	{ "control socket /x group\n", 1, 24, "expected the name of a group" },
	{ "control socket /x group -g\n", 1, 25, "expected the name of a group, found \"-g\"" },
	{ "control socket /x group abcdefghijklmnopqrstuvwxyz012345\n", 1, 25, "expected the name of a group" },
	{ "control socket /x owner me\n", 1, 19, "expected \"group\", \"mode\" or the end of the line, found \"owner\"" },
	{ "state \"/x\"\n", 1, 7, "expected \"directory\"" },
	{ "state directory\n", 1, 16, "expected a path that begins with \"/\"" },
	{ "state directory \"./x\"\n", 1, 17, "found \"./x\"" },
	{ "record\n", 1, 7, "expected a path that begins with \"/\", found the end of the line" },
	{ "record \"x\"\n", 1, 8, "expected a path that begins with \"/\", found \"x\"" },
	{ "record /x 16M\n", 1, 11, "expected \"size\" or the end of the line, found \"16M\"" },
	{ "record /x size\n", 1, 15, "expected a size from 1M to 1G, found the end of the line" },
	{ "record /x size 1000k\n", 1, 16, "expected a size from 1M to 1G, found \"1000k\"" },
	{ "record /x size 1025M\n", 1, 16, "found \"1025M\"" },
	{ "record /x size 2m\n", 1, 16, "found \"2m\"" },
	{ "record /x size 1.5M\n", 1, 16, "found \"1.5M\"" },
	{ "record /x size -1M\n", 1, 16, "found \"-1M\"" },
	{ "record /x size 99999999999G\n", 1, 16, "found \"99999999999G\"" },
	{ "record /x size any\n", 1, 16, "found \"any\"" },
	{ "log debug\n", 1, 5, "expected \"level\"" },
	{ "log level\n", 1, 10, "expected \"error\", \"warning\", \"info\" or \"debug\"" },
	{ "log level all\n", 1, 11, "found \"all\"" },
	/* positions */
	{ "server \\\n a \\\r\n port 0\n", 3, 7, "expected a port" },
	{ "\t server a x\n", 1, 12, "found \"x\"" },
	{ "control socket \"/\xc3\xa4\" x\n", 1, 21, "found \"x\"" },
	{ "server a # port\nserver b port x # y\n", 2, 15, "found \"x\"" },
};
/* clang-format on */

static void
test_broken(void)
{
	char want[512];

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const struct broken *b = &broken[i];
		int rc = read_text(b->text);

		(void)snprintf(
		    want, sizeof(want), "t:%u:%u: ", b->line, b->column);
		if (!tap_ok(rc == -1 && said(want) == 1 &&
			    strstr(strstr(report, want), b->fragment) != NULL,
			"broken %zu at %u:%u: %.40s", i, b->line, b->column,
			b->fragment))
			printf(
			    "# %s# wanted %s%s\n", report, want, b->fragment);
	}
}

static void
test_defaults(void)
{
	OK(read_text("server a\n") == 0 && report[0] == '\0',
	    "one server is enough");
	IS_I64(conf.source_count, 1, "one source");
	IS_I64(conf.sources[0].kind, SOURCE_SERVER, "a server");
	IS_I64(conf.sources[0].port, 123, "port 123");
	IS_I64(conf.sources[0].poll_min_log2, 4, "polled every 16 s");
	IS_I64(conf.sources[0].poll_max_log2, 10, "to every 1024 s");
	IS_I64(conf.sources[0].count, 1, "one address");
	IS_I64(conf.min_sources, 0, "a majority");
	IS_I64(conf.max_distance_ns, 3 * NS_PER_S, "maximum distance 3s");
	IS_I64(conf.local_stratum, 0, "no local stratum");
	IS_I64(conf.listen_count, 0, "no listener");
	IS_I64(conf.clock.step_over_ns, 10 * NS_PER_MS, "step over 10ms");
	IS_I64(conf.clock.startup_forward_ns, LIMIT_ANY, "forward any");
	IS_I64(conf.clock.startup_backward_ns, 86400 * NS_PER_S, "backward 1d");
	IS_I64(conf.clock.limit_ns, 1000 * NS_PER_S, "limit 1000s");
	IS_I64(conf.clock.budget_ns, 30 * NS_PER_S, "budget 30s");
	IS_I64(conf.clock.budget_period_ns, 86400 * NS_PER_S, "per 1d");
	IS_I64(conf.clock.frequency_limit_ppb, 50000, "frequency limit 50ppm");
	IS_I64(conf.clock.resume_limit_ns, 30 * 86400 * NS_PER_S,
	    "resume limit 30d");
	IS_I64(conf.clock.slew_limit_ppb, 500000, "slew limit 500ppm");
	IS_I64(conf.clock.on_violation, VIOLATION_FREEZE, "freeze");
	IS_I64(conf.control_mode, 0660, "mode 0660");
	IS_I64(conf.log_level, LOG_LEVEL_INFO, "log level info");
	OK(strcmp(conf.control_socket, "/run/ntpd/control") == 0, "socket");
	OK(strstr(conf.state_directory, "/lib/ntpd") != NULL, "state");
	OK(conf.control_group[0] == '\0', "no group");
}

static void
test_sources(void)
{
	OK(read_text("server 192.0.2.1 port 1123 poll 1s to 131072s\n"
		     "pool a.example count 16 port 2\n"
		     "pool b.example\n"
		     "servers c.example.\n"
		     "server 2001:db8::1\n"
		     "server fe80::1%lo\n"
		     "minimum sources 3\nmaximum distance 1500ms\n"
		     "local stratum 15\n") == 0 &&
		report[0] == '\0',
	    "sources of every kind");
	IS_I64(conf.source_count, 6, "six sources");
	OK(strcmp(conf.sources[0].name, "192.0.2.1") == 0, "an address");
	IS_I64(conf.sources[0].port, 1123, "its port");
	IS_I64(conf.sources[0].poll_min_log2, 0, "its shortest interval");
	IS_I64(conf.sources[0].poll_max_log2, 17, "its longest interval");
	IS_I64(conf.sources[1].kind, SOURCE_POOL, "a pool");
	IS_I64(conf.sources[1].count, 16, "of sixteen");
	IS_I64(conf.sources[2].count, 4, "of four unless told");
	IS_I64(conf.sources[3].kind, SOURCE_POOL, "servers is a pool");
	IS_I64(conf.sources[3].count, 0, "of all addresses");
	OK(strcmp(conf.sources[5].name, "fe80::1%lo") == 0,
	    "a scope, by the name of its interface");
	IS_I64(conf.min_sources, 3, "minimum sources");
	IS_I64(conf.max_distance_ns, 1500 * NS_PER_MS, "maximum distance");
	IS_I64(conf.local_stratum, 15, "local stratum");
	OK(read_text("server FE80:0::1%nosuchif0\nserver fe80::2%7\n") == 0 &&
		strcmp(conf.sources[0].name, "fe80::1%nosuchif0") == 0 &&
		said("t:1:8: warning: there is no interface nosuchif0 now: it "
		     "is waited for"),
	    "an interface that is not there is waited for");
	OK(strcmp(conf.sources[1].name, "fe80::2%7") == 0,
	    "a number of an interface stays, whether it is there or not");
	OK(read_text("server pool\nserver server port 1\nserver any\n"
		     "server nts\nserver Clock\n") == 0 &&
		conf.source_count == 5,
	    "hosts may be called like keywords");
	OK(read_text("server A.example\nserver b\nserver a.EXAMPLE\n") == 0 &&
		said("t:3:8: warning: \"a.EXAMPLE\" is a source already, by "
		     "t:1") == 1,
	    "a server that is there twice is warned of");
	OK(read_text("server a\nserver a port 124\n") == 0 && said("t") == 0,
	    "another port is another server");
	OK(read_text("server a\npool b count 2\nminimum sources 4\n") == 0 &&
		said("t:3:17: warning: there are 3 sources at most") == 1,
	    "a minimum that cannot be reached is warned of");
	OK(read_text("") == 0 && said("t: warning: there is no server") == 1,
	    "an empty configuration is warned of");
	OK(read_text("pool a poll 4 to 8\n") == 0 &&
		said("t:1:13: warning: a query every 4s is too much for "
		     "servers of others") == 1,
	    "4 is 4 s, which is warned of");
	OK(read_text("server a poll 16s to 64s\nserver 192.0.2.1 poll 1s to "
		     "4s\n") == 0 &&
		report[0] == '\0',
	    "16 s, or an address, are not");
	OK(read_text("server a\nminimum sources 2\n") == 0 &&
		said("t:2:17: warning: there is 1 source at most") == 1,
	    "1 source");
}

static void
test_listen(void)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	OK(read_text("listen on * port 1123\nlisten on 192.0.2.1\n"
		     "listen on ::1\nlisten on fe80::1%lo\nserver a\n") == 0,
	    "listeners of every kind");
	IS_I64(conf.listen_count, 4, "* is two");
	memcpy(&in, &conf.listens[0].addr, sizeof(in));
	IS_I64(in.sin_family, AF_INET, "the first is IPv4");
	IS_I64(ntohs(in.sin_port), 1123, "port");
	IS_I64(in.sin_addr.s_addr, INADDR_ANY, "any address");
	memcpy(&in6, &conf.listens[1].addr, sizeof(in6));
	IS_I64(in6.sin6_family, AF_INET6, "the second is IPv6");
	IS_I64(ntohs(in6.sin6_port), 1123, "port");
	IS_I64(conf.listens[1].len, sizeof(in6), "length");
	OK(conf.listens[1].of_star && !conf.listens[0].of_star &&
		!conf.listens[3].of_star,
	    "IPv6 of * may be left out");
	memcpy(&in, &conf.listens[2].addr, sizeof(in));
	IS_I64(ntohl(in.sin_addr.s_addr), 0xc0000201, "192.0.2.1");
	IS_I64(ntohs(in.sin_port), 123, "port 123 unless told");
	OK(conf.listens[2].line == 2 && strcmp(conf.listens[2].file, "t") == 0,
	    "its file and line");
	memcpy(&in6, &conf.scoped[0].addr, sizeof(in6));
	OK(conf.scoped_count == 1 && in6.sin6_scope_id == 0 &&
		strcmp(conf.scoped[0].interface, "lo") == 0 &&
		conf.scoped[0].line == 4 &&
		strcmp(conf.scoped[0].file, "t") == 0,
	    "one with an interface has its number later");
	OK(read_text("listen on fe80::1%2\nserver a\n") == 0 &&
		conf.listen_count == 1 && conf.scoped_count == 0,
	    "one with a number has it already");
	OK(read_text("listen on fe80::1%nosuchif0\n"
		     "listen on nosuchif1 fast\nserver a\n") == 0 &&
		conf.scoped_count == 1 && conf.fast_count == 1 &&
		said("t:1:11: warning: there is no interface nosuchif0 now: it "
		     "is waited for") &&
		said("t:2:11: warning: there is no interface nosuchif1 now: it "
		     "is waited for"),
	    "interfaces that are not there are waited for");
	OK(read_text("listen on fe80::1%lo\nlisten on fe80::1%nosuchif0\n"
		     "listen on FE80::1%lo\nserver a\n") == 0 &&
		conf.scoped_count == 2 &&
		said("t:3:11: warning: \"FE80::1%lo\" is listened on already, "
		     "by t:1"),
	    "the same address on another interface is another one");
	OK(read_text("listen on *\nlisten on ::\nserver a\n") == 0 &&
		conf.listen_count == 2 && !conf.listens[1].of_star &&
		said("\"::\" is listened on already") == 1,
	    "but not if it is asked for by name");
	OK(read_text("listen on 0.0.0.0\nlisten on ::\nlisten on fec0::1\n"
		     "listen on 240.0.0.1\nserver a\n") == 0 &&
		conf.listen_count == 4,
	    "all addresses, and those of hosts of any kind");
	OK(read_text("listen on ::1\nlisten on 0:0::1\nserver a\n") == 0 &&
		conf.listen_count == 1 &&
		said("t:2:11: warning: \"0:0::1\" is listened on already") == 1,
	    "an address that is there twice is warned of");
}

static void
test_note_file(void)
{
	char file[CONF_FILE_LEN], name[300] = "";

	memset(name, 'a', sizeof(name) - 1);
	conf_note_file(file, name);
	OK(strlen(file) == sizeof(file) - 1 && strncmp(file, "...a", 4) == 0,
	    "of the name of a file that is too long the end is kept");
	conf_note_file(file, name + sizeof(name) - sizeof(file));
	OK(strcmp(file, name + sizeof(name) - sizeof(file)) == 0,
	    "and all of one that fits");
}

static void
test_fast(void)
{
	OK(read_text("listen on lo fast\nserver a\n") == 0 && report[0] == '\0',
	    "an interface that is listened on fast");
	OK(conf.fast_count == 1 && strcmp(conf.fasts[0].name, "lo") == 0 &&
		conf.fasts[0].port == 123 && !conf.fasts[0].native &&
		strcmp(conf.fasts[0].file, "t") == 0 && conf.fasts[0].line == 1,
	    "its name, port and place");
	IS_I64(conf.listen_count, 0, "its addresses are not looked up here");
	OK(read_text("listen on \"lo\" fast native port 1123\nserver a\n") ==
		    0 &&
		conf.fasts[0].port == 1123 && conf.fasts[0].native,
	    "native, another port");
	OK(read_text("listen on lo port 1123 fast\nserver a\n") == 0 &&
		conf.fasts[0].port == 1123,
	    "the port before");
}

static void
test_clock(void)
{
	OK(read_text("server a\nclock {\n\n step over 1.5s # x\n"
		     "\tstartup limit backward any forward 2h\n"
		     "limit any\nbudget 1.25ms per 90m\nslew limit 0.0123%\n"
		     "frequency limit 1ppm\nresume limit 1.5h\n"
		     "on violation stop }\n") == 0 &&
		report[0] == '\0',
	    "a clock block");
	IS_I64(conf.clock.step_over_ns, 1500 * NS_PER_MS, "step over");
	IS_I64(conf.clock.startup_backward_ns, LIMIT_ANY, "backward");
	IS_I64(conf.clock.startup_forward_ns, 7200 * NS_PER_S, "forward");
	IS_I64(conf.clock.limit_ns, LIMIT_ANY, "limit");
	IS_I64(conf.clock.budget_ns, 1250000, "budget");
	IS_I64(conf.clock.budget_period_ns, 5400 * NS_PER_S, "per");
	IS_I64(conf.clock.slew_limit_ppb, 123000, "slew limit");
	IS_I64(conf.clock.frequency_limit_ppb, 1000, "frequency limit");
	IS_I64(conf.clock.resume_limit_ns, 5400 * NS_PER_S, "resume limit");
	IS_I64(conf.clock.on_violation, VIOLATION_STOP, "on violation");
	OK(read_text("server a\nclock { budget none }\n"
		     "clock { slew limit 1000ppb }\nclock { limit 3us }\n"
		     "clock {}\nclock { step over 7 }\n") == 0,
	    "blocks of one line");
	IS_I64(conf.clock.budget_ns, LIMIT_ANY, "budget none");
	IS_I64(conf.clock.budget_period_ns, 86400 * NS_PER_S, "of a day");
	IS_I64(conf.clock.slew_limit_ppb, 1000, "ppb");
	OK(read_text("server a\nclock { frequency limit 0.05% }\n"
		     "clock { resume limit any }\n") == 0,
	    "the widest limits");
	IS_I64(conf.clock.frequency_limit_ppb, 500000, "500 ppm");
	IS_I64(conf.clock.resume_limit_ns, LIMIT_ANY, "any");
	OK(read_text("server a\nclock { resume limit 0 }\n") == 0,
	    "no pause is believed");
	IS_I64(conf.clock.resume_limit_ns, 0, "0");
	OK(read_text("server a\nclock { budget none }\n"
		     "clock { slew limit 1000ppb }\nclock { limit 3us }\n"
		     "clock {}\nclock { step over 7 }\n") == 0,
	    "and blocks of one line once more");
	IS_I64(conf.clock.limit_ns, 3000, "us");
	IS_I64(conf.clock.step_over_ns, 7 * NS_PER_S, "seconds are implied");
	OK(read_text("server a\nclock { limit 9223372036854775806ns }\n") == 0,
	    "the longest duration");
	IS_I64(conf.clock.limit_ns, INT64_MAX - 1, "is not any");
	OK(read_text("server a\nclock { limit 106751.5000000000000000d\n"
		     "startup limit forward 0.000001ms }\n") == 0,
	    "long and short fractions");
	IS_I64(conf.clock.limit_ns,
	    106751 * (86400 * NS_PER_S) + 43200 * NS_PER_S, "long");
	IS_I64(conf.clock.startup_forward_ns, 1, "short");
}

static void
test_daemon(void)
{
	OK(read_text("server a\ncontrol socket \"/a b\" group adm mode 0\n"
		     "state directory /s\nlog level debug\n") == 0,
	    "the daemon's own statements");
	OK(strcmp(conf.control_socket, "/a b") == 0, "control socket");
	OK(strcmp(conf.control_group, "adm") == 0, "group");
	IS_I64(conf.control_mode, 0, "mode");
	OK(strcmp(conf.state_directory, "/s") == 0, "state directory");
	OK(conf.record[0] == '\0', "nothing is recorded");
	IS_I64(conf.log_level, LOG_LEVEL_DEBUG, "log level");
	OK(read_text("server a\ncontrol socket /x mode 600 group g\n"
		     "control socket /y\n") == 0 &&
		conf.control_mode == 0660 && conf.control_group[0] == '\0',
	    "a later statement replaces all of an earlier one");
	OK(read_text("server a\ncontrol socket none\n") == 0 &&
		conf.control_socket[0] == '\0',
	    "no control socket");
	OK(read_text("server a\nrecord \"/r s\" size 1G\n") == 0 &&
		strcmp(conf.record, "/r s") == 0,
	    "a recording");
	IS_I64(conf.record_bytes, 1 << 30, "its size");
	OK(read_text("server a\nrecord /r size 1048576\nrecord /q\n") == 0 &&
		strcmp(conf.record, "/q") == 0,
	    "another one");
	IS_I64(conf.record_bytes, 16 << 20, "of the usual size");
	OK(read_text("server a\nrecord /r size 2048k\n") == 0 &&
		conf.record_bytes == 2 << 20,
	    "a size in k");
}

static void
test_leap(void)
{
	OK(read_text("server a\n") == 0 && conf.leap_file[0] == '\0' &&
		conf.leap_smear_s == 0,
	    "no file of leap seconds, no smear");
	OK(read_text("server a\nleap file \"/l s\"\n") == 0 &&
		strcmp(conf.leap_file, "/l s") == 0 && conf.leap_smear_s == 0,
	    "a file of leap seconds");
	OK(read_text("server a\nleap smear 1h\nleap file /l\n") == 0 &&
		conf.leap_smear_s == 3600,
	    "the shortest smear, before the file");
	OK(read_text("server a\nleap file /l\nleap smear 1h\n"
		     "leap smear 48h\n") == 0 &&
		conf.leap_smear_s == 172800,
	    "the longest");
	OK(read_text("server file\nserver leap\nserver smear\n") == 0,
	    "hosts may be called so");
}

static void
test_words(void)
{
	OK(read_text("h=\"foo.example\"\nopts = port 7 # c\nx = 'a' \"b\"\n"
		     "server $h $opts\nx = \"c\"\nserver $x\n") == 0 &&
		conf.source_count == 2 && conf.sources[0].port == 7 &&
		strcmp(conf.sources[1].name, "c") == 0,
	    "macros, of several words, defined anew");
	OK(read_text("port = \"a\"\nserver $port\n") == 0,
	    "a macro may be called like a keyword");
	OK(read_text("e = \"\"\nserver a $e port $e 9\n") == 0 &&
		conf.sources[0].port == 9,
	    "an empty macro");
	OK(read_text("server a\r\nserver b \\\r\n port 5\r\n\r\n# x\r\n") ==
		    0 &&
		conf.source_count == 2 && conf.sources[1].port == 5,
	    "lines that end in CR LF");
	OK(read_text("server a") == 0, "a last line without an end");
	OK(read_text("server a\n# a comment \\\nserver b\nserver c\n") == 0 &&
		conf.source_count == 2 &&
		said("t:2:13: warning: the \"\\\" makes this comment go on") ==
		    1,
	    "a comment that goes on is warned of");
	OK(read_text("state directory \"/a\\\"b\\\\c\\d\"\nserver a\n") == 0 &&
		strcmp(conf.state_directory, "/a\"b\\c\\d") == 0,
	    "backslashes in quotes");
	OK(read_text("state directory \"/a\\\nb\"\nserver a\n") == 0 &&
		strcmp(conf.state_directory, "/ab") == 0,
	    "a string over two lines");
	OK(read_text("state directory \"a\tb\xc2\x9b\xc3\xa4\"\n") == -1 &&
		said("found \"a b??\xc3\xa4\"") == 1,
	    "no control character comes through a message");
	OK(read_text("# \xff\xfe\nserver a\n") == 0,
	    "a comment may hold any bytes but control characters");
}

static void
test_several(void)
{
	char *many = NULL;
	size_t size;
	FILE *f = open_memstream(&many, &size);

	OK(read_text("bogus\nserver a port 0 poll 3s to 4s\nserver b x y z\n"
		     "clock {\nlimit x\nstep x\n}\nlog level x\n") == -1 &&
		said("t:1:1: ") == 1 && said("t:2:15: ") == 1 &&
		said("t:2:22: ") == 1 && said("t:3:10: ") == 1 &&
		said("t:5:7: ") == 1 && said("t:6:6: ") == 1 &&
		said("t:8:11: ") == 1 && said("\n") == 7,
	    "every error is reported, each once");
	if (f == NULL)
		abort();
	for (int i = 0; i < 100; i++)
		(void)fprintf(f, "bogus\n");
	(void)fclose(f);
	OK(read_text(many) == -1 && said("t:20:1: ") == 1 &&
		said("t:21:") == 0 &&
		said("too many errors, the rest was not read") == 1 &&
		said("\n") == 21,
	    "reading stops after twenty errors");
	free(many);
}

/* One line count times, with its number for every %d. */
static int
read_many(const char *head, const char *format, int count)
{
	char *many = NULL;
	size_t size;
	FILE *f = open_memstream(&many, &size);
	int rc;

	if (f == NULL)
		abort();
	(void)fputs(head, f);
	for (int i = 0; i < count; i++) {
		const char *mark = strchr(format, '#');

		(void)fprintf(
		    f, "%.*s%d%s", (int)(mark - format), format, i, mark + 1);
	}
	(void)fclose(f);
	rc = read_text(many);
	free(many);
	return rc;
}

static void
test_limits(void)
{
	char label[300], text[400];

	OK(read_many("", "server a#\n", 64) == 0, "64 sources");
	OK(read_many("", "server a#\n", 65) == -1 &&
		said("t:65:8: more than 64 sources") == 1,
	    "and no more");
	OK(read_many("server a\n", "listen on 192.0.2.#\n", 32) == 0,
	    "32 listeners");
	OK(read_many("server a\n", "listen on 192.0.2.#\n", 33) == -1 &&
		said("t:34:11: more than 32 addresses to listen on") == 1,
	    "and no more");
	OK(read_many("server a\n", "x# = y\n", 1000) == 0, "1000 macros");
	OK(read_many("server a\n", "x# = y\n", 1001) == -1 &&
		said("t:1002:1: more than 1000 macros") == 1,
	    "and no more");
	OK(read_many("server a\n", "sensor x#\n", 1000) == 0 &&
		said("\n") == 51 && said("further warnings are left out") == 1,
	    "50 warnings");
	memset(label, 'a', sizeof(label));
	(void)snprintf(text, sizeof(text), "server %.63s.b\n", label);
	OK(read_text(text) == 0, "63 characters between dots");
	(void)snprintf(text, sizeof(text), "server %.64s.b\n", label);
	OK(read_text(text) == -1 &&
		said("more than 63 characters between dots") == 1,
	    "and no more");
	for (size_t i = 1; i < sizeof(label); i += 2)
		label[i] = '.';
	(void)snprintf(text, sizeof(text), "server %.253s\n", label);
	OK(read_text(text) == 0 && strlen(conf.sources[0].name) == 253,
	    "a name of 253 characters");
	(void)snprintf(text, sizeof(text), "server %.256s\n", label);
	OK(read_text(text) == -1 && said("more than 253 characters") == 1,
	    "and no more");
	memset(label, 'a', sizeof(label));
	(void)snprintf(
	    text, sizeof(text), "server a\nstate directory /%.102s\n", label);
	OK(read_text(text) == 0, "a path of 103 characters");
	(void)snprintf(
	    text, sizeof(text), "server a\nstate directory /%.103s\n", label);
	OK(read_text(text) == -1 &&
		said("t:2:17: a path of more than 103 characters") == 1,
	    "and no more");
	(void)snprintf(
	    text, sizeof(text), "server a\ncontrol socket /%.103s\n", label);
	OK(read_text(text) == -1 && said("t:2:16: ") == 1, "nor a socket");
	(void)snprintf(
	    text, sizeof(text), "server a\ncontrol socket /%.100s\n", label);
	OK(read_text(text) == -1 &&
		said("t:2:16: a path of more than 100 characters, the most "
		     "that a control socket can have") == 1,
	    "which has less room");
	(void)snprintf(
	    text, sizeof(text), "server a\ncontrol socket /%.99s\n", label);
	OK(read_text(text) == 0, "100 characters");
}

static void
test_long_tokens(void)
{
	char *text = malloc(4096);

	if (text == NULL)
		abort();
	memset(text, 'a', 4095);
	text[4095] = '\0';
	memcpy(text, "server ", 7);
	OK(read_text(text) == -1 &&
		said("t:1:8: a word of more than 1023 characters") == 1,
	    "a long word");
	text[7] = '"';
	text[4094] = '"';
	OK(read_text(text) == -1 &&
		said("t:1:8: a string of more than 1023 characters") == 1,
	    "a long string");
	memset(text, '$', 8);
	memcpy(text, "server ", 7);
	text[4094] = 'a';
	OK(read_text(text) == -1 && said("more than 1023") == 1,
	    "a long macro");
	memset(text, 'a', 4095);
	memcpy(text, "x = ", 4);
	for (size_t i = 504; i < 4095; i += 500)
		text[i] = ' ';
	OK(read_text(text) == -1 &&
		said("a value of more than 1023 characters") > 0,
	    "a long value");
	free(text);
}

static void
test_files(void)
{
	static const char nul[] = "server a\nserver b\0 port 1\n";
	char *big = calloc(1, 1024 * 1024 + 1), want[256];
	const char *path;

	if (big == NULL)
		abort();
	path = file("nul.conf", nul, sizeof(nul) - 1);
	(void)snprintf(want, sizeof(want), "%s:2:9: a zero byte", path);
	OK(read_file(path) == -1 && said(want) == 1, "a zero byte in a file");
	path = file("empty.conf", "", 0);
	OK(read_file(path) == 0, "an empty file");
	memset(big, '#', 1024 * 1024 + 1);
	OK(read_file(file("big.conf", big, 1024 * 1024)) == 0, "1 MiB");
	OK(read_file(file("big.conf", big, 1024 * 1024 + 1)) == -1 &&
		said("it is larger than 1 MiB") == 1,
	    "more than 1 MiB");
	free(big);
	OK(read_file(dir) == -1 && said("Is a directory") == 1, "a folder");
	OK(read_file("/nonexistent") == -1 && said("No such file") == 1,
	    "a missing file");
	OK(read_file("/dev/zero") == -1 && said("not a regular file") == 1,
	    "a device");
}

static void
test_pipe(void)
{
	char path[32];
	int fds[2];

	if (pipe(fds) == -1 || write(fds[1], "server a\nx\n", 11) != 11)
		abort();
	(void)close(fds[1]);
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	OK(read_file(path) == -1 && said(":2:1: ") == 1, "a pipe is read");
	(void)close(fds[0]);
}

static void
test_include(void)
{
	static const char inner[] =
	    "server $h port 5\nm = \"x.example\"\nclock { limit 1s }";
	static const char outer[] =
	    "h = \"h.example\"\ninclude \"inner.conf\"\n"
	    "server $m\n";
	static const char wrong[] = "clock {\n";
	static const char outer2[] = "include \"wrong.conf\"\n limit 1s\n}\n";
	static const char loop[] = "server a\ninclude \"./loop.conf\"\n";
	char fifo[64], text[128];

	(void)file("inner.conf", inner, sizeof(inner) - 1);
	OK(read_file(file("outer.conf", outer, sizeof(outer) - 1)) == 0 &&
		report[0] == '\0' && conf.source_count == 2 &&
		conf.sources[0].port == 5 &&
		strcmp(conf.sources[1].name, "x.example") == 0 &&
		conf.clock.limit_ns == NS_PER_S,
	    "a file beside the one that includes it; macros go both ways");
	(void)file("wrong.conf", wrong, sizeof(wrong) - 1);
	OK(read_file(file("outer2.conf", outer2, sizeof(outer2) - 1)) == -1 &&
		said("wrong.conf:1:7: ") == 1 &&
		said("outer2.conf:2:2: ") == 1 &&
		said("outer2.conf:3:1: ") == 1,
	    "a block ends in the file where it begins");
	OK(read_file(file("loop.conf", loop, sizeof(loop) - 1)) == -1 &&
		said("loop.conf:2:9: cannot read") == 1 &&
		said("it includes itself") == 1,
	    "a file that includes itself");
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	if (mkfifo(fifo, 0600) == -1)
		abort();
	(void)snprintf(text, sizeof(text), "include \"%s\"\n", fifo);
	OK(read_text(text) == -1 && said("t:1:9: ") == 1,
	    "including a pipe does not hang");
	(void)snprintf(text, sizeof(text), "include \"%s/inner.conf\"\n", dir);
	OK(read_text(text) == -1 && said("inner.conf:1:8: no such macro") == 1,
	    "an error in an included file has its name");
}

static void
test_nesting(void)
{
	char name[32], text[64];

	for (int i = 0; i < 12; i++) {
		(void)snprintf(name, sizeof(name), "n%d.conf", i);
		(void)snprintf(
		    text, sizeof(text), "include \"n%d.conf\"\n", i + 1);
		(void)file(name, text, strlen(text));
	}
	(void)file("n8.conf", "server a\n", 9);
	(void)snprintf(text, sizeof(text), "include \"%s/n0.conf\"\n", dir);
	OK(read_text(text) == -1 &&
		said("n7.conf:1:9: more than 8 includes in each other") == 1,
	    "nine files in each other");
	(void)snprintf(text, sizeof(text), "include \"%s/n1.conf\"\n", dir);
	OK(read_text(text) == 0, "eight files in each other");
	(void)snprintf(text, sizeof(text), "include \"%s/n8.conf\"\n", dir);
	OK(read_many("", "include \"/nonexistent/#\"\n", 5) == -1 &&
		said("\n") == 5,
	    "missing files");
}

static void
test_fan_out(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	const char *path = file("leaf.conf", "# nothing\n", 10);

	if (f == NULL)
		abort();
	for (int i = 0; i < 101; i++)
		(void)fprintf(f, "include \"%s\"\n", path);
	(void)fclose(f);
	OK(read_text(text) == -1 && said("t:101:9: more than 100 files") == 1,
	    "more files than are read");
	free(text);
}

static void
test_texts(void)
{
	static const struct conf_text texts[] = {
		{ "-p#1", "pool \"a.example\" port 1\n" },
		{ "-c#1", "server b" },
		{ "-c#2", "log level error" },
		{ "-c#3", "log level debug" },
	};
	static const struct conf_text bad[] = {
		{ "-c#1", "clock {" },
		{ "-c#2", "}" },
	};

	OK(read_texts(texts, 4) == 0 && conf.source_count == 2 &&
		conf.log_level == LOG_LEVEL_DEBUG,
	    "several texts; a later statement overrides");
	OK(read_texts(bad, 2) == -1 && said("-c#1:1:7: ") == 1 &&
		said("-c#2:1:1: ") == 1,
	    "a block does not reach into the next text");
	OK(read_texts(texts, 0) == 0, "no text at all");
}

static void
test_installed(void)
{
	OK(read_file("ntpd/ntpd.conf") == 0 && report[0] == '\0' &&
		conf.source_count == 1,
	    "the file that is installed is right");
}

/* A file written for OpenNTPD works unchanged. */
static void
test_openntpd(void)
{
	OK(read_file("tests/conf/openntpd.conf") == 0,
	    "a file with every statement of OpenNTPD is accepted");
	IS_I64(conf.source_count, 9, "its servers are there");
	IS_I64(conf.listen_count, 6, "its listeners are there");
	IS_I64(
	    said("\"sensor\" has no effect"), 4, "every sensor is warned of");
	IS_I64(said("\"constraint\" has no effect"), 3, "every constraint");
	IS_I64(said("\"constraints\" has no effect"), 1, "constraints");
	IS_I64(said("\"weight\" has no effect"), 4, "every weight");
	IS_I64(said("\"trusted\" has no effect"), 4, "every trusted");
	IS_I64(said("\"query from\" has no effect"), 2, "every query from");
	IS_I64(said("\"rtable\" has no effect"), 2, "every rtable");
	IS_I64(said("\n"), 20, "and nothing else");
}

/* Remove the test's folder. */
static void
clean(void)
{
	char path[sizeof(dir) + 300];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		(void)unlink(path); /* "." and ".." stay */
	}
	(void)closedir(d);
	(void)rmdir(dir);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	test_broken();
	test_defaults();
	test_sources();
	test_listen();
	test_note_file();
	test_fast();
	test_clock();
	test_daemon();
	test_leap();
	test_words();
	test_several();
	test_limits();
	test_long_tokens();
	test_files();
	test_pipe();
	test_include();
	test_nesting();
	test_fan_out();
	test_texts();
	test_openntpd();
	test_installed();
	clean();
	free(report);
	return DONE();
}
