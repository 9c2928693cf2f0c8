#!/bin/sh
# Fetch Debian's own NTP servers, which our programs are tested against, and
# unpack them without installing them: get.sh DIR PACKAGE... A package is then
# in DIR/PACKAGE (DIR/chrony/usr/sbin/chronyd), and stays there.  Exit status
# 1, with a line that says why, if one is not available.
set -eu

dir=$1
shift
mkdir -p "$dir"
cd "$dir"
exec 9>.lock
flock 9 # two tests may want the same

for package in "$@"; do
	[ ! -e "$package/.complete" ] || continue
	rm -rf "$package" "$package.new"
	mkdir "$package.new"
	if ! (cd "$package.new" && apt-get -q download "$package" \
	    </dev/null >apt.log 2>&1); then
		echo "cannot download the Debian package $package:" \
		    "$(grep '^E:' "$package.new/apt.log" | head -n 1)"
		rm -rf "$package.new"
		exit 1
	fi
	dpkg -x "$package.new/$package"_*.deb "$package.new"
	rm "$package.new/$package"_*.deb
	touch "$package.new/.complete"
	mv "$package.new" "$package"
done
