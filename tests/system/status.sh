#!/bin/sh
# What ntpctl says in each state of ntpd, as text and as JSON: it must never
# say anything false, and no line is wider than a terminal.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
if [ ! -x "$BUILD/ntpd" ]; then
	echo "Bail out! $BUILD/ntpd is not built"
	exit 1
fi
# A folder of its own, from which a program can be taken away.
mkdir "$dir/bin"
cp "$BUILD"/ntpd "$BUILD"/ntpctl "$BUILD"/ntp-* "$dir/bin"
chmod 755 "$dir/bin" "$dir"/bin/*
BUILD=$dir/bin
whom=client # whose ntpctl is asked

is() { # is EXPRESSION: of the status in JSON
	ctl $whom -j status 2>/dev/null | jq -e "$1" >/dev/null
}
soon() { # soon SECONDS EXPRESSION NAME
	until_ok "$1" is "$2"
	report $? "$3"
	[ "$bad" = 0 ] || ctl $whom -j status 2>&1 | head -30 | sed 's/^/# /'
}
# says STATUS FRAGMENT COMMAND ...: exit status, and words on either output.
says() {
	want=$1
	fragment=$2
	shift 2
	said=$(ctl $whom "$@" 2>&1)
	status=$?
	[ "$status" = "$want" ] && printf '%s\n' "$said" | tr '\n' ' ' |
	    tr -s ' ' | grep -qF -e "$fragment"
	report $? "ntpctl $*: exit status $want, \"$fragment\""
	[ "$status" = "$want" ] || printf '# %s\n' "$status: $said"
}
# The same, but while a program is tried in vain, that is said for a moment.
down() { # down STATUS COMMAND
	said=$(ctl client "$2" 2>&1)
	[ $? = "$1" ] && printf '%s\n' "$said" | tr '\n' ' ' | tr -s ' ' |
	    grep -qF "ntp-net is down for"
}
# Every view, as a table and as JSON.
views() {
	for view in status sources "source 127.0.0.1" clock server clients log; do
		# shellcheck disable=SC2086
		ctl client $view >"$dir/view.txt" 2>/dev/null
		# A micro sign is one column, whatever the locale.
		! LC_ALL=C.UTF-8 grep -q '.\{81\}' "$dir/view.txt" || {
			sed 's/^/# /' "$dir/view.txt"
			return 1
		}
		# shellcheck disable=SC2086
		ctl client $view -j 2>/dev/null | jq -e . >/dev/null ||
		    return 1
	done
}

says 1 "is ntpd running?" status
says 1 '"ok": false' health -j
says 1 '"state": null' health -j
says 1 '"state": null' wait 0 -j
says 1 '"bound_ns": null' wait 0 -j
says 1 '"message": "unknown command' -j nosuch
says 1 '"message": "unknown option' -j --nosuch
says 1 "unknown option (try ntpctl --help): \"--js\"" --js status
says 1 '"message": "wait: expected seconds' wait -j soon

server first 5
first=$pid first_port=$port
server second 5
second=$pid second_port=$port
next_port
conf client <<END
server 127.0.0.1 port $first_port poll 1s to 1s
server 127.0.0.1 port $second_port poll 1s to 1s
listen on 127.0.0.1 port $port
END
start client
client_pid=$pid
soon 20 '.uptime_s > 0' "it runs"
soon 30 '.state == "synchronized" and .measuring and .synchronized and
    .holdover_s == null and .bound_ns > 0' "in sync"
says 0 "in sync; the clock of this machine is not touched" health
says 0 "synchronized: stratum 6, 2 of 2 sources agree" status
says 0 '"state": "synchronized"' health -j
[ "$(ctl client -j status)" != "" ] && [ "$(ctl client status -j | jq .state)" = \
    "$(ctl client -j status | jq .state)" ]
report $? "-j may stand behind the command"
views
report $? "in sync: every view is JSON, and no line is over 80 columns"

# One that refuses and a name that cannot be looked up do not count for long: the
# number that is shown is the one that is applied.
server alive 5
alive_port=$port
next_port
conf left <<END
server 127.0.0.1 port $alive_port poll 1s to 1s
server 127.0.0.1 port $port poll 1s to 1s
server no-such-host.invalid
END
start left
whom=left
soon 60 '.synchronized and .sources_needed == 1 and .sources_agreeing == 1 and
    .sources_counted == 1 and (.sources | length) == 3' \
    "one of three is left, and counts alone"
says 0 "sources 1 of 3 agree, 1 must; 2 do not count" status
grep -q "time agreed: sources=1 needed=1" "$dir/left.log"
report $? "and so says the log"

# Of a source of stratum 15 all views say the same.
server last 15
last_port=$port
next_port
conf below <<END
server 127.0.0.1 port $last_port poll 1s to 1s
listen on 127.0.0.1 port $port
END
below_port=$port
start below
conf lowest <<END
server 127.0.0.1 port $below_port poll 1s to 1s
END
start lowest
whom=below
soon 30 '.synchronized and .state == "synchronized" and .stratum == 16 and
    .reason == null and .sources[0].stratum == 15' "a source of stratum 15"
says 0 "synchronized: stratum 16, 1 of 1 source agrees served to nobody" status
says 0 "in sync" health
says 0 "in sync" wait 0
until_ok 10 grep -q "time agreed: sources=1 needed=1 stratum=16" \
    "$dir/below.log"
report $? "and so says the log"
whom=lowest
soon 30 '(.synchronized | not) and .sources[0].state == "unsynchronized" and
    .sources[0].received > 3' "who asks this machine is told that it has no time"
says 3 "no answer of a source can be used" status
whom=client

kill "$first" "$second"
soon 30 '.state == "holdover" and .synchronized and .holdover_s > 0 and
    .holdover_since != null and .bound_ns > 0 and .reason != null' \
    "all servers are dead: holdover, since when, and its bound"
says 0 "holdover since 2" health
until_ok 10 grep -q "ntp-net warning: holdover: no answers can be used" "$dir/client.log"
report $? "the log has its beginning"
began=$(ctl client -j status | jq -r .holdover_since)
moved=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(ctl client -j health | jq -r .holdover_since)" = "$began" ] ||
	    moved=1
	sleep 0.15
done
[ "$began" != null ] && [ $moved = 0 ]
report $? "and began at one moment, however often it is looked at"
says 0 "error at most" status
says 1 "not in sync after 0 s: holdover since 2" wait 0
ctl client wait 0 -j 2>/dev/null | jq -e '(.ok | not) and
    .state == "holdover" and .holdover_s > 0 and .bound_ns > 0' >/dev/null
report $? "and so in JSON, with its state and bound"
! ctl client health 2>&1 | grep -q "in sync"
report $? "and health does not say that it is in sync"
soon 60 '[.sources[].state] | all(. == "unreachable")' "the sources are dead"
says 0 "no source answers" status
views
report $? "in holdover: every view is JSON, and no line is over 80 columns"
kill -USR1 "$client_pid"
until_ok 10 grep -q "synchronized=yes holdover=yes" "$dir/client.log"
report $? "and so says the summary in the log"

start first
first=$pid
start second
soon 60 '.state == "synchronized" and .holdover_since == null' "they are back"
until_ok 10 grep -q "ntp-net info: holdover is over: the time is measured again: lasted_s=[1-9]" \
    "$dir/client.log"
report $? "and so says the log"

# The port is taken by who serves first: health says so, and goes by the rest.
conf late <<END
listen on 127.0.0.1 port $first_port
local stratum 7
END
start late
late() { # late STATUS WORDS: of health, the whole of it
	said=$(ctl late health 2>&1)
	[ "$?" = "$1" ] && [ "$said" = "$2" ]
}
until_ok 10 late 1 "ntpctl: not serving its own time (local stratum): cannot listen on 127.0.0.1:$first_port yet"
report $? "health: the port is the reason"
[ "$bad" = 0 ] || echo "# $said"
ctl late status | grep -q "^serving     cannot listen on 127.0.0.1:$first_port yet"
report $? "and so says status"
[ "$(ctl late -j status | jq .addresses_awaited)" = 1 ]
report $? "and JSON"
grep -q "starts: 0 sources, 1 address to listen on, 1 of them not yet" "$dir/late.log"
report $? "the log counts it, too"
kill "$first"
until_ok 30 late 0 "serving its own time: local stratum"
report $? "when the port is free, it serves"
[ "$bad" = 0 ] || echo "# $said"

net=$(pid_of client ntp-net)
kill -STOP "$net"
says 3 "time is not being measured: ntp-net (pid $net) does not answer" status
says 1 "time is not being measured" health
says 1 "time is not being measured" sources
is '(.measuring | not) and .state == "unmeasured" and .sources == [] and
    .stratum == null and .offset_ns == null and .uptime_s > 1'
report $? "ntp-net hangs: what is measured is null, and so says the state"
rm "$BUILD/ntp-net"
kill -KILL "$net"
soon 20 '.measuring == false and
    (.reason | test("ntp-net is down for [0-9]+ s")) and
    (.processes[] | select(.name == "ntp-net") | .pid == 0 and .age_s >= 0)' \
    "ntp-net is down: for how long, and which program"
for answer in "3 status" "1 health"; do
	# shellcheck disable=SC2086
	until_ok 10 down $answer
	report $? "ntp-net is down: exit status and command $answer"
	[ "$bad" = 0 ] || echo "# $said"
done
says 0 "not touched" clock

# Without ntp-observe: not even it may be taken for ntpd.
observe=$(pid_of client ntp-observe)
mv "$BUILD/ntp-observe" "$dir/ntp-observe"
kill -KILL "$observe"
observer() { # observer COMMAND: nothing is said of ntpd
	said=$(ctl client "$@" 2>&1)
	[ $? = 1 ] && printf '%s\n' "$said" |
	    grep -q "ntp-observe, which answers for ntpd, does not answer"
}
for command in status health "clock -j" "wait 0"; do
	# shellcheck disable=SC2086
	until_ok 20 observer $command
	report $? "without ntp-observe that is what ntpctl $command says"
	[ "$bad" = 0 ] || echo "# $said"
done
mv "$dir/ntp-observe" "$BUILD/ntp-observe"
until_ok 60 ctl client log
report $? "ntp-observe is back"

# A configuration that is wrong.
echo "server a..b" >>"$dir/client.conf"
says 1 "nothing before or after a dot" reload
says 1 "client.conf:" reload -j
done_testing
