# make image: an OCI image in build/image, see packaging/image/make.py.  Its
# programs are compiled separately, and always with the flags of a release, so
# that the same sources and packages give the same image.
IMAGE := build/image
RELEASE_FLAGS := SAN= FUZZ= CC=gcc CFLAGS= LDFLAGS= WERROR=-Werror \
	OPT='-O2 -g -D_FORTIFY_SOURCE=3' BPF_CC=clang BPF_STRIP=llvm-strip \
	PREFIX=/usr SYSCONFDIR=/etc LOCALSTATEDIR=/var \
	LIBEXECDIR=/usr/libexec/ntpd

.PHONY: image
image:
	@sh tests/deps.sh image
	@$(MAKE) BUILD=$(IMAGE)/programs $(RELEASE_FLAGS) all
	@rm -rf $(IMAGE)/blobs
	@SOURCE_DATE_EPOCH=$(or $(SOURCES_EPOCH),$(SOURCE_DATE_EPOCH)) \
		/usr/bin/python3 -B packaging/image/make.py $(VERSION) \
		$(IMAGE)/programs $(IMAGE) $$(sh tests/deps.sh list image)
