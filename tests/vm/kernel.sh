#!/bin/sh
# Fetch the Linux kernel that Debian makes for virtual machines and unpack it,
# without installing it: kernel.sh DIR.  Then DIR/kernel/vmlinuz is the kernel
# and DIR/kernel/modules has the modules of the network card, with their order
# in the file "order".  Exit status 1, with a line that says why, if it is not
# available.
set -eu

dir=$1
meta=linux-image-cloud-$(dpkg --print-architecture)
modules="drivers/virtio/virtio_ring drivers/virtio/virtio
	drivers/virtio/virtio_pci_modern_dev
	drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci
	net/core/failover drivers/net/net_failover drivers/net/virtio_net"

[ ! -e "$dir/kernel/.complete" ] || exit 0
mkdir -p "$dir"
cd "$dir"
exec 9>.lock
flock 9 # two tests may want it
[ ! -e kernel/.complete ] || exit 0
rm -rf kernel kernel.new
mkdir -p kernel.new/modules

image=$(apt-cache depends "$meta" 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
if [ -z "$image" ]; then
	echo "no Debian package $meta: is this Debian, was apt-get update run?"
	exit 1
fi
if ! (cd kernel.new && apt-get -q download "$image" \
    </dev/null >apt.log 2>&1); then
	echo "cannot download the Debian package $image:" \
	    "$(grep '^E:' kernel.new/apt.log | head -n 1)"
	exit 1
fi
dpkg -x kernel.new/linux-image-*.deb kernel.new/image
cp kernel.new/image/boot/vmlinuz-* kernel.new/vmlinuz
# In /lib or in /usr/lib; from Debian 13 on they are compressed.
for module in $modules; do
	file=$(find kernel.new/image -path "*/kernel/$module.ko*")
	name=${module##*/}.ko
	case $file in
	"") continue ;; # built in
	*.xz) xz -dc "$file" >"kernel.new/modules/$name" ;;
	*) cp "$file" kernel.new/modules ;;
	esac
	echo "$name" >>kernel.new/modules/order
done
rm -rf kernel.new/image kernel.new/linux-image-*.deb
touch kernel.new/.complete
mv kernel.new kernel
