# ntp-net was broken into.  Read by as-*.sh with ".", after attack.sh.
# shellcheck shell=dash disable=SC2154,SC2034

# What every attack by ntp-net is configured with, but for the budget.
net_conf()
{
	conf <<END
server 127.0.0.1 port $port poll 1s to 4s
clock {
	budget $1
}
END
}

# stays_frozen BUDGET_NS [PPM]: over a restart of ntp-clock and one of ntpd.
stays_frozen()
{
	used=$(clock_counts $USED)
	[ "$used" -ge 0 ] || failed "the status says what is used of the budget"
	kill -9 "$(child ntp-clock)"
	check "ntp-clock is back" await 5 replaced ntp-clock "$clock_pid"
	sleep 5
	check "after a restart of ntp-clock it is still frozen" is_frozen
	stop
	start
	sleep 5
	check "after a restart of ntpd it is still frozen" is_frozen
	check "what was used of the budget, $used ns, still is" \
	    used_at_least "$used"
	bounded "$@"
}

# A frequency of 1000 ppm, alone or with an error that is never slewed away.
frequency_lie()
{
	attack "${1%% *}"
	evil ntp-net "$@"
	net_conf "10ms per 1h"
	begin
	check "it is frozen" freezes 60
	frozen_for budget
	runs_within $BAND_PPM "frozen"
	sleep 30
	bounded $((10 * ms))
	stays_frozen $((10 * ms))
	done_attacking
	is "the kernel is left at no more than the band" \
	    $(($(rate) <= BAND_PPM * 1000 && $(rate) >= -BAND_PPM * 1000)) 1
	rate_after=$(rate)
	note "the kernel's rate afterwards: $rate_after ppb"
}

# An oscillator that is known well: what is not charged is around it.
anchored()
{
	attack anchored
	every=1000
	conf <<END
server 127.0.0.1 port $port poll 16s to 64s
clock {
	budget 10ms per 1h
}
END
	begin
	sleep 7500
	is "after two hours the oscillator is known" "$(clock_says anchored)" \
	    true
	kill "$watch"
	evil ntp-net slope 1000
	clockwatch "$dir/moved" &
	watch=$!
	kill -9 "$(child ntp-net)"
	check "it is frozen" freezes 30
	frozen_for budget
	runs_within 1 "frozen"
	sleep 30
	bounded $((10 * ms)) $ANCHORED_PPM
	stays_frozen $((10 * ms)) $ANCHORED_PPM
	stop
	kill "$watch"
	another_boot
	begin
	check "in another boot it is not frozen, until it is again" freezes 60
	high=$(clock_counts free_high_ppb)
	low=$(clock_counts free_low_ppb)
	is "so many ppm around the kept anchor are free" \
	    "$(((high - low + 1000) / 2000))" $KEPT_PPM
	sleep 30
	bounded $((10 * ms)) $KEPT_PPM
	done_attacking $KEPT_PPM
}

# As if the machine had been started anew, to all who ask the kernel.
another_boot()
{
	cat /proc/sys/kernel/random/uuid >/tmp/boot_id
	chmod 644 /tmp/boot_id
	mount -o bind /tmp/boot_id /proc/sys/kernel/random/boot_id
	clockwatch -b
	: >"$dir/log"
}

# A drift that an earlier version has kept: likewise, with more room.
kept()
{
	attack kept
	evil ntp-net slope 1000
	net_conf "10ms per 1h"
	{
		echo "ntpd-state 2"
		echo "drift 42950 100" # 10 ppm, and how sure that is
		echo "budget 0 0"
		echo "boot 00000000-0000-0000-0000-000000000000"
		echo "time 1"
		echo "end"
	} >"$dir/state/clock"
	begin
	check "it is frozen" freezes 60
	frozen_for budget
	is "rates around the kept drift are free" "$(clock_says free_high_ppb)" \
	    $(((KEPT_PPM + 10) * 1000))
	runs_within $((KEPT_PPM + 10)) "frozen"
	sleep 30
	bounded $((10 * ms)) $((KEPT_PPM + 10))
	stays_frozen $((10 * ms)) $((KEPT_PPM + 10))
	done_attacking $((KEPT_PPM + 10))
}

# The default limits, for a day.
frequency_day()
{
	attack day
	window=86400
	every=10000
	evil ntp-net slope 1000
	conf <<END
server 127.0.0.1 port $port poll 1s to 4s
END
	begin
	sleep 86400
	bounded $((BUDGET * s))
	frozen_for budget
	runs_within $BAND_PPM "frozen"
	done_attacking
}

