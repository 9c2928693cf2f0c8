#!/bin/sh
# ntpd -n: every statement, broken in turn, is refused with its line and column
# and exit status 1; a valid one is accepted with exit status 0.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/tap.sh
if [ ! -x "$BUILD/ntpd" ]; then
	echo "Bail out! $BUILD/ntpd is not built"
	exit 1
fi

# check ARGUMENT...: run ntpd -n; $said is what it says, $status its status.
check() {
	said=$("$BUILD/ntpd" -n "$@" 2>&1)
	status=$?
}
# refused NAME FRAGMENT: it was, with that in a message at the line's start.
refused() {
	line=$(printf '%s\n' "$said" | grep -cF -e "$2")
	[ "$status" = 1 ] && [ "$line" = 1 ]
	report $? "$1 is refused: $2"
	[ "$status:$line" = 1:1 ] && return
	echo "# exit status $status"
	printf '%s\n' "$said" | sed 's/^/# /'
}
# accepted NAME: it was.
accepted() {
	[ "$status" = 0 ] && [ "${said##*configuration OK}" = "" ]
	report $? "$1 is accepted"
	[ "$status" = 0 ] || printf '%s\n' "$said" | sed 's/^/# /'
}

for file in tests/conf/bad-*.conf; do
	check -f "$file"
	while IFS= read -r want; do
		refused "$file" "$file:$want"
	done <<-END
	$(sed -n 's/^# want //p' "$file" | tr -d '\0')
	END
	case $said in
	*"configuration OK"*) false ;;
	esac
	report $? "$file is not said to be OK"
done
for file in tests/conf/good-*.conf tests/conf/openntpd.conf ntpd/ntpd.conf; do
	[ "$file" = tests/conf/good-included.conf ] && continue
	check -f "$file"
	accepted "$file"
done

# COLUMN | what is said | statement
while IFS='|' read -r column fragment statement; do
	check -c "$statement"
	refused "\"$statement\"" "-c#1:1:$column: $fragment"
