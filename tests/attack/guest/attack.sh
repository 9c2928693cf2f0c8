# What the attacks share; "way" is how ntpd is started: root, ambient (an
# ordinary user who holds CAP_SYS_TIME) or file (one with nothing, and a
# capability on the file ntp-clock).  Read by as-*.sh with ".", in the virtual
# machine of tests/attack/vm.t.sh, after "way" is set.
# shellcheck shell=dash disable=SC2034,SC2154,SC3045
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

# --- what ntpd.conf(5) promises -------------------------------------------
# The one place for the numbers and the names that the checks depend on.
s=1000000000
BAND_PPM=500      # around zero, while no anchor is known
KEPT_PPM=100      # around the drift that is kept from before
ANCHORED_PPM=50   # "frequency limit"
BUDGET=30         # s in a day
STEP_SURE=10      # s, that an error must last before it is stepped
SAMPLES_PER_S=10  # that ntp-clock looks at
END_MS=1500
KEEPS_NS=$((2 * ms))
NOISE_NS=$((2 * ms)) # of the measurement, and of what ntp-clock does at once
USED=budget_used_ns # members of "ntpctl -j clock"
TIME_CONSTANT=10 # that ntp-clock marks the kernel's clock with

# The attacks of the audit are made in each way, the others in one of them; or
# all in each, if the kernel's command line has "attacks=all".
case $(cat /proc/cmdline) in
*attacks=all*) everything=1 ;;
*) everything=0 ;;
esac

# only_as WAY: whether what comes now is to be run this way.
only_as()
{
	[ $everything = 1 ] || [ "$way" = "$1" ]
}

# --- a place to attack ----------------------------------------------------
port=11001 # the truth, and below the liar's
liar=11002
outside "$port" &
outside "$liar" /tmp/lie &
mountpoint -q /cap 2>/dev/null || {
	mkdir -p /cap
	mount -t tmpfs cap /cap
}
case $way in
root) prefix='' owner=root ;;
ambient)
	owner=anna
	prefix="/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups
		--inh-caps=+sys_time,+net_bind_service
		--ambient-caps=+sys_time,+net_bind_service"
	;;
file)
	owner=anna
	prefix="/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups"
	;;
esac

offset()
{
	answer=$(ntpask -n "${1:-8}" 127.0.0.1 "$port") && echo "${answer% *}"
}

