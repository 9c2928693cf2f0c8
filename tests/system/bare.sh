#!/bin/sh
# A machine that lacks something: no /proc, no reader of the log, few
# descriptors.
. "$(dirname "$0")/../lib.sh"

server upstream 3
upstream_port=$port
next_port
conf client <<END
server 127.0.0.1 port $upstream_port poll 1s to 1s
listen on 127.0.0.1 port $port
END

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	# Its state says that it is there, and its pid in this namespace.
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh \
	    "$BUILD/ntpd" -d -x -f "$dir/client.conf" \
	    2>"$dir/client.log" >/dev/null &
	pid=$!
	pids="$pids $pid"
	until_ok 30 ctl client status
	report $? "without /proc it finds its programs and comes into sync"
	[ "$(ctl client -j status | jq '[.processes[] | select(.pid != 0)] |
	    length')" -ge 6 ]
	report $? "all programs run, and serve"
	ctl client reload >/dev/null
	report $? "root may ask for a reload"
	kill "$pid"
	wait "$pid"
	report $? "and it ends with status 0"
	[ -z "$(find /dev/shm -name 'ntpd-??????' -user root 2>/dev/null)" ]
	report $? "no file in memory is left"
	show_log client
else
	skip "without /proc" "needs root and a mount namespace"
fi

# The pipe's reader is gone before the first line is written.
mkfifo "$dir/pipe"
(exec 4<"$dir/pipe") &
reader=$!
exec 5>"$dir/pipe"
wait "$reader"
"$BUILD/ntpd" -d -x -f "$dir/client.conf" >/dev/null 2>&5 &
pid=$!
pids="$pids $pid"
exec 5>&-
until_ok 30 ctl client status
report $? "with nobody who reads the log it comes into sync"
kill -USR1 "$pid"
ctl client reload >/dev/null
report $? "a summary and a reload do not end it"
kill "$pid"
wait "$pid"
report $? "TERM does, with status 0"
(ulimit -n 63 && exec "$BUILD/ntpd" -d -x -f "$dir/client.conf") \
    >/dev/null 2>"$dir/few"
[ $? = 1 ] && grep -q "^ntpd: 63 files may be open, and ntpd needs 64: " \
    "$dir/few"
report $? "where too few files may be open it says so, and does not start"
mkfifo "$dir/errors"
(exec 4<"$dir/errors") &
reader=$!
exec 5>"$dir/errors"
wait "$reader"
"$BUILD/ntpd" -n -c 'nonsense' 2>&5
[ $? = 1 ]
report $? "ntpd -n of something wrong has status 1, even if nobody reads why"
exec 5>&-
done_testing
