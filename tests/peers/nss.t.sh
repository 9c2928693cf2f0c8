#!/bin/sh
# Modules that nsswitch.conf(5) may name: names are looked up with each of them
# loaded into ntp-resolve, and its sandbox kills it for none.
packages="libnss-mymachines libnss-resolve libnss-systemd libnss-myhostname
	libnss-mdns libnss-sss libnss-libvirt"
export packages
# shellcheck source=tests/peers/peers.sh
. "$(dirname "$0")/peers.sh"

[ "$PEERS_NETWORK" = own ] || skip_all "$PEERS_NO_NETWORK"
[ -z "$PEERS_NO_MOUNTS" ] || skip_all "$PEERS_NO_MOUNTS"
# The folder of our own C library: there may be others, of other machines.
folder=$(ldd "$BUILD/ntp-resolve" |
    sed -n 's/.* => \(\/.*\)\/libc\.so\.6 .*/\1/p')
[ -n "$folder" ] && folder=$(realpath "$folder") &&
    [ -e "$folder/libnss_files.so.2" ] ||
    skip_all "this C library has no modules"
# What was unpacked joins what is there, for us alone.
peers=$(realpath "$peers")
found=$folder
for unpacked in "$peers"/libnss-*/lib/"${folder##*/}" \
    "$peers"/libnss-*/usr/lib/"${folder##*/}"; do
	[ ! -d "$unpacked" ] || found=$unpacked:$found
done
# By mount(2): fsconfig(2), which mount(8) has from 2.39 on, takes no more than
# 255 octets of folders.
[ "$found" = "$folder" ] || LIBMOUNT_FORCE_MOUNT2=always \
    mount -t overlay modules -o "lowerdir=$found" "$folder" 2>/dev/null ||
    skip_all "no overlay of the folder of modules"

printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n' \
    >"$dir/resolv.conf"
printf '127.0.0.1 localhost\n127.0.0.9 here.test\n' >"$dir/hosts"
: >"$dir/nsswitch.conf"
chmod 644 "$dir/resolv.conf" "$dir/hosts" "$dir/nsswitch.conf"
for file in resolv.conf hosts nsswitch.conf; do
	mount --bind "$dir/$file" "/etc/$file" 2>/dev/null ||
	    skip_all "no mount of our own"
done
printf 'name.test 127.0.1.1\n' >"$dir/zone"
background dns "$tools/fakedns" 127.0.0.53 53 "$dir/zone"
until_ok 5 bound 53

# looked_up HOSTS MODULE ...: the modules that have to be in its memory.
looked_up() {
	hosts=$1
	shift
	echo "hosts: $hosts" >"$dir/nsswitch.conf"
	echo "server name.test port 9 poll 1s to 4s" | conf one
	start one
	until_ok 20 is one '.sources[0].address == "127.0.1.1"'
	report $? "hosts: $hosts"
	resolver=$(pid_of one ntp-resolve)
	for module; do
		grep -q "/libnss_$module\.so" "/proc/$resolver/maps"
		report $? "hosts: $hosts: $module was loaded"
	done
	is one '([.processes[].restarts] | add) == 0' &&
	    ! grep -q "system call filter" "$dir/one.log"
	report $? "hosts: $hosts: no program has ended"
	[ "$(status_of "$resolver" Seccomp)" = 2 ]
	report $? "hosts: $hosts: it is in its sandbox"
	show_log one
	kill "$pid"
	wait "$pid"
}
have() { # have MODULE: is it on this machine, or was it unpacked?
	[ -e "$folder/libnss_$1.so.2" ]
}
for module in mymachines resolve systemd myhostname mdns mdns4 mdns4_minimal \
    mdns6 sss; do
	if have $module; then
		looked_up "$module dns" $module
	else
		skip "hosts: $module dns" "there is no libnss_$module:$missing"
	fi
done
# As distributions have it, and with modules that nobody has.
if have mdns4_minimal && have resolve && have mymachines; then
	looked_up "mymachines mdns4_minimal [NOTFOUND=return] resolve \
[!UNAVAIL=return] files myhostname dns" mymachines mdns4_minimal resolve
else
	skip "several at once" "a module is missing:$missing"
fi
looked_up "files nosuchmodule dns"
# Its own libraries are in no package of these.
looked_up "files libvirt libvirt_guest dns"
looked_up "dns"
: >"$dir/nsswitch.conf"
looked_up "files dns"

# A service of this machine that answers, as systemd-resolved does: by a socket,
# what name servers do not know.
serves() {
	exec perl -MSocket -e '
	    my $path = "/run/systemd/resolve/io.systemd.Resolve";
	    socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	    bind($s, pack_sockaddr_un($path)) or die;
	    chmod 0666, $path;
	    listen($s, 5) or die;
	    while (accept(my $c, $s)) {
		my $ask = "";
		sysread($c, $ask, 4096, length $ask) or last
		    until $ask =~ /\0/;
		print $ask, "\n";
		syswrite $c, "{\"parameters\":{\"addresses\":[{\"ifindex\":1," .
		    "\"family\":2,\"address\":[127,0,1,1]}]," .
		    "\"name\":\"name.test\",\"flags\":1}}\0";
		sysread($c, $ask, 1);
	    }'
}
if have resolve; then
	echo "name.test 127.0.9.9" >"$dir/zone"
	mount -t tmpfs -o mode=755 run /run && mkdir -p /run/systemd/resolve
	serves >"$dir/service.out" &
	pids="$pids $!"
	until_ok 5 test -S /run/systemd/resolve/io.systemd.Resolve
	looked_up "files resolve [!UNAVAIL=return] dns" resolve
else
	skip "a service answers" "there is no libnss_resolve:$missing"
fi
done_testing
