#!/bin/sh
# Our server on a hostile internet: storms of all kinds of datagrams from
# forged addresses, floods of requests, a worker killed under load, while
# honest clients go on asking.  Uses two network namespaces of its own joined
# by veth; needs root.  The rows S-, A-, I- are those of the conformance
# checklist.
#
#   HOSTILE_SECONDS=600 HOSTILE_ADDRESSES=10000000 tests/bench/hostile.sh
#
# Each storm takes this long, and this many different addresses ask at the end.
# BUILD is a release build; SAN is the folder of one with sanitizers.
. "$(dirname "$0")/../peers/peers.sh"
SECONDS_EACH=${HOSTILE_SECONDS:-600}
ADDRESSES=${HOSTILE_ADDRESSES:-10000000}
SAN=${SAN:-$(cd "$(dirname "$0")/../.." && pwd)/build/san}

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
server=198.18.0.1
server6=fd00:1::1
clients=172.16.0.0 # honest ones; the fences of a storm come from 172.17.0.0
unshare -n sleep 100000 &
peer=$!
pids="$pids $peer"
apart() {
	[ "$(readlink "/proc/$peer/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
until_ok 5 apart
ip link add s0 type veth peer name c0 netns $peer 2>/dev/null ||
    skip_all "no virtual network link can be made here"
in_peer="nsenter -t $peer -n"
ip address add $server/24 dev s0
ip link set s0 up
$in_peer ip link set lo up
$in_peer ip address add 198.18.0.2/24 dev c0
$in_peer ip link set c0 up
ip address add $server6/64 dev s0 nodad
$in_peer ip address add fd00:1::2/64 dev c0 nodad
for net in 10.0.0.0/8 172.16.0.0/15; do
	ip route add $net via 198.18.0.2
	$in_peer ip route add local $net dev lo
done
ip route add 2001:db8::/32 via fd00:1::2
$in_peer ip route add local 2001:db8::/32 dev lo

# --- tools ------------------------------------------------------------------

workers() { # workers NAME: their pids, in order
	ctl "$1" -j status |
	    jq -r '.processes[] | select(.name == "ntp-serve" and .pid > 0).pid' |
	    sort -n
}
there_are() { # there_are NAME N
	[ "$(workers "$1" | wc -l)" = "$2" ]
}
ready() { # ready NAME WORKERS: they run, and answer
	there_are "$1" "$2" && $in_peer "$tools/probe" $server 123 show
}
memory() { # memory NAME: resident memory of the workers, kB
	for p in $(workers "$1"); do
		status_of "$p" VmRSS | sed 's/ kB//'
	done
}
drops() { # of the kernel, where a queue of ours was full
	ss -Hlunm 'sport = :123' | sed -n 's/.*,d\([0-9]*\)).*/\1/p' |
	    awk '{ sum += $1 } END { print sum + 0 }'
}
# storm_on SERVER ARGUMENT ...: see storm.c; its result in $dir/storm.out.
storm_on() {
	storm_to=$1
	shift
	$in_peer "$tools/storm" -f 172.17.0.0 "$@" "$storm_to" 123 \
	    >"$dir/storm.out" 2>"$dir/storm.err"
	storm_status=$?
	read -r sent replies inter kissed fences _ took <"$dir/storm.out"
	rate=$(awk "BEGIN { printf \"%d\", $sent / $took }")
}
storm() {
	storm_on $server "$@"
}
kind_replies() { # kind_replies SENTENCE: the verdict over what came back
	report $storm_status "S-10, S-15 $1: never more or larger replies than\
 requests, nor to others:\
 $sent sent, $replies came back, $kissed kisses"
	[ $storm_status = 0 ] || sed 's/^/# /' "$dir/storm.out" "$dir/storm.err"
}
# ask NAME ARGUMENT ...: honest clients, see honest.c, whose pid is in $asking.
ask() {
	ask_name=$1
	shift
	background "$ask_name" $in_peer "$tools/honest" "$@" $server 123
	asking=$pid
}
# heard NAME: waits for their end and takes the result apart.
heard() {
	wait "$asking"
	read -r asked answered kisses denied odd lossless worst median p99 \
	    <"$dir/$1.out"
	said="$answered of $asked answered, worst of 2 s $((worst / 10)) %,\
 median $median us, 99 % within $p99 us"
	share=$((answered * 1000 / asked))
}
all_well() { # all_well SENTENCE: 99 % and no odd answer
	[ "$share" -ge 990 ] && [ "$odd" = 0 ] && [ "$denied" = 0 ]
	report $? "$1: $said"
}
serve() { # serve NAME WORKERS STATEMENT ...
	serve_name=$1
	serve_workers=$2
	shift 2
	{
		echo "listen on *"
		echo "local stratum 3"
		echo "workers $serve_workers"
		printf '%s\n' "$@"
	} | conf "$serve_name"
	start "$serve_name"
	daemon=$pid
	until_ok 10 ready "$serve_name" "$serve_workers"
	report $? "$serve_name: so many workers run and answer: $serve_workers"
}
end() {
	kill "$daemon"
	wait "$daemon"
}

# A build whose children say what a sanitizer found: theirs is not ntpd's
# environment, and they have no standard error.
wrap() { # wrap FOLDER: programs like those of $SAN there
	mkdir -m 755 "$1"
	cp "$SAN/ntpd" "$1"
	ln -s "$SAN/ntpctl" "$1/ntpctl"
	options="log_path=$dir/report:log_exe_name=1:print_stacktrace=1"
	for program in ntp-clock ntp-net ntp-resolve ntp-serve ntp-observe; do
		printf '%s\n' '#!/bin/sh' "export ASAN_OPTIONS=$options" \
		    "export UBSAN_OPTIONS=$options" \
		    "exec $SAN/$program" >"$1/$program"
		chmod 755 "$1/$program"
	done
}
reports() { # of sanitizers
	find "$dir" -maxdepth 1 -name 'report.*'
}

# --- storms -----------------------------------------------------------------

half=$(((SECONDS_EACH + 1) / 2)) # over IPv4, and as long over IPv6
first=$((SECONDS_EACH > 120 ? 60 : SECONDS_EACH * 3 / 4))
storm_over() { # storm_over NAME: all of it
	lines=$(wc -l <"$dir/$1.log")
	before=$(workers "$1")
	ask "$1-before" -a $clients -c 20 -i 250 -s 3
	heard "$1-before"
	all_well "$1, before the storm"
	ask "$1-clients" -a $clients -c 100 -i 1000 -s $SECONDS_EACH
	(
		sleep $first
		memory "$1" >"$dir/$1.first"
	) &
	sampling=$!
	lost=$(drops)
	for to in $server $server6; do
		storm_on $to -a 10.0.0.0 -c 4000000 -R -s $half
		kind_replies "$1, $rate a second for $took s to $to"
		[ "$inter" -gt 0 ] && [ "$replies" -gt "$inter" ]
		report $? "$1: $inter of the replies were interleaved"
	done
	lost=$(($(drops) - lost))
	wait $sampling
	memory "$1" >"$dir/$1.last"
	heard "$1-clients"
	all_well "S-01 $1, in the storm, of which the kernel dropped $lost"
	run_probe "I-10 $1, after the storm, a newcomer" \
	    $server 123 interleaved few
	[ "$(workers "$1")" = "$before" ] &&
	    is "$1" '([.processes[].restarts] | add) == 0'
	report $? "$1: the workers are the same processes"
	grown=$(paste "$dir/$1.first" "$dir/$1.last" |
	    awk '{ if ($2 - $1 > most) most = $2 - $1 } END { print most + 0 }')
	[ "$grown" -lt 1024 ]
	report $? "S-23 $1: memory is constant, after $first s and at the end:\
 $(paste -s -d ' ' "$dir/$1.first"), $(paste -s -d ' ' "$dir/$1.last") kB"
	grown=$(($(wc -l <"$dir/$1.log") - lines))
	[ $grown -le 5 ]
	report $? "S-24, A-42 $1: $grown lines of log, 5 at most"
}
limits="rate limit 100 per 1s burst 50"
gate() { # gate NAME: two workers with a rate limit and an access list
	serve "$1" 2 "$limits" "deny 10.0.0.0/12 answer" "deny 10.16.0.0/12" \
	    "deny 2001:db8:a00::/44 answer" "deny 2001:db8:a10::/44"
}
gate release
[ "$(workers release | while read -r p; do
	status_of "$p" Seccomp
done | sort -u)" = 2 ]
report $? "release: they are in their sandbox"
# Requests that come in by the wire from where they cannot be.
until_ok 5 $in_peer "$tools/probe" $server6 123 show
report $? "over IPv6 it answers too"
replies() { # datagrams of UDP that have left, over IPv4 and IPv6
	awk '$1 == "Udp6OutDatagrams" { sum += $2 }
	    $1 == "Udp:" && $5 ~ /^[0-9]+$/ { sum += $5 }
	    END { print sum }' /proc/net/snmp6 /proc/net/snmp
}
forged() { # forged TO SOURCE: how many are answered of 20
	before=$(replies)
	for _ in $(seq 20); do
		$in_peer "$tools/probe" "$1" 123 from "$2"
	done
	$in_peer "$tools/probe" "$1" 123 show >/dev/null
	echo $(($(replies) - before - 1))
}
never() { # never TO SOURCE ...: after one from which a request may come
	to=$1
	count=$(forged "$to" "$2")
	[ "$count" = 20 ]
	report $? "S-13 to forged requests from $2 the answers are seen: $count"
	shift 2
	for source; do
		count=$(forged "$to" "$source")
		[ "$count" = 0 ]
		report $? "S-13, S-14, A-20 from $source by the wire:\
 $count answers"
	done
}
never $server 198.18.0.2 127.0.0.1 198.18.0.1 198.18.0.255 224.0.1.1 \
    255.255.255.255 240.0.0.1
never $server6 fd00:1::2 ::1 ::ffff:198.18.0.2 $server6 \
    ff02::1 ::
storm_over release
show_log release
end

if [ -x "$SAN/ntpd" ]; then
	release=$BUILD
	wrap "$dir/san"
	BUILD=$dir/san
	gate sanitized
	storm_over sanitized
	[ -z "$(reports)" ]
	report $? "A-22 sanitized: the sanitizers have found nothing"
	cat $(reports) </dev/null | head -n 40 | sed 's/^/# /'
	# They would have said so: what they say of a crash is found.
	kill -SEGV "$(workers sanitized | head -n 1)"
	said_so() {
		grep -q AddressSanitizer $(reports) </dev/null
	}
	until_ok 10 said_so
	report $? "sanitized: what they find is seen, as of a crash by hand"
	show_log sanitized
	end
	BUILD=$release
else
	skip "a storm over a build with sanitizers" "there is none in $SAN"
fi

flood_s=$((SECONDS_EACH > 60 ? 60 : SECONDS_EACH / 2))
part_s=$((SECONDS_EACH > 60 ? 20 : SECONDS_EACH / 4))

# --- the fast path -----------------------------------------------------------

# What the program in the driver answers must stand the same.
$in_peer "$tools/forwarder" c0 >"$dir/passer.out" 2>&1 &
passer=$!
pids="$pids $passer"
conf fast <<EOF
listen on s0 fast native
listen on * port 123
local stratum 3
workers 2
$limits
deny 10.0.0.0/12 answer
deny 10.16.0.0/12
deny 2001:db8:a00::/44 answer
EOF
if until_ok 5 grep -q attached "$dir/passer.out"; then
	start fast
	daemon=$pid
	until_ok 10 ready fast 2
	report $? "fast: two workers run, and the server answers"
	grep -q 'fast path on s0, in its driver' "$dir/fast.log"
	report $? "fast: in the driver"
	storm_over fast
	# A busy machine may leave packets in the driver, or hold up those who
	# ask: what the flood lost, they may lose too, and it is tried again.
	for _ in 1 2 3; do
		ask fast-flood -a $clients -c 100 -i 1000 -s $part_s
		storm -o -p -a 10.32.0.0 -c 1000000 -s $part_s
		kind_replies "fast, $rate requests a second, and more cannot be sent"
		heard fast-flood
		lost=$(((sent - replies) * 1000 / sent))
		[ "$share" -lt $((990 - lost)) ] || break
		echo "# $said, of $rate a second $lost in 1000 were lost"
	done
	[ $lost -le 200 ] && [ "$share" -ge $((990 - lost)) ] &&
	    [ "$odd" = 0 ] && [ "$denied" = 0 ]
	report $? "A-08 fast, in this flood, of which $lost in 1000 were lost:\
 $said"
	show_log fast
	end
else
	skip "a storm over the fast path" "no XDP here: $(cat "$dir/passer.out")"
fi
kill $passer
wait $passer 2>/dev/null

# --- floods -----------------------------------------------------------------

serve limited 1 "rate limit 1 per 1s burst 8"
ask before -a $clients -c 100 -i 1000 -s $part_s
heard before
all_well "A-08 within the rate, before the flood"
ask during -a $clients -c 100 -i 1000 -s $flood_s
storm -p -a 10.0.0.0 -c 1000000 -s $flood_s
kind_replies "a flood of $rate requests a second from a million addresses"
heard during
all_well "A-08 within the rate, in the flood"
memory limited >"$dir/limited.first"
ask after -a $clients -c 100 -i 1000 -s $part_s
heard after
all_well "A-08 within the rate, after the flood"

# The attacker's requests are as if from one of them.
ask others -a 172.16.1.0 -c 100 -i 1000 -s $part_s
others=$asking
ask victim -a 172.16.0.7 -c 1 -i 20 -s $part_s
storm -p -a 172.16.0.7 -c 1 -s $part_s
kind_replies "a flood of $rate a second from the address of a client"
heard victim
[ "$share" -ge 50 ] && [ "$denied" = 0 ] && [ "$odd" = 0 ]
report $? "A-08 it gets a share, and is not told DENY: $said, $kisses kisses"
asking=$others
heard others
all_well "A-08 others go on as before"
sleep 2
ask victim -a 172.16.0.7 -c 1 -i 1000 -s $part_s
heard victim
all_well "A-08 and so does the victim after it"

# More than the server can answer: who is known comes first.
lost=$(drops)
ask overload -a $clients -c 100 -i 1000 -s $part_s
storm -o -p -a 10.0.0.0 -c 1000000 -s $part_s
heard overload
lost=$((($(drops) - lost) * 1000 / sent))
[ "$share" -ge $((900 - lost)) ] && [ "$odd" = 0 ] && [ "$denied" = 0 ]
report $? "A-08 overload, $rate a second of which its queue has lost\
 $((lost / 10)) %: who is known is answered: $said,\
 $(ctl limited -j server | jq .shed) strangers not"
ask after -a $clients -c 100 -i 1000 -s $part_s
heard after
all_well "after it all are answered again"

# Very many clients, each once.
storm -p -a 10.0.0.0 -c "$ADDRESSES" -n "$ADDRESSES"
kind_replies "$fences clients beside $((sent - fences)) different addresses"
memory limited >"$dir/limited.last"
grown=$(($(cat "$dir/limited.last") - $(cat "$dir/limited.first")))
[ $grown -lt 1024 ] && [ "$(cat "$dir/limited.last")" -lt 65536 ]
report $? "S-23, I-10 memory of the worker after a million and after\
 $ADDRESSES addresses: $(cat "$dir/limited.first"), $(cat "$dir/limited.last") kB"
is limited '([.processes[].restarts] | add) == 0'
report $? "no program has ended over any of it"
show_log limited
end

# --- a worker is killed under load -------------------------------------------

serve killed 3 "$limits"
before=$(workers killed)
victim=$(echo "$before" | head -n 1)
ask clients -a $clients -c 300 -i 500 -s 8
(
	sleep 3
	date +%s%N >"$dir/began"
	kill -9 "$victim"
	replaced() {
		[ "$(workers killed | grep -cvx "$victim")" = 3 ]
	}
	until_ok 5 replaced
	date +%s%N >"$dir/ended"
) &
killing=$!
storm -a 10.0.0.0 -c 1000000 -R -s 8
wait $killing
kind_replies "$rate datagrams a second when a worker is killed"
took=$((($(cat "$dir/ended") - $(cat "$dir/began")) / 1000000))
[ $took -le 1000 ]
report $? "a worker that is killed under load is replaced in $took ms"
[ "$(echo "$before" | tail -n 2)" = "$(workers killed |
    grep -xF "$(echo "$before" | tail -n 2)")" ]
report $? "the others are the same processes"
heard clients
[ $((asked - answered)) -le 250 ] && [ "$lossless" -ge 180 ] && [ "$odd" = 0 ]
report $? "and go on answering: $lossless of 300 clients lost nothing, $said"
show_log killed
end
done_testing
