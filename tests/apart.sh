# shellcheck shell=sh
# What a test needs to run isolated from the machine; read with `.`.

# no_mounts: why there can be no mount namespace here, or nothing.
no_mounts() {
	if [ "$(id -u)" != 0 ]; then
		echo "a mount namespace needs root"
	elif ! apart_said=$(unshare -m true 2>&1); then
		if mountpoint -q /; then
			echo "$apart_said"
		else
			# What is mounted under such a root may be seen outside.
			echo "/ is not a mount point: this is a plain chroot"
		fi
	fi
}
