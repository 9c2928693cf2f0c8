#!/bin/sh
# The running processes: the user, capabilities, filter and descriptors of
# each; how they are restarted; how they end.
. "$(dirname "$0")/../lib.sh"

root=no
[ "$(id -u)" = 0 ] && root=yes
server upstream 3
upstream_port=$port
next_port
conf client <<EOF
server 127.0.0.1 port $upstream_port poll 1s to 4s
listen on 127.0.0.1 port $port
workers 1
EOF
start client
ntpd=$pid
until_ok 20 ctl client status
report $? "the client is in sync with its server"
ctl client -j status >"$dir/status.json"
children=$(children)

for p in $children; do
	pid=$(pid_of client $p)
	[ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = "$p" ]
	report $? "$p runs as a program of its own"
	[ "$(status_of "$pid" Seccomp)" = 2 ]
	report $? "$p has a system call filter"
	[ "$(status_of "$pid" NoNewPrivs)" = 1 ]
	report $? "$p has no_new_privs"
	for set in CapInh CapPrm CapEff CapAmb; do
		[ "$(status_of "$pid" $set)" = 0000000000000000 ]
		report $? "$p: $set is empty"
	done
	if [ $root = yes ]; then
		[ "$(status_of "$pid" CapBnd)" = 0000000000000000 ]
		report $? "$p: CapBnd is empty"
		uids=$(status_of "$pid" Uid)
		# shellcheck disable=SC2086
		[ "$(printf '%s\n' $uids | sort -u | wc -l)" = 1 ] &&
		    [ "${uids%%[!0-9]*}" != 0 ]
		report $? "$p is an ordinary user, for good"
		[ -z "$(status_of "$pid" Groups | tr -d ' ')" ]
		report $? "$p is in no further group"
		if [ $p = ntp-resolve ]; then
			[ "$(readlink "/proc/$pid/root")" = / ]
			report $? "ntp-resolve sees /etc"
		else
			[ "$(readlink "/proc/$pid/root")" = /run/ntpd/empty ]
			report $? "$p sees an empty folder for its root"
		fi
	fi
	memory=ntp-none # what is mapped needs no descriptor any more
	[ $p = ntp-observe ] && memory=ntp-counts # which it reads
	wrong=$(find "/proc/$pid/fd" -type l -printf '%f %l\n' 2>/dev/null |
	    grep -vE "^[0-9]+ (/dev/null|socket:.*|/memfd:$memory .*)\$")
	[ -z "$wrong" ]
	report $? "$p holds no descriptor but its channels"
	[ -z "$wrong" ] || echo "# $wrong"
	shared= # that others see, and that it may write to
	[ $p = ntp-clock ] && shared=/memfd:ntp-clock
	[ $p = ntp-net ] && shared=/memfd:ntp-page
	[ $p = ntp-serve ] && shared=/memfd:ntp-counts
	if [ $root = yes ]; then
		[ "$(awk '$2 ~ /^.w.s/ {print $6}' "/proc/$pid/maps")" = \
		    "$shared" ]
		report $? "$p can write to no memory of others but ${shared:-none}"
		! awk '$2 ~ /^.wx/' "/proc/$pid/maps" | grep -q .
		report $? "$p has no memory to write code into"
		# Without a fast path there is nothing to map for that.
		[ $p != ntp-observe ] ||
		    [ "$(awk '$2 ~ /s$/ {print $2, $6}' \
			"/proc/$pid/maps")" = "r--s /memfd:ntp-clock" ]
		report $? "$p has mapped nothing that it has no use for"
	fi
done
# Memory, and what is of no use to them.
limit_of() { # limit_of PID LIMIT: the soft and the hard one
	sed -n "s/^$2  *\\([0-9a-z]*\\)  *\\([0-9a-z]*\\) .*/\\1 \\2/p" \
	    "/proc/$1/limits"
}
mib=1048576
while read -r p data space; do
	pid=$ntpd
	[ "$p" = ntpd ] || pid=$(pid_of client "$p")
	got="$(limit_of "$pid" "Max data size") $(limit_of "$pid" \
	    "Max address space") $(limit_of "$pid" "Max core file size")"
	[ "$got" = "$((data * mib)) $((data * mib)) $((space * mib)) \
$((space * mib)) 0 0" ]
	report $? "$p: $data MiB of data, $space MiB of memory, no core ($got)"
	[ "$p" = ntpd ] || for limit in "Max processes" "Max locked memory" \
	    "Max msgqueue size" "Max file size"; do
		[ "$(limit_of "$pid" "$limit")" = "0 0" ]
		report $? "$p: ${limit#Max } 0"
	done
	[ "$(stat -c %u "/proc/$pid/environ")" = 0 ]
	report $? "$p: its memory is for root alone to read"
