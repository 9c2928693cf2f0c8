# put FILE FOLDER: a program, with the libraries that it is linked with, for a root
# folder that is the current one.  Read by scripts that make one.
# shellcheck shell=sh

put() {
	if [ ! -x "$1" ]; then
		echo "$1 is missing"
		exit 1
	fi
	cp "$1" "$2"
	for library in $(ldd "$1" |
	    sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'); do
		[ -e ".$library" ] || {
			mkdir -p ".${library%/*}"
			cp -L "$library" ".$library"
		}
	done
}
