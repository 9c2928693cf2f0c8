#!/bin/sh
# The run files for runit, under its own runsv: start, status, reload, kill -9
# and the restart after it, stop.
packages="runit/usr"
. "$(dirname "$0")/init.sh"
install_init runit
service=$dir/etc/sv/ntpd
SVDIR=$dir/etc/sv
export SVDIR
# In place of syslog: what comes out of the daemon's log service.
printf '#!/bin/sh\nexec cat >%s/log\n' "$dir" >"$service/log/run"

failed() { # failed TIMES: so often it was started with a wrong statement
	[ "$(grep -c 'found "nonsense"' "$dir/log")" -ge "$1" ]
}

runsv "$service" &
runsv=$!
until_ok 5 answers
report $? "runsv starts it"
exits 0 "sv check, by its check file" sv -w 5 check ntpd
exits 0 "sv status" sv status ntpd
case $said in "run: ntpd:"*) ;; *) false ;; esac
report $? "says that it runs: $said"
pid=$(supervisor)
[ "$pid" = "$(cat "$service/supervise/pid")" ]
report $? "ntpd itself is the process that runsv has started"
until_ok 2 grep -q 'ntpd .* starts' "$dir/log"
report $? "what it says goes to the log service"

echo "listen on 127.0.0.1 port 1123" | conf
exits 0 "sv reload" sv reload ntpd
until_ok 5 serving
report $? "the new configuration is in force"
[ "$(supervisor)" = "$pid" ]
report $? "in the same process"

kill -9 "$pid"
until_ok 8 another "$pid"
report $? "kill -9: it is started again"
pid=$(supervisor)
exits 0 "sv restart" sv -w 8 restart ntpd
until_ok 2 another "$pid"
report $? "is another process"
exits 0 "sv stop" sv -w 8 stop ntpd
until_ok 2 nothing_left
report $? "nothing is left"

# What is wrong now may be right later: it begins once it can.
echo nonsense | conf
sv start ntpd >/dev/null
until_ok 60 failed 6
report $? "six starts in a row fail"
conf </dev/null
until_ok 20 answers
report $? "and it runs once its configuration is right"
exits 0 "sv stop" sv -w 8 stop ntpd

# What the finish file does with "on violation stop".
sv start ntpd >/dev/null
until_ok 5 answers
(cd "$service" && sh ./finish 2 0)
until_ok 5 nothing_left
report $? "a status of 2 takes it down for good"
kill "$runsv"
wait "$runsv"
done_testing
