# A sibling of ntp-net was broken into, or a local user means harm; ntp-net is
# honest, and the clock goes on as if nothing had happened.  Read by as-*.sh
# with ".", after attack.sh.
# shellcheck shell=dash disable=SC2154

# One source is right; the other has a name, for ntp-resolve.
sibling_conf()
{
	conf <<END
server 127.0.0.1 port $port poll 1s to 4s
server evil.example port $port poll 1s to 4s
minimum sources 1
listen on 127.0.0.1 port 10123
END
}

# undisturbed SECONDS: right all the time.
undisturbed()
{
	below "the clock is right meanwhile, in ns" "$(worst "$1")" $KEEPS_NS
	weigh_again
	unharmed
}

# sibling PROGRAM PLAN [ARGUMENT]: it is honest until the clock is right.
sibling()
{
	who=$1
	plan=$2
	attack "${who#ntp-}-$plan"
	sibling_conf
	begin
	check "in sync" settles 30
	weigh
	evil "$@"
	kill -9 "$(child "$who")"
	check "it becomes hostile" await 5 says "evil: $plan"
	undisturbed 3
	[ "$who" = ntp-observe ] ||
	    check "ntpctl has an answer" [ -n "$(clock_says steps)" ]
	[ "$plan" != forbidden ] || check "restarting it" \
	    [ "$(logged "evil: $plan")" -ge 2 ]
	done_attacking
}

# An operator asks for the status, and ntp-observe says that he wants a change.
borrowed()
{
	attack observe-borrow
	evil ntp-net once 4000
	evil ntp-observe borrow
	conf <<END
server 127.0.0.1 port $port poll 1s to 4s
clock {
	budget 3s per 300s
}
END
	begin
	check "the clock is frozen" await 40 says 'ntp-clock error'
	for _ in 1 2 3 4 5 6; do
		timeout 3 ntpctl -s "$socket" status >/dev/null 2>&1
		timeout 3 ntpctl -s "$socket" clock >/dev/null 2>&1
		sleep 1
	done
	check "connections were borrowed" says 'evil: borrows'
	is "and nothing was done with them" \
	    "$(logged 'operator (asked|allowed)|reloaded')" 0
	bounded $((3 * s))
	done_attacking
}

# Names lead to the attacker, who lies; the clock freezes, and stays so.
resolved_to_a_liar()
{
	attack resolve-release
	evil ntp-resolve release "$socket"
	conf <<END
server evil.example port $liar poll 1s to 2s
minimum sources 1
clock {
	budget 3s per 1d
}
END
	begin
	check "in sync with the liar" settles 30
	echo 50000 >/tmp/lie
	check "what it says then freezes the clock" freezes 60
	sleep 45
	check "it asked for a release" says 'evil: asks for a change'
	check "and got none: it is still frozen" is_frozen
	is "nor did anything change" "$(logged 'operator (asked|allowed)')" 0
	bounded $((3 * s))
	done_attacking
	attack resolve-reload
	evil ntp-resolve reload "$socket"
	sibling_conf
	begin
	sleep 50
	is "no reload was asked for" "$(logged 'reloaded')" 0
	done_attacking
}

# user PLAN ARGUMENT...: while the clock is kept.
user()
{
	plan=$1
	shift
	attack "user-$plan"
	sibling_conf
	begin
	check "in sync" settles 30
	weigh
	for _ in 1 2 3; do
		/usr/bin/setpriv --reuid 5555 --regid 5555 --clear-groups \
		    hostile_user "$plan" "$socket" "$@" >"$dir/user" 2>&1 &
		users="${users:-} $!"
	done
	undisturbed 3
	# shellcheck disable=SC2086
	kill $users 2>/dev/null
	users=
	sleep 1
	is "nothing was changed" "$(logged 'operator|reloaded')" 0
	done_attacking
}

# siblings PROGRAM PLAN...
siblings()
{
	program_name=$1
	shift
	for each; do
		sibling "$program_name" "$each"
	done
}

attacks_by_siblings()
{
	siblings ntp-resolve kill
	sibling ntp-resolve linger $port
	sibling ntp-resolve halfway $port
	resolved_to_a_liar
	user linger $port
	if only_as root; then
		borrowed
		siblings ntp-serve memory descriptors chatter forbidden hang \
		    crash
		user hold
		user sync
	fi
	if only_as ambient; then
		siblings ntp-resolve stop answers memory descriptors chatter \
		    forbidden hang crash
		siblings ntp-observe listener asks descriptors chatter \
		    forbidden hang crash
		user flood
	fi
}
