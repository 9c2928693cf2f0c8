#!/bin/sh
# Make a Debian 13 with what the build and its tests need, and on amd64 also
# the libraries, the compiler and the emulator for arm64: root.sh DIR.  It is
# made once, and kept in DIR/root.  On failure one line says why: exit status 1
# if a tool or the network is missing, 2 if a package is.
set -eu

dir=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
root=$dir/root
libraries="libc6-dev libseccomp-dev libcap-ng-dev libbsd-dev nettle-dev
	libjansson-dev libbpf-dev"
packages="$(sh "$here/tests/deps.sh" list build) binutils perl iproute2 jq
	libcap2-bin util-linux strace procps python3"
other=
if [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ]; then
	other=arm64
	packages="$packages gcc-aarch64-linux-gnu qemu-user
		$(printf '%s:arm64 ' $libraries)"
fi
cannot=1
no() {
	echo "no Debian 13 can be had: $*"
	exit $cannot
}

if [ -e "$dir/complete" ] && [ "$(cat "$dir/complete")" = "$packages" ]; then
	exit 0
fi
rm -f "$dir/complete"
PATH=$PATH:/usr/sbin:/sbin
command -v debootstrap >/dev/null || no "debootstrap is not installed"
if [ ! -e "$dir/base" ]; then
	rm -rf --one-file-system "$root"
	# In two steps: what is thrown away need not reach the disk, file by file.
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c '
		timeout 900 debootstrap --foreign --variant=minbase trixie "$1" &&
		    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io" &&
		    timeout 900 chroot "$1" /debootstrap/debootstrap --second-stage
	' sh "$root" >"$dir/log" 2>&1 </dev/null ||
	    no "debootstrap: $(grep -E '^(E|W):' "$dir/log" | tail -n 1)"
	touch "$dir/base"
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
# shellcheck disable=SC2016,SC2086
unshare -m --propagation private sh -c '
	root=$1
	other=$2
	shift 2
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit
	in_it() {
		chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		    DEBIAN_FRONTEND=noninteractive timeout 900 "$@" </dev/null
	}
	{ [ -z "$other" ] || in_it dpkg --add-architecture "$other"; } &&
	    in_it apt-get update -qq &&
	    in_it apt-get install -y -qq --no-install-recommends "$@" &&
	    in_it apt-get clean
' sh "$root" "$other" $packages >"$dir/log" 2>&1 || {
	grep -q 'Unable to locate package' "$dir/log" &&
	    ! grep -qE 'Temporary failure|Could not (connect|resolve)' "$dir/log" &&
	    cannot=2
	no "apt: $(grep '^E:' "$dir/log" | head -n 1)"
}
echo "$packages" >"$dir/complete"
