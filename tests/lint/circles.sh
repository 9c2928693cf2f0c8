#!/bin/sh
# No include cycles: a module is a header with the source of its name, and none
# may include itself, directly or through others.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

# MODULE MODULE, a line each: the one includes the other.
includes() {
	find common core ntp-clock ntp-net ntpd packaging tests \
	    -name '*.[chy]' | while read -r f; do
		sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)\.[ch]".*/\1/p' "$f" |
		    sed "s|^|${f%.[chy]} |"
	done | awk '$1 != $2' | sort -u
}

# The modules of each circle; tsort(1) finds no order for them.
circles() {
	tsort 2>&1 >/dev/null |
	    sed 's/.*input contains a loop.*/# a circle:/; s/^tsort: /#	/'
}

found=$(printf '%s\n' 'a b' 'b c' 'c b' 'c d' | circles | tail -n +2 | sort |
    tr -d '\n#	')
[ "$found" = bc ]
report $? "a circle would be found"
list=$(includes)
[ "$(echo "$list" | wc -l)" -gt 500 ]
report $? "the includes are found"
wrong=$(echo "$list" | circles)
[ -z "$wrong" ]
report $? "no module includes what includes it"
[ -z "$wrong" ] || echo "$wrong"

done_testing
