#!/bin/sh
# ntp-net dies while it serves the time: its clients notice nothing, even if
# the new one finds no source.
. "$(dirname "$0")/../lib.sh"

server upstream 3
upstream=$pid
upstream_port=$port
next_port
conf front <<EOF
server 127.0.0.1 port $upstream_port poll 1s to 4s
listen on 127.0.0.1 port $port
local stratum 10
EOF
start front
front=$pid
until_ok 20 ctl front status >/dev/null
report $? "it synchronizes"
served() { # what a client is told: leap, stratum and version
	"$BUILD/tests/probe" 127.0.0.1 "$port" show | cut -d ' ' -f 1-2
}
net() {
	ctl front -j status |
	    jq '.processes[] | select(.name == "ntp-net").pid'
}
before=$(served)
[ -n "$before" ]
report $? "it serves: $before"
kill "$upstream"
wait "$upstream"
died=$(net)
kill -9 "$died"
wrong=0
for _ in $(seq 30); do
	[ "$(served)" = "$before" ] || wrong=$((wrong + 1))
	sleep 0.1
done
[ $wrong = 0 ]
report $? "its source and its ntp-net are gone: $wrong of 30 answers differ"
new=$(net)
[ "$new" -gt 0 ] && [ "$new" != "$died" ]
report $? "another ntp-net has taken over by then"
kill "$front"
wait "$front"
report $? "it ends"
done_testing
