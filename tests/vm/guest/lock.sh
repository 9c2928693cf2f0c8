#!/bin/sh
# One clock, one ntpd, whoever starts it and however: by a name, whatever the
# folders are, and by a file, whatever the network name space is.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

as_anna="/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups"
ambient="$as_anna --inh-caps=+sys_time,+net_bind_service
	--ambient-caps=+sys_time,+net_bind_service"
mkdir -p /cap
mountpoint -q /cap || mount -t tmpfs cap /cap
cp /usr/sbin/ntpd /usr/libexec/ntpd/* /cap
/usr/bin/setcap cap_sys_time+p /cap/ntp-clock

# second PREFIX PROGRAM OPTION...: another ntpd, with folders of its own.
second()
{
	mkdir -p "$dir/home"
	chown 1000:1000 "$dir/home"
	{
		echo "server $server port $port"
		echo "control socket \"$dir/home/second.sock\""
		echo "state directory \"$dir/home/state\""
	} >"$dir/second.conf"
	before=$1
	run=$2
	shift 2
	# shellcheck disable=SC2086
	$before timeout 12 $run -d -f "$dir/second.conf" "$@" \
	    >"$dir/second.log" 2>&1
}

# refused SENTENCE UID PREFIX PROGRAM OPTION...: it ends and says why.
refused()
{
	sentence=$1
	uid=$2
	shift 2
	second "$@"
	is "$sentence is refused: exit status" $? 1
	check "$sentence is told who sets the clock" grep -q \
	    "another ntpd sets this clock: pid=$ntpd uid=$uid: " "$dir/second.log"
	grep -q "another ntpd sets" "$dir/second.log" ||
	    note "$(tail -n 2 "$dir/second.log")"
}

scenario lock-root
set_wrong 0
start
check "the first one is in sync" wait_for 30 synchronized
refused "a second one" 0 "" $program
refused "-q" 0 "" $program -q
refused "one in another network" 0 "unshare -n" $program
refused "a user's" 0 "$ambient" $program
refused "a user's with a file capability" 0 "$as_anna" /cap/ntpd
second "" $program -n
is "-n is not refused" $? 0
$program -d -x -f "$dir/second.conf" >"$dir/second.log" 2>&1 &
other=$!
check "nor is -x" wait_for 5 test -S "$dir/home/second.sock"
kill $other
wait $other
check "the first one goes on" synchronized
for pid in $(children); do
	check "$(cat "/proc/$pid/comm") has not inherited the lock" \
	    [ "$(find "/proc/$pid/fd" -lname '*clock.lock' | wc -l)" = 0 ]
done
kill -9 "$ntpd"
wait "$ntpd"
start
check "after kill -9 the next one has the lock" wait_for 20 synchronized
old=$ntpd
{
	sleep 1
	kill "$old"
} &
second "" $program -q
is "one that comes while the first ends waits for that" $? 0
finish

scenario lock-ambient
mkdir -p "$dir/state"
chown -R 1000:1000 "$dir" "/run/$name"
prefix=$ambient
start
check "the first one is in sync" wait_for 30 synchronized
refused "root's" 1000 "" $program
refused "the same user's" 1000 "$ambient" $program
finish

scenario lock-file-capability
mkdir -p "$dir/state"
chown -R 1000:1000 "$dir" "/run/$name"
prefix=$as_anna
program=/cap/ntpd
start
check "the first one is in sync" wait_for 30 synchronized
program=/usr/sbin/ntpd
refused "root's" 1000 "" $program
refused "the same user's" 1000 "$as_anna" /cap/ntpd
finish
prefix=

scenario lock-squatter
$as_anna ntpask -l ntpd/clock &
squatter=$!
sleep 1
start
check "who cannot set the clock keeps nobody from it" wait_for 30 synchronized
check "but is told of" says \
    "pid=$squatter uid=1000 has the name ntpd/clock and cannot set the clock"
second "" $program
is "a second one is refused all the same: exit status" $? 1
kill $squatter
finish
