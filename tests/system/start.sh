#!/bin/sh
# Starting and answering: in the background with a pid file, under a service
# manager, once with -q; who may ask for changes; what is left of an earlier
# run.
. "$(dirname "$0")/../lib.sh"

root=no
[ "$(id -u)" = 0 ] && root=yes
server upstream 3
upstream_port=$port

# In the background, as an init script starts it.
conf daemon <<EOF
server 127.0.0.1 port $upstream_port poll 1s to 4s
EOF
cd "$dir" || exit 1
"$BUILD/ntpd" -x -f daemon.conf --pidfile daemon.pid >daemon.out 2>&1
report $? "it goes into the background, exit status 0"
pid=$(cat daemon.pid)
[ -n "$pid" ] && pids="$pids $pid"
[ "$(cat "/proc/$pid/comm")" = ntpd ]
report $? "the pid file, named by a relative path, has its pid"
[ "$(ps -o sid= -p "$pid" | tr -d ' ')" != "$(ps -o sid= -p $$ | tr -d ' ')" ]
report $? "it has left the session"
until_ok 20 ctl daemon status
report $? "it synchronizes"
ctl daemon reload >/dev/null
report $? "it finds its configuration, named by a relative path, again"
ctl daemon wait 5 >/dev/null
report $? "ntpctl wait succeeds at once when in sync"

# systemd is told the priority of each line, and knows the time itself.
: >managed.err
JOURNAL_STREAM=$(stat -c %d:%i managed.err) "$BUILD/ntpd" -d -x \
    -c 'control socket none' 2>managed.err &
managed=$!
pids="$pids $managed"
until_ok 5 grep -q '^<6>ntpd: ntpd .* starts' managed.err
report $? "what goes to systemd's journal has priorities"
until_ok 5 grep -q '^<4>ntpd: no source' managed.err
report $? "a warning another one"
kill "$managed"
wait "$managed"

# Another one beside it does not take its socket away.
"$BUILD/ntpd" -d -x -f daemon.conf >taken.out 2>&1 &
second=$!
pids="$pids $second"
until_ok 5 grep -q "control socket" taken.out
report $? "a second ntpd says that the control socket is taken"
kill "$second"
wait "$second"
[ "$(ctl daemon -j status | jq -r '.processes[0].pid')" = "$pid" ]
report $? "and the first one still has it"
# Nor does it set the clock beside it.  It could not here: it has no source.
sed '/^server/d' daemon.conf >third.conf
"$BUILD/ntpd" -d -f third.conf >third.out 2>&1
[ $? = 1 ] && grep -q "two must not set one clock" third.out
report $? "without -x a second ntpd does not start"

if [ $root = yes ]; then
	chmod 666 daemon.sock
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		    "$BUILD/ntpctl" -s "$dir/daemon.sock" "$@"
	}
	as_nobody status >/dev/null
	report $? "whom the socket's mode lets in may look"
	for c in sync reload; do
		said=$(as_nobody $c 2>&1)
		[ $? = 1 ] && case $said in *"permission denied"*) ;; *) false ;; esac
		report $? "but not $c: $said"
	done
else
	skip "another user may look but change nothing" "needs root"
fi

kill "$pid"
gone() {
	[ ! -e daemon.pid ] && [ ! -e daemon.sock ]
}
until_ok 2 gone
report $? "TERM removes pid file and control socket"
[ -s daemon.state/clock ] && grep -qx end daemon.state/clock
report $? "what it knows is kept in the state directory"

# A start that fails is seen by who started it.
conf failing <<EOF
listen on 127.255.255.255 port $upstream_port
EOF
"$BUILD/ntpd" -x -f failing.conf >failing.out 2>&1
[ $? = 1 ] && grep -q "cannot listen on 127.255.255.255:$upstream_port" \
    failing.out
report $? "an address that nobody can be answered from: said, exit status 1"

# What is so for the moment ends nothing: the clock is kept all the same.
conf lacking <<EOF
server 127.0.0.1 port $upstream_port poll 1s to 4s
listen on 127.0.0.1 port $upstream_port
EOF
sed -i 's/^control socket .*/& mode 0666 group nosuchgroup/' lacking.conf
"$BUILD/ntpd" -x -f lacking.conf --pidfile "$dir/nosuch/pid" >lacking.out 2>&1
report $? "an address that is taken, no folder for the pid file, no such group"
until_ok 20 ctl lacking status
report $? "it synchronizes"
grep -q "cannot listen on 127.0.0.1:$upstream_port ($dir/lacking.conf:2) yet" \
    lacking.out
