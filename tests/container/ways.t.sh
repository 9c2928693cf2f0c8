#!/bin/sh
# The ways to run in a container, with podman and runc: the rights of each
# process in /proc/PID/status, seen from outside; how soon it answers; what
# ntpctl and the log say; and the duties of process 1.
. "$(dirname "$0")/lib.sh"

why=$(missing | tr '\n' ' ')
[ -z "$why" ] || {
	echo "1..0 # SKIP containers need ${why% }"
	exit 0
}
sh "$(dirname "$0")/rootfs.sh" "$BUILD" "$dir/root" >"$dir/rootfs.out" 2>&1
report $? "the container's file system"
[ $bad = 0 ] || {
	sed 's/^/# /' "$dir/rootfs.out"
	done_testing
}
user="--user 65532 --cap-drop all"
time_only="--cap-drop all --cap-add SYS_TIME"
port="--sysctl net.ipv4.ip_unprivileged_port_start"

# Can there be a container at all?  Some machines let nobody make one.
run probe $user -- -V
podman wait probe >"$dir/probe.status" 2>&1
says probe '^ntpd [0-9]' || {
	skip "the ways to run" "no container runs here: $(tail -n 1 "$last")"
	done_testing
}

# Started together, to be looked at one by one.
cp -al "$dir/root" "$dir/one.root"
conf=$dir/one.root/etc/ntpd.conf
rm "$conf" # another name of what the others have
echo 'local stratum 5
listen on 127.0.0.1 port 1123
workers 2' >"$conf"
# In another, ntpd has no place in /run.
cp -al "$dir/root" "$dir/three.root"
rmdir "$dir/three.root/run/ntpd"
# A filter as tight as Docker's, and one that has an older answer.
profile=$(ls /usr/share/containers/seccomp.json /etc/containers/seccomp.json \
    2>/dev/null | head -n 1)
jq '.defaultErrnoRet = 1 | .syscalls |= map(.names -= ["unshare", "setns",
    "clone3", "landlock_create_ruleset", "landlock_add_rule",
    "landlock_restrict_self"])' "$profile" >"$dir/strict.json"
# shellcheck disable=SC2086
{
	run one $time_only --cap-add SETUID --cap-add SETGID --
	started_ms=$began_ms
	until asked "$pid_one" 1123 >"$dir/answer" 2>&1; do
		[ $(($(uptime_ms) - started_ms)) -lt 5000 ] || break
		sleep 0.02
	done
	answered_ms=$(uptime_ms)
	run default --cap-add SYS_TIME -- -c 'local stratum 5' \
	    -c 'listen on 127.0.0.1'
	run two $user --cap-add SYS_TIME -- \
	    -c 'local stratum 5' -c 'listen on 127.0.0.1 port 1123'
	run three $user --security-opt no-new-privileges --read-only \
	    --network container:one -- -c 'listen on 127.0.0.1 port 1124' \
	    -c 'server 127.0.0.1 port 1123 poll 1s to 4s'
	run four $user --cap-add SYS_TIME $port=123 -- \
	    -c 'local stratum 5' -c 'listen on 127.0.0.1'
	run refused $user --cap-add SYS_TIME $port=1024 -- \
	    -c 'local stratum 5' -c 'listen on 127.0.0.1'
	run plain $user --
	run bare $time_only -- -c 'local stratum 5'
	run strict $time_only --cap-add SETUID --cap-add SETGID \
	    --security-opt "seccomp=$dir/strict.json" -- \
	    -c 'local stratum 5' -c 'listen on 127.0.0.1 port 1123'
	cp -a "$dir/root" "$dir/mapped.root"
	chown -R 100000:100000 "$dir/mapped.root"
	run mapped $time_only --cap-add SETUID --cap-add SETGID \
	    --uidmap 0:100000:65536 -- -c 'local stratum 5' \
	    -c 'listen on 127.0.0.1 port 1123'
}

until_ok 20 running "$pid_one" "$pid_default" "$pid_two" "$pid_three" "$pid_four"
report $? "all programs of all containers run"

