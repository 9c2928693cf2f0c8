#!/bin/sh
# Where ntpd listens: it notices addresses that another program has, whatever
# else it listens on, and a reload changes only the sockets that the
# configuration does.
. "$(dirname "$0")/../lib.sh"

next_port
first_port=$port
listens() { # listens NAME ADDRESS ...: on the first port
	listens_name=$1
	shift
	{
		for address in "$@"; do
			echo "listen on $address port $first_port"
		done
		echo "local stratum 3"
		echo "workers 2"
	} | conf "$listens_name"
}
sockets() { # sockets ADDRESS: how many are bound to it
	ss -Hlun "src $1 and sport = :$first_port" | wc -l
}
there_are() { # there_are N ADDRESS
	[ "$(sockets "$2")" = "$1" ]
}
waits() { # waits NAME: it goes on without an address that is taken
	start "$1"
	waits_pid=$pid
	until_ok 10 grep -q "yet: Address already in use" "$dir/$1.log" &&
	    until_ok 10 is_up "$1"
}
is_up() {
	ctl "$1" -j status >"$dir/up.json"
	jq -e '[.processes[] | select(.pid != 0)] | length >= 4' "$dir/up.json"
}
ends() { # ends PID: as asked
	kill "$1"
	wait "$1"
}

# --- another instance has an address ------------------------------------------

listens other 127.0.0.2
start other
other=$pid
until_ok 10 there_are 2 127.0.0.2
report $? "an instance listens on one address"
listens second 127.0.0.2 127.0.0.1
waits second && until_ok 5 there_are 2 127.0.0.1
report $? "another starts with the same one and one more, and has that"
ends "$waits_pid"
report $? "it ends"
listens second '*'
waits second && until_ok 5 there_are 2 '[::]' && there_are 0 0.0.0.0
report $? "one with * has the family in whose way nothing is"
ends "$waits_pid"
listens second '*' 127.0.0.1 127.0.0.3
waits second && until_ok 5 there_are 2 127.0.0.1 && there_are 2 127.0.0.3
report $? "one with * and addresses of its own has these"
ends "$waits_pid"
listens second 127.0.0.2
waits second
report $? "one that has no other address starts, too"
second=$waits_pid
said=$(ctl second server 2>&1)
[ "${said#*listens on no address: see }" != "$said" ]
report $? "and ntpctl says of the server: $said"
"$BUILD/ntpd" -n -f "$dir/second.conf" >/dev/null 2>&1
report $? "ntpd -n has no say in it"
listens second 127.0.0.1 127.0.0.2
ctl second reload >/dev/null && until_ok 5 there_are 2 127.0.0.1
report $? "a reload that adds one may go on waiting for the other"
grep -q "cannot listen on 127.0.0.2:$first_port ($dir/second.conf:1) yet" \
    "$dir/second.log" &&
    [ "$(grep -c "cannot listen on 127.0.0.2" "$dir/second.log")" = 1 ]
report $? "it has said once which it is and where it stands"
[ "$(sockets 127.0.0.2)" = 2 ]
report $? "the first goes on"
ends "$other"
until_ok 20 there_are 2 127.0.0.2
report $? "when the first has ended, its address is listened on"
until_ok 5 grep -q "what was in the way is gone: 2 addresses to listen on" \
    "$dir/second.log"
report $? "and the log says so"
until_ok 5 "$BUILD/tests/probe" 127.0.0.2 "$first_port" show
report $? "and clients are answered there"
ends "$second"
report $? "it ends"
listens other 127.0.0.2
start other
other=$pid
until_ok 10 there_are 2 127.0.0.2

# --- a reload -----------------------------------------------------------------

listens second 127.0.0.1
start second
second=$pid
until_ok 10 there_are 2 127.0.0.1
report $? "with another address it starts"
sockets_of() { # the inodes of the sockets of an address, in order
	ss -Hluen "src $1 and sport = :$first_port" |
	    sed -n 's/.* ino:\([0-9]*\) .*/\1/p' | sort -n
}
before=$(sockets_of 127.0.0.1)
times=0
for addresses in "127.0.0.1 127.0.0.2" "127.0.0.3 127.0.0.2" "*" "* 127.0.0.1"; do
	times=$((times + 1))
	set -f
	# shellcheck disable=SC2086
	listens second $addresses
	set +f
	! ctl second reload >/dev/null 2>&1 &&
	    [ "$(grep -c "Address already in use" "$dir/second.log")" = $times ]
	report $? "a reload to $addresses is refused"
	[ "$(sockets_of 127.0.0.1)" = "$before" ] && there_are 0 127.0.0.3
	report $? "and changes nothing"
