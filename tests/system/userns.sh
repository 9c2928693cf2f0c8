#!/bin/sh
# Root in a user namespace with few user numbers, as a container engine makes
# it without subordinate ids, or with a small range of them.
. "$(dirname "$0")/../lib.sh"

outside=100000 # the first number that the namespace has
[ "$(id -u)" = 0 ] || {
	echo "1..0 # SKIP only root gives a user namespace its numbers"
	exit 0
}
# Another user need not reach the tree, which may be in root's own folder.
probe=$BUILD/tests/probe
mkdir "$dir/programs"
cp "$BUILD"/ntpd "$BUILD"/ntpctl "$BUILD"/ntp-* "$dir/programs"
BUILD=$dir/programs
unshare -U true 2>"$dir/why" || {
	echo "1..0 # SKIP no user namespace: $(cat "$dir/why")"
	exit 0
}

# inside NAME COUNT SETGROUPS: ntpd as root in a namespace with so many numbers.
inside() {
	mkdir "$dir/$1"
	chown $outside:$outside "$dir/$1"
	next_port
	eval "port_$1=$port"
	cat >"$dir/$1.conf" <<END
local stratum 5
listen on 127.0.0.1 port $port
workers 2
control socket "$dir/$1/sock"
state directory "$dir/$1"
END
	mkfifo "$dir/$1.go"
	# shellcheck disable=SC2016
	unshare -U --keep-caps sh -c 'read -r go <"$1" && exec setpriv \
	    --reuid 0 --regid 0 --keep-groups --inh-caps=-all \
	    --ambient-caps=-all "$2" -d -x -f "$3"' sh \
	    "$dir/$1.go" "$BUILD/ntpd" "$dir/$1.conf" 2>"$dir/$1.log" \
	    >"$dir/$1.out" &
	pid=$!
	pids="$pids $pid"
	until_ok 10 apart $pid
	echo "$3" >/proc/$pid/setgroups
	echo "0 $outside $2" >/proc/$pid/gid_map
	echo "0 $outside $2" >/proc/$pid/uid_map
	echo go >"$dir/$1.go"
}
apart() { # apart PID: it is in its own user namespace
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
asks() { # asks NAME EXPRESSION: of jq, about its status
	"$BUILD/ntpctl" -s "$dir/$1/sock" -j status >"$dir/$1.status" 2>&1
	jq -e "$2" "$dir/$1.status"
}
# Its programs, each with what it runs as in the namespace.
children='[.processes[] | select(.name != "ntpd")]'

inside one 1 deny
inside small 1024 allow
inside mute 65536 deny
for space in one small mute; do
	until_ok 20 asks $space "$children | length >= 6 and all(.pid > 0)"
	report $? "$space: all programs run"
	until_ok 20 "$probe" 127.0.0.1 "$(eval echo \$port_$space)" show
	report $? "$space: it answers"
	asks $space '([.processes[].restarts] | add) == 0' >/dev/null
	report $? "$space: none has failed"
done
for space in one mute; do
	asks $space "$children | all(.uid == 0)" >/dev/null
	report $? "$space: all have one user"
	[ "$(grep -c "too few users, or keeps groups" "$dir/$space.log")" = 1 ]
	report $? "$space: which is said once"
done
asks small "$children | map(select(.name != \"ntp-serve\").uid) |
    all(. > 0 and . < 1024) and (unique | length) == length" >/dev/null
report $? "small: each has a user of its own among the numbers that there are"
! grep -q "too few users" "$dir/small.log"
report $? "small: and nothing is said"
confined() { # confined PID: no capability, and a filter
	[ "$(status_of "$1" CapPrm)" = 0000000000000000 ] &&
	    [ "$(status_of "$1" Seccomp)" = 2 ]
}
for space in one small mute; do
	for p in $(jq -r "$children[].pid" "$dir/$space.status"); do
		confined "$p" || break
	done
	confined "$p"
	report $? "$space: each program has no capability, and a filter"
done
show_log one
show_log small
show_log mute
done_testing
