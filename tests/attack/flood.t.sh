#!/bin/sh
# Programs that were taken over flood ntpd and each other, or send invalid
# messages: the guilty one is ended, and no other.
# shellcheck disable=SC2034,SC2154 # what evil.sh reads and sets
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/evil.sh"

server upstream 3
upstream_port=$port
upstream=$pid
until_ok 10 ctl upstream -j status

# rss PID: in kB.
rss() {
	status_of "$1" VmRSS | tr -dc 0-9
}
# cpu_ms PID: that it has used.
cpu_ms() {
	awk '{ print ($14 + $15) * 10 }' "/proc/$1/stat"
}

gone() { # there is none, and none comes back as soon as after a few floods
	[ -z "$(child $program)" ] && sleep 6 && [ -z "$(child $program)" ]
}

for program in ntp-net ntp-observe ntp-resolve ntp-clock; do
	evil $program flood
	sleep 1
	before=$(cpu_ms "$ntpd")
	sleep 9
	spent=$(($(cpu_ms "$ntpd") - before))
	[ "$(lines "$program flooded ntpd with messages")" -ge 1 ]
	report $? "$program: it is ended for its flood"
	[ "$(lines "$program")" -le 140 ] && [ "$(wc -c <"$log")" -lt 70000 ]
	report $? "$program: the log of the flood is bounded ($(wc -c <"$log") bytes)"
	[ "$(rss "$ntpd")" -lt 8192 ]
	report $? "$program: so is ntpd's memory ($(rss "$ntpd") kB)"
	[ $spent -lt 4500 ]
	report $? "$program: and what it costs ntpd ($spent ms of 9 s)"
	# On a busy machine floods take longer, too.
	until_ok 60 gone
	report $? "$program: after eight floods it is not started for minutes"
	peace
done

evil ntp-net ready
until_ok 5 grep -q "ntp-net said twice that it is ready" "$log"
report $? "who says twice that it is ready is ended"
peace
evil ntp-resolve bad
until_ok 5 grep -q "ntp-resolve sent an invalid message" "$log"
report $? "so is who sends ntpd what may not be"
until_ok 10 in_sync
report $? "the client is in sync all the same"
peace

# A sibling complains, and is believed if it is nearer to the clock.
evil ntp-net "bad ntp-clock"
until_ok 5 grep -q "ntp-net sent an invalid message, says ntp-clock" "$log"
report $? "ntp-net is ended when ntp-clock complains"
clock=$(child ntp-clock)
sleep 5
[ -n "$clock" ] && [ "$(child ntp-clock)" = "$clock" ]
report $? "ntp-clock goes on"
[ "$(lines "ntp-net sent an invalid message, says")" -ge 4 ] &&
    [ -z "$(child ntp-net)" ]
report $? "after eight times ntp-net is not started for minutes"
peace

evil ntp-observe "bad ntp-net"
net=
until_ok 5 child ntp-net
net=$(child ntp-net)
until_ok 5 grep -q "ntp-observe sent an invalid message, says ntp-net" "$log"
report $? "ntp-observe is ended when ntp-net complains"
sleep 12
count=$(lines "ntp-observe pid=.* was killed by signal 9")
[ "$count" -ge 4 ] && [ "$count" -le 9 ]
report $? "but not for ever: $count times"
until_ok 12 grep -q "ntp-net reports an invalid message from ntp-observe: giving them a new" "$log"
report $? "then the two get a new channel now and then"
[ "$(child ntp-net)" = "$net" ]
report $? "ntp-net goes on"
peace

evil ntp-net "bad ntp-observe"
until_ok 5 grep -q "ntp-observe reports an invalid message from ntp-net" "$log"
report $? "ntp-observe complains of ntp-net"
net=$(child ntp-net)
observe=$(child ntp-observe)
sleep 21
[ "$(child ntp-net)" = "$net" ] && [ "$(child ntp-observe)" = "$observe" ]
report $? "neither is ended"
count=$(lines "ntp-observe reports an invalid message from ntp-net")
[ "$count" -ge 2 ] && [ "$count" -le 4 ]
report $? "they get a new channel once in ten seconds ($count)"
ctl "$case_name" -j log >"$dir/events"
report $? "what does not come from ntp-net can be had of ntp-observe"
peace

# Lies about others.
for program in ntp-observe ntp-resolve; do
	evil $program "accuse ntp-net"
	until_ok 5 child ntp-net
	net=$(child ntp-net)
	sleep 8
	[ -n "$net" ] && [ "$(child ntp-net)" = "$net" ]
	report $? "$program cannot have ntp-net ended"
	[ "$(lines "reports an invalid message from ntp-net")" -le 12 ]
	report $? "nor fill the log with that"
	[ "$(lines "time agreed")" = 1 ]
	report $? "nor keep the client from being in sync"
	peace
done
evil ntp-net "accuse ntp-clock"
until_ok 5 child ntp-clock
clock=$(child ntp-clock)
sleep 4
[ -n "$clock" ] && [ "$(child ntp-clock)" = "$clock" ]
report $? "nor can ntp-net have ntp-clock ended"
peace
evil ntp-net "accuse ntp-observe"
sleep 8
[ "$(lines "ntp-observe sent an invalid message, says ntp-net")" -le 8 ] &&
    until_ok 5 ctl "$case_name" -j log
report $? "it can have ntp-observe ended for a while only"
peace
evil ntp-resolve "accuse ntp-clock"
until_ok 5 grep -q "ntp-resolve accused a program that it has no channel to" "$log"
report $? "who accuses one that it has no channel to is ended"
peace

# Floods between siblings.
evil ntp-net "flood ntp-observe"
until_ok 5 grep -q "ntp-observe reports an invalid message from ntp-net" "$log"
report $? "ntp-net may not say more than ntp-observe asked"
sleep 2
observe=$(child ntp-observe)
before=$(cpu_ms "$observe")
sleep 5
spent=$(($(cpu_ms "$observe") - before))
[ $spent -lt 1000 ]
report $? "so its flood costs ntp-observe little ($spent ms of 5 s)"
ctl "$case_name" -j log >"$dir/events"
report $? "which answers meanwhile"
peace
evil ntp-resolve "flood ntp-net"
until_ok 5 grep -q "ntp-resolve sent an invalid message, says ntp-net" "$log"
report $? "nor may ntp-resolve answer more than it was asked"
until_ok 20 in_sync
report $? "the client is in sync all the same"
peace
evil ntp-observe "flood ntp-net"
until_ok 10 grep -q "time agreed" "$log"
report $? "ntp-net finds the time while ntp-observe asks it without end"
net=$(child ntp-net)
sleep 4
[ "$(rss "$net")" -lt 16384 ] && [ "$(child ntp-net)" = "$net" ]
report $? "and its memory stays as it was ($(rss "$net") kB)"
peace

# An honest ntp-observe, and users that ask it without end for what they may
# not have.
nobody=
[ "$(id -u)" != 0 ] || nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
evil ntp-resolve none
until_ok 20 in_sync
askers=
while [ "$(echo "$askers" | wc -w)" -lt 4 ]; do
	$nobody "$BUILD/flood" "$dir/$case_name.sock" &
	askers="$askers $!"
done
sleep 12
until_ok 3 in_sync
report $? "somebody who asks meanwhile has an answer"
# shellcheck disable=SC2086
kill $askers
restarts_are ntp-observe 0 && restarts_are ntp-net 0
report $? "nobody is ended for what users ask"
peace
kill "$upstream"
done_testing
