# shellcheck shell=sh disable=SC2034,SC2154
# Helpers for the tests that run containers with podman and runc, which write
# only to the folder of the test.  Nothing here may set this machine's clock: a
# process with CAP_SYS_TIME has no source, or runs with -x.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../apart.sh"

containers=
image= # to be run, or nothing: programs of $dir/root
last=/dev/null # what podman said last

podman() {
	# What podman says of the host's cgroups is not what ntpd says.
	PODMAN_IGNORE_CGROUPSV1_WARNING=1 STORAGE_DRIVER=vfs timeout 60 \
	    podman --root "$dir/storage" --runroot "$dir/runroot" \
	    --tmpdir "$dir/tmp" --runtime runc --cgroup-manager cgroupfs \
	    --events-backend none "$@"
}

all_gone() {
	for c in $containers; do
		podman rm -f -t 1 "$c" >/dev/null 2>&1
	done
	umount "$dir/storage/overlay" 2>/dev/null # podman may leave it
	cleanup
}
trap all_gone EXIT
trap 'all_gone; exit 1' INT TERM

# runc puts each container into a group, and asks which hierarchies there are.
has_cgroups() {
	[ -n "$(awk '$3 ~ /^cgroup2?$/' /proc/mounts 2>/dev/null)" ]
}

# What is missing to run any container here, or nothing.
missing() {
	[ "$(id -u)" = 0 ] || echo "root"
	for tool in podman runc setcap nsenter jq; do
		command -v $tool >/dev/null || echo $tool
	done
	has_cgroups || echo "a mounted hierarchy of cgroups"
	apart=$(no_mounts)
	[ -z "$apart" ] || echo "a mount namespace ($apart)"
}

# run NAME [PODMAN'S OPTION ...] -- [NTPD'S OPTION ...]: start a container of the
# image, or with a file system of its own, $dir/NAME.root; the number of its
# first process becomes $pid_NAME.
run() {
	name=$1
	shift
	options=
	network="--network none"
	while [ "$1" != -- ]; do
		options="$options $1"
		[ "$1" != --network ] || network=
		shift
	done
	shift
	containers="$containers $name"
	what=$image
	if [ -z "$image" ]; then
		what="--rootfs $dir/$name.root /usr/sbin/ntpd"
		[ -e "$dir/$name.root" ] || cp -al "$dir/root" "$dir/$name.root"
	fi
	last=$dir/$name.podman
	eval "pid_$name=none" # until it runs
	# shellcheck disable=SC2086
	podman create --name "$name" $network \
	    --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 $options \
	    $what "$@" >"$last" 2>&1 || return
	began_ms=$(uptime_ms)
	podman start "$name" >"$last" 2>&1 || return
	eval "pid_$name=\$(podman inspect -f '{{.State.Pid}}' '$name')"
}

uptime_ms() {
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}0"
}

# ctl_in NAME ARGUMENT ...: ntpctl in the container.
ctl_in() {
	in=$1
	shift
	podman exec "$in" /usr/bin/ntpctl "$@"
}

# log_of NAME: all that it has logged.
log_of() {
	podman logs "$1" 2>&1
}

# says NAME PATTERN: how many lines of its log have it.
lines_of() {
	log_of "$1" | grep -Ec "$2"
}

says() {
	[ "$(lines_of "$1" "$2")" -gt 0 ]
}

# said_once NAME PATTERN: its log has one such line.  What the container has
# written, podman's monitor brings to the log a while later.
said_once() {
	until_ok 10 says "$1" "$2"
	[ "$(lines_of "$1" "$2")" = 1 ]
}

# The processes of a container but the first, as numbers.
children_of() {
	cat "/proc/$1/task/$1/children"
}

# child_of PID NAME: the first child of that name.
child_of() {
	for c in $(children_of "$1"); do
		[ "$(cat "/proc/$c/comm" 2>/dev/null)" != "$2" ] || {
			echo "$c"
			return 0
		}
	done
	return 1
}

# All sets of capabilities of a process, shortened: what is left of the zeros.
sets_of() {
	for set in Inh Prm Eff Bnd Amb; do
		value=$(status_of "$1" Cap$set | sed 's/^0*//')
		printf '%s=%s ' $set "${value:-0}"
	done
	printf 'nnp=%s\n' "$(status_of "$1" NoNewPrivs)"
}

# asked PID PORT: the daemon in that container answers within a second.
asked() {
	nsenter -t "$1" -n "$BUILD/tests/ntpask" -n 1 127.0.0.1 "$2"
}

# All of their programs run, and are in their sandboxes.
running() {
	for first in "$@"; do
		[ "$(children_of "$first" | wc -w)" -ge 4 ] || return 1
		for p in $(children_of "$first"); do
			[ "$(status_of "$p" NoNewPrivs)" = 1 ] &&
			    [ "$(status_of "$p" Seccomp_filters)" -ge 2 ] ||
			    return 1
		done
	done
}

# check_sets NAME PID PROGRAM:SETS...: of each process.
check_sets() {
	way=$1
	of=$2
	shift 2
	for entry in "$@"; do
		program=${entry%%:*}
		want=${entry#*:}
		if [ "$program" = ntpd ]; then
			p=$of
		else
			p=$(child_of "$of" "$program")
		fi
		got=$(sets_of "$p")
		[ "$got" = "$want" ]
		report $? "$way: $program has $want"
		[ "$got" = "$want" ] || echo "# $got"
	done
}
none='Inh=0 Prm=0 Eff=0 Bnd=0 Amb=0 nnp=1'
others="ntp-net:$none|ntp-resolve:$none|ntp-serve:$none|ntp-observe:$none"

# The others, checked by a list with "|" between them.
check_others() {
	saved=$IFS
	IFS='|'
	# shellcheck disable=SC2086
	set -- "$1" "$2" $others
	IFS=$saved
	check_sets "$@"
}

# filtered NAME PID: all programs are, on top of the container's own filter.
filtered() {
	few=
	for p in $(children_of "$2"); do
		[ "$(status_of "$p" Seccomp_filters)" -ge 2 ] || few="$few $p"
	done
	[ -z "$few" ]
	report $? "$1: every program has a filter besides the container's"
}
