# Helpers for the tests against other servers and clients; read with `.`.  The
# Debian packages in $packages are unpacked into $peers; those that are not
# available are in $missing, and $why gives the reason.
#
# As root, a script runs in a network and mount namespace of its own, which
# ends with it: other tests are invisible, and every address and port is free.
# In a plain chroot it has only a network namespace, and $PEERS_NO_MOUNTS says
# why it cannot mount anything.  Otherwise it runs on the machine's loopback,
# and skips what needs more: $PEERS_NO_NETWORK says why.
# what needs more: $PEERS_NO_NETWORK says why.
if [ -z "${PEERS_NETWORK:-}" ]; then
	export PEERS_NETWORK=shared missing= why=
	export PEERS_NO_MOUNTS= PEERS_NO_NETWORK=
	. "$(dirname "$0")/../apart.sh"
	peers=${BUILD:-$(dirname "$0")/../../build}/peers
	for package in ${packages:-}; do
		mkdir -p "$peers"
		why=$(flock "$peers" "$(dirname "$0")/get.sh" "$peers" \
		    "$package") || missing="$missing $package"
	done
	PEERS_NO_MOUNTS=$(no_mounts)
	if [ "$(id -u)" != 0 ]; then
		PEERS_NO_NETWORK="a network namespace needs root"
	elif PEERS_NO_NETWORK=$(unshare -n true 2>&1); then
		PEERS_NETWORK=own
		[ -n "$PEERS_NO_MOUNTS" ] || exec unshare -nm sh "$0" "$@"
		exec unshare -n sh "$0" "$@"
	fi
fi
. "$(dirname "$0")/../lib.sh"
[ $PEERS_NETWORK = shared ] || ip link set lo up
tools=$BUILD/tests
peers=$BUILD/peers

# skip_all WHY: the whole script.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
# without_clock COMMAND ...: what may not touch this machine's clock.
without_clock="setpriv --bounding-set=-sys_time --inh-caps=-sys_time
	--ambient-caps=-all"
without_clock() {
	$without_clock "$@"
}
# background NAME COMMAND ...: its output in $dir/NAME.out, its pid in $pid.
background() {
	background_name=$1
	shift
	# A function would run in a shell of its own, whose pid is of no use.
	if [ "$1" = without_clock ]; then
		shift
		set -- $without_clock "$@"
	fi
	: >"$dir/$background_name.log"
	"$@" >"$dir/$background_name.out" 2>"$dir/$background_name.log" &
	pid=$!
	pids="$pids $pid"
}
# liar_server NAME [SETTING=VALUE ...]: see liar_server.c, on a free port of 127.0.0.1.
liar_server() {
	rogue_name=$1
	shift
	next_port
	background "$rogue_name" "$tools/liar_server" 127.0.0.1 $port "$@"
	until_ok 5 bound $port
}
bound() { # bound PORT: is there a UDP socket on it?
	ss -Hlun "sport = :$1" | grep -q .
}
# is NAME EXPRESSION: of jq, about the status of that ntpd.  Nothing at all is
# never what was expected, though jq lets it pass.
is() {
	is_status=$(ctl "$1" -j status)
	[ -n "$is_status" ] && echo "$is_status" | jq -e "$2" >/dev/null
}
# soon SECONDS NAME EXPRESSION SENTENCE: a report of what has to become true.
soon() {
	until_ok "$1" is "$2" "$3"
	soon_status=$?
	report $soon_status "$4"
	[ $soon_status = 0 ] || ctl "$2" -j status | jq -c '
	    {synchronized, reason, stratum, reference_id, offset_ns,
	    sources: [.sources[] | {port, address, state, reach, offset_ns,
	    sent, received, rejected, reason}]}' | sed 's/^/# /'
}
# faultless NAME: no answer was refused, but for what comes of a busy machine:
# it reads its two clocks far apart, so that a round trip on loopback seems
# negative, or answers wait for longer than we do; and in interleaved mode for an
# exchange that is told of twice.  It must log at level debug.
faultless() {
	! grep 'rejected an answer' "$dir/$1.log" | grep -v \
	    -e 'reason=round trip is negative' -e 'reason=came too late' \
	    -e 'reason=of an exchange that was measured before' \
	    >"$dir/$1.refused"
	faultless_status=$?
	report $faultless_status "$2: each answer that could be measured is used"
	sed 's/^/# /' "$dir/$1.refused"
}
# run_probe SENTENCE-PREFIX ARGUMENT ...: the reports of probe.c.
run_probe() {
	probe_prefix=$1
	shift
	"$tools/probe" "$@" >"$dir/probe.out" 2>"$dir/probe.err" || {
		report 1 "$probe_prefix: $(cat "$dir/probe.err")"
		return
	}
	while read -r probe_status probe_sentence; do
		if [ "$probe_status" = '#' ]; then
			echo "# $probe_sentence"
		else
			report "$probe_status" "$probe_prefix: $probe_sentence"
		fi
	done <"$dir/probe.out"
}
# The reference ID by which the world knows an IPv6 address given as escapes.
refid6() {
	# shellcheck disable=SC2059
	printf "$1" | md5sum | cut -c 1-8
}
