#!/bin/sh
# Programs that run but never return to their loop, which no signal reports:
# each is noticed by what it fails to do, and replaced by one that works.  And
# a program that accuses others of hanging.
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

# One that hangs later, when hardly anybody has to do with it: its page grows old,
# and whoever asks hears that, and no more of what it said.  strace(1) holds it.
if ! strace -o /dev/null -e inject=ppoll:delay_enter=1 true 2>/dev/null; then
	for sentence in "in sync" "it is not believed" "nor said to be in sync" \
	    "it is said" "and it is replaced"; do
		skip "ntp-clock hangs later: $sentence" "no strace that delays"
	done
else
	BUILD=$dir/bin-later
	mkdir "$BUILD"
	for p in ntpd ntpctl ntp-clock ntp-net ntp-resolve ntp-serve \
	    ntp-observe; do
		cp "$real/$p" "$BUILD/$p"
	done
	cat >"$BUILD/ntp-clock" <<END
#!/bin/sh
cp "$real/ntp-clock" "$BUILD/new" && mv "$BUILD/new" "$BUILD/ntp-clock"
exec strace -D -o /dev/null -e trace=ppoll \\
    -e inject=ppoll:delay_enter=100000000:when=10 "$real/ntp-clock"
END
	conf later <<END
server 127.0.0.1 port $upstream_port poll 64s to 64s
END
	case_name=later
	start later
	ntpd=$pid
	log=$dir/later.log
	until_ok 20 in_sync
	report $? "ntp-clock hangs later: in sync"
	fails() {
		! ctl later clock >"$dir/later.clock" 2>&1
	}
	until_ok 300 fails && grep -q "ntp-clock does not respond" "$dir/later.clock"
	report $? "ntp-clock hangs later: it is not believed"
	! in_sync >/dev/null || [ "$(restarts ntp-clock)" != 0 ]
	report $? "ntp-clock hangs later: nor said to be in sync"
	until_ok 60 grep -q "ntp-clock pid=[0-9]* has not responded for 20 s" "$log"
	report $? "ntp-clock hangs later: it is said"
	until_ok 60 in_sync
	report $? "ntp-clock hangs later: and it is replaced"
	peace
fi

# Who accuses good programs of silence gains nothing.
evil ntp-observe "silent ntp-net"
until_ok 20 grep -q "time agreed" "$log"
sleep 5
! grep -q "does not respond\|has not responded\|ended\|killed" "$log"
report $? "ntp-net is not ended for what ntp-observe says"
[ -n "$(child ntp-net)" ]
report $? "and lives"
peace
evil ntp-observe "silent ntp-resolve"
until_ok 20 grep -q "ntp-observe reported on a program that it has no channel to" "$log"
report $? "whoever speaks of one that it does not talk to is ended"
peace
kill "$upstream" 2>/dev/null
done_testing
