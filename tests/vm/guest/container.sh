#!/bin/sh
# In a container of runc's, with a clock an hour wrong: as root with three
# capabilities, and as an ordinary user with none but that of ntp-clock's file.
# shellcheck source=tests/vm/guest/lib.sh
. /test/lib.sh

if [ ! -x /usr/bin/runc ]; then
	name=container
	passed "runs # SKIP there was no runc on the machine that made this one"
	exit 0
fi
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# Our programs, where files can have capabilities; libraries are shown to it.
mkdir -p /container
mount -t tmpfs container /container
mkdir -p /container/root
cd /container/root || exit
mkdir -p dev etc lib lib64 proc run sys tmp usr/bin usr/sbin var/lib usr/lib
cp /etc/hosts /etc/nsswitch.conf etc
cp /usr/sbin/ntpd usr/sbin
cp /usr/bin/ntpctl usr/bin
cp -r /usr/libexec usr
setcap cap_sys_time+p usr/libexec/ntpd/ntp-clock
cd / || exit

# bundle UID CAPABILITIES PERMITTED: what runc is to do.  As Docker does it, an
# ordinary user has capabilities in the bounding set only.
bundle()
{
	mkdir -p "$dir/bundle" "$dir/state"
	chown -R "$1:$1" "$dir" "/run/$name"
	runc spec -b "$dir/bundle"
	jq --argjson uid "$1" --argjson bounding "$2" --argjson held "$3" \
	    --arg dir "$dir" --arg run "/run/$name" '
	    .process.terminal = false |
	    .process.user = { uid: $uid, gid: $uid } |
	    .process.args = ["/usr/sbin/ntpd", "-f", $dir + "/conf"] |
	    .process.noNewPrivileges = false |
	    .process.capabilities = { bounding: $bounding, permitted: $held,
		effective: $held, inheritable: [], ambient: [] } |
	    .root = { path: "/container/root", readonly: false } |
	    .mounts |= map(select(.destination |
		IN("/proc", "/dev", "/dev/shm"))) |
	    .mounts += ([$dir, $run, "/lib", "/lib64"] |
		map({ destination: ., source: ., type: "none",
		    options: ["bind"] })) |
	    .linux.namespaces |= map(select(.type != "network"))' \
	    "$dir/bundle/config.json" >"$dir/config.json"
	mv "$dir/config.json" "$dir/bundle/config.json"
}

# Where the first process of the container is, seen from here.
start_container()
{
	runc run --no-pivot -b "$dir/bundle" "$name" >>"$dir/log" 2>&1 &
	runc=$!
	wait_for 40 contained || failed "runc starts a container"
	note "process $ntpd is number $(proc "$ntpd" NSpid | tr '\t' ' ')"
}

contained()
{
	ntpd=$(runc state "$name" 2>/dev/null |
	    jq -r 'select(.status == "running").pid')
	[ -n "$ntpd" ]
}

stop_container()
{
	before=$(uptime_ms)
	runc kill "$name" TERM
	wait $runc
	is "TERM: exit status" $? 0
	below "TERM: the container is gone, after ms" \
	    $(($(uptime_ms) - before)) 2000
	[ "$failures" -eq 0 ] ||
	    tail -n 40 "$dir/log" | sed "s/^/@@ # $name| /"
}

# The clock is set, and kept.
keeps()
{
	check "in sync" wait_for 90 in_time $((2 * ms))
	note "in sync $(status '.uptime_s * 1000 | floor') ms after its start"
	is "one step" "$(status .steps)" 1
	is "clock_controlled" "$(status .clock_controlled)" true
	below "the offset stayed within 2 ms for 30 s" "$(worst 30)" \
	    $((2 * ms))
	check "ntpctl health in the container" \
	    runc exec "$name" /usr/bin/ntpctl -s "$socket" health
}

# others_have_nothing: all but ntp-clock, in no set.
others_have_nothing()
{
	for process in ntp-net ntp-resolve ntp-observe; do
		is "$process: permitted, effective, inheritable, ambient, bounding" \
		    "$(caps "$(child $process)" Prm Eff Inh Amb Bnd)" \
		    "$NONE $NONE $NONE $NONE $NONE"
	done
}

scenario container-root
bundle 0 '["CAP_SYS_TIME", "CAP_SETUID", "CAP_SETGID"]' \
    '["CAP_SYS_TIME", "CAP_SETUID", "CAP_SETGID"]'
set_wrong 3600000000000
start_container
keeps
three=00000000020000c0
is "ntpd: permitted, effective, inheritable, ambient, bounding" \
    "$(caps "$ntpd" Prm Eff Inh Amb Bnd)" "$three $three $NONE $NONE $three"
is "ntp-clock: permitted, effective, inheritable, ambient, bounding" \
    "$(caps "$(child ntp-clock)" Prm Eff Inh Amb Bnd)" \
    "$SYS_TIME $SYS_TIME $NONE $NONE $three"
others_have_nothing
stop_container
check "the time is kept" grep -q '^time 1[0-9]*' "$dir/state/clock"

scenario container-user
bundle 65532 '["CAP_SYS_TIME"]' '[]'
set_wrong -3600000000000
start_container
keeps
is "ntpd: permitted, effective, inheritable, ambient, bounding" \
    "$(caps "$ntpd" Prm Eff Inh Amb Bnd)" "$NONE $NONE $NONE $NONE $SYS_TIME"
is "ntp-clock: permitted, effective, inheritable, ambient, bounding" \
    "$(caps "$(child ntp-clock)" Prm Eff Inh Amb Bnd)" \
    "$SYS_TIME $SYS_TIME $NONE $NONE $SYS_TIME"
others_have_nothing
old=$(child ntp-clock)
kill -9 "$old"
check "ntp-clock is back" wait_for 3 replaced ntp-clock "$old"
disturb 50000000
check "and steers" wait_for 90 in_time $((2 * ms))
stop_container
