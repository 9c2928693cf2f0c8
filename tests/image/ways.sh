# The image as users run it, by its own entry point: read by image.t.sh, with
# the helpers of tests/container and $image.  tests/container/ways.t.sh checks
# in detail what each process may do; this checks that the image allows it.
# shellcheck shell=sh disable=SC2154

local_time='local stratum 5'
user="--user 65532 --cap-drop all"
time_only="--cap-drop all --cap-add SYS_TIME"
none='Inh=0 Prm=0 Eff=0 Bnd=0 Amb=0 nnp=1'
# shellcheck disable=SC2086
{
	run root $time_only --cap-add SETUID --cap-add SETGID -- \
	    -c "$local_time" -c 'listen on 127.0.0.1 port 1123'
	run default --cap-add SYS_TIME -- -x -p 192.0.2.1
	run user $user --cap-add SYS_TIME \
	    --sysctl net.ipv4.ip_unprivileged_port_start=123 -- \
	    -c "$local_time" -c 'listen on 127.0.0.1'
	run nothing $user --security-opt no-new-privileges --read-only -- \
	    -c "$local_time" -c 'listen on 127.0.0.1 port 1123'
	run plain $user --pid host --
}
until_ok 20 running "$pid_root" "$pid_user" "$pid_nothing"
report $? "the image as root, as a user, and with nothing: all programs run"
check_sets "the image as root" "$pid_root" \
    'ntpd:Inh=0 Prm=20000c0 Eff=20000c0 Bnd=20000c0 Amb=0 nnp=1' \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=20000c0 Amb=0 nnp=1' \
    "ntp-net:$none"
[ "$(status_of "$(child_of "$pid_root" ntp-clock)" Uid)" = \
    "64720	64720	64720	64720" ]
report $? "the image as root: its users are used"
check_sets "the image as a user" "$pid_user" \
    'ntpd:Inh=0 Prm=0 Eff=0 Bnd=2000000 Amb=0 nnp=0' \
    'ntp-clock:Inh=0 Prm=2000000 Eff=2000000 Bnd=2000000 Amb=0 nnp=1' \
    "ntp-net:$none"
check_sets "the image with nothing" "$pid_nothing" \
    "ntpd:$none" "ntp-clock:$none" "ntp-net:$none"
until_ok 20 asked "$pid_root" 1123
report $? "the image as root answers"
until_ok 20 asked "$pid_user" 123
report $? "the image as a user answers on port 123"
until_ok 20 asked "$pid_nothing" 1123
report $? "the image with nothing answers"
for c in root user nothing; do
	podman healthcheck run $c >"$dir/health" 2>&1
	report $? "the image, $c: its health check"
	log_of $c | grep -E ' (warning|error): ' |
	    grep -v 'to allow it, add SYS_TIME' >"$dir/$c.warnings"
	[ ! -s "$dir/$c.warnings" ]
	report $? "the image, $c: nothing unexpected to warn of in its log"
	sed 's/^/# /' "$dir/$c.warnings"
done
says default 'starts: 1 source, 0 addresses to listen on, the clock is not'
report $? "the image, only -x -p ADDRESS: it runs"
says plain 'starts: 1 source,'
report $? "the image, no option, not as process 1: it runs in the foreground"
podman healthcheck run plain >"$dir/health" 2>&1
[ $? = 1 ]
report $? "... and is not healthy with no network"
podman exec root /usr/bin/ntp-ctl validate >"$dir/validate" 2>&1
report $? "the image: ntp-ctl validate"
for c in root user nothing default; do
	podman stop -t 5 $c >"$last" 2>&1
	[ "$(podman inspect -f '{{.State.ExitCode}}' $c)" = 0 ]
	report $? "the image, $c: TERM ends it with exit status 0"
done
[ $bad = 0 ] || for c in $containers; do
	log_of "$c" | tail -n 15 | sed "s/^/# $c: /"
done
