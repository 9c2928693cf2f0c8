#!/bin/sh
# The include rules: a folder is a level of privilege or of purity, and each
# include names its folder, so that an include line shows each border that it
# crosses.  And core's objects call only memory and mathematics functions.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/tap.sh

# only FOLDER PREFIX...: its files, those of its folders too, include what begins
# with one of these; a folder alone may be a PREFIX, or a file.
only() {
	folder=$1
	shift
	wrong=$(find "$folder" -name '*.[chy]' | while read -r f; do
		sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)".*/\1/p' "$f" |
		    while read -r header; do
			for allowed in "$@"; do
				case $header in
				*../* | ./*) ;;
				"$allowed" | "$allowed"/*) continue 2 ;;
				esac
			done
			echo "# $f includes $header"
		done
	done)
	[ -z "$wrong" ]
	report $? "$folder/ includes only what it may"
	[ -z "$wrong" ] || echo "$wrong"
}

# core's rooms in the order in which what is received passes them.
base="core/types.h core/octets.h core/saturate.h core/fmath.h core/line.h"
# shellcheck disable=SC2086
{
	only core/packet $base core/packet
	only core/filter $base core/filter
	only core/source $base core/packet core/filter core/source
	only core/select $base core/packet core/filter core/source core/select
	only core/leap $base core/packet core/filter core/source core/select core/leap
	only core/steer $base core/steer
	only core/serve $base core/packet core/leap core/serve
	only core core
}
only common common core/types.h
only ntp-clock ntp-clock common core/types.h core/saturate.h core/line.h \
    core/packet/timestamp.h core/leap/leap.h core/steer
# Of core only types, files, and what is kept.
ntpd="common core/types.h core/octets.h core/packet/timestamp.h \
core/leap/leapfile.h core/steer/ledger.h core/steer/steer.h \
core/filter/drift.h"
# shellcheck disable=SC2086
{
	only ntpd/conf ntpd/conf $ntpd
	only ntpd ntpd $ntpd
}
for d in ntp-net/*/; do
	d=${d%/}
	only "$d" core common "$d"
done
only packaging/compat common packaging/compat

# shellcheck disable=SC2046
wrong=$(sed -n 's/^#[ ]*include <\([^>]*\)>.*/\1/p' $(find core -name '*.[ch]') |
    sort -u | grep -vxE 'std(bool|def|int|arg|noreturn|align)\.h|limits\.h|float\.h|string\.h|math\.h')
[ -z "$wrong" ]
report $? "core/ includes only freestanding headers, string.h and math.h"
[ -z "$wrong" ] || echo "# $wrong"

# Of mathematics what is one instruction, and so the same everywhere.
allowed='mem(cpy|set|move|cmp)|__mem(cpy|set|move)_chk|__stack_chk_fail'
allowed="$allowed|sqrt|fabs|_GLOBAL_OFFSET_TABLE_"
objects=$(find "$BUILD/obj/core" -name '*.o' 2>/dev/null)
[ -n "$objects" ]
report $? "core's objects are there to be looked at"
# What one object of core has another may call.
# shellcheck disable=SC2086
own=$(nm -g --defined-only $objects 2>/dev/null | awk 'NF == 3 {print $3}' |
    sort -u)
# shellcheck disable=SC2086
wrong=$(nm -u $objects 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u |
    grep -vxE "$allowed" | while read -r s; do
	echo "$own" | grep -qx "$s" || echo "# core calls $s"
done)
[ -z "$wrong" ]
report $? "core calls nothing outside of itself but memory and mathematics"
[ -z "$wrong" ] || echo "$wrong"
# shellcheck disable=SC2086
wrong=$(objdump -t $objects 2>/dev/null |
    awk '$4 ~ /^\.(data|bss)$/ && $NF !~ /^\./ {print "# " $NF}')
[ -z "$wrong" ]
report $? "core has no variables of its own"
[ -z "$wrong" ] || echo "$wrong"

grep -nE '\b(float|double)\b' ntp-clock/*.[ch] core/steer/*.[ch] \
    core/line.h core/saturate.h core/types.h core/leap/leap.[ch] |
    grep -vE ':[[:space:]]*(/?\*|//)' | sed 's/^/# /' >"$BUILD/doubles.txt"
[ ! -s "$BUILD/doubles.txt" ]
report $? "ntp-clock has no floating point"
cat "$BUILD/doubles.txt"
! grep -rnE '\b(malloc|calloc|realloc|strdup|free)[ ]*\(' ntp-clock core \
    --include='*.c'
report $? "ntp-clock and core have no heap"
! grep -ln 'clock_adjtime\|adjtimex *(' -r core common ntpd ntp-net \
    --include='*.c' | grep -v profile.c
report $? "nothing but ntp-clock/kernel.c can adjust a clock"
! grep -lE '\b(clock_gettime|gettimeofday|time) ?\((CLOCK|NULL|&|id)' -r core \
    common ntpd ntp-net ntp-clock --include='*.c' | grep -v '^common/clock.c$'
report $? "nothing but common/clock.c reads a clock"

done_testing
