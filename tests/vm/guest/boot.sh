#!/bin/sh
# A machine with no battery for its clock: it boots in 1970.  What is known of
# the time, from the state directory or from the sources, is no limit's matter;
# what is beyond that is.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

# UTC in ns, by the server.
utc()
{
	echo $(($(date +%s) * 1000000000 + $(offset)))
}

# kept NS: the state directory has this time.
kept()
{
	mkdir -p "$dir/state"
	printf '%s\n' "ntpd-state 2" "drift 0 0" "budget 0 0" "boot another" \
	    "time $1" "end" >"$dir/state/clock"
}

frozen()
{
	why=$(status .frozen)
	[ -n "$why" ] && [ "$why" != null ]
}

# The second of January: the kernel lets no clock be before its boot.
back_to_1970()
{
	ntpask -s -$((($(date +%s) - 86400) * 1000000000))
}

scenario boot-kept
is "this machine has booted in" "$(date +%Y)" 1970
write_conf <<'END'
clock {
	startup limit forward 1h backward 1h
}
END
kept $(($(utc) - 5000000000)) # later than the sources, however new they are
start
check "in sync" wait_for 90 in_time $((2 * ms))
is "one step" "$(status .steps)" 1
check "the log says that the clock is before the time kept" \
    says 'the clock shows 1970-.* the time kept in the state directory'
check "and why it is corrected that far" \
    says 'first correction after start, from before the last time known'
note "$(grep 'first correction' "$dir/log")"
stop
# Five seconds before the start, and what has passed since; never what servers
# say.
below "the time that has passed is kept for the next boot: ms ago" \
    $((($(utc) - $(sed -n 's/^time //p' "$dir/state/clock")) / ms - 5000)) 3000
finish

scenario boot-limit
write_conf <<'END'
clock {
	startup limit forward 5s backward 1h
}
END
kept $(($(utc) - 15000000000))
back_to_1970
start
check "fifteen seconds beyond the time kept are over a limit of five" \
    wait_for 20 frozen
note "frozen: $(status .frozen)"
is "the clock was left alone in" "$(date +%Y)" 1970
finish

# 20000 days from 1970 are in 2024, before these sources.
scenario boot-sources
is "the clock is still in" "$(date +%Y)" 1970
write_conf <<'END'
clock {
	startup limit forward 20000d backward 1h
}
END
start
check "without a time kept: in sync" wait_for 90 in_time $((2 * ms))
check "by the time of the sources" \
    says 'the clock shows 1970-.* the time of this program.s sources'
finish
