#!/bin/sh
# Every path that the texts name exists: in README, ARCHITECTURE, SECURITY and
# the READMEs of folders, and in comments of the source.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

# there PATH: a file or folder, by its own name or by a pattern.
there() {
	for p in $1; do
		[ -e "$p" ] && return 0
	done
	return 1
}
# named FILE: the paths that it names, in a line each; not those below another
# root or of an example (ntp-net/X, ntp-ke), and not what is built.
named() {
	grep -oP '(?<![\w/.)-])(core|common|ntpd|ntp-clock|ntp-net|tests|packaging|man)/[\w.*/-]*[\w*/]' \
	    "$1" | grep -vE '/(X|ke/?|ke\.c)$|\.[ot]$|/(parse|release)\.h$' | sort -u
}
for f in README ARCHITECTURE SECURITY packaging/README tests/sim/README \
    tests/sim/ESTIMATOR tests/peers/ROWS; do
	wrong=$(named "$f" | while read -r p; do
		there "$p" || there "$(dirname "$f")/$p" || echo "# no $p"
	done)
	[ -z "$wrong" ]
	report $? "what $f names is there"
	[ -z "$wrong" ] || echo "$wrong"
done

# In the table of what to change, tests stand without their folder.
wrong=$(sed -n '/^TO CHANGE/,/^WHAT MUST/p' ARCHITECTURE |
    grep -oE '\b(unit|sim|peers|attack|system|sandbox|container|image|init|vm)/[A-Za-z0-9_.*-]*' |
    sort -u | while read -r p; do
	there "tests/$p" || there "packaging/$p" || echo "# no tests/$p"
done)
[ -z "$wrong" ]
report $? "and so are the tests in ARCHITECTURE"
[ -z "$wrong" ] || echo "$wrong"

wrong=$(find core common ntpd ntp-clock ntp-net tests -name '*.[chy]' |
    while read -r f; do
	named "$f" | grep -E '\.[chy]$|\.def$' | while read -r p; do
		there "$p" || echo "# $f: no $p"
	done
done)
[ -z "$wrong" ]
report $? "and the sources that comments and includes name"
[ -z "$wrong" ] || echo "$wrong"
done_testing
