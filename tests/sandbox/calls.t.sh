#!/bin/sh
# The system calls that each program makes after its filter is on, with real
# traffic: names, keys, a recording, the fast path, every command, a reload, a
# change of the resolver's files, deaths, the end.  A call that a profile
# allows but no program was seen to use must have "unseen:" and a reason in its
# comment.
# shellcheck source=tests/peers/peers.sh
. "$(dirname "$0")/../peers/peers.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)

command -v strace >/dev/null || skip_all "there is no strace"
[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
[ -z "$PEERS_NO_MOUNTS" ] || skip_all "$PEERS_NO_MOUNTS"

# An /etc of our own, whose files can be replaced.
mkdir "$dir/etc"
for f in passwd group ld.so.cache host.conf gai.conf; do
	[ ! -e /etc/$f ] || cp /etc/$f "$dir/etc"
done
echo "hosts: files dns" >"$dir/etc/nsswitch.conf"
echo "127.0.0.1 hosts.test" >"$dir/etc/hosts"
printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n' \
    >"$dir/etc/resolv.conf"
chmod -R a+rX "$dir/etc"
mount --bind "$dir/etc" /etc 2>/dev/null || skip_all "no mount of our own"
ip address add 2001:db8::1/128 dev lo
{
	echo "dual.test 127.0.0.1 2001:db8::1"
	# shellcheck disable=SC2046
	echo long.test $(seq -f 127.0.4.%g 1 28)
} >"$dir/zone"
background dns "$tools/fakedns" 127.0.0.53 53 "$dir/zone"

(umask 077 && echo "5 AES128 00112233445566778899aabbccddeeff" >"$dir/keys")
next_port
upstream_port=$port
conf upstream <<END
listen on 127.0.0.1 port $port
listen on 2001:db8::1 port $port
local stratum 3
keys "$dir/keys"
END
start upstream
next_port
sed "s/UPSTREAM/$upstream_port/; s/PORT/$port/" >"$dir/few" <<END
keys "$dir/keys"
server hosts.test port UPSTREAM key 5 poll 1s to 1s
server dual.test port UPSTREAM interleaved poll 1s to 1s
pool long.test port UPSTREAM count 2 poll 1s to 1s
server 2001:db8::1 port UPSTREAM poll 1s to 1s
record "$dir/record" size 1M
listen on * port PORT
listen on lo fast
rate limit 1 per 1s burst 4
deny 127.0.9.0/24
END
{
	cat "$dir/few"
	echo "workers 1"
} | conf client
strace -f -qq -s 64 -o "$dir/trace" "$BUILD/ntpd" -d -x \
    -f "$dir/client.conf" 2>"$dir/client.log" >/dev/null &
strace=$!
pids="$pids $strace"
until_ok 90 is client .synchronized
report $? "all programs work under strace"
ntpd=$(pid_of client ntpd)

ask_all() { # every command, and some clients
	for c in status sources clock log server clients; do
		ctl client $c
		ctl client -j $c
	done
	for a in 127.0.0.1 2001:db8::1; do
		"$tools/probe" $a $port show
	done
}
ask_all >"$dir/asked" 2>&1
{
	cat "$dir/few"
	echo "listen on 127.0.0.1 port $upstream_port"
} | conf client
ctl client reload >"$dir/reload" 2>&1
grep -q "in use" "$dir/client.log"
report $? "a reload that fails, with as many workers as processors"
{
	cat "$dir/few"
	echo "workers 3"
} | conf client
ctl client reload >"$dir/reload" 2>&1
report $? "one that adds a worker"
echo n | ctl client sync >"$dir/sync" 2>&1

# The resolver's files change, and long.test is looked up again.
sed 's/ attempts:1//' "$dir/etc/resolv.conf" >"$dir/etc/new"
mv "$dir/etc/new" "$dir/etc/resolv.conf"
sleep 2

back() { # back PROCESS OLD-PID
	now=$(pid_of client "$1" | head -n 1)
	[ -n "$now" ] && [ "$now" != 0 ] && [ "$now" != "$2" ]
}
for p in ntp-clock ntp-net ntp-resolve ntp-serve ntp-observe; do
	old=$(pid_of client $p | head -n 1)
	[ "${old:-0}" != 0 ] && kill -9 "$old"
	until_ok 30 back $p "$old" || report 1 "$p is back"
done
until_ok 90 is client .synchronized
report $? "they work again after the death of each"
ask_all >"$dir/asked" 2>&1
kill -USR1 "$ntpd"
kill -HUP "$ntpd"
sleep 1
kill -TERM "$ntpd"
wait "$strace"

python3 "$here/tests/sandbox/calls.py" "$dir/trace" "$here" ${V:+-v} >"$dir/found"
report $? "each row that nobody was seen to use says why it is there"
sed 's/^/# /' "$dir/found"
show_log client
done_testing
