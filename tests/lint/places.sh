#!/bin/sh
# One fact is in one place: no source repeats what a row of a table in common/
# says.  So a counter or a member of the status is its row and the place that
# sets it; a number of the configuration is its row and its rule in the
# grammar.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
sources=$(find common core ntpd ntp-clock ntp-net -name '*.[chy]' | sort)

# nowhere SENTENCE PATTERN: no source has it; the names are those of the rows.
nowhere() {
	# shellcheck disable=SC2086
	wrong=$(grep -nE -e "$2" $sources)
	[ -n "$2" ] && [ -z "$wrong" ]
	report $? "$1"
	[ -z "$wrong" ] || echo "$wrong" | sed 's/^/# /'
}
# any: the lines of standard input as one pattern.
any() {
	sort -u | tr '\n' '|' | sed 's/|$//'
}

# A name of one word may be a word of something else; in json.c it is the member.
members=$(sed -n 's/_COLUMN("[^"]*", */("/; s/^[A-Z]*("\([a-z_]*\)", .*/\1/p' \
    common/status.def)
counters=$(sed -n 's/^COUNTER([A-Z_]*, *"\([a-z_]*\)".*/\1/p' \
    common/counters.def)
columns=$(sed -n 's/^COUNTER([A-Z_]*, *"[a-z_]*", *"\([a-z ]* [a-z ]*\)".*/\1/p' \
    common/counters.def)
nowhere "members of the status have their names in status.def alone" \
    "\"($(echo "$members" | grep _ | any))\""
nowhere "counters have their names in counters.def alone" \
    "\"($({ echo "$counters" | grep _; echo "$columns"; } | any))\""
wrong=$(sed -n 's/.*put(o, "\([^"]*\)".*/\1/p' ntp-net/ctl/json.c |
    grep -xE "$({ echo "$members"; echo "$counters"; } | any)")
[ -z "$wrong" ]
report $? "json.c names none of them"
[ -z "$wrong" ] || echo "# $wrong"
nowhere "no range of the configuration is written out" \
    '"an? [^"]* from -?[0-9][^"]* to -?[0-9]'
done_testing
