#!/bin/sh
# Single system calls that fail at the start: the daemon recovers, or ends and
# says why.  Only a few; make faults tries the first ten of each.
here=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$here/build} exec python3 "$here/tests/faults/inject.py" few
