#!/bin/sh
# A program that is stopped while something is due: this is noticed, logged and
# the program restarted, and the status claims nothing false meanwhile.  Five
# clients at once, each with another program stopped.
. "$(dirname "$0")/../lib.sh"

programs=$(children)
server upstream 3
upstream_port=$port
for p in $programs; do
	next_port
	conf $p <<END
server 127.0.0.1 port $upstream_port poll 1s to 1s
listen on 127.0.0.1 port $port
workers 1
END
	start $p
done
all_synced() {
	for p in $programs; do
		ctl $p status || return 1
	done
}
until_ok 60 all_synced
report $? "all are in sync"
for p in $programs; do
	pid_of $p $p >"$dir/$p.old"
done

log_has() { # log_has PROGRAM TEXT: of the one that has this pid
	grep -q "$1 pid=$(cat "$dir/$1.old") $2" "$dir/$1.log"
}
not_synced() {
	! ctl "$1" status >/dev/null 2>&1
}
silent() { # silent PROGRAM: the status says that it does not respond
	ctl "$1" -j status | jq -e ".processes[] | select(.name == \"$1\") |
	    .responds == false" >/dev/null
}
anew() { # anew PROGRAM: another one runs in its place
	new=$(pid_of "$1" "$1")
	[ -n "$new" ] && [ "$new" != 0 ] && [ "$new" != "$(cat "$dir/$1.old")" ]
}

for p in $programs; do
	kill -STOP "$(cat "$dir/$p.old")"
done
for p in $programs; do
	until_ok 10 log_has $p "was stopped by signal"
	report $? "that $p is stopped is said"
done
# On a busy machine the next one may run by now.
meanwhile() { # meanwhile PROGRAM COMMAND ...
	program=$1
	shift
	until_ok 5 "$@" || anew "$program"
}
fails() {
	! "$@" >/dev/null 2>&1
}
says_why() {
	ctl ntp-clock -j status >"$dir/doubt.json"
	jq -e '.synchronized == false and .stratum == 16 and
	    .reason == "ntp-clock does not respond"' "$dir/doubt.json"
}
meanwhile ntp-clock says_why
report $? "without ntp-clock the status is not synchronized, and says why"
meanwhile ntp-clock silent ntp-clock
report $? "and which program does not respond"
meanwhile ntp-clock fails ctl ntp-clock clock
report $? "ntpctl clock tells nothing old"
meanwhile ntp-clock fails ctl ntp-clock health
report $? "its health is not good"
meanwhile ntp-net not_synced ntp-net
report $? "without ntp-net there is no status"
meanwhile ntp-resolve silent ntp-resolve
report $? "the status says that ntp-resolve does not respond"
meanwhile ntp-serve silent ntp-serve
report $? "the status says that ntp-serve does not respond"
meanwhile ntp-observe not_synced ntp-observe
report $? "without ntp-observe there is no status"
for p in $programs; do
	until_ok 60 log_has $p "has not responded for"
	report $? "that $p hangs is said"
	until_ok 30 anew $p
	report $? "$p is started anew"
done
until_ok 60 all_synced
report $? "all are in sync again"

# One that goes on in time is left alone.
old=$(pid_of ntp-serve ntp-clock)
kill -STOP "$old"
until_ok 10 grep -q "ntp-clock pid=$old was stopped" "$dir/ntp-serve.log"
kill -CONT "$old"
until_ok 15 grep -q "ntp-clock responds again" "$dir/ntp-serve.log"
report $? "one that goes on is said to respond again"
until_ok 20 ctl ntp-serve status
[ "$(pid_of ntp-serve ntp-clock)" = "$old" ]
report $? "and is not started anew"
for p in $programs; do
	show_log $p
done
done_testing
