#!/bin/sh
# The OpenRC script, under openrc-run and rc-service: start, status, reload,
# kill -9 and restart, stop; then the same under supervise-daemon.
packages="insserv/usr libeinfo1 librc1|librc1t64 openrc"
. "$(dirname "$0")/init.sh"
install_init openrc
# As if the machine had been booted by OpenRC.
for folder in exclusive starting started stopping inactive wasinactive \
    hotplugged failed scheduled crashed daemons options tmp; do
	mkdir -p "/run/openrc/$folder"
done
touch /run/openrc/softlevel
mount -t overlay -o "lowerdir=$BUILD/init/insserv/etc:/etc" overlay /etc
script=$dir/etc/init.d/ntpd
options="NTPD_OPTS=\"-x -f $dir/etc/ntpd.conf\""
echo "$options" >"$dir/etc/conf.d/ntpd"

life() { # life NAME
	conf </dev/null
	exits 3 "$1: status of what does not run" "$script" status
	exits 0 "$1: start" "$script" start
	until_ok 5 answers
	report $? "$1: it answers"
	exits 0 "$1: status" "$script" status
	pid=$(supervisor)
	echo "listen on 127.0.0.1 port 1123" | conf
	exits 0 "$1: reload" "$script" reload
	until_ok 5 serving
	report $? "$1: the new configuration is in force"
	echo "nonsense" | conf
	exits 1 "$1: reload refuses a wrong configuration" "$script" reload
	exits 1 "$1: and so does restart" "$script" restart
	[ "$(supervisor)" = "$pid" ]
	report $? "$1: while the daemon runs on"
	conf </dev/null
	exits 0 "$1: restart" "$script" restart
	until_ok 5 another "$pid"
	report $? "$1: is another process"
	pid=$(supervisor)
	kill -9 "$pid"
}
ends() { # ends NAME
	exits 0 "$1: stop" "$script" stop
	until_ok 2 nothing_left
	report $? "$1: nothing is left"
}
life start-stop-daemon
until_ok 3 nothing_left
exits 32 "status after kill -9: crashed" "$script" status
exits 0 "restart after it" "$script" restart
until_ok 2 another "$pid"
report $? "it runs again"
ends start-stop-daemon
[ "$(stat -c '%U %a' "$dir/var/lib/ntpd" /run/ntpd | sort -u)" = "root 755" ]
report $? "its folders are root's"

printf '%s\nsupervisor=supervise-daemon\n' "$options" >"$dir/etc/conf.d/ntpd"
life supervise-daemon
until_ok 8 another "$pid"
report $? "kill -9: supervise-daemon starts it again"
# Without a limit of ours it would give up after ten times.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	pid=$(supervisor)
	kill -9 "$pid"
	until_ok 20 another "$pid" || break
done
another "$pid"
report $? "and does so for ever"
ends supervise-daemon
done_testing
