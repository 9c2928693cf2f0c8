#!/bin/sh
# A virtual machine run by busybox's init and the sysvinit script, with
# AppArmor: tests/init/guest/sysvinit.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(realpath "${BUILD:-$here/../../build}")
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' INT TERM

why=$("$here/more.sh" "$BUILD" "$temp/more" sysvinit) || {
	echo "1..0 # SKIP $why"
	exit 0
}
BUILD=$BUILD VM_NAME=sysvinit. VM_MORE=$temp/more VM_MEMORY=320 \
    VM_APPEND=rdinit=/sbin/init "$here/../vm/run.sh" sysvinit
