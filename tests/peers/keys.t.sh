#!/bin/sh
# Symmetric keys: our client and server with Debian's chrony and ntpsec, each
# type of key in both directions, and answers whose MAC is missing or wrong.
packages="chrony ntpsec"
. "$(dirname "$0")/peers.sh"

# The same keys in the form of ntp.keys and in that of chrony.
umask 077
cat >"$dir/ntp.keys" <<'END'
# id type key
1 MD5 secret-of-md5
2 SHA1 secret-of-sha1      # up to 20 characters are the key itself
3 SHA256 7365637265742d6f662d736861323536
4 SHA512 secret-of-sha512
5 AES128CMAC 00112233445566778899aabbccddeeff
END
cat >"$dir/chrony.keys" <<'END'
1 MD5 ASCII:secret-of-md5
2 SHA1 ASCII:secret-of-sha1
3 SHA256 HEX:7365637265742d6f662d736861323536
4 SHA512 ASCII:secret-of-sha512
5 AES128 HEX:00112233445566778899aabbccddeeff
END
sed 's/^2 .*/2 SHA1 ASCII:another-one/; /^5/d' "$dir/chrony.keys" \
    >"$dir/other.keys"
umask 022
ids="1 2 3 4 5"

# Without keys, with other ones, and some that know no key.
next_port
keyed_port=$port
conf keyed <<END
listen on 127.0.0.1 port $port
local stratum 3
keys "$dir/ntp.keys"
END
start keyed
liar_server plain
plain_port=$port
liar_server nak length=52
nak_port=$port
liar_server tail length=68
tail_port=$port
liar_server longer length=72
longer_port=$port
conf refused <<END
keys "$dir/other.keys"
server 127.0.0.1 port $keyed_port key 2 poll 1s to 1s
server 127.0.0.1 port $plain_port key 1 poll 1s to 1s
server 127.0.0.1 port $nak_port key 1 poll 1s to 1s
server 127.0.0.1 port $tail_port key 3 poll 1s to 1s
server 127.0.0.1 port $longer_port key 4 poll 1s to 1s
END
start refused
next_port
{
	echo "keys \"$dir/chrony.keys\""
	echo "listen on 127.0.0.1 port $port"
	for id in $ids; do
		next_port
		conf "ours$id" <<END
keys "$dir/chrony.keys"
log level debug
server 127.0.0.1 port $keyed_port key $id poll 1s to 1s
END
		start "ours$id"
	done
} >/dev/null

for id in $ids; do
	soon 30 "ours$id" '.synchronized and (.sources[0] |
	    .auth == "mac" and .state == "selected")' \
	    "E-03 key $id: our client is in sync with our server"
	faultless "ours$id" "E-03 key $id"
done
soon 30 refused '[.sources[].rejected >= 2] | all' \
    "E-06 answers without the right MAC are rejected"
soon 5 refused '[.sources[].state == "unauthenticated"] | all' \
    "E-06 and their sources are unauthenticated"
soon 1 refused '.synchronized == false and ([.sources[].reach] | add) == 0' \
    "E-06 nothing is learned from them"
soon 1 refused '.sources[0].reason | test("crypto-NAK")' \
    "E-04 our server answers another key's MAC with a crypto-NAK"
soon 1 refused '.sources[1].reason | test("no MAC")' "A-03 no MAC"
soon 1 refused '.sources[2].reason | test("crypto-NAK")' \
    "A-04 a crypto-NAK ends nothing: it is asked on"
soon 1 refused '.sources[3].reason | test("another key")' "A-18 another key"
soon 1 refused '.sources[4].reason | test("another key")' "A-18 a longer one"
! grep -q 'secret-of\|another-one\|00112233' "$dir"/*.log "$dir"/*.out
report $? "no key is in a log"

# A reload with another key under the same ID.
sed 's/^5 .*/5 AES128CMAC ffeeddccbbaa99887766554433221100/' \
    "$dir/ntp.keys" >"$dir/new.keys"
cat "$dir/new.keys" >"$dir/ntp.keys"
kill -HUP "$(pid_of keyed ntpd)"
soon 30 ours5 '.sources[0].rejected >= 1' "a reload of the server's keys counts"
sed 's/^5 .*/5 AES128 HEX:ffeeddccbbaa99887766554433221100/' \
    "$dir/chrony.keys" >"$dir/new.keys"
cat "$dir/new.keys" >"$dir/chrony.keys"
before=$(ctl ours5 -j status | jq '.sources[0].received')
kill -HUP "$(pid_of ours5 ntpd)"
soon 30 ours5 ".sources[0] | .received > $before + 2 and .reach % 4 == 3" \
    "and one of the client's, which goes on with what it knows"
chmod 644 "$dir/chrony.keys"
kill -HUP "$(pid_of ours5 ntpd)"
until_ok 5 grep -q 'others than its owner have access' "$dir/ours5.log"
report $? "E-10 at a reload, too, a file that others can read is refused"
chmod 600 "$dir/chrony.keys"

# --- chrony -----------------------------------------------------------------

