#!/bin/sh
# The options -x, which leaves the clock alone, and -q, which sets it once.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

scenario no-clock
set_wrong 3600000000000
kernel_before=$(ntpask -a | grep -E 'unsync|freq|tick' | tr '\n' ' ')
start -x
check "-x: it measures the error of an hour" wait_for 30 \
    status_is '.offset_ns < -3599000000000 and .offset_ns > -3601000000000' true
is "clock_controlled" "$(status .clock_controlled)" false
for pid in $ntpd $(children); do
	check "$(cat "/proc/$pid/comm") has no CAP_SYS_TIME" \
	    not has_sys_time "$pid"
	is "$(cat "/proc/$pid/comm"): filter, no_new_privs" \
	    "$(proc "$pid" Seccomp) $(proc "$pid" NoNewPrivs)" "2 1"
done
ntpask -j 5 >"$dir/jump"
read -r jump _ <"$dir/jump"
below "the clock does not jump, ns" "$jump" 1000
below "the clock is left alone" $(($(offset) + 3600000000000)) $((20 * ms))
is "the kernel's frequency and status, too" \
    "$(ntpask -a | grep -E 'unsync|freq|tick' | tr '\n' ' ')" "$kernel_before"
finish

scenario once
set_wrong -3600000000000
before=$(uptime_ms)
$program -d -q -f "$dir/conf" >>"$dir/log" 2>&1
is "-q: exit status" $? 0
below "-q: it took ms" $(($(uptime_ms) - before)) 30000
below "-q: the clock is right, ns" "$(offset)" $((5 * ms))
note "$(grep -i 'clock set' "$dir/log")"
note "the kernel's frequency is left at $(rate) ppb"
check "-q: nothing is left" not any_named ntp-
finish

scenario once-silent
echo "server 10.0.2.2 port 1" >"$dir/conf"
echo "state directory \"$dir/state\"" >>"$dir/conf"
set_wrong 0
before=$(uptime_ms)
$program -d -q -f "$dir/conf" >>"$dir/log" 2>&1
is "-q with no answer: exit status" $? 1
below "-q with no answer: it took ms" $(($(uptime_ms) - before)) 60000
below "-q with no answer: the clock is left alone, ns" "$(offset)" $((5 * ms))
finish

# The sandboxes once more, on a kernel that has Landlock.
scenario sandbox
sandbox.t >"$dir/tap" 2>&1
is "the test of the sandboxes: exit status" $? 0
arguments.t >>"$dir/tap" 2>&1
is "that of arguments: exit status" $? 0
grep '^not ok' "$dir/tap" | while read -r line; do
	note "$line"
done
check "Landlock was tried" \
    grep -q '^ok .*attempt to read another file of /etc fails' "$dir/tap"
