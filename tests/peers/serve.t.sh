#!/bin/sh
# Our server as its clients see it, good and bad ones.  The rows S-, A- are
# those of the conformance checklist; each is explained at its check.
. "$(dirname "$0")/peers.sh"

if [ "$PEERS_NETWORK" = own ]; then
	ip address add 192.0.2.1/32 dev lo
	ip address add 192.0.2.2/32 dev lo
	ip address add 2001:db8::1/128 dev lo
	addresses="127.0.0.1 ::1 192.0.2.1 192.0.2.2 2001:db8::1"
else
	addresses="127.0.0.1 ::1"
fi

next_port
server_port=$port
conf server <<END
listen on * port $port
local stratum 3
END
start server
liar_server silent silent=1
silent_port=$port
next_port
unsynced_port=$port
conf unsynced <<END
listen on 127.0.0.1 port $port
server 127.0.0.1 port $silent_port poll 1s to 1s
END
start unsynced
liar_server upstream stratum=7
upstream_port=$port
upstream=$pid
next_port
synced_port=$port
conf synced <<END
listen on 127.0.0.1 port $port
server 127.0.0.1 port $upstream_port poll 1s to 1s
local stratum 12
END
start synced
liar_server coarse grain-ms=1000
coarse_port=$port
next_port
coarse_served=$port
conf coarse <<END
listen on 127.0.0.1 port $port
server 127.0.0.1 port $coarse_port poll 1s to 4s
END
start coarse

show() { # show PORT: leap stratum refid root-delay root-dispersion offset
	"$tools/probe" 127.0.0.1 "$1" show
}
shows() { # shows PORT "LEAP STRATUM REFID"
	set -- "$2" $(show "$1")
	[ "$1" = "$2 $3 $4" ]
}
until_ok 10 show "$server_port"
report $? "the server answers"
until_ok 10 show "$unsynced_port"
report $? "one without the time answers too"
shows "$unsynced_port" "3 0 00000000"
report $? "S-07 it says leap 3 and stratum 0: $(show "$unsynced_port")"
shows "$server_port" "0 3 7f7f0101"
report $? "S-07 one with a local stratum serves it: $(show "$server_port")"

log_lines() {
	wc -l <"$dir/server.log"
}
before=$(log_lines)
for address in $addresses; do
	run_probe "$address" $address "$server_port" header
	run_probe "$address" $address "$server_port" fields
	run_probe "$address" $address "$server_port" interleaved
done
if [ "$PEERS_NETWORK" = own ]; then
	run_probe "from port 123" -p 123 127.0.0.1 "$server_port" header
	run_probe "forged" 127.0.0.1 "$server_port" forged
	run_probe "forged" 192.0.2.2 "$server_port" forged
	run_probe "forged" 192.0.2.1 "$server_port" loop 192.0.2.2
else
	skip "S-13 forged requests" "raw sockets need root"
fi
if [ "$PEERS_NETWORK" = own ] &&
    ip link add b0 type veth peer name b1 2>/dev/null; then
	ip address add 198.51.100.1/24 brd 198.51.100.255 dev b0
	ip link set b0 up
	ip link set b1 up
	ip route add default dev b0
	run_probe "198.51.100.255" 198.51.100.1 "$server_port" \
	    broadcast 198.51.100.255
	run_probe "255.255.255.255" 198.51.100.1 "$server_port" \
	    broadcast 255.255.255.255
	run_probe "224.0.1.1" 198.51.100.1 "$server_port" \
	    broadcast 224.0.1.1
else
	skip "S-14 broadcast" "no virtual network link can be made here"
fi
run_probe fuzz 127.0.0.1 "$server_port" fuzz 100000
run_probe fuzz ::1 "$server_port" fuzz 20000
grown=$(($(log_lines) - before))
[ $grown -le 5 ]
report $? "S-24 all that has added $grown lines to the log, 5 at most"
[ "$(ctl server -j status | jq '[.processes[].restarts] | add')" = 0 ]
report $? "no program has ended over it"

mode=$(stat -c %a "$dir/server.sock")
[ "$mode" = 660 ] || [ "$mode" = 600 ]
report $? "B-02 the control socket is for its owner and group: $mode"
if [ "$PEERS_NETWORK" = own ]; then
	others=$(ss -Hlnt | wc -l)
	[ "$others" = 0 ]
	report $? "B-02 nothing can be reached over TCP"
else
	skip "B-02 nothing can be reached over TCP" "others may have some"
fi

# In sync: the upstream's stratum and one, its address; then it dies.
until_ok 15 shows "$synced_port" "0 8 7f000001"
report $? "S-08 in sync it serves stratum 8: $(show "$synced_port")"
run_probe "in sync" 127.0.0.1 "$synced_port" header
kill "$upstream"
until_ok 5 is synced '.sources[0].reach % 2 == 0'
delay=$(set -- $(show "$synced_port") && echo "$4")
# What is served is renewed every 16 s: then it is known that nobody answers.
for _ in 1 2 3 4; do
	set -- $(show "$synced_port")
	first=$5
	first_s=$(date +%s)
	sleep 6
	set -- $(show "$synced_port")
	took=$(($(date +%s) - first_s))
	growth=$(($5 - first))
	[ "$1 $2" = "0 8" ] && [ $growth -ge $((took * 12000)) ] &&
	    [ $growth -lt $((took * 10000000)) ] && grows=yes && break
done
[ "${grows:-}" = yes ]
report $? "S-09 alone its root dispersion grows: $growth ns in $took s"
[ "$4" = "$delay" ]
report $? "S-09 its root delay does not change: $4 ns"

# A server that stamps in whole seconds and claims a microsecond: that is found
# out within a dozen answers, and what is served from it says how wrong it may be.
until_ok 60 is coarse '.synchronized and .sources[0].received >= 12'
report $? "in sync with a server that stamps in whole seconds"
# Its clock is this machine's, so the offset is the error of what is served.
set -- $(show "$coarse_served")
[ "$1 $2" = "0 3" ] && [ "$5" -ge 500000000 ] && [ "${6#-}" -le 1000000000 ] &&
    [ $(($4 / 2 + $5)) -ge "${6#-}" ]
report $? "what is served is within what is announced: $6 ns of $5 ns"
[ "$(grep -c . "$dir/coarse.log")" -le 12 ]
report $? "and the log is short"
show_log server
show_log synced
show_log coarse
done_testing
