#!/bin/sh
# Servers that lie or break the protocol, each alone with a client, all at the
# same time; and the clients' queries as they see them.  The rows C-, A- are
# those of the conformance checklist; each is explained at its check.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" != own ] || ip address add 192.0.2.1/32 dev lo

# NAME|SETTINGS OF THE ROGUE|WHAT THE CLIENT SAYS OF IT|SENTENCE
# A client never believes these.
cat >"$dir/bad" <<'END'
origin-random|origin=random|not the answer to our query|C-04 origin is random
origin-zero|origin=zero|not the answer to our query|C-04 origin is zero
other-port|other-port=1|has not answered|C-07 answers from another port
mode0|mode=0|not a server's answer|C-08 mode 0
mode1|mode=1|not a server's answer|C-08 mode 1
mode2|mode=2|not a server's answer|C-08 mode 2
mode3|mode=3|not a server's answer|C-08 mode 3
mode5|mode=5|not a server's answer|C-08, C-30 mode 5, broadcast
mode6|mode=6|not a server's answer|C-08 mode 6
mode7|mode=7|not a server's answer|C-08 mode 7
version0|version=0|a version that was not asked|C-08 version 0
version5|version=5|a version that was not asked|C-08 version 5, when 4 was asked
year2000|offset-ms=-839000000000|date is years off|a server that was never set
weeks|offset-ms=-619315200000|date is years off|a server 1024 weeks behind
year2095|offset-ms=2160000000000|date is years off|a server 68 years ahead
leap3|leap=3|not synchronized|C-09 leap 3
stratum16|stratum=16|not synchronized|C-09 stratum 16
stratum255|stratum=255|not synchronized|C-09 stratum 255
stratum0|stratum=0 refid=0|not synchronized|C-09 stratum 0 without a kiss
init|stratum=0 leap=3 refid=INIT|not synchronized|C-09 stratum 0, kiss INIT
kiss-x|stratum=0 refid=XKIS|not synchronized|C-09 a kiss that nobody knows
receive-zero|receive=zero|timestamp is missing|C-10 receive is zero
transmit-zero|transmit=zero|timestamp is missing|C-10 transmit is zero
dispersion|root-dispersion-ms=16000|too far from its reference|C-11 root dispersion 16 s
delay|root-delay-ms=32000|too far from its reference|C-11 root delay 32 s
far|root-dispersion-ms=3500|distance|C-11 root distance above 3 s
short|length=47|too short|C-12 47 octets
shorter|length=cycle|too short|C-12 0 to 47 octets
odd|length=49|odd length|C-12 49 octets
long|length=1471|odd length|C-12 1471 octets
garbage|garbage=1|.|C-12 random octets and lengths
late|late-ms=6000|has not answered|C-13 answers 6 s late
backwards|held-ms=-50|make no sense|C-15 it answers before it was asked
held|held-ms=5000|make no sense|C-15 it says that it held us for 5 s
negative|held-ms=1000|round trip is negative|C-15 a round trip of less than nothing
future|reference=future|after it answered|reference is in the future
rate|stratum=0 leap=3 refid=RATE offset-ms=3600000|less often|C-16, C-19 kiss RATE
rate127|stratum=0 leap=3 refid=RATE poll=127|less often|C-20, A-09 kiss RATE, poll 127
deny|stratum=0 leap=3 refid=DENY offset-ms=3600000|denies|C-18, C-19 kiss DENY
rstr|stratum=0 leap=3 refid=RSTR|denies|C-18 kiss RSTR
spoof-alone|stratum=0 refid=DENY origin=random|not the answer to our query|C-17 kiss DENY that answers no query
silent|silent=1|has not answered|silence
END
# What an attacker adds to the answers of a good server.
cat >"$dir/beside" <<'END'
with-kiss|stratum=0 refid=RATE origin=random poll=127|C-17, A-07 a forged kiss RATE
with-deny|stratum=0 refid=DENY origin=zero|C-17, A-07 a forged kiss DENY
with-origin|origin=random offset-ms=3600000|A-10 a forged answer, an hour wrong
with-zero|origin=zero offset-ms=3600000|A-05 a forged answer with origin zero
with-mode|mode=5 offset-ms=3600000|A-15 a broadcast
with-mode1|mode=1 offset-ms=3600000|A-16 a symmetric packet
with-garbage|length=40|garbage
with-flood|flood=100000 origin=random offset-ms=3600000|A-42 a flood of 100000 datagrams
END

