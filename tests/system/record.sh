#!/bin/sh
# A recording by the real daemon: it continues over a reload and the death of
# ntp-net, the simulator replays it to the same decisions, and it cannot exceed
# its limit.
. "$(dirname "$0")/../lib.sh"

(umask 077 && echo "5 AES128 ASCII:no-copy-of-a-key" >"$dir/keys")
server upstream 3
first=$port
server other 4 "keys \"$dir/keys\""
cat >"$dir/sources" <<EOF
server 127.0.0.1 port $first interleaved poll 1s to 1s
server 127.0.0.1 port $port key 5 poll 1s to 1s
keys "$dir/keys"
record "$dir/record" size 1M
EOF
conf client <"$dir/sources"
"$BUILD/ntpd" -n -f "$dir/client.conf" >/dev/null
report $? "ntpd -n takes the statement"
start client
ntpd=$pid
until_ok 20 ctl client status
report $? "the client is in sync with its servers"
net=$(pid_of client ntp-net)

[ -f "$dir/record" ] && [ "$(stat -c %a "$dir/record")" = 600 ] &&
    [ -f "$dir/record.1" ] && [ "$(stat -c %a "$dir/record.1")" = 600 ]
report $? "both files are there, for one user only"
limit=$(awk '/^Max file size/ {print $4}' "/proc/$net/limits")
[ "$limit" = 524288 ]
report $? "the kernel lets ntp-net write half of the bound to each ($limit)"
[ "$(readlink "/proc/$net/fd/4")" = "$dir/record" ] &&
    [ "$(readlink "/proc/$net/fd/5")" = "$dir/record.1" ]
report $? "ntp-net has the two files"
grep -q '^flags:[[:space:]]*0[0-7]*1$' "/proc/$net/fdinfo/4"
report $? "and can do no more than write to them"
[ "$(status_of "$net" Seccomp)" = 2 ]
report $? "in its sandbox"

replays() { # replays SESSIONS: all is the same, so many starts of ntp-net
	"$BUILD/sim" -r "$dir/record" >"$dir/replay.out" 2>&1 &&
	    grep -q 'decisions, all the same$' "$dir/replay.out" &&
	    [ "$(grep -c ' session ' "$dir/replay.out")" = "$1" ]
}
replays 1
report $? "it replays while it is being written"
grep -q '127.0.0.1 *used: offset' "$dir/replay.out" &&
    grep -q ' sample ' "$dir/replay.out"
report $? "and tells of answers and samples"

soon_signed() {
	ctl client -j status | jq -e '[.sources[] | select(.auth == "mac" and
	    .state == "selected")] | length == 1' >/dev/null
}
until_ok 10 soon_signed
report $? "a source with a key is believed"
replays 1
report $? "a replay needs no key"
! grep -aq 'no-copy-of' "$dir/record" "$dir/record.1"
report $? "and there is none in the recording"

# A reload: one source less, and a bound that needs a restart.
sed -e 2d -e 's/1M/2M/' "$dir/sources" | conf client
ctl client reload >/dev/null
report $? "the client takes another configuration"
until_ok 5 grep -q 'recording: the change takes effect at the next start' "$dir/client.log"
report $? "but for the bound of the recording, and says so"
one_source() {
	[ "$(ctl client -j status | jq '.sources | length')" = 1 ]
}
until_ok 10 one_source
report $? "a source is gone"
replays 1
report $? "it replays over a reload"

# The death of ntp-net.
kill -9 "$net"
came_back() {
	new=$(pid_of client ntp-net)
	[ -n "$new" ] && [ "$new" != 0 ] && [ "$new" != "$net" ]
}
until_ok 5 came_back
report $? "ntp-net is back after kill -9"
until_ok 20 ctl client status
report $? "the client is in sync again"
replays 2
report $? "both lives of ntp-net replay"

kill -TERM "$ntpd"
wait "$ntpd"
replays 2
report $? "it replays after the end"
before=$(stat -c %s "$dir/record")
goes_on() { # more than a head has been written, which is 72 bytes
	[ "$(stat -c %s "$dir/record")" -gt $((before + 72)) ]
}
start client
ntpd=$pid
until_ok 20 ctl client status && until_ok 20 goes_on
kill -TERM "$ntpd"
wait "$ntpd"
replays 3
report $? "another start of the daemon is appended"
grep '^replay:' "$dir/replay.out" | sed 's/^/# /'

# Damage.
cp "$dir/record" "$dir/damaged"
size=$(stat -c %s "$dir/damaged")
printf '\377' | dd of="$dir/damaged" bs=1 seek=$((size / 2)) conv=notrunc \
    2>/dev/null
said=$("$BUILD/sim" -r "$dir/damaged" 2>&1)
[ $? = 1 ] && echo "$said" | grep -q 'at byte [0-9]*.*: expected '
report $? "damage is found: $(echo "$said" | grep -o 'expected .*' | head -1)"
# No record is so short that the others were whole.
head -c $((size - 1)) "$dir/record" >"$dir/damaged"
said=$("$BUILD/sim" -r "$dir/damaged" 2>&1)
[ $? = 1 ] && echo "$said" | grep -q 'truncated'
report $? "an end that is missing is found"

# What is no recording is left alone; the time goes before.
echo "something of somebody" >"$dir/record.1"
start client
until_ok 5 grep -q 'cannot record' "$dir/client.log"
report $? "a file that is no recording is not written to"
until_ok 20 ctl client status
report $? "but the time is kept"
[ "$(cat "$dir/record.1")" = "something of somebody" ]
report $? "the file is as it was"
net=$(pid_of client ntp-net)
[ "$(awk '/^Max file size/ {print $4}' "/proc/$net/limits")" = 0 ]
report $? "and ntp-net can write no file at all"
kill "$pid"
wait "$pid"
rm "$dir/record.1"
ln -s "$dir/elsewhere" "$dir/record.1"
start client
until_ok 5 grep -q 'cannot record' "$dir/client.log"
report $? "a symbolic link is not followed"
[ ! -e "$dir/elsewhere" ]
report $? "and nothing is made where it leads"
show_log client
done_testing
