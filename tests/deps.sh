#!/bin/sh
# Install the missing Debian packages for building and testing.  "deps.sh
# build" is for building only, "deps.sh image" and "deps.sh fuzz" also for the
# image and for fuzzing, "deps.sh" for building and testing.  Asks for root
# only if something is missing.
set -eu

build="gcc make bison libc6-dev linux-libc-dev libseccomp-dev libcap-ng-dev
	libbsd-dev libjansson-dev libbpf-dev nettle-dev clang llvm"
# The house's format is that of clang-format 14, which Debian 12 has; from 13 on
# libraries with a time of 64 bits have another name.
t64=t64
format=
case $(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") in
"debian 12")
	t64=
	format=clang-format-14
	;;
esac
test="perl $format mandoc iproute2 jq libcap2-bin util-linux strace procps
	busybox-static cpio xz-utils qemu-system-x86 cppcheck shellcheck systemd libedit2 libgnutls30$t64
	libnettle8$t64 libcap2 libssl3$t64 debootstrap python3-kubernetes python3-yaml
	docker-compose umoci podman runc"
image="binutils python3 git ca-certificates libbpf1"
# These are downloaded by the tests and unpacked, not installed: apt must know
# of them.
unpacked="chrony ntpsec libnss-mymachines libnss-resolve libnss-systemd
	libnss-myhostname libnss-mdns libnss-sss libnss-libvirt
	apparmor runit s6 openrc linux-image-cloud-$(dpkg --print-architecture)"

# `list GROUP` only prints what the group is, `missing GROUP` what is not there.
only=
case ${1:-} in
list | missing)
	only=$1
	shift
	;;
esac
want=$build
case ${1:-all} in
build) ;;
image) want="$build $image" ;;
fuzz) want="$build libclang-rt-dev" ;;
*) want="$build $image $test" ;;
esac
[ "$only" != list ] || {
	# shellcheck disable=SC2086
	printf '%s\n' $want
	exit 0
}
# A line for each architecture that it is there for; another's is no use here.
machine=$(dpkg --print-architecture)
missing=
for p in $want; do
	# shellcheck disable=SC2016
	dpkg-query -W -f '${db:Status-Status} ${Architecture}\n' "$p" \
	    2>/dev/null | grep -Eqx "installed ($machine|all)" ||
	    missing="$missing $p"
done
[ "$only" != missing ] || {
	echo "$missing"
	exit 0
}
lists=
if [ "${1:-all}" = all ]; then
	for p in $unpacked; do
		apt-cache show "$p" >/dev/null 2>&1 || lists=missing
	done
fi
[ -n "$missing$lists" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		[ -n "$missing" ] || exit 0 # what needs the lists is skipped
		echo "please install these packages as root:$missing" >&2
		exit 1
	}
	root=sudo
fi
$root apt-get update -qq
[ -n "$missing" ] || exit 0
echo "installing:$missing"
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	--no-install-recommends $missing </dev/null