# Steps below the limit, as fast as they are made.
steps_by_budget()
{
	attack steps
	evil ntp-net ahead 1450000
	net_conf "3s per 60s"
	begin
	sleep 150
	in_window $((3 * s))
	check "steps were made, so that there was something to see" \
	    [ "$(clock_counts steps)" -ge 1 ]
	frozen_for budget
	sleep 60 # nothing is used any more, and yet:
	stays_frozen $((3 * s))
	done_attacking
}

# Steps around the end of a period, as a fixed one would count.
steps_in_window()
{
	attack window
	evil ntp-net window
	net_conf "3s per 60s"
	begin
	await 120 says 'evil: window over'
	in_window $((3 * s))
	check "steps were made, so that there was something to see" \
	    [ "$(clock_counts steps)" -ge 2 ]
	frozen_for budget
	done_attacking
}

# One step just under the budget, and then one more.
step_at_once()
{
	attack once
	evil ntp-net once 2900
	net_conf "3s per 60s"
	begin
	check "2.9 of 3 s are stepped" await 40 says 'the clock was 2\.[89]'
	check "and are used" await 5 used_at_least $((2900 * ms - ms))
	kill -9 "$(child ntp-net)"
	sleep 30
	in_window $((3 * s))
	done_attacking
}

used_at_least()
{
	[ "$(clock_counts $USED)" -ge "$1" ]
}

# Back and forth: what is added up is not the sum, but all of it.
saw()
{
	attack saw
	evil ntp-net saw 9000
	net_conf "10ms per 1h"
	begin
	sleep 120
	bounded $((10 * ms))
	done_attacking
}

# Everybody who counts is killed at random, while steps are asked for.
kills()
{
	attack kills
	evil ntp-net ahead 1450000
	net_conf "3s per 300s"
	window=300
	begin
	for pause in 12.3 0.2 10.4 10.1 0.5 10.2 4 10.6 10.3 1 10.5; do
		sleep $pause
		kill -9 "$(child ntp-clock)" 2>/dev/null
	done
	for pause in 10.1 11 10.3 0.3 10.2 10.6; do
		members=$(children)
		kill -9 "$ntpd"
		wait "$ntpd" 2>/dev/null
		# shellcheck disable=SC2086
		await 5 none_alive $members
		start
		sleep $pause
	done
	in_window $((3 * s))
	bounded $((3 * s))
	done_attacking
}

# Asks for a step, and is gone when it is made.
between()
{
	attack between
	evil ntp-net between 1450
	net_conf "3s per 300s"
	window=300
	begin
	sleep 240
	in_window $((3 * s))
	done_attacking
}

# The first correction: first_words NAME SECONDS MOST_S
first_words()
{
	attack "first-$1"
	evil ntp-net first "$2"
	net_conf "3s per 300s"
	begin
	sleep 70
	bounded $((3 * s)) $BAND_PPM $(($3 * s))
	if [ "$3" -eq 0 ]; then
		frozen_for startup
	else
		is "one step was made" $((total >= $3 * s - ms)) 1
	fi
	stop
	start
	sleep 40
	bounded $((3 * s)) $BAND_PPM $(($3 * s))
	done_attacking
}

# The RTC tells of pauses, and the kernel sets it by the clock: again NAME SECONDS
rtc()
{
	attack "rtc-$1"
	evil ntp-net again "$2"
	net_conf "3s per 1h"
	begin
	sleep 960
	check "it was asked for the same once more" says 'evil: once more'
	if [ "$2" -gt 0 ]; then
		bounded $((3 * s)) $BAND_PPM $(($2 * s))
	else
		bounded $((3 * s)) $BAND_PPM $((-$2 * s))
	fi
	check "it is frozen" is_frozen
	note "the RTC is at $(cat /sys/class/rtc/rtc0/since_epoch), the clock at $(date +%s)"
	done_attacking
}

# No state directory: root has another one until the next boot; of an ordinary
# user only the kernel can know that it is not the first time.
first_words_forgotten()
{
	attack first-forgotten
	evil ntp-net first 7200
	{
		echo "server 127.0.0.1 port $port poll 1s to 4s"
		echo "control socket \"$socket\" mode 0666"
		echo "state directory \"/sys/no-such-folder\""
	} >"$dir/conf"
	begin
	for _ in 1 2 3; do
		sleep 40
		stop
		start
	done
	sleep 40
	bounded $((BUDGET * s)) $BAND_PPM $((7200 * s))
	done_attacking
}

# now_is DATE: the clock is put to that.
now_is()
{
	disturb $((($(date -u -d "$1" +%s) - $(date +%s)) * s))
}

