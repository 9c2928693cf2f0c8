# The image as the manifests in packaging/ run it: their options in podman's
# words, arguments, configuration and probe.  Read by image.t.sh, with the
# helpers of tests/container and $image.  A container with SYS_TIME has no
# source that it can reach here.
# shellcheck shell=sh disable=SC2154

if /usr/bin/python3 -c 'import yaml' 2>/dev/null; then
	manifests="kubernetes/daemonset.yaml:ntpd-clock:2000000
	    kubernetes/deployment.yaml:ntpd-server:0
	    compose.yaml:clock:2000000 compose.yaml:server:0"
else
	manifests=
	skip "the image as the manifests run it" "no python3-yaml"
fi
# manifest_run FILE NAME: start it; its probe's command becomes $probe.
manifest_run() {
	mkdir "$dir/of_$2"
	chmod 755 "$dir/of_$2"
	/usr/bin/python3 tests/packaging/commands.py "$dir/of_$2" \
	    "packaging/$1" "$2" >"$dir/of_$2/lines" || return
	options=$(sed -n 1p "$dir/of_$2/lines")
	arguments=$(sed -n 2p "$dir/of_$2/lines")
	probe=$(sed -n 3p "$dir/of_$2/lines")
	eval "run '$3' $options -- $arguments"
}
probed() { # probed CONTAINER COMMAND
	# shellcheck disable=SC2086
	podman exec "$1" $2 >"$dir/probe" 2>&1
}
for manifest in $manifests; do
	bits=${manifest##*:}
	manifest=${manifest%:*}
	service=${manifest#*:}
	c=m_$(echo "$service" | tr - _)
	manifest_run "${manifest%:*}" "$service" "$c"
	report $? "the image runs as ${manifest%:*} has it, $service"
	eval "first=\$pid_$c"
	until_ok 5 probed "$c" "$probe"
	report $? "... and its probe says that it is alive"
	p=$(child_of "$first" ntp-clock)
	[ "$(sets_of "$p" | cut -d ' ' -f 2-3)" = "Prm=$bits Eff=$bits" ]
	report $? "... with ntp-clock's capabilities: $(sets_of "$p")"
	[ "$(sets_of "$first" | cut -d ' ' -f 2-3)" = "Prm=0 Eff=0" ] &&
	    [ "$(status_of "$first" Uid | cut -f 1)" = 65532 ]
	report $? "... and ntpd's: $(sets_of "$first")"
	podman exec "$c" /usr/bin/ntpctl health >"$dir/probe" 2>&1
	[ $? = 1 ] && [ "$(wc -l <"$dir/probe")" = 1 ]
	report $? "... not healthy with no network: $(cat "$dir/probe")"
	log_of "$c" | grep -E ' (warning|error): ' |
	    grep -Ev 'to allow it, add SYS_TIME|pool.ntp.org' >"$dir/warnings"
	[ ! -s "$dir/warnings" ]
	report $? "... and nothing unexpected to warn of in its log"
	sed 's/^/# /' "$dir/warnings"
	podman stop -t 5 "$c" >"$last" 2>&1
	[ "$(podman inspect -f '{{.State.ExitCode}}' "$c")" = 0 ]
	report $? "... TERM ends it with exit status 0"
done
