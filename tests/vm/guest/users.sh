#!/bin/sh
# Started by an ordinary user: with ambient capabilities, with a file
# capability on ntp-clock, and with that and no_new_privs.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh
server=host # by name: ntp-resolve has something to do

as_anna="/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups"

# A folder for the scenario that belongs to the user.
give_to_anna()
{
	mkdir -p "$dir/state"
	chown -R anna:anna "$dir" "/run/$name"
}

# One uid, no group; a filter and no_new_privs in each of them.
check_children()
{
	for process in $all; do
		pid=$(child "$process")
		if [ -z "$pid" ]; then
			failed "$process runs"
			continue
		fi
		is "$process: uid, filter, no_new_privs" \
		    "$(proc "$pid" Uid | cut -f 1-2 | tr '\t' ' ') $(proc "$pid" Seccomp) $(proc "$pid" NoNewPrivs)" \
		    "1000 1000 2 1"
		case $process in
		ntp-clock) want="$1 $1 $NONE $NONE" ;;
		*) want="$NONE $NONE $NONE $NONE" ;;
		esac
		is "$process: permitted, effective, inheritable, ambient" \
		    "$(caps "$pid" Prm Eff Inh Amb)" "$want"
	done
}

scenario ambient
echo "listen on 127.0.0.1" | write_conf
give_to_anna
set_wrong 600000000000
prefix="$as_anna --inh-caps=+sys_time,+net_bind_service
	--ambient-caps=+sys_time,+net_bind_service"
start
check "in sync" wait_for 90 in_time $((2 * ms))
is "one step" "$(status .steps)" 1
check_children $SYS_TIME
is "ntpd: filter, no_new_privs" \
    "$(proc "$ntpd" Seccomp) $(proc "$ntpd" NoNewPrivs)" "2 1"
check "ntpd keeps CAP_SYS_TIME for the next ntp-clock" has_sys_time "$ntpd"
check "it serves on port 123" ntpask -n 1 127.0.0.1 123
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 2 replaced ntp-clock "$old"
sleep 1
is "with its capability" "$(caps "$(child ntp-clock)" Prm Eff)" \
    "$SYS_TIME $SYS_TIME"
finish

# The programs where files can have capabilities.
mkdir -p /cap
mount -t tmpfs cap /cap
cp /usr/sbin/ntpd /usr/libexec/ntpd/* /cap
/usr/bin/setcap cap_sys_time+p /cap/ntp-clock
program=/cap/ntpd

scenario file-capability
give_to_anna
set_wrong 600000000000
prefix=$as_anna
start
check "in sync" wait_for 90 in_time $((2 * ms))
check_children $SYS_TIME
is "ntpd has no capability" "$(caps "$ntpd" Prm Eff Inh Amb)" \
    "$NONE $NONE $NONE $NONE"
is "ntpd is neither filtered nor without new privileges" \
    "$(proc "$ntpd" Seccomp) $(proc "$ntpd" NoNewPrivs)" "0 0"
is "but nobody reads its memory: what it has in /proc is root's" \
    "$(stat -c %u /proc/"$ntpd"/environ)" 0
check "it leaves no core" grep -q '^Max core file size  *0  *0 ' \
    /proc/"$ntpd"/limits
check "and its memory has a limit" \
    grep -q '^Max address space  *134217728 ' /proc/"$ntpd"/limits
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 2 replaced ntp-clock "$old"
sleep 1
is "with its capability" "$(caps "$(child ntp-clock)" Prm Eff)" \
    "$SYS_TIME $SYS_TIME"
disturb 50000000
check "and steers" wait_for 90 in_time $((2 * ms))
finish

scenario no-new-privs
give_to_anna
set_wrong 600000000000
prefix="$as_anna --no-new-privs"
start
check "it measures the error of 10 min" wait_for 30 \
    status_is '.offset_ns < -599000000000 and .offset_ns > -601000000000' true
is "clock_controlled" "$(status .clock_controlled)" false
check_children $NONE
sleep 5
is "the source is followed" "$(status '.sources[0].state')" selected
is "it is said once that the clock is not set" \
    "$(logged 'CAP_SYS_TIME|cannot (set|steer)|not be (set|steered)')" 1
note "$(grep -E 'CAP_SYS_TIME|cannot|not be' "$dir/log" | head -n 3)"
below "the clock is left alone" $(($(offset) + 600000000000)) $((10 * ms))
is "no process died" "$(status '[.processes[].restarts] | add')" 0
finish
