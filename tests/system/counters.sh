#!/bin/sh
# ntpctl server and ntpctl clients: they count what was sent, and go on when a
# worker dies.
. "$(dirname "$0")/../lib.sh"

tools=$BUILD/tests
next_port
first_port=$port
next_port
write_conf() { # write_conf WORKERS PORT ...
	{
		echo "workers $1"
		shift
		for p in "$@"; do
			echo "listen on 127.0.0.1 port $p"
		done
		cat <<-END
		local stratum 3
		deny 127.0.3.1
		deny 127.0.3.2 answer
		rate limit 1 per 8s burst 16
		keys "$dir/many.keys"
		END
	} | conf many
}
ask() { # ask FROM PORT COUNT: sets answers, kisses
	# shellcheck disable=SC2046
	set -- $("$tools/asker" "$1" 127.0.0.1 "$2" "$3" 2>"$dir/asker.err" ||
	    echo none none)
	answers=$1 kisses=$2
}
datagram() { # datagram FIRST-OCTET LENGTH: to the first port, from 127.0.0.1
	bash -c "printf '\\x$1%0$(($2 - 1))d' 0 >/dev/udp/127.0.0.1/$first_port"
}
count() { # count EXPRESSION: of jq, about the counters
	ctl many -j server | jq -c "$1"
}
# holds EXPRESSION: nothing at all is never what was expected.
holds() {
	[ "$(count "$1")" = true ]
}
want() { # want EXPRESSION SENTENCE
	until_ok 3 holds "$1"
	status=$?
	report $status "$2"
	[ $status = 0 ] || count . | sed 's/^/# /'
}
sums='([.listening[].received] | add) == .received and
    ([.by_worker[].received] | add) == .received and
    .answered + .denied + .rate_limited + .ignored + .malformed == .received'

(umask 077 && echo "1 SHA1 secret" >"$dir/many.keys")
write_conf 3 "$first_port" "$port"
start many
ntpd=$pid
until_ok 10 holds '.workers == 3 and (.listening | length) == 2'
report $? "three workers, two addresses"
want '.received == 0 and .by_worker[2].received == 0' "nothing came yet"
[ "$(ctl many clients)" = "no clients yet" ]
report $? "and nobody"

# --- exactly what was sent ----------------------------------------------------

lost=0
for i in $(seq 20); do
	ask 127.0.0.$((i + 1)) "$first_port" 5
	[ "$answers" = 5 ] || lost=$((lost + 1))
done
[ $lost = 0 ]
report $? "twenty clients get five answers each"
want ".received == 100 and .answered == 100 and $sums" "these are counted"
[ "$(count '[.by_worker[] | select(.received > 0)] | length')" -ge 2 ]
report $? "by more than one worker"
ask 127.0.0.2 "$port" 3
want ".listening[0].answered == 100 and .listening[1].answered == 3 and $sums" \
    "each address has its own count"
ask 127.0.3.1 "$first_port" 7
want ".denied == 7 and .kisses == 0 and .answered == 103 and $sums" \
    "seven that are denied"
ask 127.0.3.2 "$first_port" 5
[ "$kisses" = 5 ]
report $? "five that are told so"
want ".denied == 12 and .kisses == 5 and $sums" "are denied too, and kisses"
ask 127.0.5.1 "$first_port" 200
[ "$answers" -ge 16 ] && [ "$answers" -lt 100 ]
report $? "of 200 at once, $answers are answered"
limited=$((200 - answers))
want ".rate_limited == $limited and .kisses == $((5 + kisses)) and
    .answered == $((103 + answers)) and $sums" "the others were limited"
for _ in 1 2 3; do
	datagram 23 47
	datagram 23 50
