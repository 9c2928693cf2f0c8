#!/bin/sh
# The include rules: a folder is a level of privilege or of purity.
#   core/       core/ and freestanding headers, string.h, math.h
#   common/     common/ and libraries
#   ntp-clock/  of core/ only what steers: law, permit, ledger, leap seconds
#   ntpd/       of core/ only time types, octets, the leap file, the ledger,
#               and what is left of a kept drift
#   ntp-net/X/  core/, common/, its own folder, never a sibling
# And core's objects call nothing but memory and mathematics.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/tap.sh

# quoted FOLDER: the project headers that its files include, "file header".
quoted() {
	for f in "$1"/*.c "$1"/*.h "$1"/*.y; do
		[ -e "$f" ] || continue
		sed -n 's/^#[ ]*include "\([^"]*\)".*/\1/p' "$f" |
		    sed "s|^|$f |"
	done
}
# only FOLDER 'ALLOWED ...': each header is in one of the folders or files.
only() {
	folder=$1
	wrong=$(quoted "$folder" | while read -r file header; do
		found=
		for a in $2; do
			case $a in
			*.h) [ "$(basename "$a")" = "$header" ] && found=1 ;;
			*) [ -e "$a/$header" ] && found=1 ;;
			esac
		done
		[ -n "$found" ] || echo "# $file includes $header"
	done)
	[ -z "$wrong" ]
	report $? "$folder/ includes only what it may"
	[ -z "$wrong" ] || echo "$wrong"
}

only core core
only common common
only ntp-clock "core/types.h core/timestamp.h core/leap.h core/steer.h \
core/ledger.h core/permit.h core/resume.h core/quality.h common \
ntp-clock"
only ntpd "core/types.h core/timestamp.h core/octets.h core/leapfile.h \
core/ledger.h core/steer.h core/drift.h common ntpd $BUILD/obj/ntpd"
for d in ntp-net/*/; do
	d=${d%/}
	only "$d" "core common $d"
done

only packaging/compat "common packaging/compat"

wrong=$(sed -n 's/^#[ ]*include <\([^>]*\)>.*/\1/p' core/*.c core/*.h |
    sort -u | grep -vxE 'std(bool|def|int|arg|noreturn|align)\.h|limits\.h|float\.h|string\.h|math\.h')
[ -z "$wrong" ]
report $? "core/ includes only freestanding headers, string.h and math.h"
[ -z "$wrong" ] || echo "# $wrong"

allowed='mem(cpy|set|move|cmp)|__mem(cpy|set|move)_chk|__stack_chk_fail'
allowed="$allowed|sqrt|exp|log|log2|pow|fabs|floor|ceil|ldexp|frexp|round"
allowed="$allowed|lround|llround|lrint|llrint|rint|fmax|fmin|hypot|erf|erfc"
allowed="$allowed|log1p|expm1|cbrt|isfinite|_GLOBAL_OFFSET_TABLE_|__assert_fail"
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

grep -nE '\b(float|double)\b' ntp-clock/*.c ntp-clock/*.h core/steer.c \
    core/steer.h | grep -vE ':[[:space:]]*(/?\*|//)' |
    sed 's/^/# /' >"$BUILD/doubles.txt"
[ ! -s "$BUILD/doubles.txt" ]
report $? "ntp-clock has no floating point"
cat "$BUILD/doubles.txt"
! grep -nE '\b(malloc|calloc|realloc|strdup|free)[ ]*\(' ntp-clock/*.c \
    core/*.c
report $? "ntp-clock and core have no heap"
! grep -ln 'clock_adjtime\|adjtimex *(' -r core common ntpd ntp-net \
    --include='*.c' | grep -v profile.c
report $? "nothing but ntp-clock/kernel.c can adjust a clock"

done_testing
