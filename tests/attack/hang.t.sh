#!/bin/sh
# Programs that run and never come back to their loop, which no signal tells
# of: each is noticed by what it leaves undone, and the next one is a good one.
# And one that says of others that they hang.
# shellcheck disable=SC2034,SC2154 # what evil.sh reads and sets
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/evil.sh"

server upstream 3
upstream_port=$port
until_ok 10 ctl upstream -j status

for victim in ntp-clock ntp-net ntp-observe; do
	evil $victim loop
	until_ok 10 test -n "$(child $victim)"
	! in_sync >/dev/null 2>&1
	report $? "with $victim in a loop the status is not synchronized"
	# From now on it is itself again.
	cp "$real/$victim" "$BUILD/$victim.new" && mv "$BUILD/$victim.new" "$BUILD/$victim"
	until_ok 150 grep -q "$victim pid=[0-9]* has not responded for 20 s" "$log"
	report $? "it is noticed and said"
	until_ok 60 in_sync
	report $? "the next one is a good one, and the client in sync"
	peace
done

# Who accuses good programs of silence gains nothing.
evil ntp-observe "silent ntp-net"
until_ok 20 grep -q "time agreed" "$log"
sleep 5
! grep -q "does not respond\|has not responded\|ended" "$log"
report $? "ntp-net is not ended for what ntp-observe says"
[ -n "$(child ntp-net)" ]
report $? "and lives"
peace
evil ntp-observe "silent ntp-resolve"
until_ok 20 grep -q "ntp-observe speaks of one that it does not talk to" "$log"
report $? "whoever speaks of one that it does not talk to is ended"
peace
kill "$upstream" 2>/dev/null
done_testing
