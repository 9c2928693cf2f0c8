#!/bin/sh
# Make the file system of the test's virtual machine: initramfs.sh BUILD KERNEL
# OUT.  It holds a static busybox, our programs where `make install` puts them,
# the libraries that they and a few tools need, the modules of the network
# card, and the scripts of tests/vm/guest.  Exit status 1, with a line that
# says why, if something is missing.
set -eu

build=$1
kernel=$2
out=$3
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../put.sh"
daemons="ntp-clock ntp-net ntp-resolve ntp-serve ntp-observe"
tools="jq setcap getpcaps setpriv"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
cd "$root"
mkdir -p bin dev etc lib lib64 modules proc run sys tmp test \
    usr/bin usr/sbin usr/lib usr/libexec/ntpd var/lib

busybox=$(command -v busybox || true)
if [ -z "$busybox" ] || ldd "$busybox" >/dev/null 2>&1; then
	echo "no static busybox (package busybox-static)"
	exit 1
fi
cp "$busybox" bin/busybox
ln -s busybox bin/sh

put "$build/ntpd" usr/sbin
put "$build/ntpctl" usr/bin
for daemon in $daemons; do
	put "$build/$daemon" usr/libexec/ntpd
done
put "$build/tests/ntpask" usr/bin
put "$build/tests/liar_server" usr/bin
put "$build/tests/sandbox/sandbox.t" usr/bin
put "$build/tests/sandbox/arguments.t" usr/bin
for tool in $tools; do
	path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool" || true)
	put "${path:-$tool}" usr/bin
done

runc=$(PATH=$PATH:/usr/sbin:/sbin command -v runc || true)
[ -z "$runc" ] || put "$runc" usr/bin

cp "$kernel"/modules/* modules
cp "$here"/guest/* test
mv test/init init
chmod 755 init
cat >etc/passwd <<'END'
root:x:0:0:root:/:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
anna:x:1000:1000:an ordinary user:/:/bin/sh
END
cat >etc/group <<'END'
root:x:0:
nogroup:x:65534:
anna:x:1000:
END
echo 'hosts: files' >etc/nsswitch.conf
echo '127.0.0.1 localhost' >etc/hosts
echo '10.0.2.2 host' >>etc/hosts
: >etc/resolv.conf

find . -print0 | cpio --null --create --format=newc --quiet --owner=0:0 |
    gzip -1 >"$out"
