#!/bin/sh
# Several sources: liars, silent ones, none; and changes of the configuration
# while they run.  All cases run at the same time, with the same few servers.
. "$(dirname "$0")/peers.sh"

for i in 1 2 3 4; do
	liar_server good$i refid=$((0xc0000210 + i))
	eval "good$i=$port good${i}_pid=$pid"
done
for i in 1 2; do
	liar_server wrong$i offset-ms=100
	eval "wrong$i=$port"
done
liar_server leaper leap=1
leaper=$port
liar_server silent silent=1
silent=$port
liar_server far root-dispersion-ms=4000
far=$port
liar_server init stratum=0 leap=3 refid=INIT
init=$port
liar_server rate stratum=0 leap=3 refid=RATE
rate=$port
liar_server mortal1
mortal1=$port mortal1_pid=$pid
liar_server mortal2
mortal2=$port mortal2_pid=$pid

# case_of NAME PORT ...: a client of these; its further lines on input.
case_of() {
	case_name=$1
	shift
	{
		for p in "$@"; do
			echo "server 127.0.0.1 port $p poll 1s to 1s"
		done
		cat
	} | conf "$case_name"
	start "$case_name"
}
case_of majority $good1 $good2 $good3 $good4 $wrong1 </dev/null
case_of split $good1 $good2 $wrong1 $wrong2 </dev/null
case_of single $good1 </dev/null
case_of few $good1 $good2 <<EOF
minimum sources 3
EOF
case_of none </dev/null
case_of quiet $good1 $good2 $good3 $silent </dev/null
case_of leap $good1 $good2 $good3 $leaper </dev/null
case_of far $far </dev/null
case_of two $good1 $wrong1 </dev/null
case_of init $good1 $init </dev/null
case_of rate $good1 $rate </dev/null
case_of timeless $good1 $good2 $init $rate </dev/null
case_of dying $mortal1 $mortal2 </dev/null
case_of reload $good1 $good2 </dev/null
reload_pid=$pid

state_is() { # state_is PORT STATE: for the expressions below
	echo "([.sources[] | select(.port == $1)] | length == 1 and
	    .[0].state == \"$2\")"
}
exits() { # exits STATUS COMMAND ...
	exits_status=$1
	shift
	"$@" >/dev/null 2>&1
	[ $? = "$exits_status" ]
}
for c in majority split single few none quiet leap far two init rate timeless \
    dying reload; do
	until_ok 10 is $c '.measuring'
done

# A majority.
soon 20 majority ".synchronized and $(state_is $wrong1 falseticker)" \
    "C-21 one of five that is 100 ms wrong is a falseticker"
soon 10 majority '[.sources[] | select(.state == "selected" or
    .state == "outlier")] | length == 4' "C-21 the other four are not"
soon 10 majority '.offset_ns | fabs < 1000000' \
    "C-21 the offset is theirs, within 1 ms"
soon 1 majority "[.sources[] | select(.port == $wrong1)][0] |
    .offset_ns - 100000000 | fabs < 10000000" \
    "the falseticker's own offset is shown, +100 ms"
soon 1 majority '.stratum == 3' "the stratum is theirs and one"
soon 1 majority '.reference_id == "7f000001"' "the reference ID is theirs"
exits 0 ctl majority status
report $? "ntpctl status: exit status 0"
exits 0 ctl majority health
report $? "ntpctl health: exit status 0"
exits 0 ctl majority wait 1
report $? "ntpctl wait: exit status 0"

# What JSON always has.
soon 1 majority '(["version", "uptime_s", "synchronized", "stratum", "leap",
    "reference_id", "clock_controlled", "offset_ns", "offset_error_ns",
    "frequency_ppb", "frequency_error_ppb", "root_delay_ns",
    "root_dispersion_ns", "maximum_distance_ns", "steps", "samples", "frozen", "sources",
    "processes"] - keys) == []' "the status has all of its members"
soon 1 majority '(["name", "address", "port", "state", "reach", "stratum",
    "poll_s", "offset_ns", "error_ns", "delay_ns", "jitter_ns", "root_distance_ns", "auth",
    "version", "sent", "received", "rejected"] - (.sources[0] | keys)) == []' \
    "a source has all of its members"
soon 1 majority '.processes | length >= 4 and
    all(.pid > 0 and .restarts == 0 and (.name | startswith("ntp")))' \
    "the processes are there"
soon 1 majority '.clock_controlled == false and .frozen == null' \
    "with -x the clock is not controlled"

# No majority.
settled() { # settled NAME: has every source been measured enough?
	is "$1" '[.sources[].received] | min >= 5'
}
until_ok 15 settled split
soon 1 split '.synchronized | not' "C-22 two against two: not synchronized"
soon 1 split '.stratum == 16 and .reference_id == null' \
    "C-22 two against two: stratum 16, no reference ID"
soon 1 split '[.sources[] | select(.state == "selected")] == []' \
    "C-22 two against two: none is selected"
soon 1 split '.reason | test("3 sources must agree")' \
    "C-22 two against two: the reason is given"
exits 3 ctl split status
report $? "C-22 two against two: ntpctl status exits 3"
exits 1 ctl split health
report $? "C-22 two against two: ntpctl health exits 1"
exits 1 ctl split wait 1
report $? "C-22 two against two: ntpctl wait exits 1"
until_ok 15 settled two
soon 1 two '.synchronized | not' "one against one: not synchronized"

# Few, one, none.
soon 20 single ".synchronized and $(state_is $good1 selected)" \
    "a single source is believed"
