#!/bin/sh
# The machine is stopped by its hypervisor, and goes on as if nothing had been:
# only its real-time clock, and the servers, know better.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

scenario pause
echo "1 SHA256 HEX:7365637265742d6f662d736861323536" >"$dir/keys"
chmod 600 "$dir/keys"
{
	echo "server $server port $port poll 1s to 4s key 1"
	echo "control socket \"$socket\" mode 0666"
	echo "state directory \"$dir/state\""
	echo "keys \"$dir/keys\""
	echo "clock {"
	echo "	budget 5s per 1d"
	echo "}"
} >"$dir/conf"
set_wrong 0
start
check "in sync" wait_for 90 in_time $((2 * ms))
sleep 20 # the real-time clock is looked at
steps=$(status .steps) # one at the start perhaps, where the machine is busy
note now
check "a pause shows by the real-time clock" \
    wait_for 60 says 'the machine was paused, as its RTC shows'
check "it is followed, though it is longer than the budget" \
    wait_for 60 says 'clock was 1[0-9][.0-9]* s behind: the machine was paused'
check "in time again" wait_for 90 in_time $((2 * ms))
note "by the test's own measure $(offset) $(offset) $(offset) ns, by ntpctl" \
    "$(status '"\(.synchronized) \(.offset_ns) +- \(.offset_error_ns)"')"
is "not frozen" "$(status .frozen)" null
is "one step" $(($(status .steps) - steps)) 1
below "of the budget hardly more than the RTC's second is used, ns" \
    "$(ntpctl -j -s "$socket" clock | jq .budget_used_ns)" 2000000000
note "$(grep paused "$dir/log")"
finish
