#!/bin/sh
# Dates that cannot be: a server whose GPS receiver is 1024 weeks behind, and a
# clock that begins in 2143, where such a server once put it.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

century=$((117 * 31557600 * 1000000000)) # ns

scenario beyond-server
liar_server 127.0.0.1 29001 offset-ms=-619315200000 >/dev/null 2>&1 &
liar_server=$!
set_wrong 0
write_conf </dev/null
sed -i "s/^server .*/server 127.0.0.1 port 29001 poll 1s to 4s/" "$dir/conf"
start
refused()
{
	status_is '.sources[0].rejected >= 3 and .sources[0].received >= 3' true
}
check "answers of years ago are refused" wait_for 30 refused
note "$(status '.sources[0].reason')"
check "so there is no time" status_is .synchronized false
is "and no step" "$(status .steps)" 0
check "the clock is left alone" near $((200 * ms))
kill "$liar_server"
stop
kept=$(sed -n 's/^time //p' "$dir/state/clock")
note "the time kept: $kept"
[ "${kept:-0}" -lt "$((($(date +%s) + 60) * 1000000000))" ]
is "nothing of it is kept" $? 0
write_conf </dev/null
start
check "with a server that is right: in sync" wait_for 30 in_time $((2 * ms))
finish

scenario beyond-clock
set_wrong "$century"
is "the clock begins in" "$(date +%Y | cut -c 1-2)" 21
start
check "in sync" wait_for 30 in_time $((2 * ms))
is "by one step" "$(status .steps)" 1
check "the log says that this date cannot be" \
    says 'the clock shows 21[0-9-]*T.*, which is impossible'
check "and why it is corrected that far" \
    says 'first correction after start, from a date that cannot be'
note "$(grep 'first correction' "$dir/log" | tail -n 1)"
stop
set_wrong 0
start
check "and the next start finds all in order" wait_for 30 in_time $((2 * ms))
check "which is not frozen" status_is .frozen null
finish

# Not so later: then it is what a limit is for.
scenario beyond-later
set_wrong 0
start
check "in sync" wait_for 30 in_time $((2 * ms))
disturb "$century"
check "a clock that is put there while it is kept freezes" \
    wait_for 60 not status_is .frozen null
note "frozen: $(status .frozen)"
set_wrong 0
finish
