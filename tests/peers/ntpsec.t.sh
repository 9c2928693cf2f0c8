#!/bin/sh
# Debian's ntpsec: its ntpd takes the time from our server, and our client
# takes it from that ntpd.  It knows no port but 123, so this needs a network
# of its own.  It is left without the capability to touch the clock.
packages="ntpsec ntpsec-ntpdig python3-ntp"
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "a network namespace needs root"
[ -e "$peers/ntpsec/.complete" ] || skip_all "$why"
ntpsec=$peers/ntpsec/usr/sbin/ntpd
why=$("$ntpsec" --version 2>&1) || skip_all "ntpsec does not run: $why"
echo "# $why"

ip address add 192.0.2.1/32 dev lo
conf ours <<END
listen on 192.0.2.1 port 123
local stratum 4
END
start ours
cat >"$dir/ntpsec.conf" <<END
disable ntp
interface ignore wildcard
server 192.0.2.1 iburst minpoll 0 maxpoll 0
restrict default
END
bound_ours() {
	"$tools/probe" 192.0.2.1 123 show
}
until_ok 10 bound_ours
report $? "our server runs on port 123"
background ntpsec without_clock "$ntpsec" -n -c "$dir/ntpsec.conf" \
    -p "$dir/ntpsec.pid" -f "$dir/ntpsec.drift"

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

# ntpdig, by the way: Debian's python finds its library where it is unpacked.
dig() {
	PYTHONPATH="$dir/python" timeout 20 /usr/bin/python3 \
	    "$peers/ntpsec-ntpdig/usr/bin/ntpdig" "$@"
}
if [ -n "$missing" ]; then
	skip "ntpdig takes our time" "$why"
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

above() {
	set -- $("$tools/probe" 127.0.0.1 123 show)
	[ "$1 $2 $3" = "0 5 c0000201" ]
}
until_ok 30 above
report $? "ntpsec is in sync with our server, one stratum below"
one=$(refid6 '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1')
for family in four six; do
	soon 20 $family '.synchronized' "$family: in sync with ntpsec"
	soon 10 $family '.offset_ns | fabs < 1000000' \
	    "$family: the same clock is found within 1 ms"
	soon 1 $family '.stratum == 6' "$family: stratum is ntpsec's and one"
	soon 1 $family '.sources[0] | .state == "selected" and .stratum == 5
	    and .reference_id == "c0000201" and .delay_ns > 0' \
	    "$family: the source is as it should be"
done
soon 1 four '.reference_id == "7f000001"' \
    "four: the reference ID is the address of ntpsec"
soon 1 six ".reference_id == \"$one\"" \
    "six: the reference ID is of ntpsec's address ($one)"
set -- $("$tools/probe" 127.0.0.1 "$port_four" show)
[ "$1 $2 $3" = "0 6 7f000001" ] && [ "${6#-}" -lt 10000000 ]
report $? "S-08 what we serve after ntpsec: $*"
show_log four
[ "$bad" = 0 ] || tail -20 "$dir/ntpsec.log" | sed 's/^/# /'
done_testing
