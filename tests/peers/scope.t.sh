#!/bin/sh
# Interfaces that come after ntpd, go, and come back with another number: for a
# server's address, a listen address, and one on the fast path.
# shellcheck source=tests/peers/peers.sh
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "interfaces of its own need root"
ip link add probe0 type veth peer name probe1 2>/dev/null ||
    skip_all "this kernel makes no pair of interfaces"
ip link del probe0

# The server is at the other end, in a network of its own.
background far unshare -n sleep 3600
far=$pid
there() {
	nsenter -t "$far" -n "$@"
}
apart() { # the other end is not in our network
	[ "$(readlink "/proc/$far/ns/net")" != "$(readlink /proc/$$/ns/net)" ]
}
until_ok 10 apart || skip_all "no second network namespace"
for run in '' there; do
	$run sysctl -qw net.ipv6.conf.default.accept_dad=0
done
connect() {
	ip link add v0 type veth peer name v1 netns "$far"
	ip link set v0 up
	there ip link set v1 up
	there ip address add fe80::1/64 dev v1 nodad
}
said() { # said NAME TEXT: its log has it
	grep -qF "$2" "$dir/$1.log"
}

conf server <<END
listen on fe80::1%v1
local stratum 3
workers 2
END
background server nsenter -t "$far" -n "$BUILD/ntpd" -d -x \
    -f "$dir/server.conf"
server=$pid
conf client <<END
server fe80::1%v0 poll 1s to 1s
END
start client
conf fast <<END
listen on w0 fast port 1123
local stratum 3
END
start fast
fast=$pid
soon 20 client '.sources[0] | .state == "resolving" and
    .name == "fe80::1%v0" and .address == null and
    .reason == "there is no interface v0 now: it is waited for"' \
    "a server whose interface is not there is waited for"
said client \
    "client.conf:1:8: warning: there is no interface v0 now: it is waited for"
report $? "and warned of, with its place"
until_ok 20 is server '.processes | length > 0'
report $? "so is an address to listen on"
said server \
    "server.conf:1:11: warning: there is no interface v1 now: it is waited for"
report $? "and warned of"
until_ok 20 is fast '.processes | length > 0'
report $? "so is an interface that is listened on fast"
said fast \
    "fast.conf:1:11: warning: there is no interface w0 now: it is waited for"
report $? "and warned of"
"$BUILD/ntpd" -n -f "$dir/client.conf" >"$dir/check" 2>&1 &&
    grep -q "configuration OK" "$dir/check"
report $? "for ntpd -n it is no error"

connect
soon 60 client '.synchronized and .sources[0].state == "selected"' \
    "in sync once both interfaces are there"
first=$(ctl client -j status | jq -r '.sources[0].address')
[ "$first" = "fe80::1%$(cat /sys/class/net/v0/ifindex 2>/dev/null ||
    ip -o link show v0 | cut -d : -f 1)" ]
report $? "by the number of its interface: $first"
said server "interfaces have changed: 1 address to listen on"
report $? "the server's log says that it listens now"

ip link del v0
soon 60 client '.sources[0] | .state == "resolving" and
    (.reason | test("there is no interface v0"))' \
    "an interface that is gone is said"
connect
soon 60 client '.sources[0] | .state == "selected" and
    .address != "'"$first"'"' \
    "it comes back under another number, and the server is used again"
kill -0 "$server"
report $? "the server has gone on, too"
for who in client server; do
	is $who '([.processes[].restarts] | add) == 0'
	report $? "no program of the $who has failed"
done

ip link add w0 type veth peer name w1
ip address add 192.0.2.9/24 dev w0
ip link set w1 up
ip link set w0 up
until_ok 30 "$tools/probe" 192.0.2.9 1123 show
report $? "an interface for the fast path that comes later is answered on"
ip address add 192.0.2.10/24 dev w0
until_ok 30 "$tools/probe" 192.0.2.10 1123 show
report $? "and so is an address that it gets later"
kill "$fast"
wait "$fast"
report $? "it ends"
show_log client
show_log server
show_log fast
done_testing
