#!/bin/bash
# The cost of a request to the server: a bare responder, ours, and chrony's, in
# turn, in several rounds, so that other load on the machine affects all of
# them equally.  Uses two network namespaces of its own joined by veth, with
# the server pinned to one core and the load to another; needs root.
#
#   ROUNDS=5 SECONDS_EACH=3 WINDOW=256 tests/bench/bench.sh [NAME ...]
#
# NAME   bare         receives, swaps, sends: what system calls and kernel cost
#        ours         `listen on *`, 1,000 prefixes, a rate limit, one worker
#        open         without prefixes and limit
#        two          with two workers
#        apart        ours, but each request sent by itself (see load.c), ...
#        interleaved  ... and the same in interleaved mode: to be compared
#        fast         the program in the kernel, in the driver
#        chrony       with the same prefixes and a rate limit
#
# The cost of a request is the user and system time of all the server's
# processes; busy is what the whole machine spent on it, including the load.
# Both come from /proc; medians are printed.  Then the accuracy of the
# timestamps, on loopback.
BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-3}
WINDOW=${WINDOW:-256}
PORTS=${PORTS:-4}
here=$(cd "$(dirname "$0")" && pwd)

if [ "${BENCH_OWN:-}" = "" ]; then
	[ "$(id -u)" = 0 ] || { echo "the bench needs root"; exit 1; }
	[ "$(nproc)" -ge 2 ] || { echo "the bench needs two cores"; exit 1; }
	mkdir -p "$BUILD/peers"
	command -v chronyd >/dev/null || # if it cannot be had, without
	    sh "$here/../peers/get.sh" "$BUILD/peers" chrony >/dev/null 2>&1
	BENCH_OWN=1 exec unshare -nm bash "$0" "$@"
fi

dir=$(mktemp -d /tmp/ntpd-bench.XXXXXX)
chmod 755 "$dir"
pids=()
cleanup() {
	trap - EXIT INT TERM
	kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'cleanup; exit 1' INT TERM

server=10.0.0.1
unshare -n sleep 100000 &
peer=$!
pids+=("$peer")
ip link set lo up
while [ "$(readlink /proc/self/ns/net)" = "$(readlink "/proc/$peer/ns/net")" ]; do
	sleep 0.05
done
ip link add s0 type veth peer name c0 netns "$peer" || exit 1
ip address add $server/24 dev s0
ip link set s0 up
ip route add 10.64.0.0/10 via 10.0.0.2
in_peer() {
	nsenter -t "$peer" -n "$@"
}
in_peer ip link set lo up
in_peer ip address add 10.0.0.2/24 dev c0
in_peer ip link set c0 up
in_peer ip route add local 10.64.0.0/10 dev lo

# A thousand prefixes, of which one allows the clients.
prefixes() { # prefixes FORMAT
	for i in {1..999}; do
		# shellcheck disable=SC2059
		printf "$1\n" "$((11 + i % 50)).$((i % 256)).$((i / 4)).0/24"
	done
	# shellcheck disable=SC2059
	printf "$1\n" 10.64.0.0/10
}
conf_ours() { # conf_ours NAME: the configuration's other statements on stdin
	{
		cat
		echo 'local stratum 3'
		echo "control socket \"$dir/$1.sock\""
		echo "state directory \"$dir/$1.state\""
	} >"$dir/$1.conf"
}
gate() {
	prefixes 'allow %s'
	echo 'rate limit 10000 per 1s burst 200'
}
{ echo 'listen on *'; echo 'workers 1'; gate; } | conf_ours ours
{ echo 'listen on *'; echo 'workers 1'; } | conf_ours open
{ echo 'listen on s0 fast native'; echo 'workers 1'; gate; } | conf_ours fast
for name in apart interleaved; do
	cp "$dir/ours.conf" "$dir/$name.conf"
done
{ echo 'listen on *'; echo 'workers 2'; gate; } | conf_ours two
{
	prefixes 'allow %s'
	echo 'ratelimit interval -15 burst 255'
	echo 'clientloglimit 16777216'
	echo 'local stratum 3'
	echo "pidfile $dir/chronyd.pid"
	echo 'cmdport 0'
	echo 'bindcmdaddress /'
} >"$dir/chrony.conf"

begin() { # begin NAME: its processes' ids in $running
	case $1 in
	bare)
		taskset -c 0 "$BUILD/tests/bare" 123 &
		;;
	chrony)
		taskset -c 0 "$CHRONYD" -d -x -u root -f "$dir/chrony.conf" \
		    >"$dir/chrony.log" 2>&1 &
		;;
	*)
		taskset -c 0 "$BUILD/ntpd" -d -x -f "$dir/$1.conf" \
		    2>"$dir/$1.log" &
		;;
	esac
	main=$!
	pids+=("$main")
	for _ in {1..50}; do
		ss -Hlun 'sport = :123' | grep -q . && break
		sleep 0.1
	done
	sleep 0.5
	running="$main $(pgrep -P "$main" | tr '\n' ' ')"
}
end() {
	kill "$main" ${passer:+"$passer"} 2>/dev/null
	wait "$main" ${passer:+"$passer"} 2>/dev/null
	[ -z "$passer" ] || sleep 0.5 # its program leaves the interface
	passer=
}
busy_ticks() { # of all processors, in everything but waiting
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}
ticks() { # user and system time of the processes in $running
	for p in $running; do
		sed 's/.*) //' "/proc/$p/stat"
	done | awk '{ sum += $12 + $13 } END { print sum }'
}

