#!/bin/sh
# Rows of `make sim' that take only seconds and each test a promise of their
# own: their demands are the scenarios' targets.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
BUILD=${BUILD:-build}

# row NAME SENTENCE
row() {
	out=$("$BUILD/sim" -a -n 3 "tests/sim/scenarios/$1.sim" 2>&1)
	status=$?
	report $status "$2"
	echo "$out" | sed -n '/after a pause$/s/^/# /p'
	[ $status = 0 ] || echo "$out" | sed 's/^/# /'
}

row B7-kept-drift "a drift that another board kept leads nobody astray"
row B8-kept-drift-wan "nor where servers are far"
row C1-whole-seconds "stamps in whole seconds: near them, and no stepping about"
row C2-hundredths "in hundredths of a second"
row C3-ticks "by ticks that are no part of a second"
row C4-noise "a server that scatters and does not say so"
row D1-1100ppm "an oscillator that is off by 1100 ppm is followed"
row L1-loopback "asked once a minute where that is known to 100 ns"
row M4-pause-3h "three sources: within 60 s after a pause of 3 h"

# wild PPM SERVERS: an oscillator like that is said to be in sync for two minutes
# at most, however often the line begins anew.
trace=$(mktemp)
trap 'rm -f "$trace" "$trace.sim"' EXIT
wild() {
	printf '%s\n' "title an oscillator that is off by $1 ppm" "length 3h" \
	    "clock freq $1ppm wander 10ppb" \
	    "server count $2 base 20ms jitter exp 1ms" >"$trace.sim"
	"$BUILD/sim" -t "$trace" -e 10 "$trace.sim" >/dev/null 2>&1
	wrong=$(awk '$1 > 120 && $NF > 0' "$trace" | wc -l)
	[ "$(wc -l <"$trace")" -gt 1000 ] && [ "$wrong" = 0 ]
	report $? "off by $1 ppm, $2 servers: not called in sync ($wrong)"
}
wild 1100 4
wild -1100 4
wild 1100 1
wild 1944 3
wild 5000 4
wild -20000 4
done_testing