done
"$BUILD/tests/probe" 127.0.0.1 "$first_port" show >/dev/null
report $? "clients are answered as before"
listens second 127.0.0.1 127.0.0.3
ctl second reload >/dev/null
report $? "a reload to an address that is free is not"
[ "$(sockets_of 127.0.0.1)" = "$before" ] && there_are 2 127.0.0.3
report $? "and takes over the sockets of the other"
kill "$other"
wait "$other"
listens second 127.0.0.3 127.0.0.2
ctl second reload >/dev/null
report $? "when the first has ended, its address can be added"
until_ok 5 there_are 0 127.0.0.1 && there_are 2 127.0.0.2
report $? "and one be taken away"

# --- all addresses, and some --------------------------------------------------

kept=$(sockets_of 127.0.0.3)
listens second 127.0.0.3 '*'
ctl second reload >/dev/null
report $? "from some addresses to all"
[ "$(sockets_of 127.0.0.3)" = "$kept" ] && there_are 2 0.0.0.0
report $? "beside those that were there"
kept=$(sockets_of 0.0.0.0)
listens second '*' 127.0.0.4
ctl second reload >/dev/null
report $? "one more beside all"
[ "$(sockets_of 0.0.0.0)" = "$kept" ] && there_are 2 127.0.0.4 &&
    until_ok 5 there_are 0 127.0.0.3
report $? "the sockets for all stay"
listens other 127.0.0.2
waits other && there_are 0 127.0.0.2
report $? "nobody else can have one of them"
ends "$waits_pid"
listens second 127.0.0.1
ctl second reload >/dev/null
report $? "from all addresses to one"
until_ok 5 there_are 0 0.0.0.0 && there_are 2 127.0.0.1
report $? "and no other is left"
kill "$second"
wait "$second"
report $? "it ends"

# --- as many as there may be --------------------------------------------------

many() { # many LAST-ADDRESS
	{
		for i in $(seq 31) "$1"; do
			echo "listen on 127.0.9.$i port $first_port"
		done
		echo "workers 16"
		echo "local stratum 3"
	} | conf many
}
all_there() { # 32 addresses for each of 16 workers
	[ "$(ss -Hlun "sport = :$first_port" | wc -l)" = 512 ]
}
many 32
soft=$(ulimit -Sn)
ulimit -Sn 256
start many
many=$pid
ulimit -Sn "$soft"
until_ok 10 all_there
report $? "16 workers with 32 addresses, beyond a soft limit of 256 files"
ctl many reload >/dev/null && ctl many reload >/dev/null
report $? "and two reloads"
many 33
ctl many reload >/dev/null
report $? "and one with another address"
until_ok 5 all_there
report $? "after which there are as many as before"
kill "$many"
wait "$many"
report $? "it ends"

# --- a kernel without IPv6 ----------------------------------------------------

said() { # said NAME N TEXT: so many lines of its log have it
	[ "$(grep -c "$3" "$dir/$1.log")" = "$2" ]
}
listens lacking '*'
"$BUILD/tests/drop_caps" "$BUILD/ntpd" -d -x -f "$dir/lacking.conf" \
    >"$dir/lacking.out" 2>"$dir/lacking.log" &
lacking=$!
pids="$pids $lacking"
answered() {
	"$BUILD/tests/probe" 127.0.0.1 "$first_port" show
}
until_ok 10 answered
report $? "all addresses on a kernel without IPv6: those of IPv4 are answered"
said lacking 1 "no IPv6: \"listen on \*\" ($dir/lacking.conf:1) is IPv4 alone"
report $? "it says so"
ctl lacking reload >/dev/null && until_ok 5 answered &&
    said lacking 1 "no IPv6" && said lacking 2 " 1 address to listen on"
report $? "once, and a reload goes well"
listens lacking ::1
! ctl lacking reload >/dev/null 2>&1 &&
    said lacking 1 "cannot listen on \[::1\].*family not supported"
report $? "an address of IPv6 is an error"
kill "$lacking"
wait "$lacking"
report $? "it ends"
show_log second
show_log many
show_log lacking
done_testing
