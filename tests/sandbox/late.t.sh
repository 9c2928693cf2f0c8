#!/bin/sh
# For programs whose filter kills: each function that they import from
# libraries is in the table LIBC, with the reason why no library sets anything
# up there after the filter is on.  If another release of the C library did so,
# the program would be killed.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
. tests/tap.sh

# unknown PROGRAM: what it imports and the table has not.  The fortified name of
# a function is that of the function.
unknown() {
	nm -D --undefined-only "$1" | awk '
	    NR == FNR { if (!/^#/) for (i = 2; i <= NF; i++) {
		p = $i; if (sub(/\*$/, "", p)) start[p]; else whole[p] }
		next }
	    { name = $NF; sub(/@.*/, "", name)
	      if (name ~ /^__.*_chk$/ && !(name in whole)) {
		sub(/^__/, "", name); sub(/_chk$/, "", name) }
	      found = name in whole
	      for (p in start) found = found || index(name, p) == 1
	      if (!found) print name; seen++ }
	    END { if (!seen) print "(no imports could be read)" }
	' tests/sandbox/LIBC -
}
for program in ntp-clock ntp-net ntp-serve ntp-observe; do
	found=$(unknown "$BUILD/$program" 2>&1)
	[ -z "$found" ]
	report $? "$program imports nothing that may set something up late"
	[ -z "$found" ] || echo "$found" | sed 's/^/# /'
done
# ntp-resolve needs such functions, and its profile has what they need.
[ -n "$(unknown "$BUILD/ntp-resolve")" ]
report $? "ntp-resolve would be found"
done_testing
