#!/bin/sh
# No function without a caller: the linker's map of each program lists what was
# left out.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/tap.sh

maps=$(ls "$BUILD"/obj/*.map 2>/dev/null)
[ -n "$maps" ]
report $? "the maps of programs are there to be looked at"

# Left out of each program that has its object, and not called in its own file,
# where it may be inlined: file and function.
# shellcheck disable=SC2086
dead=$(awk '
    /^LOAD .*\/obj\/.*\.o$/ { loaded[$2]++ }
    /^Discarded input sections/ { inside = 1 }
    /^Memory Configuration/ { inside = 0 }
    !inside { next }
    NF == 1 && /^ \.text\./ { section = $1; next }
    NF == 4 && /^ \.text\./ { section = $1 }
    NF >= 3 && section != "" && $NF ~ /\/obj\/.*\.o$/ {
	left_out[$NF " " section]++ }
    { section = "" }
    END { for (i in left_out) { split(i, part, " ")
	if (left_out[i] == loaded[part[1]]) {
	    sub(/.*\/obj\//, "", part[1]); sub(/^\.text\./, "", part[2])
	    print part[1], part[2] } } }' $maps | sort |
    while read -r object name; do
	[ "$(grep -c "\\b$name(" "${object%.o}.c")" -gt 1 ] ||
	    echo "# ${object%.o}.c: $name()"
    done)
[ -z "$dead" ]
report $? "every function is called by a program"
[ -z "$dead" ] || echo "$dead"
done_testing