done <<'END'
1|expected a statement such as "server", "pool" or "listen"|sever a
8|expected a host name or an address|server a..b
7|expected a host name or an address|server
10|expected "interleaved", "key", "poll", "port", "trusted", "weight" or the end|server a iburst
15|expected a port|server a port 0
15|expected a poll interval|server a poll soon to 64s
15|expected a power of two|server a poll 20s to 64s
14|a key needs a statement keys "file"|server a key 7
13|expected a key ID from 1 to 4294967295|server a key
10|this version does not support "nts"|server a nts
17|expected a weight|server a weight 99
7|unexpected character|pool a!b
14|expected a number from 1 to 16|pool a count 0
9|expected a host name or an address|servers 1.2.3
17|expected a number from 1 to 64|minimum sources none
9|expected "sources"|minimum servers 3
12|expected an address|query from a
7|expected "from"|query a
16|expected a URL|constraint from
12|expected "from"|constraint "https://a"
17|expected a URL|constraints from
18|expected a stratum|sensor * stratum 0
10|expected "correction", "refid"|sensor * offset 1
11|expected an address|listen on localhost
8|expected "on"|listen *
11|"224.0.1.1" cannot be listened on|listen on 224.0.1.1
11|"fe80::1" cannot be listened on|listen on fe80::1
18|expected a port|listen on * port x
20|expected a routing table|listen on * rtable x
15|expected a stratum|local stratum 16
7|expected "stratum"|local 10
7|"192.0.2.1/24" has bits after its first 24: the prefix is 192.0.2.0/24|allow 192.0.2.1/24
6|expected an address or a prefix such as 192.0.2.0/24, found "all"|deny all
18|expected a duration from 1s to 1d, found "0"|rate limit 1 per 0
1|this version does not support "nts"|nts server listen on *
1|this version does not support "metrics"|metrics on ::1
6|cannot use the keys in "/nonexistent"|keys "/nonexistent"
6|expected "{"|clock
7|expected "}" for this "{"|clock {
19|expected a duration|clock { step over x }
23|expected "backward" or "forward"|clock { startup limit 1s }
31|expected a duration|clock { startup limit forward x }
32|expected a duration|clock { startup limit backward x }
15|expected a duration|clock { limit x }
16|expected a duration|clock { budget x }
23|expected a duration|clock { budget 1s per x }
20|expected a rate|clock { slew limit x }
22|expected "freeze" or "stop"|clock { on violation x }
16|expected a path|control socket x
24|expected a mode|control socket /x mode x
25|expected the name of a group|control socket /x group -
17|expected a path|state directory x
11|expected "error", "warning"|log level x
9|cannot read "/nonexistent"|include /nonexistent
9|expected a path|include relative
8|no such macro|server $x
4|expected the value|x =
8|this quote is not closed|server "a
END

check -f /nonexistent
refused "a missing file" "/nonexistent: cannot be read: No such file"
check -f tests
refused "a folder" "tests: cannot be read: Is a directory"
check -f /dev/zero
refused "a device" "/dev/zero: cannot be read: it is not a regular file"
printf 'server a\n' | "$BUILD/ntpd" -n -f /dev/stdin >/dev/null 2>&1
report $? "a pipe is read"
# bash hands it on as /dev/fd/63: what is open there must not be closed before.
if command -v bash >/dev/null; then
	bash -c "\"$BUILD/ntpd\" -n -f <(echo server a)" >/dev/null 2>&1
	report $? "what a command writes is read"
fi

# What is named and not there is a warning, since a start goes on without it:
# COLUMN | what is said | statement
while IFS='|' read -r column fragment statement; do
	check -c 'server a' -c "$statement"
	accepted "\"$statement\""
	printf '%s\n' "$said" | grep -qF -e "-c#2:1:$column: warning: $fragment"
	report $? "with a warning: $fragment"
done <<'END'
33|there is no group nosuchgroup|control socket "/tmp/x.s" group nosuchgroup
16|there can be no control socket /nosuch/x: /nosuch is no folder|control socket "/nosuch/x"
16|there can be no control socket /etc/passwd/x: /etc/passwd is no folder|control socket "/etc/passwd/x"
16|there can be no control socket /etc: there is something else|control socket "/etc"
17|there can be no state directory /nosuch/state/x: /nosuch/state is no folder|state directory "/nosuch/state/x"
17|there can be no state directory /etc/passwd: it is no folder|state directory "/etc/passwd"
8|there can be no recording /nosuch/x: /nosuch is no folder|record "/nosuch/x"
8|there can be no recording /etc: there is something else|record "/etc"
END
# What ends a start is an error.
check -c 'listen on 127.255.255.255 port 9123'
refused "a broadcast address" \
    "-c#1:1: cannot listen on 127.255.255.255:9123: it is a broadcast address"
check -c 'server a' --user nosuchuser
refused "a user that is missing" "ntpd: there is no user nosuchuser"
check -c 'server a' --user root
refused "root" "ntpd: no program may run as user root, who is root"
check -c 'server a' -c 'leap file "/nosuch/leap"'
accepted "a leap file that is missing"
printf '%s\n' "$said" |
    grep -q '^-c#2:1:11: warning: cannot use the leap file /nosuch/leap: '
report $? "and warned of where it stands"
check -c 'server a' -c 'control socket "/run/ntpd/x"'
accepted "the folder that ntpd makes itself"
check --config "$BUILD/ntpd"
refused "--config" "unknown option --config: --config-line must be spelt out"

check -p pool.ntp.org -c 'log level debug'
accepted "-p with -c"
check -p 'a b'
refused "-p with a space" "ntpd: -p a b: expected host"
said=$("$BUILD/ntpd" --check --no-clock --peer ::1 2>&1)
status=$?
accepted "--check --no-clock --peer"

done_testing