until_ok 15 settled few
soon 1 few '(.synchronized | not) and .sources_needed == 3' \
    "minimum sources 3: two that agree are not enough"
soon 1 few '[.sources[].state] | all(. == "candidate")' \
    "minimum sources 3: they are candidates"
exits 3 ctl few status
report $? "minimum sources 3: ntpctl status exits 3"
soon 1 none '(.synchronized | not) and .sources == [] and
    (.reason | test("no source"))' "no source: the status says so"
exits 3 ctl none status
report $? "no source: ntpctl status exits 3"

# Those that say that they have no time, or ask for patience, for ever.
soon 20 init ".synchronized and $(state_is $init unsynchronized)" \
    "a server that says INIT does not hold up the other one"
soon 20 rate ".synchronized" \
    "nor does one that says RATE"
soon 20 timeless '.synchronized and ([.sources[] |
    select(.state == "selected")] | length == 2)' \
    "nor do both hold up two"

# One that does not answer, one that cannot know the time.
soon 20 quiet ".synchronized and $(state_is $silent unreachable)" \
    "a silent one among good ones is unreachable"
soon 1 quiet "[.sources[] | select(.port == $silent)][0] |
    .sent > 0 and .received == 0 and .reach == 0 and
    (.reason | test(\"not answered\"))" "the silent one: why is said"
soon 20 leap '.synchronized' "in sync with four of which one says leap"
soon 1 leap '.leap == "none"' "C-27 the leap of one in four is ignored"
until_ok 15 settled far
soon 1 far "(.synchronized | not) and $(state_is $far unsynchronized)" \
    "C-11 one 4 s from its reference is not believed"
soon 1 far '.sources[0].reason | test("distance")' "C-11 and why is said"

# All die.
soon 20 dying '.synchronized' "in sync with two that will die"
kill $mortal1_pid $mortal2_pid
soon 5 dying '[.sources[].reach % 2] | add == 0' "they die"
soon 1 dying '.synchronized and .stratum == 3' \
    "the time is still known then"
exits 0 ctl dying status
report $? "and ntpctl status exits 0"

# Reload: one goes, one stays, one comes.
stays="[.sources[] | select(.port == $good2)][0]"
soon 20 reload ".synchronized and $stays.received >= 6" \
    "reload: in sync before it"
before=$(ctl reload -j status)
sent=$(echo "$before" | jq "$stays.sent")
samples=$(echo "$before" | jq .samples)
processes=$(echo "$before" | jq -c '[.processes[].pid] | sort')
reconf() { # reconf PORT ...
	for p in "$@"; do
		echo "server 127.0.0.1 port $p poll 1s to 1s"
	done | conf reload
}
reconf $good2 $good3
kill -HUP "$reload_pid"
soon 5 reload "[.sources[].port] | sort == ([$good2, $good3] | sort)" \
    "reload: one source has gone, one has come"
soon 1 reload "$stays | .sent >= $sent and .received >= $sent - 2 and
    .sent <= $sent + 4 and .reach >= 31" \
    "reload: the one that stays keeps its counts and its reach ($sent sent)"
soon 1 reload ".synchronized and .samples >= $samples" \
    "reload: still in sync, samples go on"
soon 1 reload "$stays.state == \"selected\"" "reload: it is still selected"
soon 10 reload "$(state_is $good3 selected)" "reload: so is the new one"

# A configuration that is wrong leaves everything as it is.
echo "server 127.0.0.1 port 99999" >>"$dir/reload.conf"
kill -HUP "$reload_pid"
said() {
	grep -q "reload.conf:[0-9]*:[0-9]*: " "$dir/reload.log"
}
until_ok 5 said
report $? "a broken configuration: file, line and column are in the log"
soon 1 reload "[.sources[].port] | sort == ([$good2, $good3] | sort)" \
    "a broken configuration: the sources stay"
exits 1 ctl reload reload
report $? "ntpctl reload says that it is broken, exit status 1"
reconf $good2 $good3 $good4
exits 0 ctl reload reload
report $? "ntpctl reload takes one that is right, exit status 0"
soon 5 reload "[.sources[].port] | length == 3" "it is in force"
soon 1 reload ".synchronized and $stays.sent >= $sent + 1 and
    ([.processes[].pid] | sort) == $processes" \
    "all that time it was in sync, and no program was restarted"

# Those that died.
soon 15 dying '[.sources[].state] | all(. == "unreachable")' \
    "the dead ones are unreachable in the end"
soon 1 dying '.synchronized and (.reason | test("no source answers"))' \
    "the time goes on by itself, and the status says so"
error=$(ctl dying -j status | jq .root_dispersion_ns)
until_ok 5 is dying ".root_dispersion_ns > $error"
report $? "the bound of its error grows"

# Still no agreement where there can be none, and nobody has crashed.
soon 1 split '.synchronized | not' "C-22 two against two: still none"
soon 1 two '.synchronized | not' "one against one: still none"
soon 1 few '.synchronized | not' "minimum sources 3: still none"
for c in majority split single few none quiet leap far two dying reload; do
	restarts=$(ctl $c -j status | jq '[.processes[].restarts] | add')
	[ "$restarts" = 0 ] || break
done
[ "$restarts" = 0 ]
report $? "no program has ended in any of the cases"
if [ "$bad" != 0 ]; then
	tail -n 8 "$dir/majority.log" "$dir/split.log" "$dir/reload.log" |
	    sed 's/^/# /'
fi
done_testing
