#!/bin/sh
# Several ntp-serve: they share the clients, come and go with the
# configuration, and one that is killed is replaced while the others answer.
. "$(dirname "$0")/../lib.sh"

next_port
write_conf() { # write_conf WORKERS
	conf many <<END
listen on 127.0.0.1 port $port
local stratum 3
workers $1
END
}
workers() { # the pids of the workers, in order
	ctl many -j status |
	    jq -r '.processes[] | select(.name == "ntp-serve" and .pid > 0).pid' |
	    sort -n
}
there_are() { # there_are N: so many run, and so many sockets are bound
	[ "$(workers | wc -l)" = "$1" ] &&
	    [ "$(ss -Hlun "sport = :$port" | wc -l)" = "$1" ]
}
answers() { # answers N: of so many clients each with a port of its own
	for _ in $(seq "$1"); do
		"$BUILD/tests/probe" 127.0.0.1 "$port" show >/dev/null 2>&1 ||
		    return 1
	done
}

write_conf 3
start many
ntpd=$pid
until_ok 10 there_are 3
report $? "three workers run, each with a socket"
[ "$(for p in $(workers); do status_of "$p" Uid; done | sort -u | wc -l)" = 1 ]
report $? "all as the same user"
answers 30
report $? "thirty clients are answered"

"$BUILD/ntpd" -d -x -f "$dir/many.conf" -c 'control socket none' \
    >"$dir/second.out" 2>"$dir/second.log" &
second=$!
pids="$pids $second"
until_ok 10 grep -q "Address already in use" "$dir/second.log" && there_are 3
report $? "a second ntpd cannot share the port unnoticed"
kill "$second"
wait "$second"

before=$(workers)
victim=$(echo "$before" | head -1)
kill -9 "$victim"
lost=0
for _ in $(seq 20); do
	answers 1 || lost=$((lost + 1))
done
[ $lost = 0 ]
report $? "one is killed: nobody is left without an answer ($lost of 20 lost)"
until_ok 1 there_are 3
report $? "and it is replaced within a second"
for p in $(echo "$before" | tail -2); do
	workers | grep -qx "$p"
	report $? "another went on"
done

write_conf 1
kill -HUP $ntpd
until_ok 5 there_are 1
report $? "a reload with one worker: the others have ended"
[ "$(ctl many -j status |
    jq '[.processes[] | select(.name == "ntp-serve")] | length')" = 1 ]
report $? "and are not shown as missing"
answers 10
report $? "the one that is left answers"
kept=$(workers)
write_conf 4
kill -HUP $ntpd
until_ok 5 there_are 4
report $? "a reload with four"
workers | grep -qx "$kept"
report $? "and the one that ran goes on"
answers 30
report $? "all are answered"
[ -z "$(grep -v "killed by signal 9" "$dir/many.log" |
    grep -E "warning|error")" ]
report $? "nothing else was worth a warning"
kill $ntpd
wait $ntpd
report $? "all end"
show_log many
done_testing
