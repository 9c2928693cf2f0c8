#!/bin/sh
# The names that users of ntpd-rs's image know: each does what they expect, or
# says in one line what to do instead.  A daemon that runs here has no source
# and no capability for the clock.  Tests that need files of their own in /etc
# or /run use a mount namespace, as root.
set -u
. "$(dirname "$0")/../apart.sh"
why=$(no_mounts)
if [ -z "${NAMES_APART:-}$why" ]; then
	NAMES_APART=1 exec unshare -m sh "$0" "$@"
fi
. "$(dirname "$0")/../lib.sh"
for name in ntp-daemon ntp-ctl ntp-metrics-exporter; do
	ln -s "$BUILD/ntp-compat" "$dir/$name"
done

# run NAME ARGUMENT...: its exit status and what it says.
run() {
	run_name=$1
	shift
	timeout 10 "$dir/$run_name" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
}
# says STATUS FILE FRAGMENT SENTENCE: that, in one line of out or err.
says() {
	[ "$status" = "$1" ] && [ "$(grep -cF -e "$3" "$dir/$2")" = 1 ]
	said=$?
	report $said "$4"
	[ $said = 0 ] ||
	    sed "s/^/# $status: /" "$dir/out" "$dir/err"
}
# refuses FRAGMENT SENTENCE: exit status 1 and one line, nothing else.
refuses() {
	says 1 err "$1" "$2"
	[ "$(cat "$dir/out" "$dir/err" | wc -l)" = 1 ]
	report $? "... in one line"
}

version=$("$BUILD/ntpd" --version | cut -d ' ' -f 2)
for name in ntp-daemon ntp-ctl ntp-metrics-exporter; do
	for option in -v --version; do
		run $name $option
		says 0 out "$name $version" "$name $option"
	done
	for option in -h --help; do
		run $name $option
		says 0 out "usage: $name" "$name $option"
	done
	run $name --nonsense
	says 1 err "usage: $name" "$name refuses an option that is none"
done
run ntp-ctl
says 0 out "usage: ntp-ctl" "ntp-ctl alone tells its usage"
run ntp-ctl --log-level info
refuses "no such option" "ntp-ctl has no option of ntp-daemon"
"$BUILD/ntp-compat" --help >"$dir/out" 2>&1
[ $? = 1 ]
report $? "by its own name it is nothing"

# Two ways to see that a file is TOML, and two that are not.
printf '[[source]]\nmode = "pool"\naddress = "pool.ntp.org"\ncount = 4\n' \
    >"$dir/theirs"
printf 'pool pool.ntp.org\n' >"$dir/named.toml"
printf 'a="192.0.2.1"\nserver $a # [not a table]\n' >"$dir/ours.conf"
printf 'server a..b\n' >"$dir/bad.conf"
run ntp-daemon -c "$dir/theirs"
refuses "$dir/theirs is written for ntpd-rs" "a file of theirs is refused"
grep -q 'see ntpd.conf(5)' "$dir/err"
report $? "... with where the grammar is described"
run ntp-daemon --config "$dir/named.toml"
refuses "is written for ntpd-rs" "... and one whose name says so"
run ntp-ctl validate -c "$dir/theirs"
refuses "is written for ntpd-rs" "validate refuses it too"
run ntp-ctl -c "$dir/ours.conf" validate
says 0 out "configuration OK" "validate accepts a file of ours"
run ntp-ctl validate "--config=$dir/bad.conf"
says 1 err "bad.conf:1:8: expected a host name" "validate says what is wrong"
run ntp-ctl validate -c /nonexistent
says 1 err "/nonexistent: cannot be read" "... or missing"
run ntp-daemon -l loud
refuses "-l loud: expected trace" "a level that is none is refused"
run ntp-daemon now
refuses 'unexpected argument "now"' "and an argument"

run ntp-ctl status -f prometheus
refuses "ntpctl -j status" "metrics are not there, and ntp-ctl says so"
run ntp-ctl status -f xml
refuses "-f xml: expected plain" "nor is any other format"
run ntp-ctl force-sync
refuses "ntpctl sync" "force-sync names what to use"
run ntp-ctl restart
refuses 'unknown command "restart"' "an unknown command is refused"
run ntp-metrics-exporter -c "$dir/theirs"
refuses "no metrics are served: see ntpctl -j status" \
    "ntp-metrics-exporter says that it serves nothing"

# A daemon that has nothing to follow and may not touch the clock.
printf '%s\n' "control socket \"$dir/x.sock\"" "log level error" \
    "state directory \"$dir/x.state\"" >"$dir/x.conf"
without_clock=
[ "$(id -u)" != 0 ] || without_clock="setpriv --bounding-set=-sys_time
	--inh-caps=-sys_time --ambient-caps=-all"
$without_clock "$dir/ntp-daemon" -l debug -c "$dir/x.conf" 2>"$dir/x.log" &
pid=$!
pids="$pids $pid"
answers() {
	[ -n "$(pid_of x ntpd)" ]
}
until_ok 10 answers
report $? "ntp-daemon -c FILE is a running daemon"
[ "$(cat "/proc/$pid/comm")" = ntpd ]
report $? "... which is ntpd itself"
grep -q ' debug: ' "$dir/x.log"
report $? "... at the level of -l, whatever the file says"
show_log x

if [ -z "${NAMES_APART:-}" ]; then
	skip "files in /etc and /run" "$why"
	done_testing
fi
cp -r /etc/passwd /etc/group /etc/nsswitch.conf "$dir"
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc || {
	report 1 "folders of its own"
	done_testing
}
cp "$dir/passwd" "$dir/group" "$dir/nsswitch.conf" /etc
run ntp-ctl validate
says 0 out "configuration OK" "validate with no file at all"
echo 'nonsense' >/etc/ntpd.conf
run ntp-ctl validate
says 1 err "/etc/ntpd.conf:1:1: expected a statement" \
    "... and with /etc/ntpd.conf, which is what counts"
mkdir /etc/ntpd-rs
cp "$dir/theirs" /etc/ntpd-rs/ntp.toml
run ntp-ctl validate
refuses "/etc/ntpd-rs/ntp.toml is written for ntpd-rs" \
    "a file of theirs at its place is not passed over"
run ntp-daemon
refuses "/etc/ntpd-rs/ntp.toml is written for ntpd-rs" \
    "... nor by the daemon"
run ntp-ctl status
refuses "/run/ntpd/control" "status fails where no daemon is"
mkdir /run/ntpd
ln -s "$dir/x.sock" /run/ntpd/control
run ntp-ctl status
says 0 out "not synchronized" "status is 0 if it could be read"
run ntp-ctl status -f plain -c "$dir/x.conf"
says 0 err "ntpctl -s" "... and says that it does not read the file"
done_testing
