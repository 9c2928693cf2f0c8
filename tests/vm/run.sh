#!/bin/bash
# The programs on a clock of their own: boots Debian's kernel in virtual
# machines, with Debian's chronyd on this machine as their server, and reports
# what the scenarios in tests/vm/guest print.  TAP on standard output, and the
# machines' output after a failure; all of it stays in $BUILD/vm/console.N.  It
# needs no root and no /dev/kvm, and touches neither the clock nor the network
# of this machine.  "run.sh SCENARIO..." boots one machine with only those;
# VM_MORE is an archive of more files for it, VM_MEMORY its size in MiB,
# VM_APPEND more for the kernel's command line, VM_OPTIONS more options for
# qemu, VM_LIMIT its time in seconds, and VM_NAME distinguishes its console's
# file from others.
# seconds, and VM_NAME tells its console's file from others.
set -u

here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(realpath "${BUILD:-$here/../../build}")
vm=$BUILD/vm
limit=${VM_LIMIT:-600} # seconds, of each machine
machines=("root,orphans,options,lock" "kills,limits,users" "boot,container,pause,beyond")
[ $# -eq 0 ] || machines=("$(IFS=, && echo "$*")")

temp=$(mktemp -d)
pids=()
finish()
{
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$temp"
}
trap finish EXIT
trap 'exit 1' INT TERM

skip()
{
	echo "1..0 # SKIP $*"
	exit 0
}

# A chronyd that serves this machine's time on loopback and never sets it.
start_server()
{
	local user=()

	[ "$(id -u)" -eq 0 ] || user=(-U)
	for try in 1 2 3 4 5; do
		port=$((20000 + (RANDOM + try) % 20000))
		cat >"$temp/chrony.conf" <<END
port $port
bindaddress 127.0.0.1
local stratum 5
allow all
cmdport 0
bindcmdaddress /
pidfile $temp/chrony.pid
driftfile $temp/chrony.drift
keyfile $temp/chrony.keys
END
		echo "1 SHA256 HEX:7365637265742d6f662d736861323536" \
		    >"$temp/chrony.keys" # as tests/vm/guest/pause.sh has it
		"$BUILD/peers/chrony/usr/sbin/chronyd" -x -d "${user[@]}" \
		    -u "$(id -un)" -f "$temp/chrony.conf" \
		    >"$temp/chrony.log" 2>&1 &
		pids+=($!)
		sleep 0.5
		kill -0 $! 2>/dev/null &&
		    "$BUILD/tests/ntpask" -n 2 127.0.0.1 "$port" >"$temp/ask" &&
		    return 0
		kill $! 2>/dev/null
	done
	return 1
}

# boot NUMBER SCENARIOS: a machine, in the background.  That of the scenario
# "boot" has a clock that begins in 1970.
# shellcheck disable=SC2086 # VM_OPTIONS are words
boot()
{
	local clock=()

	[[ ,$2, != *,boot,* ]] || clock=(-rtc base=1970-01-01)
	mkfifo "$temp/monitor.$1.in" "$temp/monitor.$1.out"
	timeout "$limit" qemu-system-x86_64 -machine q35 -accel tcg \
	    -cpu max -m "${VM_MEMORY:-320}" "${clock[@]}" -nographic -no-reboot -nodefaults \
	    -serial "file:$temp/console.$1" \
	    -chardev "pipe,id=monitor,path=$temp/monitor.$1" -mon monitor \
	    -kernel "$vm/kernel/vmlinuz" -initrd "$temp/initramfs" \
	    -netdev user,id=net,restrict=off ${VM_OPTIONS:-} \
	    -device virtio-net-pci,netdev=net,romfile= \
	    -append "console=ttyS0 quiet panic=-1 ntpd-vm-test port=$port run=$2 ${VM_APPEND:-}" \
	    >"$temp/qemu.$1" 2>&1 &
	machine=$!
	pids+=("$machine")
	pause_when_asked "$1" &
	pids+=("$!")
}

# The machine stands still for 15 s where its scenario says so.
pause_when_asked()
{
	exec 8>"$temp/monitor.$1.in" 9<"$temp/monitor.$1.out"
	until grep -q '@@ # pause: now' "$temp/console.$1" 2>/dev/null; do
		sleep 0.5
	done
	echo stop >&8
	sleep 15
	echo cont >&8
}

[ "$(uname -m)" = x86_64 ] || skip "this is not x86_64"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
command -v cpio >/dev/null || skip "no cpio"
mkdir -p "$vm"
why=$("$here/kernel.sh" "$vm") || skip "$why"
why=$("$here/../peers/get.sh" "$BUILD/peers" chrony) || skip "$why"

why=$("$here/initramfs.sh" "$BUILD" "$vm/kernel" "$temp/initramfs") || {
	echo "1..1"
	echo "not ok 1 - the machine's file system: $why"
	exit 1
}
[ -z "${VM_MORE:-}" ] || cat "$VM_MORE" >>"$temp/initramfs"
# One after the other: machines that share two cores are late for everything.
exec 7>"$vm/lock"
flock 7
start_server || {
	echo "1..1"
	echo "not ok 1 - chronyd starts on this machine"
	sed 's/^/# /' "$temp/chrony.log"
	exit 1
}

count=0
result()
{
	count=$((count + 1))
	echo "${1/ok -/ok $count -}"
	[ "${1#not}" = "$1" ] || failed=1
}

running=()
for number in "${!machines[@]}"; do
	[ "$number" -lt 2 ] || sleep 90 # until "kills" is over: for two cores
	boot "$number" "${machines[number]}"
	running+=("$machine")
done
failed=0
for number in "${!machines[@]}"; do
	wait "${running[number]}"
	cp "$temp/console.$number" "$vm/console.${VM_NAME:-}$number" # the newest run's
	end=0
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		"@@ ok"* | "@@ not ok"*) result "${line#@@ }" ;;
		"@@ end") end=1 ;;
		"@@ #"*) echo "${line#@@ }" ;;
		esac
	done < <(tr -d '\000' <"$temp/console.$number")
	if [ $end -eq 1 ]; then
		result "ok - ${machines[number]}: all of it was run"
	else
		result "not ok - ${machines[number]}: all of it was run"
	fi
done
echo "1..$count"

if [ $failed -ne 0 ]; then
	for number in "${!machines[@]}"; do
		echo "# the machine of ${machines[number]}:"
		cat "$temp/qemu.$number" "$temp/console.$number" |
		    tr -d '\r\000' | tail -n 150 | sed 's/^/# | /'
	done >&2
fi
exit $failed
