#!/bin/sh
# The files that the virtual machine of tests/vm/run.sh needs for the attacks,
# as an archive to append: more.sh BUILD OUT.
set -eu
build=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../put.sh"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
cd "$root"
mkdir -p attack lib lib64 test usr/bin usr/lib
for program in net resolve serve observe; do
	put "$build/attack/hostile_$program" attack
	mv "attack/hostile_$program" "attack/ntp-$program"
done
for tool in hostile_user clockwatch outside; do
	put "$build/attack/$tool" usr/bin
done
cp "$here"/guest/*.sh test
find . -print0 | cpio --null --create --format=newc --quiet --owner=0:0 |
    gzip -1 >"$out"
