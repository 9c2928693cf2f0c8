# shellcheck shell=sh disable=SC2009,SC2016
# For the tests of init systems; read with `.` by scripts that print TAP.  Each
# runs in name spaces of its own (files, processes, network) with its own /run.
# The init files of packaging/ are the real ones, except for the folder that
# they are installed to, and what they start ends with the test.  ntpd runs
# with -x and asks no server for the time, and nothing here has CAP_SYS_TIME.
# $packages are the Debian packages that the test needs, or A|B if releases
# name one differently: they are unpacked below $BUILD/init and not installed.
# The files of a package that has /sbin or /lib, else or with NAME/usr those in
# its /usr, appear in /usr.
# known A|B: the one that is unpacked, or else that apt knows.
known() {
	for known in $(echo "$1" | tr '|' ' '); do
		[ ! -e "$BUILD/init/$known/.complete" ] || break
		# A name that another package provides is known, and shows nothing.
		! apt-cache show "$known" 2>/dev/null | grep -q . || break
	done
	echo "$known"
}
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 0
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	. "$(dirname "$0")/../apart.sh"
	why=$(no_mounts)
	if [ -n "$why" ] || ! why=$(unshare -m -n -p -f true 2>&1); then
		echo "1..0 # SKIP $why"
		exit 0
	fi
	BUILD=$(realpath "${BUILD:-$(dirname "$0")/../../build}")
	for tree in ${packages:-}; do
		why=$("$(dirname "$0")/../peers/get.sh" "$BUILD/init" \
		    "$(known "${tree%/usr}")") || {
			echo "1..0 # SKIP $why"
			exit 0
		}
	done
	# The first process there buries the dead, as that of a machine does.
	exec unshare -m -n -p -f --mount-proc --kill-child --propagation private \
	    setpriv --bounding-set -sys_time env IN_NAMESPACE=1 BUILD="$BUILD" \
	    sh -c 'timeout -k 2 300 setsid -w "$0" & wait $!' "$0"
fi
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
# Here alone, these packages are as if they were installed.
lower=
for tree in ${packages:-}; do
	layer=$BUILD/init/$(known "${tree%/usr}")
	# One of the two: a layer may not lie in another.
	if [ "$tree" != "${tree%/usr}" ] ||
	    ! { [ -d "$layer/sbin" ] || [ -d "$layer/lib" ]; }; then
		layer=$layer/usr
	fi
	lower=$lower$layer:
done
# By mount(2): fsconfig(2), which mount(8) has from 2.39 on, takes no more than
# 255 octets of folders.
export LIBMOUNT_FORCE_MOUNT2=always
if [ -n "$lower" ]; then
	mount -t overlay -o "lowerdir=$lower/usr" overlay /usr 2>/dev/null || {
		echo "1..0 # SKIP cannot mount an overlay"
		exit 0
	}
fi
mount -t tmpfs -o mode=755 run /run || exit 1
ip link set lo up
dir=$(mktemp -d /tmp/ntpd-init.XXXXXX)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# The programs, and the files for the init system $1, below $dir.
install_init() {
	mkdir -p "$dir/usr/sbin" "$dir/usr/bin" "$dir/usr/libexec/ntpd" \
	    "$dir/etc" "$dir/var/lib"
	cp "$BUILD/ntpd" "$dir/usr/sbin"
	cp "$BUILD/ntpctl" "$dir/usr/bin"
	for program in clock net resolve serve observe; do
		cp "$BUILD/ntp-$program" "$dir/usr/libexec/ntpd"
		# It looks beside itself, or where `make install` was told.
		ln -s "../libexec/ntpd/ntp-$program" "$dir/usr/sbin"
	done
	DESTDIR='' PREFIX=$dir/usr SYSCONFDIR=$dir/etc \
	    LOCALSTATEDIR=$dir/var LIBEXECDIR=$dir/usr/libexec/ntpd \
	    sh "$here/../../packaging/install.sh" install "$1" >/dev/null
	mkdir -p "$dir/etc/default"
	echo "NTPD_OPTS=\"-x -f $dir/etc/ntpd.conf -c 'log level info'\"" \
	    >"$dir/etc/default/ntpd"
	conf </dev/null
}
conf() { # the configuration; what comes from standard input is added
	{
		echo "local stratum 10"
		echo "state directory \"$dir/var/lib/ntpd\""
		cat
	} >"$dir/etc/ntpd.conf"
}
ctl() {
	"$dir/usr/bin/ntpctl" "$@"
}
ask_supervisor() { # the daemon's own process id, if it answers
	ctl -j status 2>/dev/null | jq -er '.processes[0].pid'
}
supervisor() { # the same, of a daemon that may have begun just now
	until_ok 2 ask_supervisor
	ask_supervisor
}
answers() {
	ctl clock >/dev/null 2>&1
}
until_ok() { # until_ok SECONDS COMMAND ...: repeat until it succeeds
	end=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.1
	done
}
another() { # another PID: the daemon answers, and is not that process
	now=$(ask_supervisor) && [ "$now" != "$1" ]
}
nothing_left() { # no program of ours runs; nobody here buries the dead
	! ps -e -o stat=,comm= | grep -qE '^[^Z]\S* +(ntpd|ntp-.*)$'
}
exits() { # exits STATUS SENTENCE COMMAND ...
	want=$1 sentence=$2
	shift 2
	said=$("$@" 2>&1)
	got=$?
	[ "$got" = "$want" ]
	report $? "$sentence (exit status $got)"
	[ "$got" = "$want" ] || printf '%s\n' "$said" | sed 's/^/# /'
}
serving() { # a reload was done: it now has a program to serve
	[ "$(ctl -j status | jq '[.processes[] | select(.name == "ntp-serve")] |
	    length')" -gt 0 ]
}
