#!/bin/sh
# A reload says what is in force after it, and what is not: parts that need a
# restart, an unusable leap file, a folder in place of the file.
. "$(dirname "$0")/../lib.sh"

# write_conf STATEMENT...: that of the daemon, and these.
write_conf() {
	{
		echo "server 127.0.0.1 port 9"
		printf '%s\n' "$@"
	} >"$dir/main.conf"
}
socket="control socket \"$dir/main.sock\""
state="state directory \"$dir/main.state\""
# answers STATUS WORDS [OPTION]: what ntpctl reload says, the whole of it.
answers() {
	said=$(ctl main reload 2>&1)
	status=$?
	[ "$status" = "$1" ] && [ "$said" = "$2" ]
	report $? "status $1: \"$2\""
	[ "$status:$said" = "$1:$2" ] || echo "# $status: $said"
}
logged() {
	until_ok 5 grep -qF -e "$1" "$dir/main.log"
	report $? "the log has: $1"
}
all="configuration reloaded"
later="$all; from the next start on"

write_conf "$socket" "$state"
start main
until_ok 10 ctl main sources
answers 0 "$all"

write_conf "control socket \"$dir/other.sock\"" "$state"
answers 0 "$later: control socket"
logged "control socket: the change takes effect at the next start"
answers 0 "$later: control socket"
write_conf "$socket mode 0666" "$state"
answers 0 "$later: control socket"
write_conf "$socket" "state directory \"$dir/other.state\""
answers 0 "$later: state directory"
write_conf "$socket" "$state" "record \"$dir/record\""
answers 0 "$later: recording"
[ ! -e "$dir/record" ] && [ ! -e "$dir/other.state" ] && [ ! -e "$dir/other.sock" ]
report $? "and so it is: nothing of that is there"
write_conf "control socket none" "state directory \"$dir/other.state\"" \
    "record \"$dir/record\" size 1M" "listen on lo fast port 9123"
answers 0 "$later: control socket, state directory, recording, fast path"
ctl main reload -j | jq -e '.ok and
    (.message | endswith("from the next start on: control socket, state directory, recording, fast path"))' \
    >/dev/null
report $? "and so in JSON, also the second time"
write_conf "$socket" "$state" "listen on lo fast port 9123"
answers 0 "$later: fast path"
write_conf "$socket" "$state"
answers 0 "$all"

write_conf "$socket" "$state" "leap file \"$dir/leaps\""
answers 0 "$all; the leap file cannot be used"
logged "cannot use the leap file $dir/leaps: No such file"
# More than there is room for is in the log.
write_conf "control socket none" "state directory \"$dir/other.state\"" \
    "record \"$dir/record\"" "listen on lo fast port 9123" "leap file \"$dir/leaps\""
answers 0 "$later: control socket, state directory, recording, fast path; see the log"
if [ -r /usr/share/zoneinfo/leap-seconds.list ]; then
	write_conf "$socket" "$state" \
	    'leap file "/usr/share/zoneinfo/leap-seconds.list"'
	answers 0 "$all"
	logged "leap seconds are known: file=/usr/share"
else
	skip "a leap file is read at a reload" "tzdata has none"
fi

rm "$dir/main.conf"
answers 1 "ntpctl: $dir/main.conf: cannot be read: No such file or directory"
mkdir "$dir/main.conf"
answers 1 "ntpctl: $dir/main.conf: cannot be read: Is a directory"
rmdir "$dir/main.conf"
mkfifo "$dir/main.conf"
answers 1 "ntpctl: the configuration came through a pipe or the like: it cannot be read again"
rm "$dir/main.conf"
write_conf "$socket" "$state"
answers 0 "$all"
show_log main
done_testing
