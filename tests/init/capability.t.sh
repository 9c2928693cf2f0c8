#!/bin/sh
# The file capability that `make install` gives to ntp-clock, if there is a
# group that alone may execute it; and that ntpd starts in any case: as root,
# as that group's user, and as nobody.
. "$(dirname "$0")/init.sh"
install_init sysvinit
clock=$dir/usr/libexec/ntpd/ntp-clock

give() { # what `make install` does last
	DESTDIR='' PREFIX=$dir/usr SYSCONFDIR=$dir/etc LOCALSTATEDIR=$dir/var \
	    LIBEXECDIR=$dir/usr/libexec/ntpd \
	    sh "$here/../../packaging/install.sh" capability
}
look() { # its group, mode and capabilities
	echo "$(stat -c '%G %a' "$clock")$(getcap "$clock" |
	    sed 's/^[^ ]*//')"
}
# as USER: ntpd with -x as that user; leaves its pid in $pid.
as() {
	mkdir -p "$dir/run.$1"
	chown "$1:" "$dir/run.$1"
	setpriv --reuid "$1" --regid "$1" --clear-groups "$dir/usr/sbin/ntpd" \
	    -d -x -c 'local stratum 10' \
	    -c "control socket \"$dir/run.$1/control\"" \
	    -c "state directory \"$dir/run.$1/state\"" \
	    >"$dir/log.$1" 2>&1 &
	pid=$!
}
answers_at() {
	ctl -s "$dir/run.$1/control" clock
}

mkdir "$dir/etc.own"
sed '/^ntpd:/d; /^tester:/d' /etc/group >"$dir/etc.own/group"
{
	sed '/^ntpd:/d; /^tester:/d' /etc/passwd
	echo "ntpd:x:64001:64001::/:/bin/false"
	echo "tester:x:64002:64002::/:/bin/false"
} >"$dir/etc.own/passwd"
echo "tester:x:64002:" >>"$dir/etc.own/group"
mount -t overlay -o "lowerdir=$dir/etc.own:/etc" overlay /etc || {
	echo "1..0 # SKIP cannot mount an overlay"
	exit 0
}

said=$(give)
report $? "with no group ntpd that is no error: $said"
[ "$(look)" = "root 755" ]
report $? "ntp-clock is as it was: $(look)"

umount /etc
echo "ntpd:x:64001:" >>"$dir/etc.own/group"
mount -t overlay -o "lowerdir=$dir/etc.own:/etc" overlay /etc
said=$(give)
report $? "with it: $said"
[ "$(look)" = "ntpd 750 cap_sys_time=p" ]
report $? "only that group may execute ntp-clock: $(look)"

exits 0 "root's ntpd starts it" sh "$dir/etc/init.d/ntpd" start
until_ok 5 answers
report $? "and it answers"
exits 0 "and stops" sh "$dir/etc/init.d/ntpd" stop

as ntpd
until_ok 5 answers_at ntpd
report $? "the user's ntpd starts it"
for p in $(pgrep -P "$pid"); do
	[ "$(sed -n 's/^CapPrm:\t//p' "/proc/$p/status")" = \
	    0000000000000000 ]
	report $? "with -x, $(cat "/proc/$p/comm") has no capability"
done
kill "$pid"
wait "$pid"

as tester
wait "$pid"
[ $? != 0 ]
report $? "another user's does not start"
grep -q 'cannot execute .*/ntp-clock.*: Permission denied' "$dir/log.tester"
report $? "and says why: $(grep -m 1 "cannot" "$dir/log.tester")"
done_testing