# leap_lie NAME KIND MAY_NS DATE...: leap seconds announced at the ends of these
# months, of which the first alone may be believed, if MAY_NS is not 0.
leap_lie()
{
	attack "leap-$1"
	evil ntp-net leap "$2"
	conf <<END
server 127.0.0.1 port $port poll 1s to 4s
clock {
	startup limit forward any backward any
	budget 3s per 1d
}
END
	may=$3
	shift 3
	first=1
	for month_end in "$@"; do
		now_is "$month_end"
		begin
		sleep 60
		look
		if [ $first = 1 ] && [ "$may" -ne 0 ]; then
			is "$month_end: one is believed" \
			    $((jump > s - ms || jump < ms - s)) 1
			check "and charged" used_at_least $((s - ms))
		fi
		below "$month_end: moved" "$total" \
		    $((first * may + BAND_PPM * 60000 + NOISE_NS))
		first=0
		stop
		kill "$watch"
		wait "$watch"
	done
	begin
	done_attacking
	now_is "@$now_before"
}

leaps()
{
	now_before=$(date +%s)
	year=$(($(date +%Y) + 1))
	leap_lie insert 1 $((s + ms)) "$year-06-30 23:59:30" \
	    "$year-07-31 23:59:30" "$year-09-30 23:59:30"
	leap_lie delete 2 $((s + ms)) "$year-12-31 23:59:30" \
	    "$((year + 1))-01-31 23:59:30" "$((year + 1))-03-31 23:59:30"
	leap_lie never 1 0 "$year-05-31 23:59:30"
}

noise()
{
	attack noise
	evil ntp-net noise
	net_conf "3s per 1h"
	begin
	sleep 120
	bounded $((3 * s))
	unharmed
	done_attacking
}

looked_at()
{
	echo $(($(clock_counts samples) + $(clock_counts refused)))
}

# Samples as fast as they are taken, of which few are looked at.
flood()
{
	attack flood
	evil ntp-net flood
	net_conf "10ms per 1h"
	begin
	await 10 says 'evil: flood'
	sleep 3
	weigh
	before=$(looked_at)
	sleep 5
	below "in 5 s ntp-clock looks at no more samples than it should" \
	    $(($(looked_at) - before)) $((SAMPLES_PER_S * 7 + 10))
	check "the others were not even taken" says 'evil: .*full=[1-9]'
	weigh_again
	bounded $((10 * ms))
	unharmed
	done_attacking
}

# net_plan PLAN: with no lie that could move the clock.
net_plan()
{
	attack "net-$1"
	evil ntp-net "$1"
	net_conf "10ms per 1h"
	begin
	await 5 says "evil: $1"
	weigh
}

# breaches PLAN...: what the table forbids ends it.
breaches()
{
	for plan; do
		net_plan "$plan"
		sleep 6
		check "it is ended by ntpd, and another one starts" \
		    [ "$(logged "evil: $plan")" -ge 2 ]
		weigh_again
		bounded 0 1
		unharmed
		done_attacking
	done
}

# nuisances PLAN...: what is permitted, but without end; or nothing at all.
nuisances()
{
	for plan; do
		net_plan "$plan"
		sleep 3
		weigh_again
		bounded 0 1
		unharmed
		check "the status is told" [ -n "$(clock_says steps)" ]
		done_attacking
	done
}

# Only an operator, who knows what he agrees to, releases the clock.
release()
{
	attack release
	evil ntp-net once 4000
	net_conf "3s per 300s"
	begin
	check "a step over the budget freezes" freezes 40
	frozen_for budget
	ntpctl -s "$socket" sync -s 9 # the lie of a minute ago, say
	sleep 2
	frozen_for "not what an operator agreed to"
	is "no step was made" "$(clock_counts steps)" 0
	check "sync with the step that is seen" ntpctl -s "$socket" sync -s 4
	check "and it is made" await 20 says 'allowed by an operator'
	bounded $((3 * s)) $BAND_PPM $((4 * s))
	done_attacking
}

attacks_by_net()
{
	frequency_lie slope 1000
	frequency_lie both 9000
	steps_in_window
	flood
	breaches breach
	nuisances chatter crash
	[ $everything = 0 ] || frequency_day
	if only_as root; then
		kills
		between
		anchored
		kept
		steps_by_budget
		step_at_once
		leaps
		first_words_forgotten
		first_words back-2d -172800 0
		first_words forward 86400000 86400000
		rtc forward 1000000
		rtc backward -40000
		noise
		breaches lend forbidden descriptors
		release
	fi
	if only_as ambient; then
		saw
		first_words_forgotten
		first_words back-2h -7200 7200
		nuisances states hang
	fi
}
