#!/bin/sh
# The manual pages: mandoc reports nothing, and every option and every
# statement of the configuration is in its page.
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

# What ntpctl -j prints: the members of each command are those of its rows in the
# tables, and its paragraph tells of these and of no others.
rows() { # rows GROUP ...: the JSON names
	for group in "$@"; do
		sed -n "s/^$group(\"\([a-z_]*\)\".*/\1/p
		    s/^${group}_COLUMN(\"[^\"]*\", *\"\([a-z_]*\)\".*/\1/p" \
		    common/status.def
	done
}
counters() {
	sed -n 's/^COUNTER([A-Z_]*, *"\([a-z_]*\)".*/\1/p' common/counters.def
}
lists() { # lists FUNCTION ...: what its objects have within them, in json.c
	for function in "$@"; do
		sed -n "/^$function(/,/^}/s/.*put(o, \"\([a-z_]*\)\".*/\1/p" \
		    ntp-net/ctl/json.c
	done
}
told() { # told COMMAND: the names in its paragraph, but for those of values
	awk -v cm=".Cm $1" '/^\.Sh JSON OUTPUT/ { on = 1; next }
	    /^\.Sh/ { on = 0 }
	    /^\.Pp/ { if (found) exit; text = ""; found = 0 }
	    on { if ($0 == cm) found = 1; text = text $0 "\n" }
	    END { if (found) printf "%s", text }' man/ntpctl.8 |
	    sed -n '/^\.Po$/,/^\.Pc/d
		s/^\.Li \([a-z_]*\)\( .*\)*$/\1/p'
}
same() { # same COMMAND NAMES: of what it prints, a line each
	echo "$2" | sort -u >"$names"
	wrong=$(told "$1" | sort -u | comm -3 - "$names" | tr -s '\t\n' '  ')
	[ -n "$2" ] && [ -z "$wrong" ]
	report $? "ntpctl(8) has the members of $1, and no others"
	[ -z "$wrong" ] || echo "# one of them has not: $wrong"
}
names=$(mktemp)
trap 'rm -f "$names"' EXIT
same status "$(rows SUMMARY PROCESS; lists json_show_status)"
same sources "$(rows SOURCE; lists json_show_sources)"
same clock "$(rows CLOCK)"
same server "$(rows SERVER FAST LISTENING WORKER; counters
    lists json_show_server)"
same clients "$(rows CLIENT; lists json_show_clients)"
same log "$(rows EVENT; lists json_show_log)"
same reload "$(rows RESULT)"
same health "$(rows HEALTH)"
every=$(sed 's/_COLUMN("[^"]*", */("/' common/status.def |
    grep -cE '^[A-Z]+\("')
[ "$every" = "$(rows SUMMARY PROCESS SOURCE CLOCK EVENT SERVER FAST LISTENING \
    WORKER CLIENT RESULT HEALTH | wc -l)" ]
report $? "of $every rows"
wrong=$(grep -E '^[A-Z_]+\("' common/status.def | grep -vE ', "[a-zA-Z][^"]*"\)$')
[ -z "$wrong" ]
report $? "each says what it is"
[ -z "$wrong" ] || echo "$wrong" | sed 's/^/# /'

# The numbers of the configuration: each item has the range and the default that
# the program goes by.
item() { # item STATEMENT: its text in the page, in one line without macros
	awk -v it="$1" '/^\.It/ { on = 0
		if ($0 ~ "^\\.It (Xo|Ic " it "( |$))") on = 1
		if (on && $0 ~ /Xo/) on = 2 }
	    on == 2 && /^\.Ic/ { on = index($0, ".Ic " it " ") == 1 }
	    /^\.(El|Sh|Ss)/ { on = 0 }
	    on && !/^\.It/ { print }' man/ntpd.conf.5 |
	    sed 's/^\.\(Ql\|Cm\|Ic\|Li\|Pq\|Ar\) *//' | tr '\n' ' ' |
	    sed 's/ \([,.;]\)/\1/g; s/  */ /g'
}
printf '%s\n' '#include "common/msg.h"' '#include "common/limits.h"' \
    '#define LIMIT(id, st, kind, what, such_as, least, most, usual) =st; \
	LIMIT_TEXT(least); LIMIT_TEXT(most); LIMIT_TEXT(usual)' '#include "common/limits.def"' |
    ${CC:-gcc} -E -P -iquote . -x c - | sed -n 's/^ *=//p' |
    sed 's/" "//g; s/"; *"/;/g; s/"//g' >"$names"
while IFS=';' read -r statement least most usual; do
	text=$(item "$statement")
	case $most in
	106751d) ;; # as long as there is a number for it
	*) case $text in
		*"$least to $most"*) ;;
		*) echo "# $statement: no $least to $most" ;;
		esac ;;
	esac
	case $text in
	*"efault"*"$usual"*) ;;
	*) [ -z "$usual" ] || echo "# $statement: no default $usual" ;;
	esac
done <"$names" >"$names.wrong"
[ "$(grep -c ';' "$names")" -ge 25 ] && [ ! -s "$names.wrong" ]
report $? "ntpd.conf(5) has the limits and defaults of $(grep -c ';' "$names") numbers"
cat "$names.wrong"
rm -f "$names.wrong"

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
