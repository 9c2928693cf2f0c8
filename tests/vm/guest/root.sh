#!/bin/sh
# Started as root, three hours ahead: it steps at the start, slews afterwards,
# and stays near; every process has the privileges that it should.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

# What is the same for every child: $1 is its process id, $2 its name.
check_child()
{
	is "$2 is filtered, and can gain nothing" \
	    "$(proc "$1" Seccomp) $(proc "$1" NoNewPrivs)" "2 1"
	is "$2 has no group but its own" "$(proc "$1" Groups)" ""
	if [ "$2" = ntp-clock ]; then
		is "$2 has CAP_SYS_TIME and nothing else" \
		    "$(caps "$1" Prm Eff Inh Amb Bnd)" \
		    "$SYS_TIME $SYS_TIME $NONE $NONE $NONE"
	else
		is "$2 has no capability, bounding set included" \
		    "$(caps "$1" Prm Eff Inh Amb Bnd)" \
		    "$NONE $NONE $NONE $NONE $NONE"
	fi
	[ "$2" = ntp-resolve ] || is "$2 sees an empty folder as its root" \
	    "$(ls -A "/proc/$1/root/")" ""
}

check_privileges()
{
	uids=
	for process in $all ntp-serve; do
		pid=$(child "$process")
		if [ -z "$pid" ]; then
			failed "$process runs"
			continue
		fi
		check_child "$pid" "$process"
		# shellcheck disable=SC2046
		set -- $(proc "$pid" Uid)
		is "$process has one uid" "$1 $1 $1 $1" "$*"
		uids="$uids $1"
	done
	is "the uids differ and none is root" \
	    "$(for uid in $uids; do echo "$uid"; done | sort -u | grep -vcx 0)" \
	    5
	is "ntpd is filtered, and can gain nothing" \
	    "$(proc "$ntpd" Seccomp) $(proc "$ntpd" NoNewPrivs)" "2 1"
	check "ntpd has CAP_SYS_TIME, for the next ntp-clock" \
	    has_sys_time "$ntpd"
	is "ntpd has no CAP_SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_OVERRIDE" \
	    "$((0x0$(proc "$ntpd" CapPrm) & (1 << 21 | 1 << 16 | 1 << 19 | 1 << 1)))" 0
}

scenario root
echo "listen on 127.0.0.1" | write_conf
check "this kernel has Landlock" grep -q landlock /sys/kernel/security/lsm
set_wrong 10800000000000
start
check "in sync within 30 s" wait_for 90 in_time $((2 * ms))
note "in sync $(($(status '.uptime_s * 1000 | floor'))) ms after its start"
is "one step" "$(status .steps)" 1
check "ntpctl log tells why" \
    sh -c "ntpctl -s $socket log | grep -q 'first correction after start'"
is "clock_controlled" "$(status .clock_controlled)" true
is "not frozen" "$(status .frozen)" null
check_privileges
is "ntpctl runs all of them" "$(status '.processes | length')" 6
check "it serves what it knows" ntpask -n 1 127.0.0.1 123

below "the offset stayed within 2 ms for 60 s" "$(worst 60)" $((2 * ms))
is "the kernel says that the clock is synchronized" "$(kernel unsync)" 0
below "the kernel's bound of the error is below 1 s" \
    "$(kernel maxerror_us)" 1000000
note "kernel: $(ntpask -a | tr '\n' ' ')"
note "status: $(status '[.offset_ns, .offset_error_ns, .frequency_ppb, .samples] | map(tostring) | join(" ")')"

steps=$(status .steps)
disturb $((5 * ms))
sleep 1
check "5 ms of error are slewed away within 40 s" \
    wait_for 40 near $((ms / 2))
is "with no step" "$(status .steps)" "$steps"
is "no process died" "$(status '[.processes[].restarts] | add')" 0

worth_keeping() {
	[ "$(ntpctl -s "$socket" -j clock |
	    jq '.frequency_error_ppb < 4500')" = true ]
}
check "the frequency is known well" wait_for 180 worth_keeping
stop
is "TERM: exit status" "$ended" 0
below "TERM: nothing is left, after ms" "$took" 1000
check "the drift is kept" grep -q '^drift [-0-9]* [1-9]' "$dir/state/clock"
note "kept: $(tr '\n' ' ' <"$dir/state/clock")"
finish
