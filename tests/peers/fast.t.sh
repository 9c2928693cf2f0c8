#!/bin/sh
# The fast path on a real interface: a veth, whose other end is a client in a
# network namespace of its own.  tests/unit/test_fast.c tests the program's
# answer to each packet; this tests that ntpd, ntp-serve and the kernel work
# together, and that nothing stays behind.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
unshare -n sleep 300 &
client=$!
pids="$pids $client"
client() {
	nsenter -t $client -n "$@"
}
# Until unshare has done its work, it is still our own namespace.
elsewhere() {
	[ "$(readlink /proc/$client/ns/net)" != "$(readlink /proc/self/ns/net)" ]
}
until_ok 5 elsewhere
ip link add s0 type veth peer name c0 netns $client 2>/dev/null ||
    skip_all "no virtual network link can be made here"
ip address add 192.0.2.1/24 brd + dev s0
ip address add 2001:db8::1/64 dev s0 nodad
ip link set s0 up
client ip link set lo up
client ip address add 192.0.2.2/24 dev c0
client ip address add 2001:db8::2/64 dev c0 nodad
client ip link set c0 up
nsenter -t $client -n "$tools/forwarder" c0 >"$dir/passer.out" 2>&1 &
pids="$pids $!"
until_ok 5 grep -q attached "$dir/passer.out" ||
    skip_all "no XDP here: $(cat "$dir/passer.out")"

attached() { # is there a program on the server's interface?
	ip -d link show s0 | grep -q 'prog/xdp'
}
not_attached() {
	! attached
}
said() { # said NAME TEXT
	grep -q "$2" "$dir/$1.log"
}
# counter NAME COUNTER: of the program, by way of the log.
counter() {
	counter_lines=$(grep -c 'fast path:' "$dir/$1.log")
	kill -USR1 $pid
	until_ok 5 more_lines "$1" ||
	    return
	sed -n 's/.*fast path:.* '"$2"'=\([0-9]*\).*/\1/p' "$dir/$1.log" |
	    tail -1
}
more_lines() {
	[ "$(grep -c 'fast path:' "$dir/$1.log")" -gt "$counter_lines" ]
}
# The counters as ntpctl shows them: shown NAME EXPRESSION
shown() {
	ctl "$1" -j server | jq -e "$2" >/dev/null
}
# the sums are those of the addresses and of the program: adds_up NAME
adds_up() {
	shown "$1" '.fast.answered > 2000 and
	    .answered == ([.listening[].answered] | add) + .fast.answered and
	    .denied == ([.listening[].denied] | add) + .fast.denied and
	    .received == .answered + .denied + .rate_limited + .ignored +
		.malformed'
}
sums() { # sums NAME
	ctl "$1" -j server | jq -c '{received, answered, fast}'
}
# the same as by the log: same_as_log NAME, while nobody asks
same_as_log() {
	set -- "$1" $(for c in answered passed denied limited; do
		counter "$1" $c
	done)
	[ $# = 5 ] && shown "$1" ".fast == {answered: $2, passed: $3,
	    denied: $4, rate_limited: $5}"
}
asks() { # asks ADDRESS: as the client, once
	client "$tools/probe" "$1" 123 show
}
# run_client SENTENCE-PREFIX ARGUMENT ...: as run_probe, but by the client.
run_client() {
	real_tools=$tools
	tools=$dir/client
	run_probe "$@"
	tools=$real_tools
}
mkdir "$dir/client"
cat >"$dir/client/probe" <<END
#!/bin/sh
exec nsenter -t $client -n "$tools/probe" "\$@"
END
chmod +x "$dir/client/probe"
# stop SIGNAL: end ntpd, and see that nothing is left of it.
stop() {
	kill "$1" $pid
	wait $pid 2>/dev/null
	until_ok 5 not_attached
	report $? "after the signal $1 no program is left on the interface"
	until_ok 5 unbound || bad=1
}
unbound() {
	! bound 123
}

