#!/bin/sh
# How often the programs of a client wake up: not at all when nothing is due,
# except for ntp-clock's regular look at the clock.  It counts their waits,
# which a busy machine does not change.
#
# make idle (IDLE_SECONDS=...) also measures a client with the default poll:
# after ten minutes, for that many seconds.
. "$(dirname "$0")/../lib.sh"

for i in 1 2 3 4; do
	server up$i $((i + 1))
	eval "up$i=$port"
done
client() { # client NAME [WORDS]: of these four
	for i in 1 2 3 4; do
		eval "echo server 127.0.0.1 port \$up$i $2"
	done | conf "$1"
	start "$1"
}
agree() { # agree NAME: all four are selected
	[ "$(ctl "$1" -j status | jq '[.sources[] |
	    select(.state == "selected" or .state == "outlier")] | length')" = 4 ]
}
programs="ntpd ntp-clock ntp-net ntp-resolve ntp-observe"
# waits PID: how often it has waited, but for pages of memory from a disk.
waits() {
	echo $(($(status_of "$1" voluntary_ctxt_switches) -
	    $(cut -d' ' -f12 "/proc/$1/stat")))
}
note() { # note PREFIX: the count of each program into PREFIX_n
	k=0
	for p in $pids_seen; do
		k=$((k + 1))
		eval "$1_$k=$(waits "$p")"
	done
}
see() { # see NAME: the programs of this client
	pids_seen=
	for p in $programs; do
		pids_seen="$pids_seen $(pid_of "$1" $p)"
	done
}

# The first queries are over after 6 s; the next ones are due after 17 minutes.
client rest "poll 1024s to 1024s"
until_ok 60 agree rest
report $? "four sources are selected"
see rest
sleep 12
note before
sleep 48
note after
k=0
for p in $programs; do
	k=$((k + 1))
	eval "woken=\$((after_$k - before_$k))"
	most=3
	# Every 32 s; or every 15 s at the RTC of a virtual machine, see ntp-clock(8).
	[ $p = ntp-clock ] && most=5
	[ $p = ntp-clock ] && [ -e /sys/class/rtc/rtc0/since_epoch ] && most=7
	[ "$woken" -le $most ]
	report $? "$p has waited $woken times in 48 s, $most at most"
done

# What nobody was woken up for is known to whoever asks.
known() {
	ctl rest -j clock | jq -e '.samples > 0 and (.offset_ns | fabs) < 1e9'
}
known >/dev/null
report $? "ntpctl clock shows the samples that were taken"
[ "$(ctl rest -j status | jq .samples)" = "$(ctl rest -j clock |
    jq .samples)" ]
report $? "and so does ntpctl status"

cpu() { # ns of all programs
	for p in $pids_seen; do
		cut -d' ' -f1 "/proc/$p/schedstat"
	done | awk '{ sum += $1 } END { print sum }'
}
if [ "${IDLE_SECONDS:-0}" -gt 0 ]; then
	client usual
	until_ok 60 agree usual
	report $? "with the default poll, too"
	see usual
	sleep 600
	note before
	cpu_before=$(cpu)
	sleep "$IDLE_SECONDS"
	note after
	cpu_after=$(cpu)
	all=0 k=0
	for p in $programs; do
		k=$((k + 1))
		eval "woken=\$((after_$k - before_$k))"
		all=$((all + woken))
		echo "# $p: $woken waits"
	done
	ctl usual sources | sed 's/^/# /'
	echo "# $((all * 60 / IDLE_SECONDS)) waits a minute," \
	    "$(((cpu_after - cpu_before) / 1000 / IDLE_SECONDS)) us of" \
	    "processor time a second"
fi
for c in rest; do
	show_log $c
done
done_testing
