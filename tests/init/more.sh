#!/bin/sh
# The files that the virtual machine of tests/vm/run.sh needs beyond its own,
# as an archive to append: more.sh BUILD OUT "sysvinit", with busybox's init,
# or "systemd", with this machine's, and the AppArmor profile.  Exit status 1,
# with a line that says why, if something is missing.
set -eu
build=$1
out=$2
what=$3
here=$(cd "$(dirname "$0")" && pwd)
packaging=$here/../../packaging

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
cd "$root"
mkdir -p etc sbin test usr/bin usr/sbin usr/lib

# put FILE...: to the same path there, with the libraries it is linked with.
put() {
	for file; do
		if [ ! -e "$file" ]; then
			echo "$file is missing"
			exit 1
		fi
		for needed in "$file" $(ldd "$file" 2>/dev/null |
		    sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'); do
			[ -e ".$needed" ] || {
				mkdir -p ".${needed%/*}"
				cp -L "$needed" ".$needed"
			}
		done
	done
}

init_files() {
	DESTDIR=$root PREFIX=/usr SYSCONFDIR=/etc LOCALSTATEDIR=/var \
	    LIBEXECDIR=/usr/libexec/ntpd \
	    sh "$packaging/install.sh" install "$1" >/dev/null
}

# The profile, compiled here, where the parser is.
apparmor() {
	why=$("$here/../peers/get.sh" "$build/init" apparmor) || {
		echo "$why"
		exit 1
	}
	tree=$build/init/apparmor
	: >"$root.conf"
	"$(find "$tree" -type f -name apparmor_parser)" -Q -K \
	    --config-file "$root.conf" \
	    -M "$tree/usr/share/apparmor-features/features" \
	    --base "$tree/etc/apparmor.d" -o test/profile \
	    "$packaging/apparmor/usr.sbin.ntpd" >/dev/null 2>&1 || {
		rm "$root.conf"
		echo "apparmor_parser cannot compile the profile"
		exit 1
	}
	rm "$root.conf"
}

# Process 1 is busybox's init, and the test is what it starts.
sysvinit_tree() {
	init_files sysvinit
	apparmor
	ln -s ../bin/busybox sbin/init
	echo '::sysinit:/init' >etc/inittab
}

systemd_tree() {
	init_files systemd
	apparmor
	put /lib/systemd/systemd /lib/systemd/systemd-journald /bin/systemctl \
	    /bin/journalctl /bin/systemd-sysusers /usr/bin/kill
	# From 255 on it starts everything by this one.
	[ ! -e /lib/systemd/systemd-executor ] || put /lib/systemd/systemd-executor
	# It is loaded when asked for, from where the others are.
	put "$(ldd "$build/ntpd" | sed -n \
	    's/.* => \(\/.*\)\/libc\.so\.6 .*/\1/p')/libbpf.so.1"
	mkdir -p lib/systemd/system etc/systemd/system/ntpd.service.d
	cp "$packaging/systemd/fast.conf" test
	for unit in /lib/systemd/system/*.target \
	    /lib/systemd/system/systemd-journald*; do
		cp -P "$unit" lib/systemd/system
	done
	for wants in sockets sysinit; do
		mkdir "lib/systemd/system/$wants.target.wants"
	done
	ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket \
	    lib/systemd/system/sockets.target.wants
	ln -s ../systemd-journald.service \
	    lib/systemd/system/sysinit.target.wants
	echo 0123456789abcdef0123456789abcdef >etc/machine-id
	: >etc/os-release
	cp "$here/guest/test.target" "$here/guest/test.service" \
	    etc/systemd/system
	cp "$here/guest/systemd-init" systemd-init
	chmod 755 systemd-init
}

"${what}_tree"
cp "$here/guest/$what.sh" test
find . -print0 | cpio --null --create --format=newc --quiet --owner=0:0 |
    gzip -1 >"$out"
