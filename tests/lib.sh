# Helpers for the system tests; read with `.` by shell scripts that print TAP.
# Nothing here or in the tests touches this machine's clock: ntpd runs with -x.
BUILD=${BUILD:-$(cd "$(dirname "$0")/../.." && pwd)/build}
. "$(dirname "$0")/../tap.sh"
pids=
dir=$(mktemp -d /tmp/ntpd-test.XXXXXX)
chmod 755 "$dir"
port=$((21000 + $$ % 20000))

cleanup() {
	trap - EXIT INT TERM
	for p in $pids; do
		kill "$p" 2>/dev/null
	done
	for p in $pids; do
		await_end "$p"
	done
	[ -n "${KEEP:-}" ] || rm -rf "$dir"
}
trap cleanup EXIT
trap 'cleanup; exit 1' INT TERM

# await_end PID: wait for a child that was told to end; after 5 s it is killed.  A signal
# that comes before the child has become another program is the shell's, and lost.
await_end() {
	end_tries=0
	while awk '/^State:/ { lives = $2 !~ /[ZX]/ }
	    /^PPid:/ { ours = $2 == '$$' }
	    END { exit !(lives && ours) }' "/proc/$1/status" 2>/dev/null; do
		end_tries=$((end_tries + 1))
		[ $((end_tries % 10)) != 0 ] || kill "$1" 2>/dev/null
		[ $end_tries -lt 100 ] || kill -9 "$1" 2>/dev/null
		sleep 0.05
	done
	wait "$1" 2>/dev/null
}

# A free UDP port on loopback in $port.
next_port() {
	port=$((port + 1))
	while ss -Hlun "sport = :$port" 2>/dev/null | grep -q .; do
		port=$((port + 1))
	done
}
# start NAME [OPTION ...]: ntpd -d -x with $dir/NAME.conf; its pid in $pid.
start() {
	name=$1
	shift
	: >"$dir/$name.log" # what an older one said is not read for its words
	"$BUILD/ntpd" -d -x -f "$dir/$name.conf" "$@" 2>"$dir/$name.log" \
	    >"$dir/$name.out" &
	pid=$!
	pids="$pids $pid"
}
# conf NAME: standard input and the folders of the test become NAME.conf.
conf() {
	{
		cat
		echo "control socket \"$dir/$1.sock\""
		echo "state directory \"$dir/$1.state\""
	} >"$dir/$1.conf"
}
# server NAME STRATUM [STATEMENT]: one of our servers on a free port.
server() {
	next_port
	{
		echo "listen on 127.0.0.1 port $port"
		echo "local stratum $2"
		[ $# -lt 3 ] || echo "$3"
	} | conf "$1"
	start "$1"
}
ctl() { # ctl NAME ARGUMENT ...
	ctl_name=$1
	shift
	"$BUILD/ntpctl" -s "$dir/$ctl_name.sock" "$@"
}
# until_ok SECONDS COMMAND ...: repeat until it succeeds.
until_ok() {
	end=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.1
	done
}
# pid_of NAME PROCESS: of the ntpd with that control socket, from its status.
pid_of() {
	ctl "$1" -j status | jq -r ".processes[] | select(.name == \"$2\").pid"
}
status_of() { # status_of PID FIELD: from /proc/PID/status
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
show_log() { # show_log NAME: as comments, after a failure
	[ "$bad" = 0 ] || tail -30 "$dir/$1.log" | sed 's/^/# /'
}
