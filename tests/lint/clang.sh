#!/bin/sh
# The other compiler: every program builds with clang, without a warning.
set -u
cd "$(dirname "$0")/../.." || exit 1
if ! command -v clang >/dev/null; then
	echo "1..0 # SKIP clang is not installed"
	exit 0
fi
echo 1..1
log=$(mktemp)
if env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -j2 CC=clang \
    BUILD=build/clang all >"$log" 2>&1; then
	echo "ok 1 - clang builds every program without a warning"
	rm -f "$log"
else
	echo "not ok 1 - clang builds every program without a warning"
	grep -E 'error|warning' "$log" | head -20 | sed 's/^/# /'
	rm -f "$log"
	exit 1
fi
