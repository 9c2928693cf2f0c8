#!/bin/sh
# Debian's chrony: our client asks chronyd, chronyd asks our server.
packages="chrony"
. "$(dirname "$0")/peers.sh"

[ -z "$missing" ] || skip_all "$why"
chronyd=$peers/chrony/usr/sbin/chronyd
chronyc=$peers/chrony/usr/bin/chronyc
why=$("$chronyd" -v 2>&1) || skip_all "chronyd does not run: $why"
echo "# $why"
user=$(id -un)

# chrony NAME LINE ...: a chronyd that leaves the clock alone.
chrony() {
	chrony_name=$1
	shift
	mkdir -m 700 "$dir/$chrony_name"
	printf '%s\n' "$@" "cmdport 0" "pidfile $dir/$chrony_name/pid" \
	    "bindcmdaddress $dir/$chrony_name/socket" \
	    >"$dir/$chrony_name.conf"
	background "$chrony_name" without_clock "$chronyd" -d -x -U \
	    -u "$user" -f "$dir/$chrony_name.conf"
}

# chronyd serves stratum 5 on both families; we ask it over each.
next_port
chrony_port=$port
chrony upstream "port $port" "local stratum 5" "allow all"
next_port
port4=$port
conf four <<END
server 127.0.0.1 port $chrony_port poll 1s to 2s
listen on 127.0.0.1 port $port4
END
start four
next_port
port6=$port
conf six <<END
server ::1 port $chrony_port poll 1s to 2s
listen on ::1 port $port6
END
start six
server ours 4 "workers 3"
ours_port=$port

# A chronyd that lives on what we serve.
next_port
chrony downstream "port $port" "allow all" \
    "server 127.0.0.1 port $ours_port minpoll -1 maxpoll -1 iburst" \
    "server 127.0.0.1 port $port4 minpoll -1 maxpoll -1 iburst noselect"
downstream_port=$port

# One that asks in interleaved mode (RFC 9769), over either family.
next_port
conf many <<END
listen on ::1 port $port
listen on 127.0.0.1 port $port
local stratum 4
workers 3
END
start many
chrony interleaved "port 0" \
    "server 127.0.0.1 port $port minpoll -1 maxpoll -1 iburst xleave" \
    "server ::1 port $port minpoll -1 maxpoll -1 iburst xleave"

one=$(refid6 '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1')
for family in four six; do
	soon 20 $family '.synchronized' "$family: in sync with chronyd"
	soon 10 $family '.synchronized and (.offset_ns | fabs) < 1000000' \
	    "$family: the same clock is found within 1 ms"
	soon 1 $family '.sources[0].offset_ns | fabs < 1000000' \
	    "$family: the source's offset says so too"
	soon 1 $family '.stratum == 6' "$family: stratum is chronyd's and one"
	soon 1 $family '.sources[0] | .state == "selected" and .stratum == 5
	    and .version == 4 and .auth == "none" and .rejected == 0 and
	    .delay_ns > 0' "$family: the source is as it should be"
done
soon 1 four '.reference_id == "7f000001"' \
    "four: the reference ID is the address of chronyd"
soon 1 six ".reference_id == \"$one\"" \
    "six: the reference ID is of chronyd's address ($one)"

# S-08 by an ordinary request, over the family that it came from.
set -- $("$tools/probe" 127.0.0.1 "$port4" show)
[ "$1 $2 $3" = "0 6 7f000001" ] && [ "${6#-}" -lt 10000000 ]
report $? "S-08 what we serve after chronyd over IPv4: $*"
set -- $("$tools/probe" ::1 "$port6" show)
[ "$1 $2 $3" = "0 6 $one" ] && [ "${6#-}" -lt 10000000 ]
report $? "S-08 what we serve after chronyd over IPv6: $*"

# chronyd -Q prints how wrong the clock is by its servers, and sets nothing.
query() { # query NAME ADDRESS PORT
	mkdir -m 700 "$dir/query-$1"
	without_clock timeout 20 "$chronyd" -Q -x -t 10 -u "$user" \
	    "pidfile $dir/query-$1/pid" "cmdport 0" "port 0" \
	    "bindcmdaddress /" \
	    "server $2 port $3 iburst maxsamples 1" >"$dir/query-$1.log" 2>&1
	sed -n 's/.*wrong by \(-*[0-9.]*\) seconds.*/\1/p' \
	    "$dir/query-$1.log" >"$dir/query-$1.out"
}
query local 127.0.0.1 "$ours_port" &
pids="$pids $!"
local_query=$!
query synced 127.0.0.1 "$port4" &
pids="$pids $!"
synced_query=$!
query six ::1 "$port6"
wait $local_query $synced_query
for q in local synced six; do
	wrong=$(cat "$dir/query-$q.out")
	echo "${wrong:-none}" | grep -qE '^-?0\.000[0-9]*$'
	report $? "chronyd -Q ($q) takes our time: ${wrong:-none} s"
	[ -n "$wrong" ] || sed 's/^/# /' "$dir/query-$q.log"
done

# What a running chronyd thinks of us.
below() {
	set -- $("$tools/probe" 127.0.0.1 "$downstream_port" show)
	[ "$1 $2 $3" = "0 5 7f000001" ]
}
until_ok 15 below
report $? "a running chronyd is in sync with our server, one stratum below"
interleaves() { # interleaves ADDRESS: with all answers but the first good
	"$chronyc" -n -h "$dir/interleaved/socket" ntpdata "$1" \
	    >"$dir/ntpdata-$1" &&
	    grep -q '^Interleaved *: Yes' "$dir/ntpdata-$1" &&
	    grep -q '^NTP tests *: 111 111 1111' "$dir/ntpdata-$1"
}
if "$chronyc" -v >/dev/null 2>&1; then
	ask_chrony() {
		"$chronyc" -n -c -h "$dir/downstream/socket" "$@"
	}
	ask_chrony sources >"$dir/sources" # mode,state,address,stratum,...
	grep -q '^^,\*,127.0.0.1,4,' "$dir/sources"
	report $? "chronyc: our server is selected, stratum 4"
	good() { # the ten tests of an answer
		ask_chrony ntpdata >"$dir/ntpdata"
		grep -q ',111,111,1111,' "$dir/ntpdata"
	}
	until_ok 5 good
	report $? "chronyc: our answers pass all of its tests"
	[ "$bad" = 0 ] || sed 's/^/# /' "$dir/sources" "$dir/ntpdata"
	for address in 127.0.0.1 ::1; do
		until_ok 10 interleaves $address
		report $? "chronyd has interleaved answers from $address"
	done
else
	skip "chronyc: our server is selected" "chronyc does not run"
fi
show_log four
show_log six
done_testing
