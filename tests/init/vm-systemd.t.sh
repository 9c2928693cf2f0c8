#!/bin/sh
# A virtual machine run by systemd: tests/init/guest/systemd.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(realpath "${BUILD:-$here/../../build}")
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' INT TERM

why=$("$here/more.sh" "$BUILD" "$temp/more" systemd) || {
	echo "1..0 # SKIP $why"
	exit 0
}
BUILD=$BUILD VM_NAME=systemd. VM_MORE=$temp/more VM_MEMORY=512 \
    VM_APPEND=rdinit=/systemd-init "$here/../vm/run.sh" systemd
