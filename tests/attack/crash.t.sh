#!/bin/sh
# Programs that end again and again: how often they are restarted, and what is
# logged about it; and an ntpd whose log nobody reads.
# shellcheck disable=SC2034,SC2154 # what evil.sh reads and sets
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/evil.sh"

server upstream 3
upstream_port=$port
upstream=$pid
until_ok 10 ctl upstream -j status

# Each crash may be a guess at where things lie in its memory.
evil ntp-resolve fault
until_ok 15 grep -q "ntp-resolve has failed repeatedly: restarting it in 4[0-9][0-9] s" "$log"
report $? "after eight crashes the next start waits for minutes"
restarts_are ntp-resolve 7
report $? "it was started again seven times ($(restarts ntp-resolve))"
sleep 3
restarts_are ntp-resolve 7 && [ -z "$(child ntp-resolve)" ]
report $? "and then it is not"
kill -HUP "$ntpd"
until_ok 3 restarts_are ntp-resolve 8
report $? "but for an operator who asks for a reload"
[ "$(lines "ntp-resolve")" -le 30 ]
report $? "the log has $(lines ntp-resolve) lines of that"
in_sync >/dev/null && restarts_are ntp-clock 0 && restarts_are ntp-net 0
report $? "the others go on"
peace

# Who ends by itself is started again, but not so often that it costs much.
evil ntp-resolve exit
until_ok 10 in_sync
report $? "the client is in sync without ntp-resolve"
sleep 5
count=$(restarts ntp-resolve)
[ "$count" -ge 6 ] && [ "$count" -le 10 ]
report $? "what ends by itself is started again ever more seldom ($count times)"
[ "$(lines "ntp-resolve pid=.* ended with status 1")" -le 12 ]
report $? "and is not said for ever"
peace

# Deaths by others' hands cost no time, even after those.
evil ntp-resolve none
until_ok 10 in_sync
slowest=0
old=$(child ntp-net)
kills=0
while [ $kills -lt 30 ]; do
	kills=$((kills + 1))
	began=$(date +%s%N)
	kill -9 "$old"
	new=$old
	while [ -z "$new" ] || [ "$new" = "$old" ]; do
		sleep 0.02
		new=$(child ntp-net)
	done
	old=$new
	waited=$((($(date +%s%N) - began) / 1000000))
	[ $waited -le $slowest ] || slowest=$waited
done
[ $slowest -lt 1500 ]
report $? "30 times kill -9: it is back within $slowest ms"
count=$(lines "ntp-net pid=.* was killed by signal 9")
[ "$count" -le 13 ]
report $? "the log has $count of these deaths"
restarts_are ntp-net 30
report $? "the status has all of them ($(restarts ntp-net))"
peace

# The log is a pipe that nobody reads any more.
conf deaf <<END
server 127.0.0.1 port $upstream_port poll 1s to 4s
END
{
	"$BUILD/ntpd" -d -x -f "$dir/deaf.conf" 2>&1 >/dev/null &
	echo $! >"$dir/deaf.pid"
} | true
ntpd=$(cat "$dir/deaf.pid")
case_name=deaf
until_ok 10 in_sync
report $? "an ntpd whose log nobody reads works"
kill "$ntpd"
gone() {
	[ ! -d "/proc/$ntpd" ] || [ "$(status_of "$ntpd" State | cut -c1)" = Z ]
}
until_ok 3 gone
report $? "and ends"

# The log is a pipe whose reader has stopped, and it is full.
conf stopped <<END
server 127.0.0.1 port $upstream_port poll 1s to 4s
END
mkfifo "$dir/pipe"
# shellcheck disable=SC2217 # it holds the pipe open
sleep 60 <"$dir/pipe" &
reader=$!
pids="$pids $reader"
{
	head -c 65536 /dev/zero # as much as a pipe holds
	exec "$BUILD/ntpd" -d -x -f "$dir/stopped.conf" 2>&1
} >"$dir/pipe" &
ntpd=$!
pids="$pids $ntpd"
case_name=stopped
until_ok 10 in_sync
report $? "an ntpd whose log is full works"
before=$(date +%s%N)
kill "$ntpd"
wait "$ntpd"
took=$((($(date +%s%N) - before) / 1000000))
[ $took -lt 1500 ]
report $? "and ends within 1.5 s ($took ms)"
kill "$reader"
kill "$upstream"
done_testing
