#!/bin/sh
# The daemon's main task on one machine: four servers and a client on loopback,
# without network and without a change to this machine's clock (ntpd -x).
# Shows the client's status until it is in sync, then a summary.
#
# usage: demo.sh BUILD-FOLDER
set -eu
build=$(cd "${1:-build}" && pwd)
servers="1 2 3 4"
dir=$(mktemp -d /tmp/ntpd-demo.XXXXXX)
pids=

finish() {
	status=$?
	trap - EXIT INT TERM
	for p in $pids; do
		kill "$p" 2>/dev/null || true
	done
	for p in $pids; do
		wait "$p" 2>/dev/null || true
	done
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT INT TERM

# A free UDP port on loopback, from a place that differs from run to run.
port=$((20000 + $$ % 20000))
next_port() {
	while ss -Hlun "sport = :$port" 2>/dev/null | grep -q .; do
		port=$((port + 1))
	done
}

start() { # start NAME: ntpd with $dir/NAME.conf, log in $dir/NAME.log
	"$build/ntpd" -d -x -f "$dir/$1.conf" 2>"$dir/$1.log" &
	pids="$pids $!"
}

echo "Starting four servers on loopback (each an ntpd of its own):"
for i in $servers; do
	next_port
	cat >"$dir/server$i.conf" <<-EOF
		listen on 127.0.0.1 port $port
		local stratum $((i + 1))
		control socket "$dir/server$i.sock"
		state directory "$dir/server$i.state"
	EOF
	echo "server 127.0.0.1 port $port poll 1s to 4s" >>"$dir/client.conf"
	echo "  127.0.0.1:$port, stratum $((i + 1))"
	start "server$i"
	port=$((port + 1))
done
cat >>"$dir/client.conf" <<-EOF
	control socket "$dir/client.sock"
	state directory "$dir/client.state"
EOF
echo "Starting a client of all four: ntpd -d -x -f client.conf"
start client

ctl() {
	"$build/ntpctl" -s "$dir/client.sock" "$@"
}
began=$(date +%s)
i=0
while [ ! -S "$dir/client.sock" ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
in_sync=no
while [ $(($(date +%s) - began)) -lt 60 ]; do
	echo
	echo "--- after $(($(date +%s) - began)) s"
	if ctl status; then
		selected=$(ctl -j status | tr -d ' \n' |
		    grep -o '"state":"selected"' | wc -l)
		if [ "$selected" -ge 4 ]; then
			in_sync=yes
			break
		fi
	fi
	sleep 1
done

echo
if [ $in_sync = yes ]; then
	echo "In sync with four sources after $(($(date +%s) - began)) s."
	echo
	ctl sources
	echo
	echo "Nothing has touched this machine's clock: \`ntpctl clock' says"
	ctl clock
	exit 0
fi
echo "Not in sync after 60 s.  The client's log:"
cat "$dir/client.log"
exit 1
