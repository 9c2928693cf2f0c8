#!/bin/sh
# The sysvinit script, run for real under each shell that may have to run it:
# start, status, reload, kill -9 and restart, stop, and the exit codes that
# the LSB gives to each.
. "$(dirname "$0")/init.sh"
install_init sysvinit
script=$dir/etc/init.d/ntpd
NTPD_PIDFILE=$dir/ntpd.pid
export NTPD_PIDFILE

sh -n "$script"
report $? "the shell can read it"
missing=$(for word in Provides Required-Start Required-Stop Default-Start \
    Default-Stop Short-Description; do
	grep -q "^# $word: " "$script" || echo "# no $word"
done)
[ -z "$missing" ]
report $? "its head has what insserv and update-rc.d want"

# with SHELL ACTION: run it as that shell's.
with() {
	# shellcheck disable=SC2086 # "busybox sh" is two words
	$1 "$script" "$2"
}
refuses_errors() { # refuses_errors NAME SHELL
	conf <<EOF
nonsense
EOF
	pid=$(supervisor)
	exits 6 "$1: reload refuses a wrong configuration" with "$2" reload
	exits 6 "$1: and so does restart" with "$2" restart
	[ "$(supervisor)" = "$pid" ]
	report $? "$1: while the daemon runs on"
}
one_life() { # one_life NAME SHELL
	conf </dev/null
	exits 3 "$1: status of what does not run" with "$2" status
	exits 0 "$1: stop of what does not run" with "$2" stop
	exits 7 "$1: reload of what does not run" with "$2" reload
	exits 0 "$1: try-restart of what does not run" with "$2" try-restart
	nothing_left
	report $? "$1: starts nothing"
	exits 0 "$1: start" with "$2" start
	until_ok 2 answers
	report $? "$1: it answers when that has returned"
	exits 0 "$1: status" with "$2" status
	pid=$(supervisor)
	[ "$(cat "$NTPD_PIDFILE")" = "$pid" ]
	report $? "$1: the pid file has the daemon's number"
	exits 0 "$1: start of what runs" with "$2" start
	[ "$(supervisor)" = "$pid" ]
	report $? "$1: leaves it alone"
	echo "listen on 127.0.0.1 port 21230" | conf
	exits 0 "$1: reload" with "$2" reload
	until_ok 5 serving
	report $? "$1: the new configuration is in force"
	conf </dev/null
	exits 0 "$1: force-reload" with "$2" force-reload
	[ "$(supervisor)" = "$pid" ]
	report $? "$1: all in the same process"
	refuses_errors "$1" "$2"
	conf </dev/null
	kill -9 "$pid"
	until_ok 3 nothing_left
	report $? "$1: kill -9 of the daemon ends all of its programs"
	exits 1 "$1: status after it" with "$2" status
	exits 0 "$1: start after it, with a stale pid file" with "$2" start
	until_ok 2 another "$pid"
	report $? "$1: it runs again"
	pid=$(supervisor)
	exits 0 "$1: restart" with "$2" restart
	until_ok 2 another "$pid"
	report $? "$1: is another process"
	pid=$(supervisor)
	exits 0 "$1: try-restart" with "$2" try-restart
	until_ok 2 another "$pid"
	report $? "$1: is another process, too"
	exits 0 "$1: stop" with "$2" stop
	nothing_left && [ ! -e "$NTPD_PIDFILE" ] && [ ! -e /run/ntpd/control ]
	report $? "$1: nothing is left when that returns"
}
one_life "/bin/sh" sh
if command -v busybox >/dev/null; then
	one_life "busybox sh" "busybox sh"
else
	skip "busybox sh" "no busybox"
fi

# A pid file whose number has been given to somebody else.
sleep 60 &
echo $! >"$NTPD_PIDFILE"
exits 1 "status: the process of a stale pid file is not ours" with sh status
exits 0 "start all the same" with sh start
kill -0 $!
report $? "the other process lives"
exits 0 "stop" with sh stop
kill -0 $!
report $? "the other process lives on"

# kill -9 and start at once: what is left must not be in the way.
echo "listen on 127.0.0.1 port 21230" | conf
exits 0 "start, with an address to listen on" with sh start
kill -9 "$(supervisor)"
exits 0 "start at once after kill -9" with sh start
until_ok 5 serving
report $? "it serves"
exits 0 "stop" with sh stop

# Folders that a user's ntpd has left.
chown 65534:65534 "$dir/var/lib/ntpd" /run/ntpd
exits 0 "start with the folders of another user" with sh start
[ "$(stat -c %u "$dir/var/lib/ntpd" /run/ntpd | sort -u)" = 0 ]
report $? "they are root's now"
exits 0 "stop" with sh stop
[ "$(stat -c %U "$dir/var/lib/ntpd/clock")" = root ]
report $? "and the state is kept there"

exits 2 "an unknown action" with sh dance
cp "$dir/etc/default/ntpd" "$dir/default.kept"
echo 'NTPD_OPTS="-x -p"' >"$dir/etc/default/ntpd"
exits 6 "start fails where ntpd does, for its options" with sh start
cp "$dir/default.kept" "$dir/etc/default/ntpd"
exits 0 "start" with sh start
echo "NTPD_OPTS=\"-x -c 'listen\"" >"$dir/etc/default/ntpd"
exits 0 "status, with a quote too many in the options" with sh status
exits 0 "stop, likewise" with sh stop
cp "$dir/default.kept" "$dir/etc/default/ntpd"
mv "$dir/usr/sbin/ntpd" "$dir/usr/sbin/ntpd.gone"
exits 5 "start of what is not installed" with sh start
done_testing
