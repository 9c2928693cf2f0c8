#!/bin/sh
# The same sources in a Debian 13: another compiler, another C library.  They are
# built there, the sandboxes, the programs and the units are tested there, and
# all is compiled for arm64.  The root is a mount of its own, with processes of
# its own, so that what needs name spaces can be tested, and nothing outlives it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/apart.sh
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
here=$(pwd)
place=$here/build/debian13
why=$(no_mounts)
[ -z "$why" ] || skip_all "$why"
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
    skip_all "what is compiled here for another machine is made on amd64"
why=$(sh tests/debian13/root.sh "$place") || skip_all "$why"

# The sources as they are here; what has not changed is not compiled again.
rm -rf "$place/new"
mkdir -p "$place/new" "$place/root/src"
find . -mindepth 1 -maxdepth 1 ! -name build ! -name .git \
    -exec cp -a {} "$place/new" \;
(cd "$place/new" && find . -type f -o -type l) | sort >"$place/files"
if [ -e "$place/root/src/.files" ]; then
	comm -13 "$place/files" "$place/root/src/.files" |
	    (cd "$place/root/src" && xargs -r rm -f)
fi
cp -au "$place/new/." "$place/root/src" && cp "$place/files" \
    "$place/root/src/.files"
report $? "a copy of the sources"
rm -rf "$place/new"

# in_it SECONDS COMMAND: by a shell in /src there.
in_it() {
	unshare -mpf --kill-child --propagation private sh -c '
		mount --bind "$1" "$1" && cd "$1" && mount -t proc proc proc &&
		    mount -t sysfs sysfs sys && mount --rbind /dev dev &&
		    { mountpoint -q dev/shm || mount -t tmpfs tmpfs dev/shm; } &&
		    mount --rbind /sys/fs/cgroup sys/fs/cgroup &&
		    pivot_root . mnt && umount -l /mnt && cd /src || exit 99
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		    SOURCE_DATE_EPOCH="$4" timeout "$2" sh -c "$3"
	' sh "$place/root" "$1" "$2" "$epoch" </dev/null
}
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)

in_it 900 "make -j2 all" >"$place/build.log" 2>&1
status=$?
report $status "it builds without a warning: $(in_it 60 "gcc --version" |
    head -n 1), $(in_it 60 "clang --version" | head -n 1)"
[ $status = 0 ] || tail -n 20 "$place/build.log" | sed 's/^/# /'
in_it 900 "make -j2 CC=clang BUILD=build/clang all" >"$place/clang.log" 2>&1
status=$?
report $status "and with that clang"
[ $status = 0 ] || tail -n 20 "$place/clang.log" | sed 's/^/# /'

# One line for each test there.
in_it 1500 "make -j2 part" >"$place/part.log" 2>&1
status=$?
sed -n 's/^\[[0-9:]*\] \(\.\/[^ ]*\) \.\.* *\(.*\)$/\1 \2/p' "$place/part.log" \
    >"$place/results"
while read -r name result; do
	case $result in
	ok*) report 0 "there: $name" ;;
	skipped:*) skip "there: $name" "${result#skipped: }" ;;
	*) report 1 "there: $name: $result" ;;
	esac
done <"$place/results"
report $status "all of them pass"
[ $status = 0 ] || sed -n '/^#\|^Test Summary/,$p' "$place/part.log" |
    tail -n 60 | sed 's/^/# /'
grep '# SKIP' "$place/part.log" | sed 's/^/# there: /'

# Another machine.
in_it 900 "make -j2 CC=aarch64-linux-gnu-gcc BUILD=build/arm64 all" \
    >"$place/arm64.log" 2>&1
status=$?
report $status "it compiles for arm64 without a warning"
[ $status = 0 ] || tail -n 20 "$place/arm64.log" | sed 's/^/# /'
for program in ntpd ntp-clock ntp-net ntp-resolve ntp-serve ntp-observe ntpctl; do
	readelf -h "$place/root/src/build/arm64/$program" 2>/dev/null |
	    grep -q 'Machine: *AArch64'
	report $? "arm64: $program is for that machine"
done
readelf -n "$place/root/src/build/arm64/ntp-clock" 2>/dev/null |
    grep -q 'AArch64 feature.*BTI'
report $? "arm64: its branches are protected as the compiler's target has it"
skip "arm64: the programs run" \
    "an emulator of user programs has no seccomp: not tried"
done_testing