one() { # one NAME: a line "NAME ns-per-request requests-per-second loss"
	local name=$1 options=(-p "$PORTS" -a 10.64.0.0)
	local clients=${CLIENTS:-4096} window=$WINDOW
	local before after busy_before busy sent answers interleaved seconds
	case $name in
	interleaved)
		options+=(-i)
		clients=$WINDOW # each has one request on its way
		;;
	apart) clients=$WINDOW ;;
	two)
		options+=(-b)
		window=$((2 * WINDOW)) # as much for each of them
		;;
	*) options+=(-b) ;;
	esac
	options+=(-c "$clients" -w "$window")
	begin "$name"
	if [ "$name" = fast ]; then
		nsenter -t "$peer" -n "$BUILD/tests/forwarder" c0 \
		    >"$dir/passer.out" &
		passer=$!
		pids+=("$passer")
		sleep 1
	fi
	in_peer taskset -c 1 "$BUILD/tests/load" "${options[@]}" \
	    -s 1 $server 123 >/dev/null
	before=$(ticks)
	busy_before=$(busy_ticks)
	read -r sent answers interleaved seconds < <(in_peer taskset -c 1 \
	    "$BUILD/tests/load" "${options[@]}" \
	    -s "$SECONDS_EACH" $server 123)
	after=$(ticks)
	busy=$(($(busy_ticks) - busy_before))
	end
	awk -v n="$name" -v t=$((after - before)) -v b="$busy" -v hz="$(getconf CLK_TCK)" \
	    -v s="$sent" -v a="$answers" -v i="$interleaved" -v d="$seconds" '
	    BEGIN {
		if (a == 0) { print n, "no answers"; exit }
		printf "%s %.1f %.0f %.3f %.1f\n", n, 1e9 * t / hz / a, a / d,
		    100 * (s - a) / s, 1e9 * b / hz / a
	    }' | tee -a "$dir/results" >&2
}

# Of this machine, or of the package that the tests have unpacked.
CHRONYD=${CHRONYD:-$(command -v chronyd || true)}
[ -n "$CHRONYD" ] || [ ! -x "$BUILD/peers/chrony/usr/sbin/chronyd" ] ||
    CHRONYD=$BUILD/peers/chrony/usr/sbin/chronyd
names=("$@")
if [ ${#names[@]} = 0 ]; then
	names=(bare ours open two apart interleaved fast)
	[ -z "$CHRONYD" ] || names+=(chrony)
fi
for ((round = 0; round < ROUNDS; round++)); do
	for name in "${names[@]}"; do
		one "$name"
	done
done
python3 "$here/table.py" "$dir/results"

# Both at once, one after the other asked: they meet the same machine.
{ echo 'listen on *'; } | conf_ours stamps
sed 's/^cmdport 0/&\nport 1123/; s/^allow .*//' "$dir/chrony.conf" \
    >"$dir/stamps-chrony.conf"
echo 'allow all' >>"$dir/stamps-chrony.conf"
"$BUILD/ntpd" -d -x -f "$dir/stamps.conf" 2>"$dir/stamps.log" &
pids+=($!)
[ -z "$CHRONYD" ] || {
	"$CHRONYD" -d -x -u root -f "$dir/stamps-chrony.conf" \
	    >"$dir/stamps-chrony.log" 2>&1 &
	pids+=($!)
}
sleep 2
echo
echo "timestamps   receive off by   transmit off by   (medians, ns)"
for ((round = 0; round < 3; round++)); do
	for row in "ours 123" ${CHRONYD:+"chrony 1123"}; do
		read -r name port <<<"$row"
		read -r receive transmit _ < \
		    <("$BUILD/tests/stamps" 127.0.0.1 "$port")
		printf '%-12s %14s   %15s\n' "$name" "$receive" "$transmit"
	done
done
