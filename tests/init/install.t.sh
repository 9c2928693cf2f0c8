#!/bin/sh
# `make install` and `make uninstall` with a DESTDIR: which files there are,
# with which modes, and that only the configuration and the state are left.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
LC_ALL=C
export LC_ALL
. tests/tap.sh
dir=$(mktemp -d /tmp/ntpd-install.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
d=$dir/dest
all="systemd sysvinit runit s6 apparmor"

# run TARGET ...: make, of what is built already: nothing is compiled here.
run() {
	env -u MAKEFLAGS -u MFLAGS make -s --no-print-directory -o all \
	    BUILD="$BUILD" "$@" </dev/null
}
files() { # files FOLDER: all files in it, with their modes
	(cd "$1" && find . ! -type d -printf '%m %P\n' | sort -k 2)
}
same() { # same SENTENCE GOT WANT
	[ "$2" = "$3" ]
	report $? "$1"
	[ "$2" = "$3" ] || printf '%s\n---\n%s\n' "$2" "$3" | sed 's/^/# /'
}

mkdir -p "$d/etc/init.d" "$d/usr/bin"
echo "another's" >"$d/etc/init.d/other"
echo "another's" >"$d/usr/bin/other"
before=$(files "$d")

said=$(run install DESTDIR="$d" 2>&1)
report $? "make install"
case $said in *"setcap cap_sys_time+p /usr/libexec/ntpd/ntp-clock"*) ;;
*) false ;; esac
report $? "it names the file capability for the packager"
[ -z "$(getcap -r "$d" 2>/dev/null)" ]
report $? "and gives none in a DESTDIR"
want=$({
	echo "$before"
	echo "644 etc/ntpd.conf"
	echo "755 usr/bin/ntpctl"
	echo "755 usr/sbin/ntpd"
	for p in clock net observe resolve serve; do
		echo "755 usr/libexec/ntpd/ntp-$p"
	done
	for page in man/*; do
		echo "644 usr/share/man/man${page##*.}/${page#man/}"
	done
} | sort -k 2)
same "just the programs, the pages and a configuration" "$(files "$d")" "$want"

# shellcheck disable=SC2086
run install-init DESTDIR="$d" INIT="$all" >/dev/null
report $? "make install-init INIT=\"$all\""
same "the modes of what it installs" "$(files "$d" | grep -v other |
    grep -E ' (etc/|usr/lib/)' | grep -v 'etc/ntpd.conf')" \
    "644 etc/apparmor.d/usr.sbin.ntpd
644 etc/default/ntpd
755 etc/init.d/ntpd
755 etc/s6/sv/ntpd/data/check
755 etc/s6/sv/ntpd/finish
644 etc/s6/sv/ntpd/notification-fd
755 etc/s6/sv/ntpd/run
755 etc/sv/ntpd/check
755 etc/sv/ntpd/finish
755 etc/sv/ntpd/log/run
755 etc/sv/ntpd/run
644 usr/lib/systemd/system/ntpd-wait.service
644 usr/lib/systemd/system/ntpd.service
644 usr/lib/sysusers.d/ntpd.conf
644 usr/lib/tmpfiles.d/ntpd.conf"
[ -z "$(find "$d" -type d ! -perm 755)" ] &&
    [ -z "$(find "$d" -name '*.new')" ]
report $? "folders can be read by all, and nothing is left half done"
said=$(run install-init DESTDIR="$d" INIT=upstart 2>&1)
[ $? != 0 ] && case $said in *upstart*systemd*) ;; *) false ;; esac
report $? "an unknown INIT is refused, with those that there are"
! run install-init DESTDIR="$d" >/dev/null 2>&1
report $? "and so is none"

echo "# mine" >"$d/etc/ntpd.conf"
echo "# mine" >"$d/etc/default/ntpd"
mkdir -p "$d/var/lib/ntpd"
echo state >"$d/var/lib/ntpd/clock"
run install DESTDIR="$d" >/dev/null 2>&1 &&
    run install-init DESTDIR="$d" INIT=systemd >/dev/null
report $? "once more, as an upgrade"
[ "$(cat "$d/etc/ntpd.conf" "$d/etc/default/ntpd")" = "# mine
# mine" ]
report $? "the configuration is left as it was"
echo "# mine" >>"$d/etc/init.d/ntpd"
run uninstall DESTDIR="$d" >"$dir/said" 2>&1
report $? "make uninstall"
grep -q 'left alone.*etc/init.d/ntpd' "$dir/said"
report $? "a script that was changed is left, and named"
rm "$d/etc/init.d/ntpd"
same "what is left: configuration, state, and what is others'" \
    "$(files "$d")" "$({
	echo "$before"
	printf '644 %s\n' etc/ntpd.conf etc/default/ntpd var/lib/ntpd/clock
    } | sort -k 2)"
[ "$(cd "$d" && find . -type d -path '*ntpd*')" = ./var/lib/ntpd ]
report $? "no folder of ours is left"

# Another PREFIX: the files name what was installed.
p=$dir/local
prefix="PREFIX=/usr/local SYSCONFDIR=/usr/local/etc"
# shellcheck disable=SC2086
run install-init DESTDIR="$p" $prefix INIT="systemd sysvinit" >/dev/null
report $? "make install-init $prefix"
! grep -rnE '[ =:-](/usr/s?bin/ntp|/usr/libexec/ntpd|/etc/(default|ntpd\.))' "$p"
report $? "no file names the usual folders"
grep -q '^ExecStart=/usr/local/sbin/ntpd -d' \
    "$p/usr/local/lib/systemd/system/ntpd.service"
report $? "the unit starts the program that was installed"
# shellcheck disable=SC2086
run uninstall DESTDIR="$p" $prefix >/dev/null 2>&1 &&
    [ "$(files "$p")" = "644 usr/local/etc/default/ntpd" ]
report $? "and all of it goes"
done_testing
