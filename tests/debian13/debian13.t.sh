#!/bin/sh
# The same sources in a Debian 13: another compiler, another C library.  The
# programs are built there; the sandboxes, the programs and the units are
# tested; and all is compiled for arm64 and run in an emulator as far as it
# can.  The root is a mount of its own with its own processes, so that tests
# can use name spaces, and no process outlives it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/apart.sh
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
place=$(pwd)/build/debian13
why=$(no_mounts)
[ -z "$why" ] || skip_all "$why"
mkdir -p "$place"
exec 9>"$place/lock"
flock 9
why=$(sh tests/debian13/root.sh "$place")
case $? in
0) ;;
1) skip_all "$why" ;;
*)
	report 1 "a Debian 13: $why"
	done_testing
	;;
esac

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
		    mount -t tmpfs tmpfs tmp && mount -t tmpfs tmpfs run &&
		    pivot_root . mnt && umount -l /mnt && cd /src || exit 99
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		    SOURCE_DATE_EPOCH="$4" timeout "$2" sh -c "$3"
	' sh "$place/root" "$1" "$2" "$epoch" </dev/null 9>&-
}
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)

# built LOG SENTENCE COMMAND
built() {
	in_it 900 "$3" >"$place/$1.log" 2>&1 &&
	    ! grep 'warning:' "$place/$1.log"
	status=$?
	report $status "$2"
	[ $status = 0 ] || grep -v '^  [A-Z]* ' "$place/$1.log" | tail -n 20 |
	    sed 's/^/# /'
}
# passed LOG COMMAND: one line for each test there.
passed() {
	in_it 1500 "$2" >"$place/$1.log" 2>&1
	status=$?
	sed '/^Test Summary/,$d' "$place/$1.log" | awk '
		/^\[[0-9:]*\] \.\// {
			name = $2
			sub(/^\[[0-9:]*\] [^ ]* *\.\.+ */, "")
		}
		name == "" { next }
		/^ok +[0-9]+ ms/ || /^skipped:/ {
			print name, $0
			name = ""
		}
		/^Dubious|^Failed|^Parse|^No subtests/ {
			print name, "fails"
			name = ""
		}
	' >"$place/results"
	while read -r name result; do
		case $result in
		ok*) report 0 "$1: $name" ;;
		skipped:*) skip "$1: $name" "${result#skipped: }" ;;
		*) report 1 "$1: $name" ;;
		esac
	done <"$place/results"
	[ -s "$place/results" ] && [ $status = 0 ]
	status=$?
	report $status "$1: all of them pass"
	grep '# SKIP' "$place/$1.log" | sed "s/^/# $1: /"
	[ $status = 0 ] || {
		grep -A 5 '^not ok' "$place/$1.log"
		tail -n 40 "$place/$1.log"
	} | sed "s/^/# $1: /" >&2 # prove hides what is on standard output
}

# Its libraries are there for two architectures.
said=$(in_it 60 "sh tests/deps.sh missing build" 2>&1) && [ -z "$said" ]
report $? "nothing that it needs is said to be missing${said:+:$said}"
built build "it builds without a warning: $(in_it 60 "gcc --version" |
    head -n 1)" "make -j2 all"
built clang "and with $(in_it 60 "clang --version" | head -n 1)" \
    "make -j2 CC=clang BUILD=build/clang all"
passed "Debian 13" "make -j2 part"

# Another machine: what its compiler makes, and what an emulator can run of it.
arm64="CC=aarch64-linux-gnu-gcc BUILD=build/arm64"
if ! in_it 60 "command -v aarch64-linux-gnu-gcc" >/dev/null; then
	skip "arm64" "a compiler for it is taken on amd64 only"
	done_testing
fi
built arm64-build "it compiles for arm64 without a warning" \
    "make -j2 $arm64 all"
for program in $(programs | sed 's/ .*//'); do
	notes=$(in_it 60 "readelf -hn build/arm64/$program")
	echo "$notes" | grep -q 'Machine: *AArch64'
	report $? "arm64: $program is for that machine"
done
flags=$(in_it 60 "make -pn $arm64 all" | sed -n 's/^HARDEN := //p')
case $flags in
*-fcf-protection*) false ;;
*-mbranch-protection=standard*) ;;
*) false ;;
esac
report $? "arm64: the flags are those of the compiler's target"
in_it 60 'for f in ntpd ntp-clock; do
	readelf -n build/arm64/$f | grep -q "AArch64 feature: *BTI" || exit
	aarch64-linux-gnu-objdump -d build/arm64/$f | grep -qw paciasp || exit
done'
report $? "arm64: its branches and its returns are protected"

emulator=qemu-aarch64
# emulated STATUS SENTENCE COMMAND PATTERN: it ends so, and says so.
emulated() {
	said=$(in_it 60 "$emulator $3" 2>&1)
	[ $? = "$1" ] && echo "$said" | grep -q "$4"
	status=$?
	report $status "arm64, emulated: $2"
	[ $status = 0 ] || echo "$said" | sed 's/^/# /'
}
emulated 0 "ntpd -n" "build/arm64/ntpd -n -f ntpd/ntpd.conf" "configuration OK"
emulated 0 "ntpctl --help" "build/arm64/ntpctl --help" "^usage: ntpctl"
for program in $(children); do
	emulated 1 "$program loads, and is not started by hand" \
	    "build/arm64/$program" "is started by ntpd"
done
# What the programs do in their sandboxes cannot be seen there.
emulated 1 "where there is no seccomp(2), the daemon says so and ends" \
    "build/arm64/ntpd -d -x -c 'listen on 127.0.0.1 port 4123' \
	-c 'control socket \"/tmp/sock\"' -c 'state directory \"/tmp/state\"'" \
    "cannot confine ntpd: system call filter"
skip "arm64, emulated: the programs in their sandboxes" \
    "the emulator has no seccomp(2)"
passed "arm64, emulated" "make -j2 $arm64 EMULATOR=$emulator emulated"
scenario=tests/sim/scenarios/B1-cold-300ppm.sim
in_it 300 "$emulator build/arm64/sim -a -n 1 $scenario" >"$place/row" 2>&1 &&
    in_it 300 "make -s -j2 build/sim >/dev/null &&
	build/sim -a -n 1 $scenario" >"$place/same" 2>&1 &&
    cmp -s "$place/row" "$place/same"
status=$?
report $status "arm64, emulated: the simulator, with the same numbers as here"
[ $status = 0 ] || cat "$place/row" "$place/same" | sed 's/^/# /'
done_testing
