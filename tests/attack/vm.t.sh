#!/bin/sh
# Programs that were taken over, in virtual machines of their own: the
# scenarios of tests/attack/guest, with each way to start ntpd.  The machines
# run on virtual time (-icount): it passes while they work and is skipped while
# they wait, so that hours of an attack take seconds.  The servers that they
# ask are therefore inside of them, see outside.c.  ATTACKS=all makes every
# attack in every way, else only those of the audit are made.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(realpath "${BUILD:-$here/../../build}")
export BUILD
. "$here/../tap.sh"
temp=$(mktemp -d)
machines=
finish()
{
	for pid in $machines; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$temp"
}
trap finish EXIT
trap 'exit 1' INT TERM

why=$("$here/more.sh" "$BUILD" "$temp/more") || {
	echo "1..1"
	echo "not ok 1 - the hostile programs are built: $why"
	exit 1
}
export VM_MORE="$temp/more" VM_OPTIONS="-icount shift=3,sleep=off -rtc clock=vm"

# Against a machine that hangs: beside other work they take several times theirs.
export VM_LIMIT=1800
[ "${ATTACKS:-}" != all ] || export VM_APPEND=attacks=all VM_LIMIT=7200

# machine NAME SCENARIO...: in the background.
machine()
{
	name=$1
	shift
	VM_NAME="attack-$name." "$here/../vm/run.sh" "$@" >"$temp/$name" 2>&1 &
	machines="$machines $!"
	names="${names:-} $name"
}

if [ $# -gt 0 ]; then
	machine one "$@"
else
	machine root as-root
	machine users as-ambient as-file
fi
for pid in $machines; do
	wait "$pid"
done
machines=
for name in $names; do
	while IFS= read -r line; do
		case $line in
		"1..0 # SKIP"*)
			echo "$line"
			exit 0
			;;
		"ok "*) report 0 "${line#ok * - }" ;;
		"not ok "*) report 1 "${line#not ok * - }" ;;
		"# | "* | "# the machine"*) ;; # the console: it is kept, see run.sh
		"#"*) echo "$line" ;;
		esac
	done <"$temp/$name"
done
done_testing
