#!/bin/sh
# Who may ask for a change, and descriptors that nobody asked for: attacks by a
# local user on the control socket, and by an ntp-resolve that was taken over.
# ntpd is started by root and by an ordinary user; on a kernel that refuses
# such descriptors and on one that does not.  See evil_resolve.c and
# control_linger.c.
. "$(dirname "$0")/../lib.sh"

evil=$BUILD/tests/attack
root=no
[ "$(id -u)" = 0 ] && root=yes
cd "$dir" || exit 1
user=5555  # a local user
owner=4444 # who starts ntpd as an ordinary user

# The programs with another ntp-resolve.
programs() { # programs FOLDER NTP-RESOLVE
	mkdir "$1"
	for program in ntpd ntp-clock ntp-net ntp-resolve ntp-serve \
	    ntp-observe; do
		cp "$BUILD/$program" "$1/"
	done
	cp "$2" "$1/ntp-resolve"
	chmod -R a+rX "$1"
}
programs real "$BUILD/ntp-resolve"
programs sandboxed "$evil/ntp-resolve"
programs loose "$evil/ntp-resolve-loose"

# as_user UID COMMAND ...
as_user() {
	uid=$1
	shift
	if [ $root = yes ]; then
		setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
	else
		"$@"
	fi
}
server upstream 3
upstream_port=$port
# launch NAME FOLDER WAY [old]: ntpd -x in a folder of its own, $dir/NAME, which
# the evil ntp-resolve counts its lives in; WAY: root, or user.
launch() {
	name=$1
	mkdir "$dir/$name"
	[ "$3" = root ] || [ $root = no ] || chown $owner "$dir/$name"
	cat >"$dir/$name.conf" <<-EOF
	server 127.0.0.1 port $upstream_port poll 1s to 2s
	server evil.invalid poll 1s to 2s
	minimum sources 1
	control socket "$dir/$name/sock" mode 0666
	state directory "$dir/$name/state"
	EOF
	[ -z "${attack:-}" ] || {
		echo "$attack $dir/$name/sock $sink_port" >"$dir/$name/attack"
		chmod 644 "$dir/$name/attack"
	}
	prefix=
	[ "$3" = root ] || [ $root = no ] ||
	    prefix="setpriv --reuid $owner --regid $owner --clear-groups"
	[ "${4:-}" != old ] || prefix="$prefix $evil/control_old"
	# shellcheck disable=SC2086
	(cd "$dir/$name" && exec $prefix "$dir/$2/ntpd" -d -x \
	    -f "$dir/$name.conf" 2>"$dir/$name.log" >/dev/null) &
	ntpd=$!
	pids="$pids $ntpd"
}
status() { # status NAME: any answer, within two seconds
	timeout 2 "$BUILD/ntpctl" -j -s "$dir/$1/sock" status
}
synced() {
	status "$1" 2>/dev/null | jq -e .synchronized >/dev/null
}
says() { # says NAME PATTERN
	grep -qE -- "$2" "$dir/$1.log"
}
children_of() { # the pids of ntpd and its programs
	echo "$1"
	pgrep -P "$1"
}
show() { # show PID ...: what they wait for
	[ $# = 0 ] || ps -o pid,stat,wchan:30,comm -p "$(echo "$*" |
	    tr '\n ' ,,)" | sed 's/^/# /'
}
ended() { # ended PID: but for its status, which is still to be had
	[ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}
# ends NAME: TERM ends all within 1.5 s.
ends() {
	before=$(date +%s%N)
	all=$(children_of "$ntpd")
	kill "$ntpd"
	until_ok 5 ended "$ntpd" || {
		# shellcheck disable=SC2086
		show $all
		# shellcheck disable=SC2086
		kill -9 $all
	}
	wait "$ntpd"
	status=$?
	took=$((($(date +%s%N) - before) / 1000000))
	left=
	for p in $all; do
		[ ! -d "/proc/$p" ] || left="$left $p"
	done
	[ $status = 0 ] && [ $took -lt 1500 ] && [ -z "$left" ]
	report $? "$1: TERM ends all of it ($took ms)"
	# shellcheck disable=SC2086
	show $left
}
# Can this kernel refuse descriptors at all (Linux 6.16)?
kernel_refuses() {
	perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_SEQPACKET, 0) or die;
	    exit !setsockopt(A, SOL_SOCKET, 83, pack("i", 0))'
}
# A port where connections are made and nothing is read.
"$evil/control_linger" sink >sink.out &
sink=$!
pids="$pids $sink"
until_ok 5 test -s sink.out && read -r sink_port <sink.out
report $? "somebody on loopback who reads nothing"

# --- a local user -------------------------------------------------------------