done <<EOF
ntpd 64 128
ntp-clock 2 32
ntp-net 4 32
ntp-resolve 16 80
ntp-serve 24 64
ntp-observe 4 32
EOF
if [ $root = yes ]; then
	for p in $children; do
		status_of "$(pid_of client $p)" Uid
	done | sort -u >"$dir/uids"
	[ "$(wc -l <"$dir/uids")" = 5 ]
	report $? "every program has a user of its own"
	[ "$(($(printf '%d' 0x"$(status_of "$ntpd" CapPrm)") & 1 << 25))" = 0 ]
	report $? "with -x not even ntpd holds CAP_SYS_TIME"
fi
[ "$(status_of "$ntpd" Seccomp)" = 2 ] &&
    [ "$(status_of "$ntpd" NoNewPrivs)" = 1 ]
report $? "ntpd itself has a filter and no_new_privs"

# Proportional memory of a plain client: without the server.
sum=0
for p in $ntpd $(pid_of client ntp-clock) $(pid_of client ntp-net) \
    $(pid_of client ntp-resolve) $(pid_of client ntp-observe); do
	kb=$(awk '/^Pss:/ {print $2}' "/proc/$p/smaps_rollup")
	echo "# $(cat "/proc/$p/comm") PSS $kb kB"
	sum=$((sum + kb))
done
[ $sum -le 4096 ]
report $? "the whole client has a PSS of $sum kB, 4 MiB at most"

# Each is back within two seconds of its death.
came_back() { # came_back PROCESS OLD-PID
	new=$(pid_of client "$1")
	[ -n "$new" ] && [ "$new" != 0 ] && [ "$new" != "$2" ] &&
	    [ "$(status_of "$new" Seccomp)" = 2 ]
}
for p in $children; do
	old=$(pid_of client $p)
	kill -9 "$old"
	until_ok 2 came_back $p "$old"
	report $? "$p is back within two seconds of kill -9"
done
until_ok 20 ctl client status
report $? "the client is in sync again after all these deaths"

# A flood of deaths: a hundred, at moments that differ.
deaths=0
lost=0
while [ $deaths -lt 99 ]; do
	ctl client -j status >"$dir/now.json"
	for p in ntp-net ntp-clock ntp-resolve; do
		old=$(jq -r ".processes[] | select(.name == \"$p\").pid" \
		    "$dir/now.json")
		[ -n "$old" ] && [ "$old" != 0 ] || continue
		kill -9 "$old" 2>/dev/null || continue
		echo "$p $old"
	done >"$dir/killed"
	deaths=$((deaths + $(wc -l <"$dir/killed")))
	while read -r p old; do
		until_ok 2 came_back "$p" "$old" || lost=$((lost + 1))
	done <"$dir/killed"
done
[ $lost = 0 ]
report $? "after $deaths kills each program was back within two seconds"
until_ok 30 ctl client status
report $? "the client is in sync again after them"

before=$(date +%s%N)
kill -TERM "$ntpd"
wait "$ntpd"
status=$?
took=$((($(date +%s%N) - before) / 1000000))
[ $status = 0 ] && [ $took -lt 1000 ]
report $? "TERM ends everything within a second, status 0 ($took ms)"
left=$(jq -r '.processes[].pid' "$dir/status.json" | while read -r p; do
	[ -e "/proc/$p" ] && [ "$p" != 0 ] && echo "$p"
done)
[ -z "$left" ]
report $? "no process is left"
[ ! -e "$dir/client.sock" ]
report $? "the control socket is gone"

# A supervisor that is killed leaves nobody behind.
start client
ntpd=$pid
until_ok 20 ctl client status
before=$(ctl client -j status | jq -r '.processes[].pid')
kill -9 "$ntpd"
wait "$ntpd" 2>/dev/null
gone() {
	for p in $before; do
		# Whoever inherits the dead may be slow to bury them.
		case $(status_of "$p" State 2>/dev/null) in
		"" | Z*) ;;
		*) return 1 ;;
		esac
	done
}
until_ok 2 gone
report $? "kill -9 of ntpd ends its children too"
start client
until_ok 20 ctl client status
report $? "and it starts again over what that left"
show_log client
done_testing