client_of() { # client_of NAME: of the liar_server that was started last
	{
		echo "server ${rogue_address:-127.0.0.1} port $port" \
		    "poll 1s to 4s"
		[ $# = 1 ] || echo "$2"
	} | conf "$1"
	start "$1"
}
# shellcheck disable=SC2086
while IFS='|' read -r name settings reason sentence; do
	liar_server "rogue-$name" $settings
	client_of "$name"
done <"$dir/bad"
# shellcheck disable=SC2086
while IFS='|' read -r name settings sentence; do
	liar_server "rogue-$name" $settings spoof=1
	case $name in
	with-flood) client_of "$name" "log level debug" ;;
	*) client_of "$name" ;;
	esac
done <"$dir/beside"
liar_server rogue-honest
client_of honest
for i in 1 2 3; do
	liar_server rogue-version$i version=$i
	client_of version$i
done
liar_server rogue-copies copies=3
client_of copies
liar_server rogue-replay replay=1
client_of replay
liar_server rogue-stray stray=1
client_of stray
liar_server rogue-extreme poll=cycle precision=cycle root-delay-ms=0
client_of extreme
next_port
closed_port=$port
client_of closed
if [ "$PEERS_NETWORK" = own ]; then
	next_port
	background rogue-loop "$tools/liar_server" 192.0.2.1 $port refid=asker
	rogue_address=192.0.2.1 client_of loop
fi
all=$(cut -d '|' -f 1 "$dir/bad" "$dir/beside")
all="$all honest version1 version2 version3 copies replay stray extreme closed"
[ "$PEERS_NETWORK" != own ] || all="$all loop"

# Long enough for eight queries in a row.
until_ok 20 is honest '.synchronized and .sources[0].received >= 5'
report $? "the client of an honest server is in sync"
until_ok 5 is closed '.sources[0].sent >= 4'
port=$closed_port
background rogue-closed "$tools/liar_server" 127.0.0.1 $closed_port
until_ok 20 is silent '.sources[0].sent >= 8'
until_ok 20 is honest '.sources[0].received >= 9'

explain() { # explain STATUS NAME
	[ "$1" = 0 ] && return
	ctl "$2" -j status | jq -c '{synchronized, offset_ns, source:
	    .sources[0], restarts: [.processes[].restarts]}' | sed 's/^/# /'
	tail -n 4 "$dir/$2.log" | sed 's/^/# /'
}
never() { # never NAME: it was in sync at no time, and nothing has crashed
	! grep -q "time agreed" "$dir/$1.log" &&
	    is "$1" '(.synchronized | not) and .samples == 0 and
		([.processes[].restarts] | add) == 0'
}
while IFS='|' read -r name settings reason sentence; do
	never "$name"
	holds=$?
	case $name in
	other-port | late | silent)
		counted='.received == 0' ;;
	far)
		counted='.received > 0' ;;
	deny | rstr)
		counted='.rejected == 1 and .sent == 1 and .state == "denied"' ;;
	leap3 | stratum* | init | kiss-x)
		counted='.rejected >= 4 and .state == "unsynchronized"' ;;
	rate*)
		counted='.rejected >= 2' ;;
	*)
		counted='.rejected >= 4' ;;
	esac
	is "$name" ".sources[0] | $counted" || holds=2
	is "$name" ".sources[0].reason | test(\"$reason\")" || holds=3
	report $holds "$sentence: not believed, counted, and why is said"
	explain $holds "$name"
done <"$dir/bad"
while IFS='|' read -r name settings sentence; do
	is "$name" '.synchronized and (.offset_ns | fabs) < 5000000 and
	    (.sources[0] | .state == "selected" and .rejected >= 4) and
	    ([.processes[].restarts] | add) == 0'
	holds=$?
	report $holds "$sentence before each answer: in sync all the same"
	explain $holds "$name"
done <"$dir/beside"
soon 1 with-kiss '.sources[0].sent >= 5' \
    "C-17, A-07 a forged kiss RATE does not make it ask less often"
lines=$(wc -l <"$dir/with-flood.log")
[ "$lines" -le 100 ]
report $? "A-42 the log of the flood has $lines lines, 100 at most (debug)"

for i in 1 2 3; do
	soon 10 version$i ".synchronized and (.sources[0] | .version == $i and
	    .rejected == 0)" "C-08 answers of version $i are used"
done
soon 1 copies '.synchronized and (.sources[0] | .received <= .sent + 1 and
    .state == "selected")' "C-05 duplicates: one answer of each is used"
soon 1 replay '.synchronized and (.offset_ns | fabs) < 5000000 and
    .sources[0].rejected >= 4' "C-05, A-40 a replay is rejected"
soon 1 stray '.synchronized and (.offset_ns | fabs) < 5000000' \
    "C-06 answers that nobody asked for change nothing"
soon 1 extreme '.sources[0] | .received >= 5 and .rejected == 0 and
    .reach % 32 == 31' "C-28, A-21 any precision, any poll: it goes on"
