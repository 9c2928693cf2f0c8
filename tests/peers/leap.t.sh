#!/bin/sh
# Leap seconds from a file, and the smear, as clients see them.  The servers of
# these tests serve a time near the end of the month; no clock is set for it.
. "$(dirname "$0")/peers.sh"

# Leap seconds come at the end of June and December.
case $(date -u +%m) in
0[1-6]) month_end=$(date -u -d "$(date -u +%Y)-07-01" +%s) ;;
*) month_end=$(date -u -d "$(($(date -u +%Y) + 1))-01-01" +%s) ;;
esac
ntp=2208988800

# list FILE EXPIRY [KIND]: a file of leap seconds with the right hash; KIND is
# + or -, what happens at the end of the month.
list() {
	update=$((month_end - 100 * 86400 + ntp))
	table="2272060800 10
2287785600 11"
	case ${3:-} in
	+) table="$table
$((month_end + ntp)) 12" ;;
	-) table="$table
$((month_end + ntp)) 10" ;;
	esac
	hash=$(echo "$update $(($2 + ntp)) $table" | tr -d ' \n' | sha1sum |
	    sed 's/\(........\)/\1 /g; s/ *-$//')
	{
		echo "# leap seconds, made up for a test"
		printf '#$\t%s\n#@\t%s\n' "$update" "$(($2 + ntp))"
		echo "$table" | sed 's/$/ # so much/'
		echo "#h $hash"
	} >"$dir/$1"
}
list insert $((month_end + 86400)) +
list none $((month_end + 86400))
list expired $((month_end - 86400)) +
today=$(date +%s)
list old $((today - today % 86400 - 86400))
sed '/^#@/s/0$/5/' "$dir/insert" >"$dir/damaged"

# before SECONDS: milliseconds by which a server is ahead whose month ends then.
before() {
	echo $(((month_end - $1) * 1000 - $(date +%s%N) / 1000000))
}
# client NAME PORT STATEMENT ...: an ntpd that asks that server and answers on
# the port in ${NAME}_port.
client() {
	client_name=$1
	client_server=$2
	shift 2
	next_port
	eval "${client_name}_port=$port"
	{
		echo "listen on 127.0.0.1 port $port"
		echo "server 127.0.0.1 port $client_server poll 1s to 1s"
		for statement; do
			echo "$statement"
		done
	} | conf "$client_name"
	start "$client_name"
}
show() { # show PORT: leap stratum refid root-delay root-dispersion offset
	"$tools/probe" 127.0.0.1 "$1" show
}
shows() { # shows PORT "LEAP STRATUM REFID"
	set -- "$2" $(show "$1")
	[ "$1" = "$2 $3 $4" ]
}
leap_is() { # leap_is PORT LEAP: from a server that is in sync
	set -- "$2" $(show "$1")
	[ "$1" = "$2" ]
}
offset() { # offset PORT: of what it serves from this machine's clock, ns
	show "$1" | cut -d ' ' -f 6
}
logged() { # logged NAME TEXT
	grep -q "$2" "$dir/$1.log"
}

"$BUILD/ntpd" -n -c 'server a' -c "leap file \"$dir/insert\"" \
    >"$dir/check" 2>&1 && [ "$(cat "$dir/check")" = "configuration OK" ]
report $? "ntpd -n has nothing to say of a good file"
"$BUILD/ntpd" -n -c 'server a' -c "leap file \"$dir/damaged\"" \
    >"$dir/check" 2>&1 && grep -q 'its hash is wrong' "$dir/check"
report $? "and warns of one that is damaged"

expired_on=$(date -u -d "@$((today - today % 86400 - 86400))" +%Y-%m-%d)
"$BUILD/ntpd" -n -c 'server a' -c "leap file \"$dir/old\"" \
    >"$dir/check" 2>&1 && grep -q "old: .*expired on $expired_on" "$dir/check"
report $? "and of one that has expired"

# --- six hours before the end of the month ----------------------------------
ahead_ms=$(before 21600)
liar_server mute offset-ms="$ahead_ms"
mute_port=$port
liar_server loud offset-ms="$ahead_ms" leap=1
loud_port=$port
client plain "$mute_port" "leap file \"$dir/insert\""
client smear "$mute_port" "leap file \"$dir/insert\"" "leap smear 24h"
client denied "$loud_port" "leap file \"$dir/none\""
client believed "$loud_port"
client damaged "$loud_port" "leap file \"$dir/damaged\""
client expired "$loud_port" "leap file \"$dir/expired\"" "leap smear 24h"

conf old <<END
server 127.0.0.1 port $mute_port
leap file "$dir/old"
END
start old
until_ok 5 logged old "warning: the leap file $dir/old: .*expired on $expired_on"
report $? "one that has expired is warned of at the start"
kill "$pid"
until_ok 20 shows "$plain_port" "1 3 7f000001"
report $? "a file announces a leap second of which no source speaks"
until_ok 20 shows "$believed_port" "1 3 7f000001"
report $? "without a file the sources are believed"
until_ok 20 shows "$denied_port" "0 3 7f000001"
report $? "a file that knows of none is believed, and not the sources"
until_ok 20 shows "$damaged_port" "1 3 7f000001"
report $? "a file with a wrong hash counts for nothing"
logged damaged "cannot use the leap file $dir/damaged: its hash is wrong"
report $? "and that is said"
until_ok 20 shows "$expired_port" "0 3 7f000001"
report $? "a file that has expired: no smear, but nothing is announced"
logged expired "the leap file has expired on $(date -u -d "@$((month_end - 86400))" \
    +%Y-%m-%d)"