report $? "it says which address it waits for"
grep -q "cannot write the pid file $dir/nosuch/pid: No such file" lacking.out
report $? "and that there is no pid file"
grep -q "there is no group nosuchgroup ($dir/lacking.conf:[0-9]*)" \
    lacking.out &&
    [ "$(stat -c %a lacking.sock)" = 600 ]
report $? "and no group, and that nobody else may use the control socket"
pid=$(pid_of lacking ntpd)
pids="$pids $pid"
[ -n "$pid" ] && kill "$pid"
until_ok 5 test ! -e lacking.sock
report $? "and ends as asked"

# A service manager.
cat >notify.pl <<'EOF'
use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, pack_sockaddr_un($ARGV[0])) or die;
$SIG{ALRM} = sub { exit 1 };
alarm 20;
$| = 1;
print "listening\n";
while (defined(recv($s, my $m, 4096, 0))) {
	print "$m\n";
	exit 0 if $m =~ /STOPPING=1/;
}
EOF
perl notify.pl "$dir/notify.sock" >notify.out &
listener=$!
pids="$pids $listener"
until_ok 5 grep -q listening notify.out
cp daemon.conf notified.conf
NOTIFY_SOCKET=$dir/notify.sock "$BUILD/ntpd" -d -x -f daemon.conf \
    >notified.out 2>&1 &
notified=$!
pids="$pids $notified"
until_ok 5 grep -qx READY=1 notify.out
report $? "the service manager hears READY=1"
until_ok 20 grep -qx STATUS=synchronized notify.out
report $? "and that it is in sync"
kill "$notified"
wait "$notified"
until_ok 5 grep -qx STOPPING=1 notify.out
report $? "and STOPPING=1"

# Once.
"$BUILD/ntpd" -q -x -f daemon.conf >once.out 2>&1
[ $? = 0 ] && grep -q "clock not touched: offset" once.out
report $? "-q -x tells the offset, exit status 0"

# What may lie there from before.
printf 'ntpd-state 1\ndrift 99999999999 5\nbudget -1' >daemon.state/clock
rm -f daemon.sock
echo precious >daemon.sock
"$BUILD/ntpd" -d -x -f daemon.conf >left.out 2>&1 &
left=$!
pids="$pids $left"
until_ok 5 grep -q "ignoring the state" left.out
report $? "a damaged state file is said and not used"
grep -q "control socket" left.out && [ "$(cat daemon.sock)" = precious ]
report $? "a file where the control socket should be is left alone"
until_ok 20 grep -q "time agreed" left.out
report $? "all else works"
kill "$left"
wait "$left"
rm -f daemon.sock
if [ $root = yes ]; then
	until_ok 1 test ! -e "/proc/$left"
	ln -s /nonexistent "$dir/daemon.state/clock.new"
	start daemon
	until_ok 20 ctl daemon status
	kill "$pid"
	wait "$pid"
	[ ! -L daemon.state/clock.new ] && grep -qx end daemon.state/clock
	report $? "a link in the state directory is not followed"
else
	skip "a link in the state directory is not followed" "needs root"
fi

# Helpers that are not there, or may not be executed.
mkdir bin
cp "$BUILD/ntpd" "$BUILD/ntp-clock" bin
"$dir/bin/ntpd" -d -x -f daemon.conf >missing.out 2>&1
[ $? = 1 ] && [ "$(grep -c " error: \| warning: " missing.out)" = 1 ] && grep -q \
    "cannot execute $dir/bin/ntp-[a-z]*, and not ntp-[a-z, -]*: No such file or directory\$" \
    missing.out
report $? "programs that are missing are named once, with path and reason, exit status 1"
[ "$bad" = 0 ] || sed 's/^/# /' missing.out
cp "$BUILD"/ntp-* bin
echo "no program" >bin/ntp-resolve
"$dir/bin/ntpd" -d -x -f daemon.conf >broken.out 2>&1
[ $? = 1 ] && [ "$(grep -c " error: \| warning: " broken.out)" = 1 ] &&
    grep -q "cannot execute $dir/bin/ntp-resolve: Exec format error\$" broken.out
report $? "so is one that is no program"
[ "$bad" = 0 ] || sed 's/^/# /' broken.out
rm bin/ntp-net bin/ntp-resolve
"$dir/bin/ntpd" -x -f daemon.conf --pidfile missing.pid >missing.out 2>&1
[ $? = 1 ] && [ ! -e missing.pid ] &&
    [ "$(grep -c "cannot execute $dir/bin/ntp-[a-z]*, and not ntp-[a-z]*: No such file" missing.out)" = 1 ]