soon 1 extreme '.offset_ns | fabs < 100000000' \
    "C-28 any precision, any poll: the offset stays sane"
soon 10 closed '.synchronized' \
    "C-29 after ICMP errors a server that comes back is used"
if [ "$PEERS_NETWORK" = own ]; then
	never loop && is loop '.sources[0] | .rejected >= 4 and
	    (.reason | test("takes its time from us"))'
	holds=$?
	report $holds "C-23, A-24 a server that takes its time from us"
	explain $holds loop
else
	skip "C-23 a server that takes its time from us" \
	    "a network namespace needs root"
fi

# --- what the servers saw ---------------------------------------------------
# A line is: arrival (ns), port, length, header in hexadecimal.
sort -s -k 2,2n "$dir"/rogue-*.out >"$dir/queries"
count=$(wc -l <"$dir/queries")
# Version 4, mode 3, precision 0x20, 36 octets of zero, eight of anything.
odd=$(grep -cvE '^[0-9]+ [0-9]+ 48 23000020(00){36}[0-9a-f]{16}$' \
    "$dir/queries")
[ "$count" -ge 200 ] && [ "$odd" = 0 ]
report $? "C-01 $count queries say nothing but version, mode and a nonce"
awk '{ print substr($4, 81) }' "$dir/queries" >"$dir/nonces"
twice=$(sort "$dir/nonces" | uniq -d | wc -l)
[ "$twice" = 0 ]
report $? "C-02 no transmit timestamp comes twice"
# Each of 64 bits is set in half of them, within five standard deviations.
awk 'BEGIN { for (i = 0; i < 16; i++) v[sprintf("%x", i)] = i }
    {
	for (i = 0; i < 16; i++)
		for (b = 0; b < 4; b++)
			ones[i * 4 + b] += int(v[substr($1, i + 1, 1)] / 2 ^ b) % 2
    }
    END {
	for (i = 0; i < 64; i++) {
		d = ones[i] - NR / 2
		if (d * d > 25 * NR / 4) { print "# bit", i, ones[i], NR; bad = 1 }
	}
	exit bad
    }' "$dir/nonces"
report $? "C-02 every bit of it is random"
ports=$(awk '{ print $2 }' "$dir/queries" | sort -u | wc -l)
[ "$ports" -ge $((count * 9 / 10)) ]
report $? "C-03 $count queries came from $ports ports"
! awk '{ print $2 }' "$dir/queries" | grep -qxE '123|[0-9]{1,3}|10[01][0-9]'
report $? "C-03, A-11 none from port 123 or another low one"
# In order of arrival the ports go up and down.
ups=$(sort -n "$dir/queries" | awk 'NR > 1 { up += $2 > last }
    { last = $2 } END { print int(100 * up / NR) }')
[ "$ups" -gt 35 ] && [ "$ups" -lt 65 ]
report $? "C-03 the next port is higher as often as lower: $ups %"

gaps() { # gaps NAME: between its queries, in ms
	awk 'NR > 1 { printf "%d\n", ($1 - last) / 1000000 } { last = $1 }' \
	    "$dir/rogue-$1.out"
}
for name in honest origin-random copies with-kiss silent; do
	fastest=$(gaps $name | sort -n | head -n 1)
	[ "${fastest:-0}" -ge 950 ]
	report $? "C-24 $name: never less than 1 s between queries ($fastest ms)"
done
different=$(gaps honest | sort -u | wc -l)
[ "$different" -ge 3 ]
report $? "C-24 the intervals are jittered: $(gaps honest | tr '\n' ' ')"
for name in rate rate127; do
	set -- $(gaps $name)
	[ "${1:-0}" -ge 1950 ] && [ "$1" -le 2500 ] &&
	    [ "${2:-0}" -ge 3900 ] && [ "$2" -le 4600 ]
	report $? "C-16, C-20 $name: each one doubles the interval: $* ms"
done
for name in deny rstr; do
	[ "$(wc -l <"$dir/rogue-$name.out")" = 1 ]
	report $? "C-18 $name: it is not asked again"
done

# Nobody could fill a disk, and nobody has crashed.
most=0
for name in $all; do
	[ "$name" != with-flood ] || continue
	lines=$(wc -l <"$dir/$name.log")
	[ "$lines" -le $most ] || most=$lines
	is "$name" '([.processes[].restarts] | add) == 0' ||
	    echo "$name" >>"$dir/crashed"
done
[ $most -le 12 ]
report $? "A-42 the longest log of a case has $most lines, 12 at most"
[ ! -e "$dir/crashed" ]
report $? "no program has ended over any of it"
[ ! -e "$dir/crashed" ] || sed 's/^/# /' "$dir/crashed"
done_testing
