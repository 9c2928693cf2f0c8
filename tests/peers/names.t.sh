#!/bin/sh
# Names: ntp-resolve looks them up at a name server of the test, in a network
# and with an /etc/resolv.conf of the test.  All cases run at the same time.
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
[ -z "$PEERS_NO_MOUNTS" ] || skip_all "$PEERS_NO_MOUNTS"
printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n' \
    >"$dir/resolv.conf"
echo "hosts: files dns" >"$dir/nsswitch.conf"
chmod 644 "$dir/resolv.conf" "$dir/nsswitch.conf"
{ mount --bind "$dir/resolv.conf" /etc/resolv.conf &&
    mount --bind "$dir/nsswitch.conf" /etc/nsswitch.conf; } 2>/dev/null ||
    skip_all "/etc/resolv.conf cannot be replaced here"
ip address add 2001:db8::1/128 dev lo
ip address add 2001:db8::2/128 dev lo

# zone [NAME VALUE ...]: that line of the zone is now this one.
zone() {
	{
		[ ! -e "$dir/zone" ] || grep -v "^$1 " "$dir/zone"
		echo "$*"
	} >"$dir/zone.new"
	mv "$dir/zone.new" "$dir/zone"
}
zone fixed.test 127.0.1.1
zone missing.test NXDOMAIN
zone broken.test SERVFAIL
zone quiet.test SILENT
zone pool.test 127.0.1.1 127.0.1.2 127.0.1.3
zone moves.test 127.0.2.1
zone live6.test 127.0.3.1 2001:db8::1
zone live4.test 2001:db8::2 127.0.1.1
zone vanishes.test 127.0.1.1
zone mapped.test ::ffff:127.0.1.1
zone link.test fe80::1
# shellcheck disable=SC2046
zone many.test $(seq -f 127.0.4.%g 1 28)

background dns "$tools/fakedns" 127.0.0.53 53 "$dir/zone"
next_port
at() { # at ADDRESS [SETTING ...]: a server there
	at_address=$1
	shift
	background "at-$at_address" "$tools/liar_server" "$at_address" $port "$@"
}
# 127.0.1.2, 127.0.3.1, 127.0.4.*, 2001:db8::2 are dead.
for i in 1 4 5 6; do
	at 127.0.1.$i
done
at 127.0.1.3 offset-ms=100
at 127.0.2.2
at 2001:db8::1
at 127.0.2.1
moving=$pid

case_of() { # case_of NAME: a client, by the lines on input
	sed "s/PORT/port $port poll 1s to 1s/" | conf "$1"
	start "$1"
}
case_of missing <<END
server missing.test PORT
END
case_of broken <<END
server broken.test PORT
END
case_of quiet <<END
server quiet.test PORT
server fixed.test PORT
END
case_of pool <<END
pool pool.test count 3 PORT
END
case_of moves <<END
server moves.test PORT
END
case_of live6 <<END
server live6.test PORT
END
case_of live4 <<END
server live4.test PORT
END
case_of vanishes <<END
server vanishes.test PORT
END
case_of forms <<END
server mapped.test PORT
server link.test PORT
END
case_of many <<END
servers many.test PORT
END
cases="missing broken quiet pool moves live6 live4 vanishes forms many"
for c in $cases; do
	until_ok 10 is $c '.measuring'
done

asked() { # asked COUNT TYPE NAME: of the name server, at least
	[ "$(grep -cx "$2 $3" "$dir/dns.out")" -ge "$1" ]
}
# A name that cannot be looked up yet.
soon 10 missing '(.synchronized | not) and (.sources | length) == 1 and
    (.sources[0] | .state == "resolving" and .name == "missing.test" and
    .address == null and .sent == 0)' \
    "a name that does not exist: the source is resolving"
soon 5 missing '.sources[0].reason | test("cannot look up")' \
    "and why is said"
soon 10 broken '.sources[0] | .state == "resolving" and
    (.reason | test("cannot look up"))' \
    "a name server that fails: the source is resolving, why is said"