# answers NAME: for as long as the attack goes on, and how long the worst took.
answers() {
	worst=0
	asked=0
	failed=0
	while kill -0 "$attacker" 2>/dev/null; do
		before=$(date +%s%N)
		status "$1" >/dev/null 2>&1
		status=$?
		[ $status = 0 ] || [ $status = 3 ] || failed=$((failed + 1))
		took=$((($(date +%s%N) - before) / 1000000))
		[ $took -le $worst ] || worst=$took
		asked=$((asked + 1))
	done
}
local_user() { # local_user NAME WAY [old]
	launch "$1" real "$2" "${3:-}"
	until_ok 20 synced "$1"
	report $? "$1: in sync"
	observe=$(status "$1" | jq '.processes[] | select(.name == "ntp-observe").pid')
	# twice as many as there are places for, all of them for descriptors
	as_user $user "$evil/control_linger" "$dir/$1/sock" 4 "$sink_port" \
	    >"$1.user" &
	attacker=$!
	pids="$pids $attacker"
	answers "$1"
	wait "$attacker"
	read -r _ sent _ refused _ failures <"$1.user"
	echo "# sent $sent, refused $refused, failed $failures;" \
	    "$asked answers, the slowest after $worst ms"
	if [ "${3:-}" = old ]; then
		[ "$sent" -gt 20 ]
		report $? "$1: a user sends descriptors"
	else
		[ "$refused" -gt 20 ] || ! kernel_refuses
		report $? "$1: the kernel refuses a user's descriptors"
	fi
	[ "$asked" -gt 3 ] && [ "$failed" = 0 ] && [ "$worst" -lt 1500 ]
	report $? "$1: others get their answers meanwhile"
	[ "$(status "$1" | jq '.processes[] | select(.name == "ntp-observe").pid')" = "$observe" ]
	report $? "$1: from the same ntp-observe"
	files=$(find "/proc/$observe/fd" -type l 2>/dev/null | wc -l)
	[ "$files" -lt 40 ]
	report $? "$1: which holds no more than it needs ($files)"
	[ "$(wc -l <"$dir/$1.log")" -lt 40 ]
	report $? "$1: the log is short"
	synced "$1"
	report $? "$1: still in sync"
	ends "$1"
}
local_user user-new user
local_user user-old user old
if [ $root = yes ]; then
	local_user root-new root
	local_user root-old root old
fi

# The same at the socket for changes, by one whom the kernel lets in: the user
# of ntpd, but none of its programs.
change_user() { # change_user NAME [old]
	launch "$1" real user "${2:-}"
	until_ok 20 synced "$1"
	report $? "$1: in sync"
	as_user $owner "$evil/control_linger" "$dir/$1/sock.change" 4 \
	    "$sink_port" >"$1.user" &
	attacker=$!
	pids="$pids $attacker"
	answers "$1"
	wait "$attacker"
	echo "# $(cat "$1.user"); $asked answers, the slowest after $worst ms"
	[ "$asked" -gt 3 ] && [ "$failed" = 0 ] && [ "$worst" -lt 1500 ]
	report $? "$1: ntpd's socket for changes: others get their answers"
	until_ok 5 as_user $owner "$BUILD/ntpctl" -s "$dir/$1/sock" reload
	report $? "$1: and may change something after it"
	files=$(find "/proc/$ntpd/fd" -type l 2>/dev/null | wc -l)
	[ "$files" -lt 30 ] || [ "$files" = 0 ]
	report $? "$1: ntpd holds no more than it needs ($files)"
	ends "$1"
}
change_user change-new
change_user change-old old

# --- an ntp-resolve that was taken over ---------------------------------------

wants_change() { # wants_change NAME FOLDER ATTACK [old]
	attack=$3
	launch "$1" "$2" user "${4:-}"
	attack=
	until_ok 20 synced "$1"
	report $? "$1: in sync"
	until_ok 10 says "$1" "evil: $3 begins"
	report $? "$1: the evil ntp-resolve runs"
	if [ "$2" = loose ]; then
		until_ok 10 says "$1" 'evil: connected "\.change"'
		report $? "$1: and connects to ntpd, under its uid"
	fi
	sleep 4
	! says "$1" 'operator|result ok=1|configuration reloaded|asked to confirm'
	report $? "$1: nothing is changed for it"
	grep -E 'evil: (no|result)|refused' "$dir/$1.log" | sort -t: -k4 -u |
	    head -5 | sed 's/^/# /'
	[ "$(grep -c 'refused a change' "$dir/$1.log")" -le 1 ]
	report $? "$1: which is logged once a minute at most"
	status "$1" >"$1.json"
	jq -e .synchronized "$1.json" >/dev/null
	report $? "$1: status goes on"
	as_user $owner "$BUILD/ntpctl" -s "$dir/$1/sock" reload >"$1.out" 2>&1
	report $? "$1: its user may reload: $(cat "$1.out")"
	said=$(as_user $owner "$BUILD/ntpctl" -s "$dir/$1/sock" sync -s 1.5 2>&1)
	[ "$said" = "ntpctl: the clock is not controlled (ntpd -x)" ] &&
	    says "$1" 'asked for sync: step_ns=1500000000 margin_ns=1000000000'
	report $? "$1: and sync, for the step that is agreed to: $said"
	ends "$1"
}
wants_change ask-sandboxed sandboxed ask
wants_change ask-loose loose ask
says ask-loose 'refused a change: permission denied: one of ntpd.s own programs asks: process="ntp-resolve"'
report $? "the log says who asked"
wants_change ask-old loose ask old
wants_change deep-loose loose deep
wants_change deep-old loose deep old
wants_change dead-loose loose dead
wants_change dead-old loose dead old

