#!/bin/sh
# make image, in two clones at two paths, gives the same bytes.  The image's
# content is in its bill of materials, and runs.  The clones include what is
# not committed here, and the second has another environment.
set -u
. "$(dirname "$0")/../container/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
git rev-parse -q --verify HEAD >/dev/null 2>&1 || skip_all "not a git clone"
[ -z "$(sh tests/deps.sh missing image)" ] ||
    skip_all "packages are missing: sh tests/deps.sh image"

# clone FOLDER: the sources as they are here, but for files git does not know.
clone() {
	git clone -q --no-hardlinks "$root" "$1" 2>"$dir/clone.log" &&
	    git diff --binary HEAD >"$dir/diff" &&
	    { [ ! -s "$dir/diff" ] || git -C "$1" apply "$dir/diff"; }
	report $? "a clone at $1"
}
# image FOLDER [SETTING=VALUE ...]: make image there, and nothing else.
image() {
	image_folder=$1
	shift
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD "$@" timeout 900 \
	    make -C "$image_folder" -j2 image >"$dir/make.log" 2>&1
	image_status=$?
	report $image_status "make image there"
	[ $image_status = 0 ] || tail -20 "$dir/make.log" | sed 's/^/# /'
}
# sums FOLDER: the hash of every file of the image that was made there.
sums() {
	(cd "$1/build/image" && find . -path ./programs -prune -o -type f \
	    -print0 | sort -z | xargs -0 sha256sum)
}

one=$dir/one
two=$dir/a/longer/path
clone "$one"
image "$one"
clone "$two"
umask 077
image "$two" CFLAGS=-O0 LDFLAGS=-s TZ=Asia/Tokyo LC_ALL=C.UTF-8
umask 022
sums "$one" >"$dir/one.sums"
sums "$two" >"$dir/two.sums"
[ "$(wc -l <"$dir/one.sums")" -ge 8 ] && cmp -s "$dir/one.sums" "$dir/two.sums"
same=$?
report $same "the two are the same, byte for byte"
[ $same = 0 ] || diff "$dir/one.sums" "$dir/two.sums" | sed 's/^/# /'

made=$one/build/image
library=$(sed -n 's/^#define LIBRARY "\(.*\)"/\1/p' ntpd/fast/bpflib.c)
/usr/bin/python3 -B tests/image/check.py "$made" "$(git rev-parse HEAD)" \
    "$library" >"$dir/checks" 2>"$dir/checks.err"
report $? "all of it can be looked at"
sed 's/^/# /' "$dir/checks.err"
while read -r status sentence; do
	if [ "$status" = "#" ]; then
		echo "# $sentence"
	else
		report "$status" "$sentence"
	fi
done <"$dir/checks"

# What others make of it.  Only root may unpack a file capability.
tag=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' \
    "$made/index.json")
rootless=
[ "$(id -u)" = 0 ] || rootless=--rootless
if command -v umoci >/dev/null; then
	umoci unpack $rootless --image "$made:$tag" "$dir/bundle" \
	    >"$dir/umoci.log" 2>&1
	report $? "umoci unpacks the layout"
else
	skip "umoci unpacks the layout" "umoci is not installed"
fi
inside=$dir/bundle/rootfs
# in_it WANT COMMAND ...: it prints that, in the image alone.
in_it() {
	in_it_want=$1
	shift
	said=$(chroot "$inside" "$@" 2>&1)
	case $said in
	"$in_it_want"*) report 0 "in the image, $*" ;;
	*)
		report 1 "in the image, $*"
		printf '%s\n' "$said" | sed 's/^/# /'
		;;
	esac
}
if [ "$(id -u)" = 0 ] && [ -d "$inside" ]; then
	[ "$(getcap -r "$inside")" = \
	    "$inside/usr/libexec/ntpd/ntp-clock cap_sys_time=p" ]
	report $? "unpacked, ntp-clock has cap_sys_time+p, no other file has any"
	in_it "configuration OK" /usr/sbin/ntpd -n
	in_it "ntpd $tag" /usr/sbin/ntpd --version
	in_it "ntpctl $tag" /usr/bin/ntpctl --version
	in_it "configuration OK" /usr/bin/ntp-ctl validate
	in_it "ntp-daemon $tag" /usr/local/bin/ntp-daemon --version
	in_it "ntp-metrics-exporter: no metrics" /usr/bin/ntp-metrics-exporter
	loader=$(cd "$inside" && ls lib*/ld-linux*)
	for file in "$inside"/usr/libexec/ntpd/* "$inside"/usr/lib/*/$library; do
		file=${file#"$inside"}
		said=$(chroot "$inside" "/$loader" --list "$file" 2>&1)
		report $? "in the image, ${file##*/} finds its libraries"
	done
else
	skip "the programs run in the image" "needs root and umoci"
fi
if [ -z "$(missing)" ]; then
	podman load -q -i "$made/ntpd-$tag.tar" >"$dir/podman.log" 2>&1
	report $? "podman loads the archive"
	id=$(tar xOf "$made/ntpd-$tag.tar" manifest.json | jq -r '.[0].Config')
	said=$(podman inspect "ntpd:$tag" |
	    jq -r '.[0] | .Id, .Healthcheck.Test[1], .Config.Entrypoint[0]')
	[ "$said" = "${id##*/}
/usr/bin/ntpctl
/usr/sbin/ntpd" ]
	report $? "... with its ID, health check and entry point"
	image=ntpd:$tag
	. "$(dirname "$0")/ways.sh"
	. "$(dirname "$0")/manifests.sh"
else
	skip "podman runs the image" "needs $(missing | tr '\n' ' ')"
fi
done_testing