# 1: root and three capabilities.
[ -s "$dir/answer" ]
report $? "root: it answers"
took=$((answered_ms - started_ms))
[ "$took" -lt 1000 ]
report $? "root: from the start of the container to the first answer: $took ms"
root_user='Inh=0 Prm=20000c0 Eff=20000c0 Bnd=20000c0 Amb=0 nnp=1'
check_sets root "$pid_one" "ntpd:$root_user" \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=20000c0 Amb=0 nnp=1'
check_others root "$pid_one"
filtered root "$pid_one"
uids=$(for p in $(children_of "$pid_one"); do
	echo "$(cat "/proc/$p/comm") $(status_of "$p" Uid | tr '\t' ' ')"
done | sort -u)
[ "$(echo "$uids" | wc -l)" = 5 ] &&
    [ "$(echo "$uids" | cut -d ' ' -f 2 | sort -u | grep -vcx 0)" = 5 ] &&
    ! echo "$uids" | grep -vq ' \([0-9]*\) \1 \1 \1$'
report $? "root: each program has a user of its own"
ctl_in one health >"$dir/health" 2>&1
report $? "root: ntpctl health: $(cat "$dir/health")"
! says one 'warning|error'
report $? "root: nothing to warn of in the log but that there is no source"

# The set of Docker and podman, and SYS_TIME.
full=$(sets_of "$pid_default")
check_sets default "$pid_default" \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=0 Amb=0 nnp=1'
check_others default "$pid_default"
case $full in
"Inh=0 Prm=20405e0 Eff=20405e0 Bnd=20405e0 Amb=0 nnp=1") true ;;
*) false ;;
esac
report $? "default: ntpd keeps what it starts the others with: $full"
until_ok 20 asked "$pid_default" 123
report $? "default: it answers on port 123"

# 2: an ordinary user and a file capability.
check_sets user "$pid_two" \
    'ntpd:Inh=0 Prm=0 Eff=0 Bnd=2000000 Amb=0 nnp=0' \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=2000000 Amb=0 nnp=1'
check_others user "$pid_two"
filtered user "$pid_two"
for p in $pid_two $(children_of "$pid_two"); do
	status_of "$p" Uid
done | sort -u >"$dir/uids"
[ "$(cat "$dir/uids")" = "65532	65532	65532	65532" ]
report $? "user: every process has the one user"
until_ok 20 asked "$pid_two" 1123
report $? "user: it answers"
ctl_in two health >"$dir/health" 2>&1
report $? "user: ntpctl health: $(cat "$dir/health")"
[ "$(ctl_in two -j status | jq .clock_controlled)" = true ]
report $? "user: clock_controlled is true"
[ "$(log_of two | grep -Evc ' info: |no source is configured')" = 0 ]
report $? "user: nothing to warn of in the log but that there is no source"

# 3: nothing at all.
check_sets nothing "$pid_three" "ntpd:$none" "ntp-clock:$none"
check_others nothing "$pid_three"
filtered nothing "$pid_three"
[ "$(status_of "$pid_three" Seccomp_filters)" -ge 2 ]
report $? "nothing: so has ntpd, since that takes nothing from ntp-clock"
until_ok 20 ctl_in three status
report $? "nothing: it measures"
until_ok 20 asked "$pid_three" 1124
report $? "nothing: it serves"
ctl_in three health >"$dir/health" 2>&1
report $? "nothing: ntpctl health: $(cat "$dir/health")"
[ "$(ctl_in three -j status | jq .clock_controlled)" = false ]
report $? "nothing: clock_controlled is false"
said_once three 'clock is not set; to allow it, add SYS_TIME'
report $? "nothing: once it is said that it cannot steer, and how to allow it"
said_once three 'state directory'
report $? "nothing: once it is said that no state can be kept"
said_once three 'ntpctl finds it as /dev/shm/ntpd-65532/control'
report $? "nothing: once it is said where the control socket is"

# 4: port 123 as an ordinary user.
until_ok 20 asked "$pid_four" 123
report $? "port 123: it answers where the setting allows it"
check_sets "port 123" "$pid_four" \
    'ntpd:Inh=0 Prm=0 Eff=0 Bnd=2000000 Amb=0 nnp=0'
[ "$(podman wait refused)" = 1 ]
report $? "port 123: exit status 1 where it does not"
said_once refused 'net.ipv4.ip_unprivileged_port_start'
report $? "port 123: one line names the setting"