lingers() { # lingers NAME FOLDER WAY [old]
	attack=linger
	launch "$1" "$2" "$3" "${4:-}"
	attack=
	until_ok 10 says "$1" 'evil: linger begins'
	kill -STOP "$ntpd" # until the sender has closed its own
	sleep 1.5
	kill -CONT "$ntpd"
	until_ok 10 says "$1" 'evil: (sent|not sent)'
	report $? "$1: the evil ntp-resolve sends descriptors"
	until_ok 20 status "$1"
	worst=0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		before=$(date +%s%N)
		status "$1" >"$1.out" 2>&1
		status=$?
		[ $status = 0 ] || [ $status = 3 ] || {
			worst=9999
			sed 's/^/# /' "$1.out"
		}
		took=$((($(date +%s%N) - before) / 1000000))
		[ $took -le $worst ] || worst=$took
		sleep 0.5
	done
	[ $worst -lt 1500 ]
	report $? "$1: status goes on (the slowest after $worst ms)"
	until_ok 20 synced "$1"
	report $? "$1: and the time"
	if [ "${4:-}" = old ]; then
		# It may be ended before it says that it has sent them.
		! says "$1" 'evil: not sent' &&
		    says "$1" 'ntp-resolve (sent an invalid message|said twice)'
	else
		! says "$1" 'evil: sent 8' || ! kernel_refuses
	fi
	expected=$?
	report $expected "$1: the kernel does as expected"
	[ $expected = 0 ] || grep -E 'evil|resolve' "$1.log" | sed 's/^/# /'
	files=$(find "/proc/$ntpd/fd" -type l 2>/dev/null | wc -l)
	[ "$files" -lt 30 ]
	report $? "$1: ntpd holds no more than it needs ($files)"
	ends "$1"
}
lingers linger-new sandboxed user
lingers linger-loose loose user
# Landlock lets it connect to name servers only: without it, then.
lingers linger-old loose user old
[ $root = no ] || lingers linger-root-old loose root old

# --- what an operator agrees to -----------------------------------------------

launch agree real root
until_ok 20 synced agree
report $? "agree: in sync"
ctl_agree() { # as its user has it, at no terminal
	"$BUILD/ntpctl" -s "$dir/agree/sock" "$@" </dev/null 2>&1
}
said=$(ctl_agree sync)
[ $? = 1 ] && [ "$said" = "ntpctl: the clock is not controlled (ntpd -x)" ]
report $? "what would be refused is refused without a question: $said"
ctl_agree sync -s -5000.0125 >/dev/null
says agree 'step_ns=-5000012500000 margin_ns=5000012500$'
report $? "what was typed is what is asked for, to the nanosecond"
ctl_agree -j sync | grep -v ^ntpctl: | jq -e '.ok == false and
    .message == "the clock is not controlled (ntpd -x)"' >/dev/null
report $? "as JSON, too"
for wrong in 'x' '1e3' '' '1s' '99999999999'; do
	[ "$(ctl_agree sync -s "$wrong")" = \
	    "ntpctl: sync: expected seconds as in -1.5, found \"$wrong\"" ]
	report $? "seconds that are none: \"$wrong\""
done
[ "$(ctl_agree sync -s)" = "ntpctl: the number is missing behind \"-s\"" ] &&
    [ "$(ctl_agree sync 1)" = "ntpctl: unexpected argument \"1\"" ]
report $? "and what is missing, or too much"
# terminal ANSWER: what is seen at a terminal where somebody answers so
terminal() {
	{
		sleep 0.5
		echo "$1"
		sleep 0.5
	} | timeout 10 script -qec \
	    "$BUILD/ntpctl -s $dir/agree/sock sync" /dev/null | tr -d '\r'
}
said=$(terminal y)
case $said in
*"[y/N]"*) false ;;
*"the clock is not controlled (ntpd -x)"*) ;;
*) false ;;
esac
report $? "at a terminal nobody is asked to agree to it, either: $said"
[ "$(stat -c '%a' "$dir/agree/sock.change")" = 600 ]
report $? "nobody else can connect to the socket for changes"
ends agree
[ ! -e "$dir/agree/sock.change" ]
report $? "which goes with ntpd"

kill "$sink"
done_testing
