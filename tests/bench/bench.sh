#!/bin/bash
# How much a request costs the server: a bare responder, ours, and chrony's, in
# turn, several rounds in one run, so that what else the machine does meets all
# of them alike.  Two network namespaces of our own joined by veth, the server
# pinned to one core and the load to another; needs root.
#
#   ROUNDS=5 SECONDS_EACH=3 WINDOW=64 tests/bench/bench.sh [NAME ...]
#
# NAME: bare, ours, chrony, and variants of ours, see below.  The cost is user
# and system time of all its processes, from /proc; of it the median is printed.
BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-3}
WINDOW=${WINDOW:-128}
here=$(cd "$(dirname "$0")" && pwd)

if [ "${BENCH_OWN:-}" = "" ]; then
	[ "$(id -u)" = 0 ] || { echo "the bench needs root"; exit 1; }
	[ "$(nproc)" -ge 2 ] || { echo "the bench needs two cores"; exit 1; }
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
{ echo "listen on $server"; echo 'workers 1'; gate; } | conf_ours one-address
{ echo 'listen on *'; echo 'workers 2'; gate; } | conf_ours two
{
	prefixes 'allow %s'
	echo 'ratelimit interval -13 burst 200'
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
	interleaved)
		taskset -c 0 "$BUILD/ntpd" -d -x -f "$dir/ours.conf" \
		    2>"$dir/ours.log" &
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
	kill "$main" 2>/dev/null
	wait "$main" 2>/dev/null
}
ticks() { # user and system time of the processes in $running
	for p in $running; do
		sed 's/.*) //' "/proc/$p/stat"
	done | awk '{ sum += $12 + $13 } END { print sum }'
}

one() { # one NAME: a line "NAME ns-per-request requests-per-second loss"
	local name=$1 options=(-p "${PORTS:-1}" -a 10.64.0.0 -c "${CLIENTS:-4096}")
	[ -z "${BURST:-}" ] || options+=(-b)
	[ "$name" != interleaved ] || options+=(-i)
	begin "$name"
	in_peer taskset -c 1 "$BUILD/tests/load" "${options[@]}" -w "$WINDOW" \
	    -s 1 $server 123 >/dev/null
	local before after sent answers interleaved seconds
	before=$(ticks)
	read -r sent answers interleaved seconds < <(in_peer taskset -c 1 \
	    "$BUILD/tests/load" "${options[@]}" -w "$WINDOW" \
	    -s "$SECONDS_EACH" $server 123)
	after=$(ticks)
	end
	awk -v n="$name" -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" \
	    -v s="$sent" -v a="$answers" -v i="$interleaved" -v d="$seconds" '
	    BEGIN {
		if (a == 0) { print n, "no answers"; exit }
		printf "%s %.1f %.0f %.3f %.2f\n", n, 1e9 * t / hz / a, a / d,
		    100 * (s - a) / s, i / a
	    }' | tee -a "$dir/results" >&2
}

CHRONYD=${CHRONYD:-$(command -v chronyd || true)}
names=("$@")
if [ ${#names[@]} = 0 ]; then
	names=(bare ours open one-address interleaved)
	[ -z "$CHRONYD" ] || names+=(chrony)
fi
for ((round = 0; round < ROUNDS; round++)); do
	for name in "${names[@]}"; do
		one "$name"
	done
done
python3 "$here/table.py" "$dir/results"
