#!/bin/sh
# Debian's ntpsec: our client asks its ntpd; another of its ntpd and its ntpdig
# ask our server.  They know only port 123, so this needs two networks of its
# own.  Neither ntpd has the capability to set the clock.
packages="ntpsec ntpsec-ntpdig python3-ntp"
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
[ -e "$peers/ntpsec/.complete" ] || skip_all "$why"
ntpsec=$peers/ntpsec/usr/sbin/ntpd
why=$("$ntpsec" --version 2>&1) || skip_all "ntpsec does not run: $why"
echo "# $why"

# ntpsec NAME PREFIX LINE ...: an ntpd started by the command PREFIX.
ntpsec() {
	ntpsec_name=$1
	prefix=$2
	shift 2
	printf '%s\n' "disable ntp" "restrict default" \
	    "unrestrict default limited" "$@" >"$dir/$ntpsec_name.conf"
	# shellcheck disable=SC2086
	background "$ntpsec_name" without_clock $prefix "$ntpsec" -n \
	    -c "$dir/$ntpsec_name.conf" -p "$dir/$ntpsec_name.pid" \
	    -f "$dir/$ntpsec_name.drift"
}

# The other network: ours is 192.0.2.1, the other 192.0.2.2.
unshare -n sleep 300 &
other=$!
pids="$pids $other"
in_other() {
	nsenter -t $other -n "$@"
}
apart() {
	[ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]
}
until_ok 5 apart
ip link add ours type veth peer name theirs netns $other &&
    ip address add 192.0.2.1/24 dev ours && ip link set ours up &&
    in_other ip link set lo up &&
    in_other ip address add 192.0.2.2/24 dev theirs &&
    in_other ip link set theirs up ||
    skip_all "no virtual network link can be made here"

conf ours <<END
listen on 192.0.2.1 port 123
local stratum 4
END
start ours
until_ok 10 in_other "$tools/probe" 192.0.2.1 123 show
report $? "our server runs on port 123"
ntpsec client "nsenter -t $other -n" \
    "server 192.0.2.1 iburst minpoll 0 maxpoll 0"
ntpsec upstream "" "tos orphan 7 orphanwait 1" "interface ignore all" \
    "interface ignore wildcard" "interface listen lo"
for family in four six; do
	[ $family = four ] && address=127.0.0.1 || address=::1
	next_port
	conf $family <<END
server $address poll 1s to 1s
listen on $address port $port
END
	eval "port_$family=$port"
	start $family
done

# Debian's python finds the library of ntpdig where it is unpacked.
dig() {
	in_other env PYTHONPATH="$dir/python" timeout 20 /usr/bin/python3 \
	    "$peers/ntpsec-ntpdig/usr/bin/ntpdig" "$@"
}
if [ -n "$missing" ]; then
	skip "ntpdig takes our time" "not to be had:$missing"
else
	mkdir "$dir/python"
	cp -r "$peers/python3-ntp/usr/lib/python3/dist-packages/ntp" \
	    "$dir/python/"
	cp "$(find "$peers/python3-ntp/usr/lib" -name 'libntpc.so.*' -type f)" \
	    "$dir/python/ntp/libntpc.so"
	if why=$(dig --version 2>&1); then
		# {"time":"...","offset":-0.000018,...,"stratum":4,...}
		dig -j 192.0.2.1 >"$dir/dig" 2>&1
		jq -e '(.offset | fabs) < 0.01 and .stratum == 4' \
		    "$dir/dig" >/dev/null
		report $? "ntpdig takes our time"
		[ "$bad" = 0 ] || sed 's/^/# /' "$dir/dig"
	else
		skip "ntpdig takes our time" "$(echo "$why" | tail -1)"
	fi
fi

one=$(refid6 '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1')
for family in four six; do
	soon 20 $family '.synchronized' "$family: in sync with ntpsec"
	soon 10 $family '.synchronized and (.offset_ns | fabs) < 1000000' \
	    "$family: the same clock is found within 1 ms"
	soon 1 $family '.stratum == 8' "$family: stratum is ntpsec's and one"
	soon 1 $family '.sources[0] | .state == "selected" and .stratum == 7
	    and .delay_ns > 0' "$family: the source is as it should be"
done
soon 1 four '.reference_id == "7f000001"' \
    "four: the reference ID is the address of ntpsec"
soon 1 six ".reference_id == \"$one\"" \
    "six: the reference ID is of ntpsec's address ($one)"
set -- $("$tools/probe" 127.0.0.1 "$port_four" show)
[ "$1 $2 $3" = "0 8 7f000001" ] && [ "${6#-}" -lt 10000000 ]
report $? "S-08 what we serve after ntpsec: $*"

# It may not steer, so it says leap 3, but shows whom it has selected.
selected() {
	set -- $(in_other "$tools/probe" 127.0.0.1 123 show)
	[ "$2 $3" = "5 c0000201" ]
}
until_ok 30 selected
report $? "ntpsec selects our server, one stratum below"
[ "$bad" = 0 ] || tail -n 5 "$dir/four.log" "$dir/client.log" \
    "$dir/upstream.log" | sed 's/^/# /'
done_testing
