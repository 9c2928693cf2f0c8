# put FILE FOLDER: copy a program and the libraries that it is linked with to a
# root folder, which is the current one.  Read by scripts that make one.
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
