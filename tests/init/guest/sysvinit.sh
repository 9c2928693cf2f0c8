#!/bin/sh
# The sysvinit script as it is shipped, where busybox's init is process 1: it
# starts a daemon that sets a clock an hour wrong, under the AppArmor profile;
# status, reload, kill -9 and restart, stop.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh
script=/etc/init.d/ntpd

conf() {
	{
		echo "server host port $port poll 1s to 4s"
		cat
	} >/etc/ntpd.conf
}
run() { # run STATUS ACTION
	"$script" "$2" >>"$dir/log" 2>&1
	is "$2: exit status" $? "$1"
	ntpd=0
	[ ! -r /run/ntpd.pid ] || read -r ntpd </run/ntpd.pid
}
check_all() {
	for pid in $ntpd $(children); do
		is "$(cat "/proc/$pid/comm") is under the profile" \
		    "$(cat "/proc/$pid/attr/current")" "ntpd (enforce)"
	done
	is "ntp-clock has CAP_SYS_TIME and nothing else" \
	    "$(caps "$(child ntp-clock)" Prm Eff Inh Amb Bnd)" \
	    "$SYS_TIME $SYS_TIME $NONE $NONE $NONE"
}

scenario sysvinit
socket=/run/ntpd/control
is "process 1" "$(readlink /proc/1/exe)" /bin/busybox
if [ -e /sys/kernel/security/apparmor/.load ]; then
	cat /test/profile >/sys/kernel/security/apparmor/.load
	is "the kernel takes the AppArmor profile" $? 0
else
	failed "this kernel has AppArmor"
fi
mkdir -p /var/log
syslogd
echo "listen on 127.0.0.1" | conf
run 3 status
set_wrong 3600000000000
run 0 start
check "in sync, a clock an hour wrong is right" wait_for 30 in_time $((2 * ms))
is "by one step" "$(status .steps)" 1
check "it serves on port 123" ntpask -n 1 127.0.0.1 123
check_all
run 0 status
printf 'listen on 127.0.0.1\nlog level debug\n' | conf
old=$ntpd
run 0 reload
is "it is the same process" "$ntpd" "$old"
check "the reload is in syslog" \
    wait_for 10 grep -q 'configuration reloaded' /var/log/messages
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 10 replaced ntp-clock "$old"
sleep 1
is "with its capability" "$(caps "$(child ntp-clock)" Prm Eff)" \
    "$SYS_TIME $SYS_TIME"

members=$(children)
kill -9 "$ntpd"
# shellcheck disable=SC2086
check "kill -9: its programs end, too" wait_for 10 none_alive $ntpd $members
run 1 status

# Started by root, a file capability is neither needed nor in the way.
chmod 750 /usr/libexec/ntpd/ntp-clock
check "ntp-clock gets a file capability" \
    setcap cap_sys_time+p /usr/libexec/ntpd/ntp-clock
run 0 restart
disturb 50000000
check "it steers" wait_for 30 in_time $((2 * ms))
check_all
check "root may ask for a change" ntpctl sync -s 1
members=$(children)
old=$ntpd
run 0 stop
# shellcheck disable=SC2086
check "nothing is left when that returns" none_alive $old $members
check "the drift is kept" test -s /var/lib/ntpd/clock
run 3 status
is "the profile refused nothing" \
    "$(dmesg | grep -c 'apparmor="DENIED"')" 0
dmesg | grep 'apparmor="DENIED"' | sort -u -k 5 | head -n 20 |
    sed "s/^/@@ # $name: /"
cat /var/log/messages >>"$dir/log" 2>/dev/null
ntpd=0
finish
