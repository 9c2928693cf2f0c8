# What every scenario shares.  A scenario begins with ". /test/lib.sh", then
# "scenario NAME", which gives it folders of its own: $dir, with the
# configuration in $dir/conf, the log in $dir/log, and the state directory
# $dir/state.  Sourced by the shell of busybox, run as root in the virtual
# machine.
# shellcheck shell=dash disable=SC2034,SC2154

ms=1000000
all="ntp-clock ntp-net ntp-resolve ntp-observe"
program=/usr/sbin/ntpd
server=10.0.2.2
ntpd=0
failures=0

# --- results --------------------------------------------------------------
note()
{
	echo "@@ # $name: $*"
}

# passed SENTENCE, failed SENTENCE: a result.
passed()
{
	echo "@@ ok - $name: $1"
}

failed()
{
	failures=$((failures + 1))
	echo "@@ not ok - $name: $1"
}

# check SENTENCE COMMAND...: a result, from the exit status of the command.
check()
{
	sentence=$1
	shift
	if "$@"; then
		passed "$sentence"
	else
		failed "$sentence"
		note "failed: $*"
	fi
}

# is SENTENCE GOT WANT
is()
{
	if [ "$2" = "$3" ]; then
		passed "$1"
	else
		failed "$1"
		note "got '$2', want '$3'"
	fi
}

# below SENTENCE NUMBER LIMIT: the magnitude is at most the limit.
below()
{
	if [ -n "$2" ] && [ "${2#-}" -le "$3" ]; then
		passed "$1 ($2)"
	else
		failed "$1"
		note "got '$2', want at most $3"
	fi
}

# --- the daemon -----------------------------------------------------------
scenario()
{
	name=$1
	dir=/tmp/$name
	socket=/run/$name/control
	mkdir -p "$dir" "/run/$name"
	: >"$dir/log"
	write_conf </dev/null
	read -r up _ </proc/uptime
	note "begins at $up s"
}

# Write the usual configuration; standard input is appended to it.
write_conf()
{
	{
		echo "server $server port $port poll 1s to 4s"
		echo "control socket \"$socket\" mode 0666"
		echo "state directory \"$dir/state\""
		cat
	} >"$dir/conf"
}

# start OPTION...: run it, by the command $prefix if that is set.
start()
{
	# shellcheck disable=SC2086
	$prefix $program -d -f "$dir/conf" "$@" >>"$dir/log" 2>&1 &
	ntpd=$!
}

# stop: TERM; leaves the exit status in $ended and the time that it took until
# nothing was left, in ms, in $took.
stop()
{
	members=$(children)
	before=$(uptime_ms)
	kill "$ntpd"
	wait "$ntpd"
	ended=$?
	wait_for 3 none_alive $members
	took=$(($(uptime_ms) - before))
}

uptime_ms()
{
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}0"
}

# wait_for SECONDS COMMAND...: until it succeeds; fails if it never does.
wait_for()
{
	until=$(($(uptime_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(uptime_ms)" -lt "$until" ] || return 1
		sleep 0.1
	done
}

# The children of the daemon, as process ids.
children()
{
	cat "/proc/$ntpd/task/$ntpd/children" 2>/dev/null
}

# child NAME: its process id.
child()
{
	for pid in $(children); do
		read -r comm <"/proc/$pid/comm" || continue
		[ "$comm" != "$1" ] || echo "$pid"
	done 2>/dev/null
}

# A child with this name runs, and is not the process $2.
replaced()
{
	now=$(child "$1")
	[ -n "$now" ] && [ "$now" != "$2" ]
}

not()
{
	! "$@"
}

none_alive()
{
	for pid in "$@"; do
		[ ! -d "/proc/$pid" ] || return 1
	done
}

# There is a process whose name begins so.
any_named()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -q "^$1"
}

# status FILTER: from ntpctl -j status, by jq.
status()
{
	ntpctl -j -s "$socket" status 2>/dev/null | jq -r "$1"
}

status_is()
{
	[ "$(status "$1")" = "$2" ]
}

synchronized()
{
	status_is .synchronized true
}

# Synchronized, and the clock is near: "in time LIMIT_NS".
in_time()
{
	synchronized && within "$1" "$(offset)"
}

# logged PATTERN: how many lines of the log have it.
logged()
{
	grep -Ec "$1" "$dir/log"
}

says()
{
	grep -Eq "$1" "$dir/log"
}

# --- the clock ------------------------------------------------------------
# The clock's offset in ns by the test's own measure.
offset()
{
	answer=$(ntpask -n "${1:-8}" 10.0.2.2 "$port") && echo "${answer% *}"
}

within()
{
	[ -n "$2" ] && [ "${2#-}" -le "$1" ]
}

# near LIMIT_NS
near()
{
	within "$1" "$(offset)"
}

# Put the clock right but for an error; the kernel's frequency back to zero.
set_wrong()
{
	adjtimex -q -f 0 -t 10000
	ntpask -s $(($(offset 16) + $1))
	note "the clock is now wrong by $(offset) ns"
}

# The clock is put away by so much from where it is.
disturb()
{
	ntpask -s "$1"
}

kernel()
{
	ntpask -a | sed -n "s/^$1=//p"
}

# The rate that the kernel was told, in ppb; a tick has 100 ppm.
rate()
{
	echo $(($(kernel freq_ppb) + ($(kernel tick_us) - 10000) * 100000))
}

# worst SECONDS: the largest offset of that time, in ns.
worst()
{
	end=$(($(uptime_ms) + $1 * 1000))
	worst=0
	while [ "$(uptime_ms)" -lt "$end" ]; do
		here=$(offset) || here=9999999999
		[ "${here#-}" -le "${worst#-}" ] || worst=$here
		sleep 0.5
	done
	echo "$worst"
}

# --- privileges -----------------------------------------------------------
# proc PID FIELD: of /proc/PID/status.
proc()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

SYS_TIME=0000000002000000
NONE=0000000000000000

# caps PID FIELD...: the values of these sets, in one line.
caps()
{
	of=$1
	shift
	line=
	for set in "$@"; do
		line="$line $(proc "$of" "Cap$set")"
	done
	echo "${line# }"
}

has_sys_time()
{
	[ $((0x0$(proc "$1" CapPrm) & 0x$SYS_TIME)) -ne 0 ]
}

# The end of a scenario: stop what still runs; on a failure, what it said.
finish()
{
	[ ! -d "/proc/$ntpd" ] || stop
	[ "$failures" -eq 0 ] ||
	    tail -n 40 "$dir/log" | sed "s/^/@@ # $name| /"
}
