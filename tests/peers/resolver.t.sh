#!/bin/sh
# The resolver's files are replaced, linked elsewhere, created later, edited:
# names are looked up by the new ones, and no other file of /etc can be read.
# shellcheck source=tests/peers/peers.sh
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
[ -z "$PEERS_NO_MOUNTS" ] || skip_all "$PEERS_NO_MOUNTS"
mkdir "$dir/etc" "$dir/elsewhere" "$dir/later"
cp /etc/passwd /etc/group /etc/ld.so.cache "$dir/etc"
echo "hosts: files dns" >"$dir/etc/nsswitch.conf"
chmod -R a+rX "$dir/etc" "$dir/elsewhere" "$dir/later"
mount --bind "$dir/etc" /etc 2>/dev/null || skip_all "no mount of our own"

resolv() { # resolv FILE ADDRESS: as resolvconf and others do it
	printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$2" >"$1.new"
	mv "$1.new" "$1"
}
# Three name servers, each of which knows one name.
for i in 1 2 3; do
	echo "name$i.test 127.0.1.$i" >"$dir/zone$i"
	background dns$i "$tools/fakedns" 127.0.0.5$i 53 "$dir/zone$i"
done
next_port
for i in 1 2 3 4; do
	background server$i "$tools/liar_server" 127.0.1.$i $port
done
for i in 1 2 3 4; do
	echo "server name$i.test port $port poll 1s to 1s"
done | conf client
resolv /etc/resolv.conf 127.0.0.51
start client
known() { # known N: the address of nameN.test has been found
	is client "[.sources[] | select(.name == \"name$1.test\")][0].address ==
	    \"127.0.1.$1\""
}
unhurt() { # no program has ended as after a failure
	is client '([.processes[].restarts] | add) == 0'
}
until_ok 15 known 1
report $? "a name is looked up"
first=$(pid_of client ntp-resolve)
sleep 11 # for what comes sooner, ntpd waits a little longer each time

resolv /etc/resolv.conf 127.0.0.52
until_ok 20 known 2
report $? "another resolv.conf takes its place: another name server is asked"
second=$(pid_of client ntp-resolve)
[ "$first" != "$second" ] && unhurt
report $? "by a new ntp-resolve, whose start counts as no failure"
grep -q "ntp-resolve info: the resolver's files have changed" "$dir/client.log"
report $? "and the log says so"
! grep -q 'ntpd warning' "$dir/client.log"
report $? "without a warning"

# A link, as resolvconf, NetworkManager and others set it, to nothing yet.
ln -s "$dir/later/resolv.conf" /etc/resolv.conf.new
mv /etc/resolv.conf.new /etc/resolv.conf
sleep 2
echo "127.0.1.4 name4.test" >/etc/hosts
chmod 644 /etc/hosts
resolv "$dir/later/resolv.conf" 127.0.0.53
until_ok 20 known 3
report $? "a link to a file that is made later, in a folder of its own"
until_ok 20 known 4
report $? "a new /etc/hosts"
resolver=$(pid_of client ntp-resolve)
[ "$(status_of "$resolver" Seccomp)" = 2 ]
report $? "each time in a sandbox"
show_log client
done_testing
