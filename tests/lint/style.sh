#!/bin/sh
# The shape of the source: headers that compile alone, short functions and
# files, the formatter's result, no work left for later.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
folders="core common $(programs | awk '{print $2}') packaging/compat"
# shellcheck disable=SC2086
sources=$(find $folders -name '*.[ch]' | sort)

wrong=
for h in $sources; do
	case $h in
	*.h)
		gcc -std=c17 -D_GNU_SOURCE -fsyntax-only -x c -iquote . "$h" \
		    2>/dev/null || wrong="$wrong $h"
		;;
	esac
done
[ -z "$wrong" ]
report $? "every header compiles alone"
[ -z "$wrong" ] || echo "#$wrong"

# shellcheck disable=SC2086
wrong=$(wc -l $sources | awk '$2 != "total" && $1 > 600 {print "# " $2 ": " $1}')
[ -z "$wrong" ]
report $? "no file is longer than 600 lines"
[ -z "$wrong" ] || echo "$wrong"

# A function's body stands between a { and a } in the first column; tables
# (between clang-format off and on) and initialisers are no functions.
# shellcheck disable=SC2086
wrong=$(awk 'FNR == 1 { open = 0 }
    /^{$/ { open = FNR }
    /^}$/ && open { if (FNR - open - 1 > 80)
	print "# " FILENAME ":" open ": " FNR - open - 1 " lines"; open = 0 }
    ' $sources)
[ -z "$wrong" ]
report $? "no function is longer than 80 lines"
[ -z "$wrong" ] || echo "$wrong"

# Lines that are neither empty nor comment.
lines_of() {
	cat "$@" | awk '
    { line = $0
      while (1) {
	if (inside) { i = index(line, "*/"); if (!i) { line = ""; break }
	    line = substr(line, i + 2); inside = 0 }
	i = index(line, "/*"); if (!i) break
	rest = substr(line, i + 2); line = substr(line, 1, i - 1)
	j = index(rest, "*/")
	if (j) line = line substr(rest, j + 2); else { inside = 1; break }
      }
      if (line !~ /^[ \t]*$/) count++ }
    END { print count + 0 }'
}
lines=$(lines_of ntp-clock/*.c)
law=$(lines_of core/leap/leap.c core/steer/*.c)
[ "$lines" -le 700 ]
report $? "the holder of CAP_SYS_TIME is small ($lines lines without \
comments, and $law of pure code that it decides by)"

if command -v clang-format-14 >/dev/null; then
	# shellcheck disable=SC2086
	wrong=$(clang-format-14 --dry-run $sources 2>&1 | grep -c warning:)
	[ "$wrong" = 0 ]
	report $? "the formatter has nothing to change"
	[ "$wrong" = 0 ] || echo "# $wrong places"
else
	skip "the formatter has nothing to change" \
	    "the format is that of clang-format 14, which is not here"
fi

! grep -nE '\b(TODO|FIXME|XXX)\b' -r $folders tests man README \
    --include='*' 2>/dev/null | grep -v '^tests/lint/style.sh' |
    grep -v 'XXXXXX'
report $? "no work is left for later in the source"

if [ -e .git ]; then
	strange=$(git ls-files | sed 's|/.*||' | sort -u | grep -vxE \
	    '\.ci|\.clang-format|\.gitignore|ARCHITECTURE|LICENSE|Makefile|README|SECURITY|common|core|man|ntp-clock|ntp-net|ntpd|packaging|tests')
	[ -z "$strange" ]
	report $? "nothing is kept beside the project's own folders"
	[ -z "$strange" ] || echo "# $strange"
else
	skip "what is kept beside the project's own folders" \
	    "these sources are no checkout of git"
fi

done_testing
