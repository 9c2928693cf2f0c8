#!/bin/sh
# Check the files of packaging/ with the tools that read them: systemd units
# and their exposure, users, folders, the AppArmor profile, and all shell
# scripts.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build}")
. tests/tap.sh
dir=$(mktemp -d /tmp/ntpd-files.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
units=packaging/systemd
show() { # show STATUS FILE: as comments, after a failure
	[ "$1" = 0 ] || sed 's/^/# /' "$2"
}

if command -v systemd-analyze >/dev/null; then
	for unit in ntpd ntpd-wait; do
		# What it runs must exist: here it is in $BUILD.
		sed -e "s|/usr/sbin/ntpd |$BUILD/ntpd |" \
		    -e "s|=/usr/bin/ntpctl|=$BUILD/ntpctl|" \
		    -e '/^Documentation=/d' "$units/$unit.service" \
		    >"$dir/$unit.service"
	done
	for unit in ntpd ntpd-wait; do
		SYSTEMD_UNIT_PATH=$dir: systemd-analyze verify --man=no \
		    "$dir/$unit.service" >"$dir/said" 2>&1 &&
		    ! grep -q "$unit" "$dir/said"
		status=$?
		report $status "systemd-analyze verify $unit.service"
		show $status "$dir/said"
		systemd-analyze security --offline=yes --threshold=19 \
		    --no-pager "$units/$unit.service" >"$dir/said" 2>&1
		status=$?
		report $status "exposure below 2.0:$(sed -n \
		    's/.*exposure level for//p' "$dir/said")"
		show $status "$dir/said"
	done
	sed 's/^RestrictNamespaces=.*//; s/^ProtectSystem=.*//' \
	    "$units/ntpd.service" >"$dir/ntpd.service"
	! systemd-analyze security --offline=yes --threshold=19 --no-pager \
	    "$dir/ntpd.service" >/dev/null 2>&1
	report $? "that limit notices if two of its walls are gone"
else
	skip "systemd units" "no systemd-analyze"
fi

# Whatever ntpd lacks at the start, or is wrong with it, may be right later.
sed -n '/^\[Unit\]/,/^\[Service\]/p' "$units/ntpd.service" |
    grep -qx 'StartLimitIntervalSec=0' &&
    grep -qx 'Restart=on-failure' "$units/ntpd.service"
report $? "systemd starts ntpd again however often it has failed"

if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$dir/root/etc"
	: >"$dir/root/etc/passwd"
	systemd-sysusers --root="$dir/root" - \
	    <packaging/sysusers.d/ntpd.conf >"$dir/said" 2>&1
	status=$?
	grep -q '^ntpd:x:[1-9][0-9]*:[1-9]' "$dir/root/etc/passwd" &&
	    grep -q '^ntpd:x:' "$dir/root/etc/group" && [ $status = 0 ]
	status=$?
	report $status "systemd-sysusers makes user and group ntpd"
	show $status "$dir/said"
else
	skip "users" "no systemd-sysusers"
fi
if ! command -v systemd-tmpfiles >/dev/null; then
	skip "folders" "no systemd-tmpfiles"
elif [ "$(id -u)" != 0 ]; then
	skip "folders" "needs root"
else
	systemd-tmpfiles --root="$dir/root" --create - \
	    <packaging/tmpfiles.d/ntpd.conf >"$dir/said" 2>&1
	id=$(sed -n 's/^ntpd:x:\([0-9]*\).*/\1/p' "$dir/root/etc/passwd")
	[ "$(stat -c '%u %a' "$dir/root/run/ntpd" "$dir/root/var/lib/ntpd" |
	    sort -u)" = "$id 755" ]
	status=$?
	report $status "systemd-tmpfiles makes its folders, and they are its own"
	show $status "$dir/said"
fi

profile=packaging/apparmor/usr.sbin.ntpd
if why=$(tests/peers/get.sh "$BUILD/init" apparmor); then
	parser=$BUILD/init/apparmor
	features=$parser/usr/share/apparmor-features/features
	parser_program=$(find "$parser" -type f -name apparmor_parser)
	: >"$dir/parser.conf"
	parse() {
		"$parser_program" -Q -K --Werror \
		    --config-file "$dir/parser.conf" -M "$features" \
		    --base "$parser/etc/apparmor.d" "$1" >"$dir/said" 2>&1
	}
	parse "$profile"
	status=$?
	report $status "apparmor_parser takes the profile, with no warning"
	show $status "$dir/said"
	sed 's/network inet dgram/network inet datagram/' "$profile" \
	    >"$dir/wrong"
	! parse "$dir/wrong"
	report $? "and refuses a broken one"
else
	skip "the AppArmor profile" "$why"
fi

scripts=$(grep -rlE '^#!(/bin/sh|/bin/bash|/sbin/openrc-run)' packaging \
    tests/init)
if command -v shellcheck >/dev/null; then
	# What is read with "." it is not shown.
	# shellcheck disable=SC2086
	shellcheck -e SC1091,SC2034,SC2154,SC2181,SC2319 $scripts >"$dir/said" 2>&1
	status=$?
	report $status "shellcheck has nothing to say of the scripts"
	show $status "$dir/said"
else
	skip "shellcheck" "it is not installed"
fi
wrong=
for script in $(echo "$scripts" | grep -v /guest/); do
	[ -x "$script" ] || wrong="$wrong $script"
done
[ -z "$wrong" ]
report $? "every script can be executed"
[ -z "$wrong" ] || echo "# not:$wrong"
done_testing
