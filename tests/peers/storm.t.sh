#!/bin/sh
# A short storm: see tests/bench/hostile.sh; `make hostile` runs a long one.
HOSTILE_SECONDS=${HOSTILE_SECONDS:-20}
HOSTILE_ADDRESSES=${HOSTILE_ADDRESSES:-200000}
export HOSTILE_SECONDS HOSTILE_ADDRESSES
exec sh "$(dirname "$0")/../bench/hostile.sh"
