#!/bin/sh
# Rows of `make sim' that take seconds and stand for a promise of their own: what
# they demand is in the scenarios' targets.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
BUILD=${BUILD:-build}

# row NAME SENTENCE
row() {
	out=$("$BUILD/sim" -a -n 3 "tests/sim/scenarios/$1.sim" 2>&1)
	status=$?
	report $status "$2"
	[ $status = 0 ] || echo "$out" | sed 's/^/# /'
}

row B7-kept-drift "a drift that another board kept leads nobody astray"
row B8-kept-drift-wan "nor where servers are far"
done_testing
