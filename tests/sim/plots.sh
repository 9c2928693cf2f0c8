#!/bin/sh
# plots.sh SIM FOLDER [-p poll] scenario ...: plot each scenario to
# FOLDER/NAME.png: the clock's offset from true time with the announced bound,
# and its frequency with the true one.
set -eu

sim=$1
out=$2
shift 2
poll=
if [ "${1:-}" = -p ]; then
	poll="-p $2"
	shift 2
fi
if ! command -v gnuplot >/dev/null; then
	root=
	[ "$(id -u)" -eq 0 ] || root=sudo
	echo "installing: gnuplot-nox"
	$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends gnuplot-nox </dev/null >/dev/null
fi
mkdir -p "$out"
for f in "$@"; do
	name=$(basename "$f" .sim)
	title=$(sed -n 's/^title //p' "$f")
	# About 2000 points, whatever the length.
	# shellcheck disable=SC2086
	"$sim" $poll -t "$out/$name.txt" -e 1 "$f" >"$out/$name.report"
	every=$(($(wc -l <"$out/$name.txt") / 2000 + 1))
	gnuplot <<-END
	set terminal pngcairo size 1200,800 font "sans,11"
	set output "$out/$name.png"
	data = "$out/$name.txt"
	stats data using (\$1 > 1000 ? abs(\$2) : 0) name "O" nooutput
	stats data using (\$1 > 1000 ? \$5 : NaN) name "F" nooutput
	top = O_max > 0 ? O_max * 1.3 : 1
	span = F_max - F_min > 0.05 ? F_max - F_min : 0.05
	set multiplot layout 2,1 title "$name: $title"
	set grid
	set lmargin 12
	set format x ""
	set ylabel "offset / us"
	set yrange [-top:top]
	plot data every $every using (\$1/3600):6 with lines \
		lc rgb "#cccccc" title "announced bound", \
	    data every $every using (\$1/3600):(-\$6) with lines \
		lc rgb "#cccccc" notitle, \
	    data every $every using (\$1/3600):2 with lines \
		lc rgb "#0060ad" title "clock less true time"
	set format x "%g"
	set xlabel "hours"
	set ylabel "frequency / ppm"
	set yrange [F_mean-2*span:F_mean+2*span]
	plot data every $every using (\$1/3600):4 with lines \
		lc rgb "#9fc5e8" title "what the kernel is told", \
	    data every $every using (\$1/3600):5 with lines lw 2 \
		lc rgb "#d62728" title "what would be right"
	unset multiplot
	END
	rm -f "$out/$name.txt"
	cat "$out/$name.report"
	rm -f "$out/$name.report"
	echo "  $out/$name.png"
done