# In the driver.
conf native <<END
listen on s0 fast native
listen on 127.0.0.1
workers 1
local stratum 3
END
start native
until_ok 10 asks 192.0.2.1
report $? "native: an IPv4 client is answered"
until_ok 10 asks 2001:db8::1
report $? "native: an IPv6 client is answered"
said native 'fast path on s0, in its driver: port=123 addresses=3'
report $? "ntpd says that it is in the driver"
attached
report $? "and so does the kernel"
# CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF
for set in CapPrm CapBnd; do
	[ $((0x$(status_of $pid $set) & (1 << 12 | 1 << 21 | 1 << 38 | 1 << 39))) = 0 ]
	report $? "ntpd: what loading took is not in $set any more"
done
for p in $(ctl native -j status | jq '.processes[1:][].pid'); do
	! find "/proc/$p/fd" -type l -printf '%l\n' | grep bpf
	report $? "$(cat "/proc/$p/comm") holds no descriptor of the program"
done
# Answers come from the program as soon as ntp-serve has told it the time.
sleep 1
before=$(counter native answered)
run_client "native, IPv4" 192.0.2.1 123 header
run_client "native, IPv6" 2001:db8::1 123 header
after=$(counter native answered)
[ $((after - before)) -gt 2000 ]
report $? "the program has answered $((after - before)) of these requests"
same_as_log native
report $? "ntpctl server shows what the program has counted"
adds_up native
report $? "and its sums have it: $(sums native)"
totals=$(ctl native -j server | jq .answered)
before=$(counter native answered)
"$dir/client/probe" 192.0.2.1 123 show >/dev/null
[ "$(counter native answered)" = $((before + 1)) ] &&
    shown native ".answered == $((totals + 1)) and
	.fast.answered == $((before + 1))"
report $? "one more answer of the program is one more in all"
ctl native server >"$dir/server.txt"
grep -A 1 "^fast path" "$dir/server.txt" | tr '\n' ' ' |
    grep -q "^fast path  *[1-9]" &&
    grep -q "^passed up by the fast path: [0-9]" "$dir/server.txt"