chronyd=$peers/chrony/usr/sbin/chronyd
chronyc=$peers/chrony/usr/bin/chronyc
user=$(id -un)
chrony() { # chrony NAME LINE ...
	chrony_name=$1
	shift
	mkdir -m 700 "$dir/$chrony_name"
	printf '%s\n' "$@" "cmdport 0" "pidfile $dir/$chrony_name/pid" \
	    "keyfile $dir/chrony.keys" \
	    "bindcmdaddress $dir/$chrony_name/socket" \
	    >"$dir/$chrony_name.conf"
	background "$chrony_name" without_clock "$chronyd" -d -x -U \
	    -u "$user" -f "$dir/$chrony_name.conf"
}
ask_chrony() {
	"$chronyc" -n -c -h "$dir/below/socket" "$@"
}
accepted() { # accepted ID: by the chronyd below, from 127.0.0.1ID
	ask_chrony ntpdata "127.0.0.1$1" >"$dir/ntpdata" 2>&1
	# ten tests of an answer, interleaved, authenticated
	grep -q ',111,111,1111,No,Yes,' "$dir/ntpdata"
}
if [ -e "$peers/chrony/.complete" ] && "$chronyd" -v >/dev/null 2>&1; then
	next_port
	above_port=$port
	chrony above "port $port" "local stratum 5" "allow all"
	next_port
	below_port=$port
	next_port
	many_port=$port
	{
		echo "keys \"$dir/ntp.keys\""
		echo "local stratum 4"
		for id in $ids; do
			echo "listen on 127.0.0.1$id port $port"
		done
	} | conf many
	start many
	set --
	for id in $ids; do
		set -- "$@" "server 127.0.0.1$id port $many_port key $id \
minpoll -1 maxpoll -1 iburst"
		conf "under$id" <<END
keys "$dir/ntp.keys"
log level debug
server 127.0.0.1 port $above_port key $id poll 1s to 1s
END
		start "under$id"
	done
	chrony below "port $below_port" "$@"
	for id in $ids; do
		soon 30 "under$id" '.synchronized and (.sources[0] |
		    .auth == "mac" and .version == 4)' \
		    "E-03 key $id: our client is in sync with chronyd"
		faultless "under$id" "E-03 key $id, chronyd"
	done
	if "$chronyc" -v >/dev/null 2>&1; then
		for id in $ids; do
			until_ok 30 accepted "$id"
			status=$?
			report $status "E-03 key $id: chronyd takes our answers"
			[ $status = 0 ] || sed 's/^/# /' "$dir/ntpdata"
		done
	else
		skip "chronyd takes our answers" "chronyc does not run"
	fi
else
	skip "keys with chrony" "chronyd is not there or does not run"
fi

# --- ntpsec, which knows no port but 123 ------------------------------------

ntpsec=$peers/ntpsec/usr/sbin/ntpd
in_other() {
	nsenter -t "$other" -n "$@"
}
apart() {
	[ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]
}
ntpsec() { # ntpsec NAME PREFIX LINE ...
	ntpsec_name=$1
	prefix=$2
	shift 2
	mkdir "$dir/$ntpsec_name.stats"
	printf '%s\n' "disable ntp" "restrict default" \
	    "unrestrict default limited" \
	    "keys $dir/ntp.keys" "trustedkey 1 2 3 4 5" \
	    "statsdir $dir/$ntpsec_name.stats/" \
	    "filegen peerstats file peers type none enable" "$@" \
	    >"$dir/$ntpsec_name.conf"
	# shellcheck disable=SC2086
	background "$ntpsec_name" without_clock $prefix "$ntpsec" -n \
	    -c "$dir/$ntpsec_name.conf" -p "$dir/$ntpsec_name.pid" \
	    -f "$dir/$ntpsec_name.drift"
}
# authentic ID: in peerstats a status of f says configured, to be authenticated,
# authentic, and reachable.
authentic() {
	awk -v a="192.0.2.1$1" '$3 == a && $4 ~ /^f/ { n++ }
	    END { exit n == 0 }' "$dir/client.stats/peers"
}
with_ntpsec() {
	unshare -n sleep 300 &
	other=$!
	pids="$pids $other"
	until_ok 5 apart
	ip link add ours type veth peer name theirs netns $other &&
	    ip link set ours up && in_other ip link set lo up &&
	    in_other ip address add 192.0.2.2/24 dev theirs &&
	    in_other ip link set theirs up || return 1
	set --
	{
		echo "keys \"$dir/ntp.keys\""
		echo "local stratum 4"
		for id in $ids; do
			ip address add "192.0.2.1$id/24" dev ours
			echo "listen on 192.0.2.1$id port 123"
		done
	} | conf wide
	for id in $ids; do
		set -- "$@" \
		    "server 192.0.2.1$id key $id iburst minpoll 0 maxpoll 0"
	done
	start wide
	ntpsec client "nsenter -t $other -n" "$@"
	ntpsec upstream "" "tos orphan 7 orphanwait 1" "interface ignore all" \
	    "interface ignore wildcard" "interface listen lo"
	for id in $ids; do
		conf "below$id" <<END
keys "$dir/ntp.keys"
server 127.0.0.1 key $id poll 1s to 1s
END
		start "below$id"
	done
}
if [ "$PEERS_NETWORK" = own ] && [ -e "$peers/ntpsec/.complete" ] &&
    "$ntpsec" --version >/dev/null 2>&1 && with_ntpsec; then
	for id in $ids; do
		soon 30 "below$id" '.synchronized and (.sources[0] |
		    .auth == "mac" and .state == "selected")' \
		    "E-03 key $id: our client is in sync with ntpsec"
	done
	for id in $ids; do
		until_ok 30 authentic "$id"
		report $? "E-03 key $id: our answers are authentic to ntpsec"
	done
	[ "$bad" = 0 ] || tail -n 20 "$dir/client.stats/peers" \
	    "$dir/upstream.log" | sed 's/^/# /'
else
	skip "keys with ntpsec" "it or a network of its own is not to be had"
fi
show_log keyed
show_log ours5
done_testing