# Root that may not change users, and root under a filter that allows no user
# namespace to leave the bounding set behind: nothing in it can be had.
until_ok 20 running "$pid_bare" "$pid_strict"
report $? "root, less allowed: all programs run"
check_sets "SYS_TIME alone" "$pid_bare" "ntp-net:$none" \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=2000000 Amb=0 nnp=1'
said_once bare 'without CAP_SETUID and CAP_SETGID all programs'
report $? "SYS_TIME alone: once it is said that all run as root"
held='Inh=0 Prm=0 Eff=0 Bnd=20000c0 Amb=0 nnp=1'
check_sets "tight filter" "$pid_strict" "ntpd:$root_user" "ntp-net:$held" \
    "ntp-resolve:$held" "ntp-serve:$held" "ntp-observe:$held" \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=20000c0 Amb=0 nnp=1'
until_ok 20 asked "$pid_strict" 1123
report $? "tight filter: it answers"
! says strict 'warning|error'
report $? "tight filter: nothing to warn of in the log"

# Root of a user namespace, as in a rootless container.
until_ok 20 asked "$pid_mapped" 1123
report $? "user namespace: it answers"
said_once mapped 'to allow it, start ntpd outside of a user namesp'
report $? "user namespace: once it is said that the clock cannot be set, and why"
[ "$(ctl_in mapped -j status | jq .clock_controlled)" = false ]
report $? "user namespace: clock_controlled is false"

# No option at all, and no network.
said=$(ctl_in plain health 2>&1)
status=$?
[ $status = 1 ] && [ "$(echo "$said" | wc -l)" = 1 ]
report $? "no option: ntpctl health exits 1: $said"
until_ok 10 says plain 'starts: 1 source,'
report $? "no option: the default configuration is run"

# The duties of process 1.  An orphan is its child until it is reaped.
nsenter -t "$pid_one" -p sh -c 'sleep 0.4 & :'
orphan=$(child_of "$pid_one" sleep)
report $? "process 1: an orphan has become its child"
sleep 0.8
[ ! -e "/proc/${orphan:-none}" ]
report $? "process 1: and is reaped"

# A child of another user that does not obey, without CAP_KILL.
worker=none
for p in $(children_of "$pid_one"); do
	[ "$(cat "/proc/$p/comm")" != ntp-serve ] || worker=$p
done
kill -STOP "$worker" # the one that goes when there is to be one only
sed -i 's/workers 2/workers 1/' "$conf"
podman kill -s HUP one >"$last" 2>&1
gone() {
	[ ! -e "/proc/$worker" ]
}
until_ok 20 gone
report $? "process 1: a stopped program of another user is ended"
until_ok 10 says one 'configuration reloaded'
report $? "process 1: HUP reloads"
podman kill -s USR1 one >"$last" 2>&1
until_ok 20 says one 'summary: synchronized=no'
report $? "process 1: USR1 logs a summary"
back() { # back PID OLD BOUNDS: another ntp-clock, with its capability
	new=$(child_of "$1" ntp-clock) && [ "$new" != "$2" ] &&
	    [ "$(sets_of "$new")" = \
		"Inh=0 Prm=2000000 Eff=2000000 Bnd=$3 Amb=0 nnp=1" ]
}
old=$(child_of "$pid_one" ntp-clock)
kill -9 "$old"
until_ok 20 back "$pid_one" "$old" 20000c0
report $? "process 1: a killed ntp-clock is back with its capability"
old=$(child_of "$pid_two" ntp-clock)
kill -9 "$old"
until_ok 20 back "$pid_two" "$old" 2000000
report $? "process 1: so is that of an ordinary user"

for c in three two one; do
	before=$(uptime_ms)
	podman stop -t 5 $c >"$last" 2>&1
	took=$(($(uptime_ms) - before))
	[ "$took" -lt 2000 ] &&
	    [ "$(podman inspect -f '{{.State.ExitCode}}' $c)" = 0 ]
	report $? "process 1: TERM ends $c with exit status 0, after $took ms"
done
[ -s "$dir/one.root/var/lib/ntpd/clock" ] && [ -s "$dir/two.root/var/lib/ntpd/clock" ]
report $? "state was kept where the directory can be written"
log_of one | grep -vE '^[0-9-]{10}T[0-9:]{8}Z [a-z-]* (info|warning|error): ' \
    >"$dir/odd"
[ ! -s "$dir/odd" ]
report $? "each line of the log has its time, program and level"
[ $bad = 0 ] || for c in one default two three plain; do
	log_of $c | tail -n 15 | sed "s/^/# $c: /"
done
done_testing
