#!/bin/sh
# What `make install' does besides programs and manual pages.  DESTDIR, PREFIX and
# the other variables come from the Makefile.
#
#   install.sh install NAME...   installs the files for these init systems
#   install.sh uninstall         removes the files of all init systems, unless
#                                they were changed
#   install.sh capability        sets the file capability of ntp-clock
#
# It enables and starts nothing, and creates no user.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
names="systemd sysvinit openrc runit s6 apparmor"

# The files: init system, mode, source, destination.  A file with the mode
# "config" is never overwritten or removed.
files() {
	cat <<END_OF_TABLE
systemd  644 systemd/ntpd.service $PREFIX/lib/systemd/system/ntpd.service
systemd  644 systemd/ntpd-wait.service $PREFIX/lib/systemd/system/ntpd-wait.service
systemd  644 sysusers.d/ntpd.conf $PREFIX/lib/sysusers.d/ntpd.conf
systemd  644 tmpfiles.d/ntpd.conf $PREFIX/lib/tmpfiles.d/ntpd.conf
systemd  config default/ntpd $SYSCONFDIR/default/ntpd
sysvinit 755 sysvinit/ntpd $SYSCONFDIR/init.d/ntpd
sysvinit config default/ntpd $SYSCONFDIR/default/ntpd
openrc   755 openrc/ntpd $SYSCONFDIR/init.d/ntpd
openrc   config openrc/ntpd.confd $SYSCONFDIR/conf.d/ntpd
runit    755 runit/ntpd/run $SYSCONFDIR/sv/ntpd/run
runit    755 runit/ntpd/finish $SYSCONFDIR/sv/ntpd/finish
runit    755 runit/ntpd/check $SYSCONFDIR/sv/ntpd/check
runit    755 runit/ntpd/log/run $SYSCONFDIR/sv/ntpd/log/run
runit    config default/ntpd $SYSCONFDIR/default/ntpd
s6       755 s6/ntpd/run $SYSCONFDIR/s6/sv/ntpd/run
s6       755 s6/ntpd/finish $SYSCONFDIR/s6/sv/ntpd/finish
s6       644 s6/ntpd/notification-fd $SYSCONFDIR/s6/sv/ntpd/notification-fd
s6       755 s6/ntpd/data/check $SYSCONFDIR/s6/sv/ntpd/data/check
s6       config default/ntpd $SYSCONFDIR/default/ntpd
apparmor 644 apparmor/usr.sbin.ntpd $SYSCONFDIR/apparmor.d/usr.sbin.ntpd
END_OF_TABLE
}

# Prints a file of ours with the chosen folders.
adapted() {
	sed -e "s|/usr/sbin/ntpd|$PREFIX/sbin/ntpd|g" \
	    -e "s|/usr/bin/ntpctl|$PREFIX/bin/ntpctl|g" \
	    -e "s|/usr/libexec/ntpd|$LIBEXECDIR|g" \
	    -e "s|/var/lib/ntpd|$LOCALSTATEDIR/lib/ntpd|g" \
	    -e "s|/etc/ntpd\\.|$SYSCONFDIR/ntpd.|g" \
	    -e "s|/etc/default/|$SYSCONFDIR/default/|g" "$here/$1"
}

put() { # put MODE FROM TO
	if [ "$1" = config ] && [ -e "$DESTDIR$3" ]; then
		return
	fi
	install -d "$DESTDIR${3%/*}"
	adapted "$2" >"$DESTDIR$3.new"
	mode=$1
	[ "$mode" != config ] || mode=644
	chmod "$mode" "$DESTDIR$3.new"
	mv "$DESTDIR$3.new" "$DESTDIR$3"
	echo "  INSTALL $DESTDIR$3"
}

install_for() {
	case " $names " in
	*" $1 "*) ;;
	*)
		echo "unknown: $1; INIT is one or more of: $names" >&2
		exit 1
		;;
	esac
	files | while read -r whose mode from to; do
		[ "$whose" != "$1" ] || put "$mode" "$from" "$to"
	done
	case $1 in
	systemd) next="systemd-sysusers && systemctl daemon-reload &&
	systemctl enable --now ntpd, and ntpd-wait for time-sync.target" ;;
	sysvinit) next="update-rc.d ntpd defaults && service ntpd start" ;;
	openrc) next="rc-update add ntpd default && rc-service ntpd start" ;;
	runit) next="ln -s $SYSCONFDIR/sv/ntpd /etc/service/" ;;
	s6) next="add $SYSCONFDIR/s6/sv/ntpd to your scan directory" ;;
	apparmor) next="apparmor_parser -r $SYSCONFDIR/apparmor.d/usr.sbin.ntpd" ;;
	esac
	echo "next, on the machine: $next"
}

# Removes only files that are as they were installed: another package may have a
# file of the same name, or the user may have changed it.
remove_all() {
	files | while read -r _ mode from to; do
		if [ "$mode" != config ] && [ -f "$DESTDIR$to" ] &&
		    adapted "$from" | cmp -s - "$DESTDIR$to"; then
			rm "$DESTDIR$to"
			echo "  REMOVE $DESTDIR$to"
		fi
	done
	for folder in sv/ntpd/log sv/ntpd s6/sv/ntpd/data s6/sv/ntpd; do
		[ ! -d "$DESTDIR$SYSCONFDIR/$folder" ] ||
		    rmdir --ignore-fail-on-non-empty \
			"$DESTDIR$SYSCONFDIR/$folder"
	done
	files | while read -r _ mode _ to; do
		[ "$mode" = config ] || [ ! -f "$DESTDIR$to" ] || echo "$to"
	done | sort -u | while read -r to; do
		echo "left alone, since it is not ours or was changed:" \
		    "$DESTDIR$to"
	done
}

# With this capability, an ordinary user's ntpd can steer the clock.  A user who
# can execute that file can set the clock, so only the group of ntpd may.  root
# and systemd do not need the capability, so it is no error if it cannot be set.
capability() {
	clock=$LIBEXECDIR/ntp-clock
	if [ -n "$DESTDIR" ]; then
		echo "for the packager: chgrp ntpd $clock;" \
		    "chmod 750 $clock; setcap cap_sys_time+p $clock"
		return
	fi
	PATH=$PATH:/usr/sbin:/sbin
	if getent group ntpd >/dev/null && chgrp ntpd "$clock" 2>/dev/null &&
	    chmod 750 "$clock" && setcap cap_sys_time+p "$clock" 2>/dev/null
	then
		echo "$clock: cap_sys_time+p, for the group ntpd alone"
	else
		echo "$clock has no file capability (root and systemd need" \
		    "none; it takes root, setcap and a group ntpd)"
	fi
}

action=${1:-}
[ $# -eq 0 ] || shift
case $action in
install)
	[ $# -gt 0 ] || {
		echo "say for what: make install-init INIT=..., one or more" \
		    "of: $names" >&2
		exit 1
	}
	for name; do
		install_for "$name"
	done
	;;
uninstall) remove_all ;;
capability) capability ;;
*)
	echo "usage: $0 install NAME... | uninstall | capability" >&2
	exit 1
	;;
esac
