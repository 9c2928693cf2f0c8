#!/bin/sh
# Interleaved mode with answers that wait in a queue on the server's interface:
# the reported time is when they left the queue, not when they were sent to it.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"

unshare -n sleep 600 &
peer=$!
pids="$pids $peer"
apart() {
	[ "$(readlink /proc/self/ns/net)" != \
	    "$(readlink "/proc/$peer/ns/net")" ]
}
until_ok 5 apart
ip link add s0 type veth peer name c0 netns "$peer" ||
    skip_all "no veth interfaces here"
in_peer() {
	nsenter -t "$peer" -n "$@"
}
ip address add 192.0.2.1/24 dev s0
ip address add 2001:db8::1/64 dev s0 nodad
ip link set s0 up
in_peer ip address add 192.0.2.2/24 dev c0
in_peer ip address add 2001:db8::2/64 dev c0 nodad
in_peer ip link set c0 up
in_peer ip link set lo up

conf server <<END
listen on * port 123
local stratum 3
END
start server
tools_here=$tools
tools=$dir/tools # the probe asks from the other side
mkdir "$tools"
cat >"$tools/probe" <<END
#!/bin/sh
exec nsenter -t $peer -n "$tools_here/probe" "\$@"
END
chmod 755 "$tools/probe"
answers() {
	"$tools/probe" "$1" 123 show >/dev/null 2>&1
}
until_ok 10 answers 192.0.2.1
report $? "the server answers"
until_ok 10 answers 2001:db8::1
report $? "with IPv6 too"

for address in 192.0.2.1 2001:db8::1; do
	run_probe "$address: no queue" $address 123 queue 0
done
tc qdisc add dev s0 root tbf rate 500kbit burst 1600 limit 100000 || {
	skip "answers wait in a queue" "tc has no tbf here"
	done_testing
	exit
}
for address in 192.0.2.1 2001:db8::1; do
	run_probe "$address: a queue" $address 123 queue 20
done
done_testing
