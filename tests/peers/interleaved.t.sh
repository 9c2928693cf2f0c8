#!/bin/sh
# The interleaved mode of RFC 9769: our client with Debian's chronyd, which
# supports it, and with servers that do not.
packages="chrony"
. "$(dirname "$0")/peers.sh"

[ -z "$missing" ] || skip_all "$why"
chronyd=$peers/chrony/usr/sbin/chronyd
chronyc=$peers/chrony/usr/bin/chronyc
why=$("$chronyd" -v 2>&1) || skip_all "chronyd does not run: $why"
user=$(id -un)

umask 077
echo "5 AES128 HEX:00112233445566778899aabbccddeeff" >"$dir/keys"
umask 022
next_port
chrony_port=$port
mkdir -m 700 "$dir/chrony"
printf '%s\n' "port $port" "local stratum 5" "allow all" "cmdport 0" \
    "keyfile $dir/keys" "pidfile $dir/chrony/pid" \
    "bindcmdaddress $dir/chrony/socket" >"$dir/chrony.conf"
background chrony without_clock "$chronyd" -d -x -U -u "$user" \
    -f "$dir/chrony.conf"
liar_server plain
plain_port=$port
conf basic <<END
server 127.0.0.1 port $chrony_port poll 1s to 1s
END
conf four <<END
log level debug
server 127.0.0.1 port $chrony_port interleaved poll 1s to 1s
END
conf six <<END
keys "$dir/keys"
log level debug
server ::1 port $chrony_port key 5 interleaved poll 1s to 1s
END
conf plain <<END
log level debug
server 127.0.0.1 port $plain_port interleaved poll 1s to 1s
END
for name in basic four six plain; do
	start $name
done
for name in four six; do
	soon 20 $name '.synchronized and (.sources[0] | .interleaved and
	    .state == "selected")' \
	    "$name: in sync with chronyd, whose answers are interleaved"
	soon 10 $name '.sources[0] | .reach == 255 and .interleaved' \
	    "$name: one after the other"
	faultless $name "$name"
	soon 5 $name '(.offset_ns | fabs) < 1000000 and .sources[0].delay_ns > 0' \
	    "$name: the same clock is found within 1 ms"
done
soon 1 six '.sources[0].auth == "mac"' "six: with a key"
soon 10 basic '.synchronized and (.sources[0].interleaved | not)' \
    "I-02 nothing is interleaved that is not asked to be"
soon 10 plain '.synchronized and (.sources[0] | .reach == 255 and
    (.interleaved | not))' \
    "I-08 a server without the mode is as good as ever"
faultless plain "I-08"
for name in basic four; do
	echo "# $name: $(ctl $name -j status | jq -c '.sources[0] |
	    {delay_ns, jitter_ns, error_ns, offset_ns}')"
done
if "$chronyc" -v >/dev/null 2>&1; then
	counted() {
		count=$("$chronyc" -h "$dir/chrony/socket" serverstats |
		    sed -n 's/^Interleaved NTP packets *: *//p')
		[ "${count:-0}" -ge 8 ]
	}
	until_ok 10 counted
	report $? "chronyd has given $count interleaved answers"
else
	skip "chronyd counts interleaved answers" "chronyc does not run"
fi
# A query of the start says nothing of the last answer, a later one only what
# belongs to the mode: octets 24 to 47 are origin, receive and transmit.
sed 's/.* //' "$dir/plain.out" >"$dir/queries"
awk '{ o = substr($0, 49, 16); r = substr($0, 65, 16); t = substr($0, 81, 16)
    z = "0000000000000000"
    if (r == t || t == z || (o == z) != (r == z)) bad = 1
    if (NR <= 4 && o != z) bad = 1
    if (o != z) n++ } END { exit bad || n == 0 }' "$dir/queries"
report $? "I-01 receive and transmit timestamps differ, at first there is one"
[ "$bad" = 0 ] || head -8 "$dir/queries" | sed 's/^/# /'
show_log four
done_testing
