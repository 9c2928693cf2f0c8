#!/bin/sh
# What commands print and how they end: an answer that cannot be written,
# ignored signals, odd arguments, and members of JSON that no page documents.
. "$(dirname "$0")/../lib.sh"

server first 5
conf main <<END
server 127.0.0.1 port $port poll 1s to 1s
listen on 127.0.0.1 port $((port + 20000))
END
start main
main=$pid
until_ok 30 ctl main wait 0
report $? "it is in sync"

# Nobody gets the answer: that is no success, for any command that has one.
unwritten() { # unwritten NAME COMMAND ...: fails with and only with no output
	name=$1
	shift
	"$@" >/dev/null 2>&1
	good=$?
	"$@" >&- 2>"$dir/closed"
	closed=$?
	"$@" >/dev/full 2>"$dir/full"
	full=$?
	[ "$good:$closed:$full" = 0:1:1 ] && [ -s "$dir/closed" ] && [ -s "$dir/full" ]
	report $? "$name: $(tail -1 "$dir/closed")"
	[ "$good:$closed:$full" = 0:1:1 ] || echo "# status $good, $closed, $full"
}
unwritten "ntpd -n" "$BUILD/ntpd" -n -c 'server a'
unwritten "ntpd -V" "$BUILD/ntpd" -V
unwritten "ntpd -h" "$BUILD/ntpd" -h
unwritten "ntpctl -V" "$BUILD/ntpctl" -V
unwritten "ntpctl -h" "$BUILD/ntpctl" -h
for c in status sources "source 127.0.0.1" clock server clients log health "wait 0" reload; do
	# shellcheck disable=SC2086
	unwritten "ntpctl $c" ctl main $c
	# shellcheck disable=SC2086
	unwritten "ntpctl -j $c" ctl main -j $c
done
"$BUILD/ntpd" -q -x -c "server 127.0.0.1 port $port" -c 'control socket none' \
    -c "state directory \"$dir/once.state\"" >&- 2>"$dir/once.log"
grep -q 'cannot write the result to standard output: Bad file' \
    "$dir/once.log"
report $? "ntpd -q says so in the log"

# Signals that mean nothing to it.
for s in USR2 ALRM VTALRM PROF IO PWR STKFLT XFSZ RTMIN 64; do
	/bin/kill -s "$s" "$main" || echo "# $s cannot be sent"
done
kill -USR1 "$main"
until_ok 10 grep -q "summary\|synchronized=yes" "$dir/main.log"
report $? "signals without a meaning do not end it: it goes on to take USR1"
[ "$(ctl main -j status | jq .synchronized)" = true ]
report $? "and answers"

# says WORDS COMMAND ...: exit status 1, and that is all that is said.
says() {
	want=$1
	shift
	said=$("$@" 2>&1)
	[ $? = 1 ] && [ "$said" = "ntpctl: $want" ]
	report $? "$want"
	[ "$said" = "ntpctl: $want" ] || echo "# $said"
}
says 'source: expected a name or an address, found ""' ctl main source ''
says 'there is no source "nosuch"' ctl main source nosuch
says '-s: expected the path of a socket, found ""' "$BUILD/ntpctl" -s '' status
says "cannot connect to /etc/passwd: it is no socket" \
    "$BUILD/ntpctl" -s /etc/passwd status
says "cannot connect to /etc: it is a directory" "$BUILD/ntpctl" -s /etc status
says "cannot connect to $dir/nosuch.sock: No such file or directory: is ntpd running?" \
    ctl nosuch status
long=$(head -c 3000 /dev/zero | tr '\0' a)
short=$(head -c 60 /dev/zero | tr '\0' a)
says "there is no source \"$short\" and more" ctl main source "$long"
says "unknown command (try ntpctl --help): \"$short\" and more" ctl main "$long"
said=$("$BUILD/ntpd" -n -c "server \$$(printf %.900s "$long")" 2>&1)
[ "$said" = "-c#1:1:8: no such macro: $short" ]
report $? "ntpd -n: a name that is too long to be shown is cut"
conf none </dev/null
start none
until_ok 10 ctl none sources
says "not in sync after 0 s: no source is configured" ctl none wait 0

# Every member of what is printed as JSON stands in the page, with its command.
page=$(dirname "$0")/../../man/ntpctl.8
paragraph() { # of a command in JSON OUTPUT
	awk -v cm=".Cm $1" '/^\.Sh JSON OUTPUT/ { on = 1 }
	    /^\.Sh ENVIRONMENT/ { on = 0 }
	    /^\.Pp/ { if (found) exit; text = "" ; found = 0 }
	    on { text = text $0 "\n"
		if ($0 == cm && !done) found = 1 }
	    END { if (found) printf "%s", text }' "$page"
}
for c in status sources clock server clients log health reload; do
	case $c in
	status) skip_of='.sources' ;;
	*) skip_of='.nothing' ;;
	esac
	ctl main -j $c | jq -r "del($skip_of[]?) | [.. | objects | keys[]] |
	    unique[]" >"$dir/members"
	paragraph $c >"$dir/paragraph"
	case $c in # "these" of the paragraph before
	health) paragraph reload >>"$dir/paragraph" ;;
	esac
	missing=
	while read -r member; do
		grep -q "^\.Li $member\\b" "$dir/paragraph" ||
		    missing="$missing $member"
	done <"$dir/members"
	[ -s "$dir/members" ] && [ -z "$missing" ]
	report $? "ntpctl(8) names every member of $c${missing:+, but not$missing}"
done

# Who ends what waits for the daemon to start ends the daemon.
mkdir "$dir/bin"
cp "$BUILD"/ntpd "$BUILD"/ntp-* "$dir/bin"
printf '#!/bin/sh\nexec sleep 60\n' >"$dir/bin/ntp-resolve"
chmod 755 "$dir/bin" "$dir"/bin/*
conf slow <<END
server 127.0.0.1 port $port
END
"$dir/bin/ntpd" -x -f "$dir/slow.conf" --pidfile "$dir/slow.pid" \
    >"$dir/slow.out" 2>&1 &
waits=$!
pids="$pids $waits"
until_ok 10 test -s "$dir/slow.pid"
slow=$(cat "$dir/slow.pid")
pids="$pids $slow"
kill "$waits"
wait "$waits"
[ $? = 1 ]
report $? "TERM for who waits for the start: exit status 1"
until_ok 5 test ! -e "$dir/slow.pid"
report $? "and there is no daemon"
kill -QUIT "$main"
wait "$main"
report $? "QUIT ends it as TERM does: exit status 0"
[ ! -e "$dir/main.sock" ] && grep -q "ntpd ends" "$dir/main.log"
report $? "and in good order"
show_log main
done_testing
