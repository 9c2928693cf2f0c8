#!/bin/sh
# The run files for s6, under its own s6-supervise: start and readiness, status,
# reload, kill -9 and the restart after it, stop.
packages="libskarnet2.13|libskarnet2.14t64 libexecline2.9 libs6-2.11|libs6-2.13 s6"
. "$(dirname "$0")/init.sh"
install_init s6
service=$dir/etc/s6/sv/ntpd

failed() { # failed TIMES: so often it was started with a wrong statement
	[ "$(grep -c 'found "nonsense"' "$dir/log")" -ge "$1" ]
}

s6-supervise "$service" >"$dir/log" 2>&1 &
supervise=$!
until_ok 2 s6-svok "$service"
exits 0 "it says that it is ready" s6-svwait -U -t 10000 "$service"
answers
report $? "and then it answers"
s6-svstat "$service" | grep -q '^up .* ready'
report $? "s6-svstat: $(s6-svstat "$service")"
pid=$(supervisor)
[ "$pid" = "$(s6-svstat -o pid "$service")" ]
report $? "ntpd itself is the process that s6 has started"

echo "listen on 127.0.0.1 port 1123" | conf
exits 0 "s6-svc -h, a reload" s6-svc -h "$service"
until_ok 5 serving
report $? "the new configuration is in force"
[ "$(supervisor)" = "$pid" ]
report $? "in the same process"

kill -9 "$pid"
until_ok 8 another "$pid"
report $? "kill -9: it is started again"
pid=$(supervisor)
exits 0 "s6-svc -r, a restart" s6-svc -wR -T 10000 -r "$service"
until_ok 2 another "$pid"
report $? "is another process"
exits 0 "s6-svc -d, a stop" s6-svc -wD -T 10000 -d "$service"
nothing_left
report $? "nothing is left"

# What is wrong now may be right later: it begins once it can.
echo nonsense | conf
s6-svc -u "$service"
until_ok 60 failed 6
report $? "six starts in a row fail"
conf </dev/null
until_ok 20 answers
report $? "and it runs once its configuration is right"
exits 0 "s6-svc -d, a stop" s6-svc -wD -T 10000 -d "$service"

sh "$service/finish" 2 0 "$service" ntpd
[ $? = 125 ]
report $? "a status of 2 (on violation stop) takes it down for good"
sh "$service/finish" 1 0 "$service" ntpd
report $? "and another does not"
s6-svc -x "$service"
wait "$supervise"
[ "$bad" = 0 ] || sed 's/^/# /' "$dir/log"
done_testing