report $? "the same in the background, to who waits, and no pid file is left"

# In the background nothing of the caller's is held open.
said=$("$BUILD/ntpd" -x -f daemon.conf --pidfile quiet.pid 2>&1 7>quiet.held)
pid=$(cat quiet.pid)
pids="$pids $pid"
[ -n "$pid" ]
report $? "a caller that reads the daemon's output comes to an end${said:+: $said}"
wrong=$(find "/proc/$pid/fd" -type l -printf '%l\n' 2>/dev/null |
    grep -E 'pipe:|quiet.held')
[ -z "$wrong" ]
report $? "and nothing of the caller's stays open"
[ -z "$wrong" ] || echo "# $wrong"

# Two at one control socket: the second to come must not take it at the end.
"$BUILD/ntpd" -d -x -f daemon.conf >second.out 2>&1 &
second=$!
pids="$pids $second"
until_ok 5 grep -q "control socket" second.out
kill "$second"
wait "$second"
ctl daemon sources >/dev/null
report $? "the end of a second ntpd leaves the first its control socket"

# Reloads that fail, and then succeed.
next_port
sed -i '/^local\|^listen/d' daemon.conf
printf 'listen on 127.0.0.1 port %s\nlocal stratum 5\n' "$upstream_port" \
    >>daemon.conf
! ctl daemon reload >/dev/null 2>&1
report $? "a reload that cannot listen changes nothing"
sed -i "/^listen/s/port .*/port $port/" daemon.conf
ctl daemon reload >/dev/null
report $? "one that can does"
next=$port
conf asker <<EOF
server 127.0.0.1 port $next poll 1s to 4s
EOF
start asker
until_ok 20 ctl asker status
report $? "and clients are answered"
kill "$pid"
sed -i '/^listen/d' daemon.conf
ctl daemon reload >/dev/null
nobody_serves() {
	ctl daemon -j status >serving.json
	[ -s serving.json ] && jq -e '[.processes[] |
	    select(.name == "ntp-serve" and .pid != 0)] == []' serving.json
}
until_ok 5 nobody_serves
report $? "with no address to listen on there is no ntp-serve"
kill "$(cat quiet.pid)"
until_ok 5 test ! -e quiet.pid

mkfifo pipe.conf
cat daemon.conf >pipe.conf &
"$BUILD/ntpd" -d -x -f pipe.conf >pipe.out 2>&1 &
pid=$!
pids="$pids $pid"
until_ok 20 ctl daemon status
report $? "a configuration may come through a pipe"
kill -HUP "$pid"
until_ok 5 grep -q "cannot be read again" pipe.out
report $? "which cannot be read again at HUP"
kill "$pid"
wait "$pid"
report $? "and TERM ends it"

# HUP at any moment from the first on.
hurt=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	rm -f hup.pid
	"$BUILD/ntpd" -d -x -f daemon.conf --pidfile hup.pid >hup.out 2>&1 &
	pid=$!
	pids="$pids $pid"
	until_ok 5 test -s hup.pid
	kill -HUP "$pid"
	until_ok 5 grep -q "configuration reloaded" hup.out || hurt=$((hurt + 1))
	kill "$pid"
	wait "$pid" || hurt=$((hurt + 1))
done
[ $hurt = 0 ]
report $? "HUP just after the start is taken for a reload"

# TERM at any moment from the first on, sent by who cannot lose it: a shell may,
# between its fork and its exec.
cat >term.pl <<'EOF'
use POSIX ":sys_wait_h";
my ($starts, @command) = @ARGV;
for my $i (1 .. $starts) {
	my $pid = fork() // die;
	if ($pid == 0) {
		open(STDERR, '>', 'term.log');
		exec(@command) or exit(99);
	}
	my $pause = 0.15 * $i / $starts;
	select(undef, undef, undef, $pause);
	kill('TERM', $pid);
	my $left = 1500;
	while (waitpid($pid, WNOHANG) == 0) {
		select(undef, undef, undef, 0.01);
		next if $left-- > 0;
		print "$pause s after its start: it lives on\n";
		kill('KILL', $pid);
		waitpid($pid, 0);
		exit(1);
	}
	# By the signal, before ntpd could take it, or in good order.
	next if $? == 15 || $? == 0;
	print "$pause s after its start: status $?\n";
	exit(1);
}
EOF
said=$(perl term.pl 50 "$BUILD/ntpd" -d -x -f daemon.conf 2>&1)
report $? "TERM at any moment after the start ends it${said:+: $said}"
show_log upstream
done_testing
