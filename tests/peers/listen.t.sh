#!/bin/sh
# Addresses that appear later, and interfaces with many addresses: the test has
# a network namespace for them.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"

ip link add s0 type veth peer name c0
ip address add 192.0.2.1/24 broadcast 192.0.2.255 dev s0
ip link set s0 up
ip link set c0 up

answered() { # answered ADDRESS
	"$tools/probe" "$1" 123 show
}
said() { # said NAME N TEXT: so many lines of its log have it
	[ "$(grep -cF "$3" "$dir/$1.log")" = "$2" ]
}
absent="it is listened on as soon as this machine has it"

# --- addresses that come later ------------------------------------------------

# So long are addresses of IPv6 tried out that none is ready before the end.
sysctl -qw net.ipv6.conf.s0.dad_transmits=100
ip address add 2001:db8::7/64 dev s0
conf later <<END
listen on 192.0.2.1
listen on 192.0.2.77
listen on 2001:db8::1
listen on 2001:db8::7
listen on fe80::77%s0
local stratum 3
workers 2
END
start later
later=$pid
until_ok 10 answered 192.0.2.1
report $? "it starts with addresses that the machine does not have"
for address in "192.0.2.77:123 ($dir/later.conf:2)" \
    "[2001:db8::1]:123 ($dir/later.conf:3)" \
    "[2001:db8::7]:123 ($dir/later.conf:4)" \
    "[fe80::77%s0]:123 ($dir/later.conf:5)"; do
	said later 1 "no interface has the address $address: $absent"
	report $? "it warns once: $address"
done
said later 4 "$absent"
report $? "and of no other"
ip address add 192.0.2.77/24 dev s0
ip address add 2001:db8::1/64 dev s0 nodad
ip address add fe80::77/64 dev s0 nodad
for address in 192.0.2.77 2001:db8::1; do
	until_ok 5 answered $address
	report $? "when the machine has it, $address is answered"
done
answered_link() { # with a scope
	timeout 5 bash -c "exec 3<>/dev/udp/fe80::77%s0/123
	    printf '\\x23%047d' 0 >&3 && head -c 1 <&3 | grep -q ."
}
until_ok 30 answered_link
report $? "and its link-local one"
ctl later reload >/dev/null && said later 4 "$absent"
report $? "a reload says nothing of what was said"
echo "listen on 192.0.2.78" >>"$dir/later.conf"
ctl later reload >/dev/null && said later 5 "$absent"
report $? "but of another one that it adds"
ip address add 192.0.2.78/24 dev s0
until_ok 5 answered 192.0.2.78
report $? "which is answered, when it is there"
kill "$later"
wait "$later"
report $? "it ends"

# --- addresses of many --------------------------------------------------------

conf many <<END
listen on 192.0.2.255
local stratum 3
END
timeout 10 "$BUILD/ntpd" -d -x -f "$dir/many.conf" >"$dir/many.out" \
    2>"$dir/many.log"
[ $? = 1 ] && said many 1 "192.0.2.255:123 ($dir/many.conf:1): it is a broad"
report $? "a network's broadcast address is refused at the start"
conf many <<END
listen on 192.0.2.1
local stratum 3
END
start many
many=$pid
until_ok 10 answered 192.0.2.1
echo "listen on 127.255.255.255" >>"$dir/many.conf"
! ctl many reload >/dev/null 2>&1 && said many 1 "it is a broadcast address" &&
    answered 192.0.2.1 >/dev/null
report $? "and at a reload, which changes nothing"
ip route add prohibit 198.51.100.0/24
sed -i 's/127.255.255.255/198.51.100.1/' "$dir/many.conf"
ctl many reload >/dev/null && said many 1 "$absent"
report $? "but not an address that no packet may be sent to"
kill "$many"
wait "$many"
report $? "it ends"

# --- few descriptors ----------------------------------------------------------

for i in 1 2 3 4 5 6; do
	ip link add "f$i" type veth peer name "g$i"
	ip address add "10.50.$i.1/24" dev "f$i"
	ip link set "f$i" up
done
conf few <<END
listen on * port 1123
local stratum 3
workers 16
END
for limit in 128 72; do
	(
		ulimit -n $limit
		exec "$BUILD/ntpd" -d -x -f "$dir/few.conf"
	) >"$dir/few.out" 2>"$dir/few.log" &
	few=$!
	pids="$pids $few"
	until_ok 20 "$tools/probe" 10.50.6.1 1123 show
	report $? "with $limit files it answers, on every address"
	kill "$few"
	wait "$few"
	report $? "and ends as asked"
done
said few 1 "of 16 workers: the limit"
report $? "fewer workers than configured are said"
show_log later
show_log many
show_log few
done_testing
