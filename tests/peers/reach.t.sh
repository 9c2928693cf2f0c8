#!/bin/sh
# Sources that are reachable or usable, and those that are not: they refuse,
# are this machine itself, follow it, or are too far from the true time; and a
# network and a name server that come long after ntpd.  All cases run at the
# same time.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "a network namespace needs root"
printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n' \
    >"$dir/resolv.conf"
echo "hosts: files dns" >"$dir/nsswitch.conf"
chmod 644 "$dir/resolv.conf" "$dir/nsswitch.conf"
{ mount --bind "$dir/resolv.conf" /etc/resolv.conf &&
    mount --bind "$dir/nsswitch.conf" /etc/nsswitch.conf; } 2>/dev/null ||
    skip_all "/etc/resolv.conf cannot be replaced here"
ip address add 192.0.2.1/32 dev lo
ip address add 192.0.2.11/32 dev lo
ip address add 192.0.2.12/32 dev lo
# Of the two that ask each other each is asked from the other's address.
ip route replace local 192.0.2.11 dev lo table local scope host src 192.0.2.12
ip route replace local 192.0.2.12 dev lo table local scope host src 192.0.2.11

logged() { # logged NAME PATTERN
	grep -q "$2" "$dir/$1.log"
}
has_logged() { # has_logged NAME PATTERN SENTENCE
	until_ok 30 logged "$1" "$2"
	has_status=$?
	report $has_status "$3"
	[ $has_status = 0 ] || tail -5 "$dir/$1.log" | sed 's/^/# /'
}

next_port
late=$port
background late "$tools/liar_server" 0.0.0.0 $late
conf late <<END
server 198.51.100.1 port $late poll 64s to 64s
END
start late
conf names <<END
server late.test port $late poll 64s to 64s
END
start names
began=$(date +%s)

liar_server good
good=$port
next_port
conf closed <<END
server 127.0.0.1 port $port poll 1s to 1s
END
start closed
liar_server peer mode=2
conf refused <<END
server 127.0.0.1 port $port poll 1s to 1s
END
start refused
next_port
conf self <<END
listen on * port $port
server 192.0.2.1 port $port poll 1s to 1s
server 127.0.0.1 port $port poll 1s to 1s
server 127.0.0.1 port $good poll 1s to 1s
END
start self
liar_server far root-dispersion-ms=2500
conf far <<END
server 127.0.0.1 port $port poll 1s to 1s
END
start far
conf near <<END
server 127.0.0.1 port $port poll 1s to 1s
maximum distance 1s
END
start near
next_port
conf one <<END
listen on 192.0.2.11 port $port
server 192.0.2.12 port $port poll 1s to 1s
local stratum 5
END
conf two <<END
listen on 192.0.2.12 port $port
server 192.0.2.11 port $port poll 1s to 1s
local stratum 5
END
start one
start two

soon 30 closed '.sources[0] | .state == "unreachable" and
    (.reason | test("^connection refused"))' "a closed port: why is said"
has_logged closed 'does not answer: .* reason=connection refused' \
    "and logged"
soon 30 refused '.sources[0] | .state == "unreachable" and .received > 2' \
    "answers that are none: the source is not used"
has_logged refused 'is not used: .* reason=not a server.s answer' \
    "and the reason is logged"
report "$(logged refused 'does not answer'; [ $? = 1 ]; echo $?)" \
    "but not that it does not answer"
soon 30 refused '.reason == "no answer of a source can be used"' \
    "and the status says no more than that"

soon 30 self '.synchronized and .sources[2].state == "selected"' \
    "two of three are this machine itself: the third is enough"
soon 30 self '[.sources[0, 1] | .state == "self" and .sent == 0 and
    (.reason | test("this machine itself"))] | all' \
    "they are left out, and not asked"
has_logged self 'is this machine itself and is left out: name=192.0.2.1' \
    "which is logged"

follows() { # one of the two sees that the other one follows it
	logged one 'source follows this machine' ||
	    logged two 'source follows this machine'
}
until_ok 60 follows
report $? "two that ask each other: it is logged who follows this machine"
logged one starts && logged two starts &&
    ! logged one 'does not answer' && ! logged two 'does not answer'
report $? "and not that it does not answer"

soon 30 far '.synchronized and .maximum_distance_ns == 3000000000 and
    .root_dispersion_ns > 2400000000' "a root distance of 2.5 s is enough"
soon 30 near '(.synchronized | not) and .maximum_distance_ns == 1000000000 and
    (.sources[0] | .state == "unsynchronized" and
    .root_distance_ns > 2400000000)' "with maximum distance 1s it is not"
soon 5 near '(.reason | test("root distance of 2.5[0-9]* s, the maximum is 1 s"))
    and (.sources[0].reason | test("distance is 2.5[0-9]* s, the maximum is 1 s"))' \
    "both numbers are said"

# The network: so late that the next query by the clock were a minute away.
soon 30 late '.sources[0] | .sent == 0 and
    (.reason | test("network is unreachable"))' \
    "without a network: no query is sent, and why is said"
while [ $(($(date +%s) - began)) -lt 35 ]; do
	sleep 0.2
done
background dns "$tools/fakedns" 127.0.0.53 53 "$dir/zone"
echo "late.test 198.51.100.1" >"$dir/zone"
ip address add 198.51.100.1/32 dev lo
soon 25 late .synchronized "the network is there: in sync soon after"
soon 25 names .synchronized "with a name as well"
soon 5 late '.sources[0].sent < 8' "and not by more queries than at a start"

for c in closed refused self one two far near late names; do
	show_log $c
done
done_testing
