#!/bin/sh
# Make a Debian 13 with what the build and its tests need, and with the libraries
# and the compiler for arm64: root.sh DIR.  It is made once, and kept in DIR/root.
# Exit status 1, with a line that says why, where it cannot be had.
set -eu

dir=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
root=$dir/root
libraries="libc6-dev libseccomp-dev libcap-ng-dev libbsd-dev nettle-dev
	libjansson-dev libbpf-dev"
packages="$(sh "$here/tests/deps.sh" list build) binutils perl iproute2 jq
	libcap2-bin util-linux strace procps python3 gcc-aarch64-linux-gnu
	$(printf '%s:arm64 ' $libraries)"
no() {
	echo "no Debian 13 can be had: $*"
	exit 1
}

mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
if [ -e "$dir/complete" ] && [ "$(cat "$dir/complete")" = "$packages" ]; then
	exit 0
fi
rm -f "$dir/complete"
PATH=$PATH:/usr/sbin:/sbin
command -v debootstrap >/dev/null || no "debootstrap is not installed"
if [ ! -e "$dir/base" ]; then
	rm -rf --one-file-system "$root"
	timeout 900 debootstrap --variant=minbase trixie "$root" \
	    >"$dir/log" 2>&1 </dev/null ||
	    no "debootstrap: $(grep -E '^(E|W):' "$dir/log" | tail -n 1)"
	touch "$dir/base"
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
# shellcheck disable=SC2086
unshare -m --propagation private sh -c '
	root=$1
	shift
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit
	in_it() {
		chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		    DEBIAN_FRONTEND=noninteractive timeout 900 "$@" </dev/null
	}
	in_it dpkg --add-architecture arm64 && in_it apt-get update -qq &&
	    in_it apt-get install -y -qq --no-install-recommends "$@" &&
	    in_it apt-get clean
' sh "$root" $packages >"$dir/log" 2>&1 ||
    no "apt: $(grep '^E:' "$dir/log" | tail -n 1)"
echo "$packages" >"$dir/complete"