until_ok 10 asked 3 A missing.test
report $? "a name that does not exist is tried again"
until_ok 10 asked 3 A broken.test
report $? "a name that fails is tried again"
until_ok 1 asked 3 AAAA missing.test
report $? "both A and AAAA are asked for"
zone missing.test 127.0.1.1
zone broken.test 127.0.1.4

# One that never answers keeps no other waiting.
soon 15 quiet '.synchronized and .reference_id == "7f000101"' \
    "a name server that is silent about one name: another one works"
soon 1 quiet '[.sources[] | select(.name == "quiet.test")][0] |
    .state == "resolving"' "the other is still resolving"

soon 15 forms '.synchronized and .sources[0].address == "127.0.1.1"' \
    "an address of IPv4 in the form of IPv6 is used as what it is"
soon 5 forms '.sources[1] | .state == "resolving" and
    .reason == "fe80::1 is on every link: no interface is with it"' \
    "a link-local address that a name has is said"

soon 15 vanishes '.synchronized' "a name that will vanish: in sync"
zone vanishes.test NXDOMAIN
soon 10 many '.sources | length >= 8 and length <= 16' \
    "A-27 of 28 addresses no more than 16 are asked"

soon 15 moves '.synchronized and .sources[0].address == "127.0.2.1"' \
    "a name whose address will change: in sync with the old one"
kill "$moving"
zone moves.test 127.0.2.2
# It has three addresses; three more will be there.
soon 10 pool '.sources | length == 3' "a pool: three sources of three"
zone pool.test 127.0.1.1 127.0.1.2 127.0.1.3 127.0.1.4 127.0.1.5 127.0.1.6

soon 20 missing '.synchronized and .sources[0].address == "127.0.1.1"' \
    "a name that has come to exist: in sync"
soon 20 broken '.synchronized and .sources[0].address == "127.0.1.4"' \
    "a name server that works again: in sync"
soon 25 live6 '.synchronized and .sources[0].address == "2001:db8::1"' \
    "of a dead IPv4 and a live IPv6 address the live one is used"
soon 25 live4 '.synchronized and .sources[0].address == "127.0.1.1"' \
    "of a dead IPv6 and a live IPv4 address the live one is used"
soon 30 moves '.synchronized and .sources[0].address == "127.0.2.2" and
    .sources[0].state == "selected" and (.sources | length) == 1' \
    "an address that went quiet: looked up anew, the new one is used"
soon 45 pool '.synchronized and ([.sources[].state] | length == 3 and
    all(. == "selected" or . == "outlier"))' \
    "a pool: three good sources in the end"
soon 1 pool '[.sources[].address] | index("127.0.1.2") == null' \
    "a pool: the dead one is not among them"
soon 1 pool '[.sources[].address] | index("127.0.1.3") == null' \
    "a pool: nor the one that is 100 ms wrong"
soon 1 pool '([.sources[].address] | unique | length) == 3 and
    ([.sources[].address] | index("127.0.1.1") != null)' \
    "a pool: the one that was good has stayed"
grep -q 'trying another address.*from=127.0.1.3' "$dir/pool.log"
report $? "a pool: the log says that it was replaced"
soon 1 pool '.offset_ns | fabs < 5000000' "a pool: the offset is right"
soon 1 vanishes '.synchronized and .sources[0].reach % 16 == 15' \
    "a name that has vanished: its address is used on"

# How often a name that brings nothing is asked for: 1, 2, 4, ... s apart, and
# so anew once others were tried in the place of those that had 8 queries (16 s).
questions=$(grep -cx "A many.test" "$dir/dns.out")
uptime=$(ctl many -j status | jq '.uptime_s | floor')
[ "$questions" -le $((6 + uptime / 16 * 5)) ]
report $? "a pool of dead ones: looked up $questions times in $uptime s"
for c in $cases; do
	is $c '([.processes[].restarts] | add) == 0' || break
done
report $? "no program has ended in any of the cases"
if [ "$bad" != 0 ]; then
	for c in pool moves live6 live4; do
		tail -n 8 "$dir/$c.log" | sed 's/^/# /'
	done
fi
done_testing