report $? "the same in columns"
observe=$(pid_of native ntp-observe)
grep bpf-map "/proc/$observe/maps" | grep -q ' r--s '
report $? "ntp-observe has mapped the counters for reading"
! grep bpf-map "/proc/$observe/maps" | grep -qv ' r--s '
report $? "and nothing of the program otherwise"
kill -9 "$observe"
until_ok 5 same_as_log native
report $? "the next ntp-observe shows them as well"
run_client "native, IPv4" 192.0.2.1 123 fuzz 20000
run_client "native, IPv6" 2001:db8::1 123 fuzz 5000
# An address of the same machine and namespace does not use the interface.
# What an exchange shows is wrong by half of its delay at most.
exchanged() { # exchanged COMMAND...: what an exchange shows; one may be lost
	for try in 1 2 3 4 5; do
		"$@" && return
	done
}
set -- $(exchanged asks 192.0.2.1) $(exchanged "$tools/probe" 127.0.0.1 123 show)
difference=$(($6 - ${13})) most=$((($7 + ${14}) / 2 + 100000))
[ $# = 14 ] && [ ${difference#-} -lt $most ]
report $? "both paths serve the same time, $difference ns apart of $most"

# A clock that nobody tells any more is not served.
serve=$(pid_of native ntp-serve)
before=$(counter native answered)
kill -STOP "$serve"
sleep 1.3
before=$(counter native answered)
! asks 192.0.2.1 2>/dev/null && [ "$(counter native answered)" = "$before" ]
report $? "a second after ntp-serve has stopped nothing is answered"
[ "$(counter native passed)" -gt 0 ]
report $? "but passed up"
kill -CONT "$serve"
more_answers() {
	asks 192.0.2.1 && [ "$(counter native answered)" -gt "$before" ]
}
until_ok 5 more_answers
report $? "when it goes on, the program does"
before=$(counter native answered)
kill -9 "$serve"
until_ok 5 more_answers
report $? "and the next ntp-serve tells the time as well"

# Reloads with the statement and without.
kill -HUP $pid
until_ok 5 said native 'configuration reloaded'
attached && ! said native 'no fast path until a restart'
report $? "a reload that changes nothing leaves the program where it is"
before=$(counter native answered)
until_ok 5 more_answers
report $? "and it answers"
same_as_log native
report $? "and is counted"

sed -i 's/ fast native//; s/on s0/on 192.0.2.1/' "$dir/native.conf"
kill -HUP $pid
until_ok 5 not_attached
report $? "a reload that takes the statement away detaches the program"
said native 'the fast path is off'
report $? "and says so"
until_ok 5 shown native '.fast == null'
report $? "ntpctl server shows none any more"
until_ok 5 asks 192.0.2.1
report $? "the ordinary path answers"
shown native '.answered > 0 and
    .answered == ([.listening[].answered] | add)'
report $? "and is all that is counted: $(sums native)"
! ctl native server | grep -q 'fast path'
report $? "the same in columns"
kill -9 "$(pid_of native ntp-observe)"
until_ok 5 shown native '.fast == null'
report $? "nor does the next ntp-observe"
stop -TERM
show_log native

# The access list and the rate limit hold in the kernel as well.
for last in 3 4 5; do
	client ip address add 192.0.2.$last/24 dev c0
done
conf gate <<END
listen on s0 fast native
local stratum 3
workers 1
allow 192.0.2.0/24
deny 192.0.2.3
deny 192.0.2.4 answer
rate limit 1 per 1h burst 20
END
start gate
until_ok 10 asks 192.0.2.1
report $? "gate: who is allowed is answered"
asker() { # asker FROM COUNT: "ANSWERS KISSES CODE BAD"
	client "$tools/asker" "$1" 192.0.2.1 123 "$2"
}
[ "$(asker 192.0.2.3 10)" = "0 0 - 0" ]
report $? "S-17 gate: who is denied gets nothing"
[ "$(counter gate denied)" = 10 ]
report $? "and was dropped by the program"
set -- $(asker 192.0.2.4 10)
[ "$1 $3 $4" = "0 DENY 0" ] && [ "$2" -gt 0 ]
report $? "S-17 gate: with answer the ordinary path tells DENY: $*"
client "$tools/probe" 2001:db8::1 123 show >/dev/null 2>&1
[ $? != 0 ]
report $? "gate: who matches no allow statement gets nothing"
set -- $(asker 192.0.2.5 400)
[ "$1" -ge 20 ] && [ "$1" -le 150 ] && [ "$4" = 0 ]
report $? "S-15 gate: 400 at once, 20 are allowed: $* (a leak is answered)"
[ "$(counter gate limited)" -gt 100 ]
report $? "most of the others were dropped by the program"
# ten of 192.0.2.3 and one over IPv6; those of 192.0.2.4 were passed up
same_as_log gate && shown gate '.fast.denied == 11 and .denied == 21 and
    .rate_limited >= .fast.rate_limited and .fast.passed > 0'
report $? "denied and limited are in ntpctl server as well: $(sums gate)"
asks 192.0.2.1 >/dev/null
report $? "and another client is answered meanwhile"
sed -i 's/deny 192.0.2.3/deny 192.0.2.5/' "$dir/gate.conf"
kill -HUP $pid
until_ok 5 not_attached
report $? "gate: a reload with another list detaches the program"
until_ok 5 said gate 'or whom, has changed'
report $? "and says so"
[ "$(asker 192.0.2.5 5)" = "0 0 - 0" ]
report $? "the new list is in force"
stop -TERM
show_log gate

# Behind the driver, beside a wildcard.
conf generic <<END
listen on *
listen on s0 fast
local stratum 3
END
start generic
until_ok 10 asks 192.0.2.1
report $? "generic: a client is answered"
said generic 'fast path on s0, behind its driver'
report $? "on a veth the program is behind the driver, unless asked for"
sleep 1
before=$(counter generic answered)
run_client "generic, IPv4" 192.0.2.1 123 header
run_client "generic, IPv6" 2001:db8::1 123 header
after=$(counter generic answered)
[ $((after - before)) -gt 2000 ]
report $? "the program has answered $((after - before)) of these requests"
# shellcheck disable=SC2046
kill -9 $(ctl generic -j status | jq '.processes[].pid')
wait $pid 2>/dev/null
until_ok 5 not_attached
report $? "after all of ntpd is killed no program is left on the interface"
until_ok 5 unbound
show_log generic

# An interface goes, and another of its name comes.
ip link add s9 type veth peer name c9
ip address add 192.0.2.65/32 dev s9
ip link set s9 up
conf gone <<END
listen on s9 fast
listen on 192.0.2.1
local stratum 3
END
start gone
until_ok 10 asks 192.0.2.1
report $? "gone: a client is answered"
said gone 'fast path on s9'
report $? "and it is listened on fast"
ip link delete s9
ip link add s9 type veth peer name c9
ip address add 192.0.2.65/32 dev s9
ip link set s9 up
kill -HUP $pid
until_ok 5 said gone 'an interface that is listened on fast is another one now'
report $? "after a reload ntpd says that the program went with its interface"
until_ok 5 shown gone '.fast == null'
report $? "and ntpctl server shows no fast path"
stop -TERM
show_log gone
ip link delete s9

# What cannot be done does not keep ntpd from starting.
"$tools/forwarder" s0 >"$dir/other.out" 2>&1 &
other=$!
pids="$pids $other"
until_ok 5 grep -q attached "$dir/other.out"
conf busy <<END
listen on s0 fast
local stratum 3
END
start busy
until_ok 10 asks 192.0.2.1
report $? "beside another program on the interface all is answered"
said busy 'no fast path on s0 (line 1): .*another program'
report $? "and ntpd says why it is not fast"
until_ok 5 shown busy '.fast == null and .answered > 0'
report $? "and ntpctl server shows no fast path"
kill -0 $other && attached
report $? "the other program is still there"
kill $other
stop -TERM
show_log busy
conf meek <<END
listen on s0 fast
local stratum 3
END
setpriv --bounding-set -bpf,-net_admin,-sys_admin,-perfmon \
    "$BUILD/ntpd" -d -x -f "$dir/meek.conf" 2>"$dir/meek.log" &
pid=$!
pids="$pids $pid"
until_ok 10 asks 192.0.2.1
report $? "without the capabilities all is answered"
said meek 'no fast path on s0 (line 1): .*CAP_BPF'
report $? "and ntpd says why it is not fast"
stop -KILL
show_log meek
setpriv --bounding-set -all,+bpf,+net_admin,+net_bind_service,+setpcap \
    "$BUILD/ntpd" -d -x -f "$dir/meek.conf" 2>"$dir/able.log" &
pid=$!
pids="$pids $pid"
until_ok 10 asks 192.0.2.1
report $? "with CAP_BPF and CAP_NET_ADMIN a client is answered"
said able 'fast path on s0'
report $? "they are enough"
stop -TERM
show_log able

"$BUILD/ntpd" -n -c "listen on nosuchif0 fast" -c "local stratum 3" \
    >"$dir/check.out" 2>&1
[ $? = 0 ] &&
    grep -q 'no interface nosuchif0 now: it is waited for' "$dir/check.out"
report $? "-n says that there is no such interface now"
"$BUILD/ntpd" -n -c "listen on s0 fast" -c "local stratum 3" >/dev/null 2>&1
report $? "or that there is one"
done_testing
