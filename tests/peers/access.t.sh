#!/bin/sh
# Whom our server answers, and how often: access list and rate limit, as
# clients see them.  The rows S-, A- are those of the conformance checklist.
. "$(dirname "$0")/peers.sh"

ask() { # ask [-g GAP] FROM TO COUNT: sets answers, kisses, code, bad
	# shellcheck disable=SC2046
	set -- $("$tools/asker" "$@" 2>"$dir/asker.err" || echo 0 0 failed 1)
	answers=$1 kisses=$2 code=$3 bad=$4
}
said() {
	echo "$answers answers, $kisses kisses ($code), $bad bad"
}
want() { # want SENTENCE "ANSWERS KISSES CODE BAD"
	[ "$answers $kisses $code $bad" = "$2" ]
	report $? "$1: $(said)"
}
restarts() {
	ctl "$1" -j status | jq '[.processes[].restarts] | add'
}

# --- access list ------------------------------------------------------------

next_port
list_port=$port
list() { # list: from standard input, the statements about access
	{
		echo "listen on * port $list_port"
		echo "local stratum 3"
		cat
	} | conf list
}
list <<END
allow 127.0.0.0/8
deny 127.0.1.0/24
deny 127.0.1.5 answer
allow 127.0.1.6
END
start list
list_pid=$pid
answered() { # answered FROM TO
	ask "$1" "$2" "$list_port" 1
	[ "$answers" = 1 ]
}
until_ok 10 answered 127.0.0.1 127.0.0.1
report $? "a client that is allowed is answered"
ask 127.0.0.1 127.0.0.1 "$list_port" 20
want "each of its requests is" "20 0 - 0"
ask 127.0.1.1 127.0.0.1 "$list_port" 5
want "S-17 deny: silence" "0 0 - 0"
ask 127.0.1.5 127.0.0.1 "$list_port" 5
want "S-16 deny answer: a kiss with no time in it" "0 5 DENY 0"
ask 127.0.1.6 127.0.0.1 "$list_port" 5
want "the most specific prefix decides" "5 0 - 0"
ask ::ffff:127.0.1.1 ::ffff:127.0.0.1 "$list_port" 5
want "S-17 nor is a client answered that has an IPv6 socket" "0 0 - 0"
ask ::1 ::1 "$list_port" 5
want "who is in no prefix is not answered, as some are allowed" "0 0 - 0"

serve_pid=$(pid_of list ntp-serve)
reload_list() {
	list
	kill -HUP "$list_pid"
}
reload_list <<END
deny 127.0.1.5
END
until_ok 5 answered 127.0.1.1 127.0.0.1
report $? "a reload changes the list"
ask 127.0.1.5 127.0.0.1 "$list_port" 5
want "who is denied in the new one is not answered" "0 0 - 0"
ask ::1 ::1 "$list_port" 5
want "where there are only denials, others are answered" "5 0 - 0"
awk 'BEGIN { for (i = 0; i < 60000; i++)
    printf "deny 10.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256 }' |
    split -l 30000 - "$dir/many."
reload_list <<END
include "$dir/many.aa"
include "$dir/many.ab"
deny 127.0.1.1
END
not_answered() {
	! answered "$@"
}
until_ok 10 not_answered 127.0.1.1 127.0.0.1
report $? "a list of 60000 prefixes"
ask 127.0.1.5 127.0.0.1 "$list_port" 5
want "others are answered" "5 0 - 0"
reload_list <<END
allow 127.0.1.1/24
END
until_ok 5 grep -q 'has bits after its first 24' "$dir/list.log"
report $? "an error in a list is reported"
ask 127.0.1.1 127.0.0.1 "$list_port" 5
want "and the old list stays" "0 0 - 0"
reload_list </dev/null
until_ok 5 answered 127.0.1.1 127.0.0.1
report $? "without a list everybody is answered"
[ "$(pid_of list ntp-serve)" = "$serve_pid" ] && [ "$(restarts list)" = 0 ]
report $? "ntp-serve went on through all of it"
reload_list <<END
deny 127.0.1.1
END
until_ok 5 not_answered 127.0.1.1 127.0.0.1
# shellcheck disable=SC2086
kill -9 $serve_pid
another() {
	! pid_of list ntp-serve | grep -qxF "$serve_pid" &&
	    answered 127.0.0.1 127.0.0.1
}
until_ok 5 another
report $? "killed, all of it, it comes back"
ask 127.0.1.1 127.0.0.1 "$list_port" 20
want "with its list" "0 0 - 0"
kill "$list_pid"

