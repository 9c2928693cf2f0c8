#!/bin/sh
# Under systemd, which is process 1: ntpd.service as it is shipped sets a clock
# that is an hour wrong, with the privileges that it should have, under the
# AppArmor profile; reload, restarts, ntpd-wait.service, the fast path, and the
# end.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh
mount -t tmpfs -o mode=1777 tmp /tmp
port=$(sed 's/.*port=\([0-9]*\).*/\1/' /proc/cmdline)
export port
SERVICE=0000000002000400 # CAP_SYS_TIME and CAP_NET_BIND_SERVICE
bounding=$SERVICE
profile="ntpd (enforce)"
apparmor=/sys/kernel/security/apparmor

conf() { # the configuration, as the unit expects it
	{
		echo "server 10.0.2.2 port $port poll 1s to 4s"
		cat
	} >/etc/ntpd.conf
}
show() { # show PROPERTY: of the service
	systemctl show -P "$1" ntpd
}
# The daemon is up, and is not the process $1.
up_again() {
	ntpd=$(show MainPID)
	[ "$ntpd" != 0 ] && [ "$ntpd" != "$1" ] && [ "$(show ActiveState)" = active ]
}
status_of_server() { # status_of_server FILTER: it is true of ntpctl server
	[ "$(ntpctl -j server | jq "$1")" = true ]
}
check_process() { # check_process PID NAME PERMITTED AMBIENT
	is "$2: uid, filter, no_new_privs" \
	    "$(proc "$1" Uid | cut -f 1,2,3,4 | tr '\t' ' ') $(proc "$1" Seccomp) $(proc "$1" NoNewPrivs)" \
	    "$uid $uid $uid $uid 2 1"
	is "$2: permitted and ambient capabilities" "$(caps "$1" Prm Amb)" \
	    "$3 $4"
	is "$2: bounding set" "$(caps "$1" Bnd)" $bounding
	is "$2: AppArmor profile" "$(cat "/proc/$1/attr/current")" "$profile"
}
check_all() {
	check_process "$ntpd" ntpd $SERVICE "$(caps "$ntpd" Amb)"
	for process in $all ntp-serve; do
		pid=$(child "$process")
		[ -n "$pid" ] || failed "$process runs"
		want=$NONE
		[ "$process" != ntp-clock ] || want=$SYS_TIME
		[ -z "$pid" ] || check_process "$pid" "$process" "$want" "$NONE"
	done
}

scenario systemd
socket=/run/ntpd/control
note "systemd is process 1: $(cat /proc/1/comm), after $(cut -d ' ' -f 1 /proc/uptime) s"
check "systemd-sysusers makes the user" systemd-sysusers
uid=$(id -u ntpd)
cat /test/profile >$apparmor/.load
is "the kernel takes the AppArmor profile" $? 0
set_wrong 3600000000000
conf </dev/null
began=$(uptime_ms)
check "systemctl start returns when it is ready" systemctl start ntpd
note "after $(($(uptime_ms) - began)) ms"
is "it is active" "$(show ActiveState) $(show SubState)" "active running"
up_again 0
check "in sync, a clock an hour wrong is right" wait_for 30 in_time $((2 * ms))
is "by one step" "$(status .steps)" 1
is "/run/ntpd and /var/lib/ntpd are the user's" \
    "$(stat -L -c '%U %a' /run/ntpd /var/lib/ntpd | sort -u)" "ntpd 755"

echo "listen on 127.0.0.1" | conf
check "reload, which binds port 123" systemctl reload ntpd
check "it serves" wait_for 10 ntpask -n 1 127.0.0.1 123
check_all
echo nonsense | conf
check "a reload of a wrong configuration fails" not systemctl reload ntpd \
    2>/dev/null
is "and the daemon runs on" "$(show MainPID)" "$ntpd"
echo "listen on 127.0.0.1" | conf

old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 10 replaced ntp-clock "$old"
sleep 1
is "with its capability" "$(caps "$(child ntp-clock)" Prm Eff)" \
    "$SYS_TIME $SYS_TIME"
old=$ntpd
kill -9 "$old"
check "kill -9 of ntpd: systemd starts it again" wait_for 30 up_again "$old"
check "in sync again" wait_for 30 synchronized

# A file capability in the way of the ambient one: it takes its place.
chgrp ntpd /usr/libexec/ntpd/ntp-clock
chmod 750 /usr/libexec/ntpd/ntp-clock
check "ntp-clock gets a file capability" \
    setcap cap_sys_time+p /usr/libexec/ntpd/ntp-clock
check "restart" systemctl restart ntpd
up_again 0
disturb 50000000
check "it steers" wait_for 30 in_time $((2 * ms))
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 10 replaced ntp-clock "$old"
sleep 1
check_all

began=$(uptime_ms)
check "ntpd-wait.service waits for the clock" systemctl start ntpd-wait
note "after $(($(uptime_ms) - began)) ms"
is "and time-sync.target is reached" \
    "$(systemctl is-active time-sync.target)" active

check "root may ask for a change" ntpctl sync -s 1
check "its user may not, whose programs may be anybody's" \
    sh -c "/usr/bin/setpriv --reuid $uid --clear-groups ntpctl sync -s 1 2>&1 |
	grep -q denied"
is "the profile refused nothing" \
    "$(dmesg | grep -c 'apparmor="DENIED"')" 0
dmesg | grep 'apparmor="DENIED"' | sed "s/^/@@ # $name: /"
printf ntpd >$apparmor/.remove
profile=unconfined

# The fast path, with the rights of fast.conf.
cp /test/fast.conf /etc/systemd/system/ntpd.service.d
systemctl daemon-reload
echo "listen on eth0 fast" | conf
check "restart, with fast.conf" systemctl restart ntpd
up_again 0
check "the program in the kernel is attached" \
    not status_of_server '.fast == null'
bounding=000000c002001400 # CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, too
check_all
rm /etc/systemd/system/ntpd.service.d/fast.conf
systemctl daemon-reload

systemctl stop ntpd
is "stop" "$(show ActiveState) $(show Result)" "inactive success"
check "nothing of it is left" not any_named ntp
check "nor in /run" test ! -e /run/ntpd
is "the drift is kept" "$(stat -c %U /var/lib/ntpd/clock)" ntpd

conf <<'EOF'
clock {
	limit 1s
	on violation stop
}
EOF
systemctl start ntpd
up_again 0
check "in sync" wait_for 30 in_time $((2 * ms))
disturb -5000000000
gone() {
	[ "$(show ActiveState)" = failed ]
}
check "on violation stop: it ends" wait_for 30 gone
sleep 2
is "and is not started again" \
    "$(show ActiveState) $(show ExecMainStatus) $(show NRestarts)" "failed 2 0"
ntpd=0
journalctl -o cat -u ntpd -u ntpd-wait >"$dir/log"
check "the log is in the journal" says '^ntpd: ntpd .* starts'
journalctl -o cat -p warning -u ntpd >"$dir/warnings"
check "with priorities" sh -c "grep -q 'killed by signal 9' $dir/warnings &&
    ! grep -q starts $dir/warnings"
finish
echo "@@ end"
poweroff -f
