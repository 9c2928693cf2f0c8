# TAP for shell scripts; read with `.`, which begins the count.
n=0
bad=0

report() { # report STATUS SENTENCE
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=1
	fi
}
skip() { # skip SENTENCE WHY
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
done_testing() {
	echo "1..$n"
	exit $bad
}
# programs: name, folder and start of each, a line each; children: their names.
programs() {
	def=common/programs.def
	[ -e $def ] || def=$(dirname "$0")/../../$def
	sed -n 's/^PROGRAM([A-Z]*, *"\([^"]*\)", *"\([^"]*\)", *\([A-Z_]*\))$/\1 \2 \3/p' \
	    "$def"
}
children() {
	programs | sed -n '/NO_CHILD/!s/ .*//p'
}
