#!/bin/sh
# More requests than can be answered: known clients come first.  The worker is
# stopped until its queue is full, which makes an overload of a known size.
. "$(dirname "$0")/../lib.sh"

tools=$BUILD/tests
if [ "$(id -u)" != 0 ]; then
	skip "an overload" "forged addresses need root"
	done_testing
fi
next_port
conf over <<EOF
listen on 127.0.0.1 port $port
local stratum 3
workers 1
EOF
start over
ntpd=$pid
asks() { # asks FROM COUNT: how many are answered of so many at once
	# shellcheck disable=SC2046
	set -- $("$tools/asker" -w 3000 "$1" 127.0.0.1 "$port" "$2" 2>/dev/null)
	echo "${1:-0}"
}
count() {
	ctl over -j server | jq "$1"
}
answers() {
	[ "$(asks 127.0.0.2 1)" = 1 ]
}
until_ok 10 answers
report $? "it answers"
sleep 2.1
[ "$(asks 127.0.0.2 1)" = 1 ] && [ "$(count .shed)" = 0 ]
report $? "a client has come again"

worker=$(ctl over -j status |
    jq '.processes[] | select(.name == "ntp-serve").pid')
before=$(count '.received + .lost')
kill -STOP "$worker"
# In the queue before it is full: what the kernel loses, nobody can answer.
"$tools/asker" -v -w 3000 127.0.0.2 127.0.0.1 "$port" 10 >"$dir/known" \
    2>"$dir/sent" &
asking=$!
until_ok 5 test -s "$dir/sent"
"$tools/storm" -o -p -f 127.250.0.0 -a 127.1.0.0 -c 100000 -n 20000 \
    127.0.0.1 "$port" >"$dir/storm.out" 2>&1 &
storming=$!
sleep 0.2
kill -CONT "$worker"
wait $asking
wait $storming
read -r known _ <"$dir/known"
[ "$known" = 10 ]
report $? "in an overload the known client is answered: $known of 10"
shed=$(count .shed)
answered=$(count .answered)
[ "$shed" -gt 100 ] && [ "$answered" -gt 12 ]
report $? "strangers are shed, $shed, but not all of them, $answered answered"
[ "$(count '.answered + .rate_limited == .received')" = true ]
report $? "all are counted once"
sleep 0.05
shed=$(count .shed)
[ "$(asks 127.0.0.3 20)" = 20 ] && [ "$(count .shed)" = "$shed" ]
report $? "when it is over, strangers are answered at once"
sleep 1.1
asks 127.0.0.2 1 >"$dir/last"
sent=$((before + 10 + 20000 + 20 + 1))
lost=$(count .lost)
[ "$lost" -gt 1000 ] && [ "$(count ".received + .lost == $sent")" = true ] &&
    [ "$(count '.listening[0].lost == .lost and .by_worker[0].lost == .lost')" \
	= true ]
report $? "of $sent the kernel has lost $lost, and the others were received"
ctl over server | grep -qx "lost by the kernel .*: $lost"
report $? "which is shown on a line of its own"
kill -9 "$worker"
again() {
	worker=$(ctl over -j status |
	    jq '.processes[] | select(.name == "ntp-serve" and .pid > 0).pid')
	[ -n "$worker" ] && [ "$(asks 127.0.0.2 1)" = 1 ]
}
until_ok 5 again
[ "$(count .lost)" = "$lost" ]
report $? "a new ntp-serve on the same socket does not count it again"
kill $ntpd
wait $ntpd
report $? "it ends"
done_testing
