#!/bin/sh
# The supervisor is killed: nothing goes on without it, and it can be started
# again.  Then it is told to end.  Also: what a plain client needs of memory.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

# The proportional share of memory of some processes, in KiB.
pss()
{
	for pid in "$@"; do
		sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup"
	done | awk '{ sum += $1 } END { print sum }'
}

slewing()
{
	[ "$(rate)" -gt 200000 ]
}

scenario orphans
# The kernel maps what lies near the pages that are used, more or less by where
# programs lie: 50 KiB up and down.  That is nobody's need.
mount -t debugfs none /sys/kernel/debug 2>/dev/null
echo 4096 >/sys/kernel/debug/fault_around_bytes
is "nothing is mapped but what is used" \
    "$(cat /sys/kernel/debug/fault_around_bytes)" 4096
set_wrong 500000000
start
check "in sync" wait_for 90 in_time $((2 * ms))

pids="$ntpd $(children)"
for pid in $pids; do
	note "PSS of $(cat "/proc/$pid/comm"): $(pss "$pid") KiB"
done
# shellcheck disable=SC2086
below "the whole client's proportional memory, in KiB" "$(pss $pids)" 2816

sleep 6
disturb -$((9 * ms))
check "9 ms are being slewed away" wait_for 5 slewing
note "at $(rate) ppb"
members=$(children)
frequency=$(status '.frequency_ppb | floor')
# What was measured in some seconds is not sure; the slew is no less than 300 ppm.
most=$(status '[150000 + 2 * .frequency_error_ppb, 280000] | min | floor')
kill -9 "$ntpd"
wait "$ntpd" 2>/dev/null
# shellcheck disable=SC2086
check "without ntpd all others end within a second" \
    wait_for 1 none_alive $members
sleep 1
# It leaves the frequency that was last well known; the slew was 500 ppm.
below "the slew ended with it: the rate against what was measured, in ppb" \
    $(($(rate) - frequency)) "$most"
check "the control socket was left over" test -S "$socket"

start
check "in sync after a new start" wait_for 90 in_time $((2 * ms))

stop
is "TERM: exit status" "$ended" 0
below "TERM: nothing is left, after ms" "$took" 1000
check "the control socket is gone" test ! -e "$socket"
check "TERM: no slew goes on" within 100000 "$(rate)"
finish
