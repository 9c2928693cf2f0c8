#!/bin/sh
# The limits: what passes them freezes the clock or stops the daemon, and the
# budget is kept over a restart.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

frozen()
{
	why=$(status .frozen)
	[ -n "$why" ] && [ "$why" != null ]
}

# frozen_by WORDS: these are in the reason.
frozen_by()
{
	frozen && [ "${why#*"$1"}" != "$why" ]
}

stepped()
{
	status_is .steps "$1"
}

scenario limit
write_conf <<'END'
clock {
	limit 1s
}
END
set_wrong 0
start
check "in sync" wait_for 90 in_time $((2 * ms))
disturb 5000000000
check "a step of 5 s over a limit of 1 s freezes" wait_for 30 frozen
note "frozen: $(status .frozen)"
check "the reason names the limit" frozen_by "limit of 1 s"
check "the log says so" says 'ntp-clock.*limit of 1 s'
sleep 3
check "the clock was left alone" within 5010000000 "$(offset)"
below "to the 5 s" $(($(offset) + 5000000000)) $((10 * ms))
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 3 replaced ntp-clock "$old"
sleep 4
check "and frozen as before" frozen
below "the clock is still left alone" $(($(offset) + 5000000000)) $((10 * ms))
is "no step" "$(status .steps)" 0
check "ntpctl sync of an ordinary user is refused" \
    not /usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups \
    ntpctl -s "$socket" sync -s -5
check "and so is one that nobody agrees to" \
    not sh -c "ntpctl -s '$socket' sync </dev/null"
sleep 1
check "and it stays frozen" frozen
check "ntpctl sync, for the step back that there is to make" \
    ntpctl -s "$socket" sync -s -5
check "releases it" wait_for 90 in_time $((2 * ms))
is "not frozen any more" "$(status .frozen)" null
finish

scenario startup-limit
write_conf <<'END'
clock {
	startup limit forward any backward 1h
}
END
set_wrong 7200000000000
start
check "two hours back at the start are refused" wait_for 20 frozen
check "the reason names the startup limit" frozen_by startup
below "the clock was left alone" $(($(offset) + 7200000000000)) $((10 * ms))
stop
start
check "a restart of ntpd does not release it" wait_for 20 frozen
check "and the reason is the same" frozen_by startup
stop
rm -r "$dir/state" # as at the next boot
set_wrong -7200000000000
start
check "two hours forward are allowed" wait_for 90 in_time $((2 * ms))
is "by one step" "$(status .steps)" 1
finish

scenario stop
write_conf <<'END'
clock {
	limit 1s
	on violation stop
}
END
set_wrong 0
start
check "in sync" wait_for 90 in_time $((2 * ms))
disturb -5000000000
check "on violation stop: it ends" wait_for 30 none_alive "$ntpd"
wait "$ntpd"
is "with exit status 2" $? 2
below "the clock was left alone" $(($(offset) - 5000000000)) $((10 * ms))
finish

scenario budget
write_conf <<'END'
clock {
	budget 3s per 1h
}
END
set_wrong 0
start
check "in sync" wait_for 90 in_time $((2 * ms))
disturb 2000000000
check "the first step of 2 s is within the budget of 3 s" \
    wait_for 30 stepped 1
check "in sync after it" wait_for 90 in_time $((2 * ms))
disturb 2000000000
check "the second is not" wait_for 30 frozen
check "the reason names the budget" frozen_by budget
stop
start
check "nor is it after a restart" wait_for 30 frozen
check "and for the same reason" frozen_by budget
below "the clock was left alone" $(($(offset) + 2000000000)) $((10 * ms))
finish