# --- rate limit -------------------------------------------------------------

next_port
rate_port=$port
conf rate <<END
listen on * port $port
workers 1
local stratum 3
deny 127.0.2.1 answer
rate limit 1 per 8s burst 16
END
start rate
rate_pid=$pid
until_ok 10 "$tools/probe" 127.0.0.1 "$rate_port" show
report $? "a server with a rate limit answers"
ask 127.0.0.2 127.0.0.1 "$rate_port" 16
want "a burst within the limit is answered" "16 0 - 0"
ask 127.0.0.3 127.0.0.1 "$rate_port" 2000
[ "$answers" -ge 140 ] && [ "$answers" -le 400 ]
report $? "over it about one in 8 is: $answers of 2000"
[ "$kisses" -ge 1 ] && [ "$kisses" -le 2 ] && [ "$code" = RATE ]
report $? "S-15 it is told so, but rarely: $kisses times"
[ "$bad" = 0 ]
report $? "S-15, S-16 no kiss has the time, nothing is replied to twice"
ask ::1 ::1 "$rate_port" 16
want "another client has its own limit" "16 0 - 0"
ask 127.0.2.1 127.0.0.1 "$rate_port" 200
[ "$answers" = 0 ] && [ "$kisses" -ge 16 ] && [ "$kisses" -le 80 ] &&
    [ "$code $bad" = "DENY 0" ]
report $? "kisses to whom is denied are limited too: $(said)"

# Somebody sends as if he were 127.0.0.4.
background forger "$tools/asker" -g 50 127.0.0.4 127.0.0.1 "$rate_port" 40000
forger=$pid
sleep 0.3
ask -g 5000 127.0.0.4 127.0.0.1 "$rate_port" 200
[ "$answers" -ge 5 ] && [ "$code" != DENY ] && [ "$bad" = 0 ]
report $? "A-08 his victim is answered now and then: $(said)"
kill "$forger" 2>/dev/null
wait "$forger" 2>/dev/null

# Very many addresses, each once.
ask 127.0.0.5 127.0.0.1 "$rate_port" 2
"$tools/asker" flood 127.0.0.1 "$rate_port" 100000 >"$dir/flood.out"
rss=$(status_of "$(pid_of rate ntp-serve)" VmRSS)
background flood "$tools/asker" flood 127.0.0.1 "$rate_port" 150000
flood=$pid
ask -g 100000 127.0.0.5 127.0.0.1 "$rate_port" 10
want "A-08 a client that is known is answered in a flood" "10 0 - 0"
ask -g 100000 127.0.0.6 127.0.0.1 "$rate_port" 10
want "A-08 and so is a new one" "10 0 - 0"
wait "$flood"
after=$(status_of "$(pid_of rate ntp-serve)" VmRSS)
[ "${after% kB}" -le $((${rss% kB} + 64)) ] && [ "${after% kB}" -lt 65536 ]
report $? "S-23 memory does not grow with them: $rss, then $after"

# A reload that changes the limit.
{
	echo "listen on * port $rate_port"
	echo "local stratum 3"
	echo "rate limit 2 per 1s burst 3"
} | conf rate
kill -HUP "$rate_pid"
three() { # from a new address each time
	next=$((${next:-10} + 1))
	ask 127.0.0.$next 127.0.0.1 "$rate_port" 16
	[ "$answers" -lt 16 ]
}
until_ok 5 three
report $? "another limit after a reload: $(said)"
ask -g 510000 127.0.0.9 127.0.0.1 "$rate_port" 6
want "who keeps to it is answered" "6 0 - 0"
[ "$(restarts rate)" = 0 ]
report $? "no program has ended over it"
show_log list
show_log rate
done_testing