done
want ".malformed == 6 and $sums" "six that are malformed"
datagram 24 48 # a server's answer
datagram 3b 48 # version 7
datagram 26 48 # control
datagram 27 48 # private
want ".ignored == 4 and $sums" "four that are no requests of clients"
# A header and its MAC, the digest of key and header: right, and wrong.
header=$(printf '\\x23%047d' 0)
digest=$(bash -c "printf 'secret$header'" | sha1sum | cut -c 1-40 |
    sed 's/../\\x&/g')
bash -c "printf '$header\x00\x00\x00\x01$digest' \
    >/dev/udp/127.0.0.1/$first_port"
datagram 23 68
datagram 23 52 # as a crypto-NAK, which is never answered
want ".mac_answered == 1 and .mac_failed == 1 and .ignored == 5 and
    .answered == $((105 + answers)) and $sums" \
    "an answer with a MAC, one with a crypto-NAK, none to a crypto-NAK"
want ".received == 328 and .response_send_errors == 0 and .interleaved == 0 and
    .fast == null" \
    "328 in all, and no failure"
ctl many server >"$dir/server.txt"
# shellcheck disable=SC2046
set -- $(tail -3 "$dir/server.txt" | head -1) # the first worker
[ "$(grep -m 1 ^all "$dir/server.txt" | tr -s ' ' | cut -d ' ' -f 2)" = 328 ] &&
    [ "$(grep -c "^127.0.0.1:" "$dir/server.txt")" = 4 ] && [ $# = 7 ] &&
    ! LC_ALL=C.UTF-8 grep -q '.\{81\}' "$dir/server.txt"
report $? "the same in columns, which fit a terminal"

clients() { # clients EXPRESSION
	ctl many -j clients | jq -e "$1" >/dev/null
}
clients '.clients | length == 23'
report $? "23 clients: who is denied in silence and who sent no request is none"
clients ".clients[0] | .address == \"127.0.5.1\" and .requests == 200 and
    .dropped == $limited and .answered == 200 - $limited and
    .kisses == $kisses"
report $? "the one with the most requests is the first"
clients '.clients[1] | .address == "127.0.0.2" and .requests == 8 and
    .first_s >= .last_s and .last_s >= 0 and .first_s < 60 and
    .interval_s < 30'
report $? "one that asked at both addresses is one"
[ "$(ctl many clients | wc -l)" = 24 ]
report $? "the same in columns"

# --- workers come and go ------------------------------------------------------

before=$(count .)
workers() {
	ctl many -j status |
	    jq -r '.processes[] | select(.name == "ntp-serve" and .pid > 0).pid'
}
all_new() { # all_new OLD-PIDS
	[ "$(workers | wc -l)" = 3 ] && ! workers | grep -qxF "$1"
}
old=$(workers)
for p in $old; do
	kill -9 "$p"
done
[ "$(count .)" = "$before" ]
report $? "while the workers are dead, what they counted is there"
until_ok 5 all_new "$old"
report $? "they are replaced"
want ". == $before" "and have the same counters"
want "(.listening | length) == 2 and .workers == 3" "for the same addresses"
clients '.clients == []'
report $? "the clients are to be learned anew"
ask 127.0.0.2 "$first_port" 4
want ".received == 332 and .answered == $((109 + 200 - limited)) and $sums" \
    "and counting goes on"
clients '.clients | length == 1 and .[0].requests == 4'
report $? "one client came"
old=$(pid_of many ntp-observe)
kill -9 "$old"
until_ok 5 holds '.received == 332'
report $? "a new ntp-observe finds all of it"
write_conf 1 "$first_port"
kill -HUP "$ntpd"
until_ok 5 holds '.workers == 1 and (.listening | length) == 1'
report $? "a reload: one worker and one address are left"
write_conf 4 "$first_port" "$port"
kill -HUP "$ntpd"
until_ok 5 holds '.workers == 4 and (.listening | length) == 2'
report $? "and with four"
want ".received == 332 and .by_worker[3].received == 0 and $sums" \
    "those that were there before go on with their counters"

# --- what ntp-serve holds -----------------------------------------------------

wrong=0
for p in $(workers); do
	[ "$(awk '$2 ~ /w/ && $2 ~ /s/ {print $6}' "/proc/$p/maps")" = \
	    /memfd:ntp-counts ] || wrong=$((wrong + 1))
	! awk '$2 ~ /wx/' "/proc/$p/maps" | grep -q . || wrong=$((wrong + 1))
	! find "/proc/$p/fd" -type l -printf '%l\n' | grep -q memfd ||
	    wrong=$((wrong + 1))
done
if [ "$(id -u)" = 0 ]; then
	[ $wrong = 0 ]
	report $? "its counters are the only memory of others that it can write to"
	p=$(pid_of many ntp-observe)
	[ "$(awk '$2 ~ /s/ {print $2, $6}' "/proc/$p/maps")" = \
	    "r--s /memfd:ntp-clock" ]
	report $? "of others ntp-observe reads the page of ntp-clock's state alone"
	[ "$(find "/proc/$p/fd" -type l -printf '%f %l\n' |
	    grep memfd:ntp-counts | while read -r f _; do
		sed -n 's/^flags:.*\([0-9]\)$/\1/p' "/proc/$p/fdinfo/$f"
	done | sort -u)" = 0 ]
	report $? "and can only read the counters"
else
	skip "what ntp-serve can write to" "only root can look"
fi

# --- interleaved ones, and many ----------------------------------------------

next_port
conf open <<EOT
listen on 127.0.0.1 port $port
local stratum 3
workers 2
EOT
start open
until_ok 10 ctl open server
# shellcheck disable=SC2046
set -- $("$tools/load" -i -w 1 -s 1 127.0.0.1 "$port")
# The last may still be on its way.
received() { # received COUNT: what the server knows goes to interleaved.json
	ctl open -j server >"$dir/interleaved.json"
	jq -e ".received == $1" "$dir/interleaved.json"
}
until_ok 5 received "$1"
report $? "$1 requests, each counted once"
there=$(jq .interleaved "$dir/interleaved.json")
# An answer that came late is none for who asked.
[ "$3" -gt 0 ] && [ "$there" -ge "$3" ] && [ "$there" -lt "$1" ]
report $? "of these $there were answered in interleaved mode, $3 in time"
"$tools/asker" flood 127.0.0.1 "$port" 100000 >"$dir/flood.out"
begin_ms=$(($(date +%s%N) / 1000000))
ctl open -j clients | jq '.clients | length' >"$dir/many.out" &
lister=$!
pids="$pids $lister"
ctl open server >/dev/null
report $? "another command is answered while clients are listed"
wait $lister
took=$(($(date +%s%N) / 1000000 - begin_ms))
there=$(cat "$dir/many.out")
[ "$there" -ge 60000 ] && [ "$there" -le 131072 ]
report $? "of 100000 clients $there are known, in $took ms"
ctl open clients | tail -1 | grep -qx "and $((there - 50)) more"
report $? "in columns only the first fifty are shown"
# --- nobody is served -----------------------------------------------------------

conf plain <<EOT
server 127.0.0.1 port $port
EOT
start plain
until_ok 10 ctl plain status -j
for command in server clients; do
	ctl plain $command >"$dir/plain.out" 2>"$dir/plain.err"
	[ $? = 1 ] && [ ! -s "$dir/plain.out" ] &&
	    [ "$(wc -l <"$dir/plain.err")" = 1 ] &&
	    grep -q "listens on no address" "$dir/plain.err"
	report $? "$command without listen on: one line that says so"
	ctl plain -j $command >"$dir/plain.out" 2>"$dir/plain.err"
	[ $? = 1 ] && jq -e '.ok == false and (.message | contains("listen on"))' \
	    "$dir/plain.out" >/dev/null
	report $? "and in JSON"
done
[ -z "$(grep -v "killed by signal 9" "$dir/many.log" |
    grep -E "warning|error")" ]
report $? "nothing else was worth a warning"
show_log many
show_log open
show_log plain
done_testing
