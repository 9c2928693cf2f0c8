#!/bin/sh
# The manual pages: mandoc finds nothing to complain of, and every option and
# every statement of the configuration stands in its page.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
if ! command -v mandoc >/dev/null; then
	echo "1..0 # SKIP mandoc is not installed"
	exit 0
fi
for page in man/*.[58]; do
	said=$(mandoc -T lint -W warning "$page" 2>&1)
	[ -z "$said" ]
	report $? "$page has no fault"
	[ -z "$said" ] || echo "$said" | sed 's/^/# /'
done
for p in $(programs | sed 's/ .*//'); do
	[ -e "man/$p.8" ]
	report $? "$p has a page"
done

# Counters of ntp-serve in theirs.
for c in $(sed -n 's/^COUNTER([A-Z_]*, *"\([a-z_]*\)".*/\1/p' \
    common/counters.def); do
	grep -q "^\.Li $c\b" man/ntpctl.8
	report $? "ntpctl(8) tells of the counter $c"
done

# Every file that a running daemon leaves in its folders.
for f in control control.change clock.lock clock- empty; do
	grep -q "^\.It .*Pa /run/ntpd/$f\( \|\$\)" man/ntpd.8
	report $? "ntpd(8) tells of /run/ntpd/$f"
done

# Long options of the programs stand in their pages.
has() { # has PAGE WORD
	mandoc -T utf8 "$1" 2>/dev/null | sed 's/.\x08//g' |
	    grep -qF -- "$2"
}
for o in $(sed -n 's/.*{ *"\([a-z-]*\)", *\(no\|required\)_argument.*/\1/p' \
    ntpd/options.c); do
	has man/ntpd.8 "--$o"
	report $? "ntpd(8) tells of --$o"
done
for o in $(sed -n 's/.*{ *"\([a-z-]*\)", *\(no\|required\)_argument.*/\1/p' \
    ntp-net/ctl/main.c); do
	has man/ntpctl.8 "--$o"
	report $? "ntpctl(8) tells of --$o"
done
for c in $(sed -n 's/^	{ "\([a-z]*\)", \(NULL\|"[^"]*"\), run_.*/\1/p' \
    ntp-net/ctl/main.c); do
	grep -qE "^\.It Cm $c( |\$)" man/ntpctl.8
	report $? "ntpctl(8) tells of the command $c"
done
for s in server servers pool 'minimum sources' 'maximum distance' 'listen on' 'local stratum' \
    allow deny answer 'rate limit' burst \
    'clock' 'step over' 'startup limit' 'limit' 'budget' 'frequency limit' 'resume limit' 'slew limit' \
    'on violation' 'control socket' 'state directory' 'log level' keys interleaved key record include \
    'leap file' 'leap smear' constraint sensor poll count port fast native; do
	has man/ntpd.conf.5 "$s"
	report $? "ntpd.conf(5) tells of $s"
done
done_testing