report $? "and that is said, with the date"
[ "$(grep -c 'has expired' "$dir/expired.log")" = 1 ]
report $? "once"

# What is held back of UTC, by the clock that the servers have.
smeared_ns() {
	echo $((-($(date +%s%N) + ahead_ms * 1000000 - (month_end - 43200) * \
	    1000000000) / 86401))
}
until_ok 20 shows "$smear_port" "0 3 7f7f01ff"
report $? "a smear: no leap second, the reference ID 127.127.1.255"
off=$(($(offset "$smear_port") - ahead_ms * 1000000 - $(smeared_ns)))
[ "$off" -lt 20000000 ] && [ "$off" -gt -20000000 ]
report $? "it serves UTC less a quarter of a second: $off ns from the curve"
off=$(($(offset "$plain_port") - ahead_ms * 1000000))
[ "$off" -lt 20000000 ] && [ "$off" -gt -20000000 ]
report $? "the other one serves UTC: $off ns from it"
is smear '.offset_ns - '"$ahead_ms"' * 1000000 | fabs < 20000000'
report $? "its own time is not smeared"

cp "$dir/none" "$dir/damaged"
kill -HUP "$(pid_of damaged ntpd)"
until_ok 10 leap_is "$damaged_port" 0
report $? "the file is read again at SIGHUP"
cp "$dir/insert" "$dir/damaged"
kill -HUP "$(pid_of damaged ntpd)"
until_ok 10 leap_is "$damaged_port" 1
report $? "and once more, with a leap second"
echo garbage >"$dir/damaged"
kill -HUP "$(pid_of damaged ntpd)"
until_ok 10 logged damaged "line 1: .*: its earlier content stays"
report $? "one that became unusable: what it said before holds"
leap_is "$damaged_port" 1
report $? "so it does"

# --- smeared and other servers ----------------------------------------------
servers=
for i in 1 2 3; do
	liar_server "utc$i" offset-ms="$ahead_ms"
	servers="$servers $port"
done
for i in 1 2; do
	liar_server "smeared$i" offset-ms=$((ahead_ms + $(smeared_ns) / 1000000))
	servers="$servers $port"
done
for p in $servers; do
	echo "server 127.0.0.1 port $p poll 1s to 1s"
done >"$dir/mixed.servers"
{
	cat "$dir/mixed.servers"
	echo "leap file \"$dir/insert\""
} | conf mixed
start mixed
soon 20 mixed '[.sources[] | select(.reason == "it serves smeared time" and
    .state == "falseticker")] | length == 2' \
    "two of five are known to serve smeared time"
soon 20 mixed '[.sources[] | select(.state == "selected")] | length == 3' \
    "the other three are used"
is mixed '.offset_ns - '"$ahead_ms"' * 1000000 | fabs < 20000000'
report $? "and the time is UTC"
until_ok 5 logged mixed "source serves smeared time"
report $? "it is said in the log"

# A server that says so, and one of ours that would smear once more.
liar_server says offset-ms="$ahead_ms" refid=0x7f7f01ff
client double "$port" "leap file \"$dir/insert\"" "leap smear 24h"
soon 20 double '.synchronized == false and
    .sources[0].reason == "it serves smeared time"' \
    "time that is smeared is not smeared once more"

# --- over the end of the month ----------------------------------------------
ahead_ms=$(before 16)
liar_server midnight offset-ms="$ahead_ms"
midnight_port=$port
client over "$midnight_port" "leap file \"$dir/insert\"" "leap smear 1h"
client jumps "$midnight_port" "leap file \"$dir/insert\""
until_ok 9 leap_is "$jumps_port" 1 && until_ok 5 leap_is "$over_port" 0
report $? "just before it both know the time"
steps=0 worst=0 samples=0
last=$(offset "$over_port")
while [ $(($(date +%s%N) / 1000000 + ahead_ms)) -lt $(((month_end + 3) * 1000)) ]; do
	sleep 0.1
	now=$(offset "$over_port") || continue
	by=$((now - last))
	[ $by -ge 0 ] || by=$((-by))
	[ $by -le $worst ] || worst=$by
	[ $by -le 50000000 ] || steps=$((steps + 1))
	last=$now
	samples=$((samples + 1))
done
[ $steps = 0 ] && [ $samples -gt 20 ]
report $? "smeared time goes on over the leap second: $worst ns of $samples"
off=$(($(offset "$jumps_port") - ahead_ms * 1000000 + 1000000000))
[ "$off" -lt 20000000 ] && [ "$off" -gt -20000000 ]
report $? "where nothing is smeared, UTC has gone back a second: $off ns from it"
off=$((last - ahead_ms * 1000000 + 500000000))
[ "$off" -lt 20000000 ] && [ "$off" -gt -20000000 ]
report $? "half a second of it is smeared by then: $off ns from that"
for log in plain smear over mixed; do
	! logged "$log" 'filter\|invalid message\|ended with' && continue
	report 1 "$log: a program has ended"
	show_log "$log"
done

done_testing
