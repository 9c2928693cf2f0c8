#!/bin/sh
# Make the file system of a container: rootfs.sh BUILD DIR.  It holds our
# programs where `make install` puts them, the libraries that they are linked
# with, and the few files and folders that they look for; no shell.
set -eu

build=$1
root=$2
daemons="ntp-clock ntp-net ntp-resolve ntp-serve ntp-observe"
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/put.sh"

mkdir -p "$root"
chmod 755 "$root"
cd "$root"
mkdir -p dev etc proc run/ntpd sys tmp usr/bin usr/sbin usr/libexec/ntpd \
    var/lib/ntpd

put "$build/ntpd" usr/sbin
put "$build/ntpctl" usr/bin
for daemon in $daemons; do
	put "$build/$daemon" usr/libexec/ntpd
done
setcap cap_sys_time+p usr/libexec/ntpd/ntp-clock
cp "$here/ntpd/ntpd.conf" etc
echo 'hosts: files dns' >etc/nsswitch.conf
cat >etc/passwd <<'END'
root:x:0:0:root:/:/sbin/nologin
ntpd:x:65532:65532:an ordinary user:/:/sbin/nologin
END
cat >etc/group <<'END'
root:x:0:
ntpd:x:65532:
END
# Where ntpd writes: root, which may lack DAC_OVERRIDE, comes in by its group.
chown 65532:0 run/ntpd var/lib/ntpd
chmod 775 run/ntpd var/lib/ntpd
