# shellcheck shell=sh disable=SC2034,SC2154
# For the tests of the supervisor: its programs, one of which was taken over.
# Read with `.` after tests/lib.sh.
real=$BUILD

# evil PROGRAM MODE: a folder of programs, of which this one is hostile (see
# flood.c), and a client with it, of the server that $upstream_port belongs to.
evil() {
	case_name=$(echo "$1-$2" | tr ' ' -)
	BUILD=$dir/bin-$case_name
	mkdir "$BUILD"
	for p in ntpd ntpctl ntp-clock ntp-net ntp-resolve ntp-serve \
	    ntp-observe; do
		cp "$real/$p" "$BUILD/$p"
	done
	cp "$real/attack/flood" "$BUILD/flood"
	[ "$2" = none ] || cp "$real/attack/flood" "$BUILD/$1"
	echo "$2" >"$BUILD/mode"
	chmod -R a+rX "$BUILD"
	conf "$case_name" <<END
server 127.0.0.1 port $upstream_port poll 1s to 4s
END
	sed -i '/^control socket/s/$/ mode 0666/' "$dir/$case_name.conf"
	start "$case_name"
	ntpd=$pid
	log=$dir/$case_name.log
}
# peace: the end of ntpd, which must be quick, and of this folder.
peace() {
	before=$(date +%s%N)
	kill -TERM "$ntpd"
	wait "$ntpd"
	status=$?
	took=$((($(date +%s%N) - before) / 1000000))
	[ $status = 0 ] && [ $took -lt 1500 ]
	report $? "$case_name: TERM ends all within 1.5 s ($took ms)"
	show_log "$case_name"
	rm -rf "$BUILD"
	BUILD=$real
}
# restarts PROCESS: as the status counts them.
restarts() {
	ctl "$case_name" -j status |
	    jq -r ".processes[] | select(.name == \"$1\").restarts"
}
restarts_are() {
	[ "$(restarts "$1")" = "$2" ]
}
# lines PATTERN: how many of the log have it.
lines() {
	grep -c "$1" "$log"
}
# The process of a name below $ntpd, where there is no status to ask for.
child() {
	pgrep -P "$ntpd" -x "$1"
}
in_sync() {
	ctl "$case_name" status
}