# await SECONDS COMMAND...: until it succeeds, with looks that are not so many
# that they are most of the work.
await()
{
	until=$(($(uptime_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(uptime_ms)" -lt "$until" ] || return 1
		sleep 2
	done
}

# attack NAME: folders and programs of its own; the clock is right, and the
# kernel is as after a boot.
attack()
{
	scenario "$way-$1"
	home=/cap/$name
	program=$home/ntpd
	mkdir -p "$home" "$dir/state"
	cp /usr/sbin/ntpd /usr/libexec/ntpd/* "$home"
	[ "$way" != file ] ||
	    /usr/bin/setcap cap_sys_time+p "$home/ntp-clock"
	chown -R "$owner" "$dir" "/run/$name"
	echo 0 >/tmp/lie
	window=60
	every=100
	rm -rf /run/ntpd /dev/shm/ntpd-* # what outlives a folder that is not there
	clockwatch -b
	set_wrong 0
}

# evil PROGRAM PLAN...: from its next start on it is hostile.
evil()
{
	villain=$1
	shift
	rm -f "$home/$villain"
	echo "$*" >"$home/$villain.plan"
	cp "/attack/$villain" "$home/$villain"
}

# honest PROGRAM: from its next start on.
honest()
{
	rm -f "$home/$1"
	cp "/usr/libexec/ntpd/$1" "$home/$1"
}

# conf: standard input is the configuration, beyond the usual.
conf()
{
	{
		echo "control socket \"$socket\" mode 0666"
		echo "state directory \"$dir/state\""
		cat
	} >"$dir/conf"
}

# The attack begins, and what it does to the clock is seen.
begin()
{
	rm -f "$dir/moved"
	clockwatch -i "$every" -w "$window" "$dir/moved" &
	watch=$!
	start
	await 5 replaced ntp-clock none
	clock_pid=$(child ntp-clock)
	ntpd_kb=
}

# A line of clockwatch, in the variables of its words.
look()
{
	read -r net total jump worst elapsed <"$dir/moved"
}

# bounded BUDGET_NS [PPM] [MORE_NS]: the clock was moved by no more, in all.
bounded()
{
	look
	below "the clock was moved by no more than may be in $((elapsed / s)) s" \
	    "$total" $(($1 + ${2:-$BAND_PPM} * (elapsed / 1000000) + ${3:-0} +
	    NOISE_NS))
	note "moved: net $net total $total jump $jump in any $window s $worst"
}

# in_window BUDGET_NS: no more in any time of the window.
in_window()
{
	look
	below "in any $window s it was moved by no more than the budget" \
	    "$worst" $(($1 + BAND_PPM * window * 1000 + NOISE_NS))
}

# runs_within PPM SENTENCE: how fast the clock gets wrong, over four seconds.
runs_within()
{
	changed=$(ntpask -j 4)
	below "$2: the clock gets wrong by at most $1 ppm, measured in ppb" \
	    $((${changed#* } / 4)) $(($1 * 1000 + 500))
}

# clock_says MEMBER: from ntpctl -j clock; nothing where it has no answer.
clock_says()
{
	ntpctl -j -s "$socket" clock 2>/dev/null |
	    sed -n "s/^ *\"$1\": \(.*\)/\1/p" | sed 's/,$//; s/^"//; s/"$//'
}

# clock_counts MEMBER: a number; -1 where there is no answer.
clock_counts()
{
	count=$(clock_says "$1")
	echo "${count:--1}"
}

is_frozen()
{
	why=$(clock_says frozen)
	[ -n "$why" ] && [ "$why" != null ]
}

# freezes SECONDS: within them, which the log says first.
freezes()
{
	await "$1" says 'ntp-clock error' && is_frozen
}

# settles SECONDS: it is in sync within them, and right.
settles()
{
	await "$1" says 'ntp-clock info: the clock is within a millisecond' &&
	    near $KEEPS_NS
}

# frozen_for WORD: it says so, in the status and in the log.
frozen_for()
{
	is_frozen || why=
	case $why in
	*"$1"*) passed "the status says why it is frozen: $why" ;;
	*)
		failed "the status says why it is frozen"
		note "got '$why', want '$1'"
		;;
	esac
	check "the log says so" says "ntp-clock error: .*$1"
}

# --- the rest of the house ------------------------------------------------
rss_kb()
{
	kb=$(proc "$1" VmRSS)
	echo "${kb% kB}"
}

# Before a flood, and after it.
weigh()
{
	ntpd_kb=$(rss_kb "$ntpd")
	clock_kb=$(rss_kb "$(child ntp-clock)")
	log_before=$(wc -c <"$dir/log")
	weighed=$(uptime_ms)
}

weigh_again()
{
	below "ntpd has grown by at most 512 kB" \
	    $(($(rss_kb "$ntpd") - ntpd_kb)) 512
	below "ntp-clock has grown by at most 256 kB" \
	    $(($(rss_kb "$(child ntp-clock)") - clock_kb)) 256
	took_s=$((($(uptime_ms) - weighed) / 1000))
	below "the log has grown by at most a burst and 2 kB a second" \
	    $(($(wc -c <"$dir/log") - log_before)) $((40000 + 2000 * took_s))
}

# ntpd and ntp-clock are those that began.
unharmed()
{
	check "ntpd lives" [ -d "/proc/$ntpd" ]
	is "ntp-clock is the one that began" "$(child ntp-clock)" "$clock_pid"
}

# done_attacking: TERM ends everything soon, and the clock is left in order.
done_attacking()
{
	[ -d "/proc/$ntpd" ] || failed "ntpd lives until it is ended"
	(sleep 5 && kill -9 "$ntpd") 2>/dev/null &
	guard=$!
	stop
	kill "$guard" 2>/dev/null
	# shellcheck disable=SC2086
	kill -9 $members 2>/dev/null # whoever is left, for the next attack
	below "TERM ends all, in ms" "$took" $END_MS
	runs_within "${1:-$BAND_PPM}" "after the end"
	kill "$watch" 2>/dev/null
	wait "$watch" 2>/dev/null
	[ "$failures" -eq 0 ] ||
	    tail -n 25 "$dir/log" | cut -c 1-200 | sed "s/^/@@ # $name| /"
	failures=0
	rm -rf "$home"
}
