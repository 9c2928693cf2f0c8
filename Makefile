# ntpd: GNU make, not recursive.  One object list per program: it is the
# dependency diagram of the program.
#
#   make            every program, in build/
#   make check      units, lints and a short simulation: half a minute
#   make test       the whole suite (installs what is missing first)
#   make test-PART  a part of it: the name of a folder of tests, as test-peers
#   make demo       servers and a client on loopback, until they are in sync
#   make fuzz       libFuzzer on every parser, FUZZ_SECONDS each (60)
#   make adversary  a hostile ntp-net of chance, ADVERSARY_RUNS days (10000)
#   make bench      the cost of a request: a bare responder, ours, chrony's
#   make attack     programs that were broken into, in virtual machines
#   make faults     each system call of the start fails once, half an hour
#   make debian13   the part of make test that runs in a Debian 13
#   make hostile    storms on a server, HOSTILE_SECONDS each (600)
#   make image      an OCI image with its SBOM and provenance, in build/image
#   make install    DESTDIR, PREFIX, SYSCONFDIR, LIBEXECDIR are honoured
#   make install-init INIT=systemd, or sysvinit, openrc, runit, s6, apparmor
#   make SAN=1 ...  AddressSanitizer and UBSan, no sandbox, in build/san
#   make CC=clang BUILD=build/clang

VERSION := 0.1
PREFIX ?= /usr
SYSCONFDIR ?= /etc
LOCALSTATEDIR ?= /var
LIBEXECDIR ?= $(PREFIX)/libexec/ntpd
MANDIR ?= $(PREFIX)/share/man
BUILD ?= build
SAN ?=
FUZZ ?=
# V=1 shows every command.
V ?=
Q := $(if $(V),,@)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# --- compiler -------------------------------------------------------------
CC = gcc
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
# $(call accepted,FLAG): FLAG, if the compiler accepts it.
accepted = $(if $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>&1),,$(1))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wformat=2 -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings \
	-Wundef -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough \
	-Wdouble-promotion -Wunused-result
HARDEN := -fstack-protector-strong -fstack-clash-protection \
	-fno-strict-aliasing -fno-delete-null-pointer-checks -fPIE -fno-plt
# Signed overflow wraps in a release; the sanitizers report it.
HARDEN += $(if $(SAN)$(FUZZ),,-fno-strict-overflow)
# The target machine: ask the compiler, not the host.
TARGET := $(shell $(CC) -dumpmachine 2>/dev/null)
LD := $(or $(shell $(CC) -print-prog-name=ld 2>/dev/null),ld)
OBJCOPY := $(or $(shell $(CC) -print-prog-name=objcopy 2>/dev/null),objcopy)
ifneq ($(filter x86_64-%,$(TARGET)),)
HARDEN += -fcf-protection=full
else ifneq ($(filter aarch64-%,$(TARGET)),)
HARDEN += -mbranch-protection=standard
endif
ifeq ($(IS_CLANG),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
	-Wjump-misses-init -Warith-conversion -Wformat-signedness -Wtrampolines
HARDEN += -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
else
# Up to clang 15 the first flag needs the second; clang 18 has removed it.
ZERO := -ftrivial-auto-var-init=zero
HARDEN += $(or $(call accepted,$(ZERO)),$(ZERO) \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang)
HARDEN += $(call accepted,-fzero-call-used-regs=used-gpr)
endif
LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
	-Wl,--as-needed
OPT ?= -O2 -g
ifneq ($(SAN),)
BUILD := build/san
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -DNO_SANDBOX
LINK += -fsanitize=address,undefined
else ifneq ($(FUZZ),)
BUILD := build/fuzz
OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -DNO_SANDBOX
LINK += -fsanitize=address,undefined
else
OPT += -D_FORTIFY_SOURCE=3
endif
WERROR ?= -Werror
# Uncalled functions are left out: tests/lint/dead.sh reads the maps.
ifeq ($(SAN)$(FUZZ),)
HARDEN += -ffunction-sections
LINK += -Wl,--gc-sections
endif
# Only a debugger unwinds these programs, and it has tables of its own.
HARDEN += -fno-asynchronous-unwind-tables
# ntpd nearly always waits: its size in memory matters, not its speed.
SMALL :=
ifeq ($(SAN)$(FUZZ),)
$(BUILD)/obj/ntpd/%.o: SMALL := -Os
endif
# The output is the same, byte for byte, wherever the sources are.
MAP := -ffile-prefix-map=$(CURDIR)=.
# sqrt sets no errno: it is one instruction, and only OPT=-O0 needs libm.
BASE_CFLAGS = -std=c17 -D_GNU_SOURCE -fno-math-errno -ffp-contract=off $(OPT) $(SMALL) $(WARN) $(WERROR) $(HARDEN) \
	-DVERSION='"$(VERSION)"' $(MAP) $(CFLAGS)

# Objects have a folder of their own: programs are named like source folders.
OBJ = $(BUILD)/obj

# --- programs -------------------------------------------------------------
# name:folder:start of each program.
PROGRAM_ROWS := $(shell sed -n 's/^PROGRAM([A-Z]*, *"\([^"]*\)", *"\([^"]*\)", *\([A-Z_]*\))$$/\1:\2:\3/p' common/programs.def)
DAEMONS := $(foreach r,$(filter-out %:NO_CHILD,$(PROGRAM_ROWS)),$(firstword \
	$(subst :, ,$(r))))
COMMON := \
	common/child.o \
	common/clock.o \
	common/dispatch.o \
	common/escape.o \
	common/landlock.o \
	common/log.o \
	common/msg.o \
	common/sandbox.o
SANDBOX_LIBS := -lseccomp -lcap-ng

ntpd_OBJS := \
	common/addr.o \
	common/clock.o \
	common/escape.o \
	common/fastcount.o \
	common/keyring.o \
	common/landlock.o \
	common/log.o \
	common/loop.o \
	common/msg.o \
	common/page.o \
	common/random.o \
	common/sandbox.o \
	core/leap/leapfile.o \
	core/packet/timestamp.o \
	core/steer/ledger.o \
	core/steer/steer.o \
	ntpd/change.o \
	ntpd/checkup.o \
	ntpd/children/accuse.o \
	ntpd/children/alive.o \
	ntpd/children/child.o \
	ntpd/children/clock.o \
	ntpd/children/connect.o \
	ntpd/children/death.o \
	ntpd/children/heard.o \
	ntpd/children/helpers.o \
	ntpd/children/inbox.o \
	ntpd/children/net.o \
	ntpd/children/observe.o \
	ntpd/children/program.o \
	ntpd/children/reap.o \
	ntpd/children/resolve.o \
	ntpd/children/serve.o \
	ntpd/children/spawn.o \
	ntpd/children/stop.o \
	ntpd/children/tell.o \
	ntpd/children/watch.o \
	ntpd/conf/conf.o \
	ntpd/conf/conf_read.o \
	ntpd/conf/read_whole.o \
	ntpd/conf/keyfile.o \
	ntpd/conf/leapfile.o \
	ntpd/conf/lex.o \
	ntpd/conf/limit.o \
	ntpd/conf/listen.o \
	ntpd/conf/parse.o \
	ntpd/conf/prefix.o \
	ntpd/conf/reader.o \
	ntpd/conf/statement.o \
	ntpd/conf/statement_listen.o \
	ntpd/conf/token.o \
	ntpd/conf/value.o \
	ntpd/control.o \
	ntpd/fast/bpflib.o \
	ntpd/fast/fast.o \
	ntpd/fast/fastgate.o \
	ntpd/fast/xdp_object.o \
	ntpd/file.o \
	ntpd/idmap.o \
	ntpd/inherited.o \
	ntpd/daemon_log.o \
	ntpd/kept/known_time.o \
	ntpd/kept/kept.o \
	ntpd/kept/leaps.o \
	ntpd/kept/lock.o \
	ntpd/kept/recording.o \
	ntpd/kept/state.o \
	ntpd/kept/view.o \
	ntpd/kin.o \
	ntpd/logsock.o \
	ntpd/main.o \
	ntpd/manager.o \
	ntpd/options.o \
	ntpd/profile.o \
	ntpd/relisten.o \
	ntpd/reload.o \
	ntpd/sockets/answers.o \
	ntpd/sockets/await.o \
	ntpd/sockets/control_socket.o \
	ntpd/sockets/interface.o \
	ntpd/sockets/letgo.o \
	ntpd/sockets/links.o \
	ntpd/sockets/listens.o \
	ntpd/sockets/memory.o \
	ntpd/sockets/notices.o \
	ntpd/sockets/published.o \
	ntpd/sockets/sockets.o \
	ntpd/sockets/udp_table.o \
	ntpd/sockets/ways.o \
	ntpd/start.o \
	ntpd/summary.o \
	ntpd/supervise.o \
	ntpd/users.o
ntpd_LIBS := $(SANDBOX_LIBS) -lbsd -lmd

ntp-clock_OBJS := \
	common/page.o \
	common/seconds.o \
	core/leap/leap.o \
	core/packet/timestamp.o \
	core/steer/ledger.o \
	core/steer/permit.o \
	core/steer/quality.o \
	core/steer/resume.o \
	core/steer/steer.o \
	ntp-clock/kernel.o \
	ntp-clock/main.o \
	ntp-clock/policy.o \
	ntp-clock/profile.o \
	$(COMMON)
ntp-clock_LIBS := $(SANDBOX_LIBS)

CORE_CLIENT := \
	core/filter/filter_bank.o \
	core/filter/estimator.o \
	core/filter/min_delay.o \
	core/filter/grain.o \
	core/filter/joint.o \
	core/filter/noise.o \
	core/filter/oscillator.o \
	core/leap/believe.o \
	core/leap/leap.o \
	core/leap/smear.o \
	core/leap/smeared.o \
	core/packet/auth.o \
	core/packet/packet.o \
	core/packet/timestamp.o \
	core/fmath.o \
	core/select/agreement.o \
	core/select/anomaly.o \
	core/select/bias.o \
	core/select/bias_vote.o \
	core/select/interval.o \
	core/select/quorum.o \
	core/select/select.o \
	core/select/speed.o \
	core/select/vote.o \
	core/source/distance.o \
	core/source/interleave.o \
	core/source/poll.o \
	core/source/query.o \
	core/source/source.o
CODEC := \
	ntp-net/poll/record/codec.o \
	ntp-net/poll/record/codec_file.o \
	ntp-net/poll/record/codec_walk.o \
	ntp-net/poll/record/layout.o
RECORD := \
	ntp-net/poll/record/record.o \
	$(CODEC)
ntp-net_OBJS := \
	common/addr.o \
	common/keyring.o \
	common/loop.o \
	common/mac.o \
	common/page.o \
	common/random.o \
	common/status.o \
	ntp-net/poll/decide.o \
	ntp-net/poll/exchange.o \
	ntp-net/poll/handover.o \
	ntp-net/poll/known.o \
	ntp-net/poll/leaps.o \
	ntp-net/poll/main.o \
	ntp-net/poll/lookup.o \
	ntp-net/poll/profile.o \
	ntp-net/poll/publish.o \
	ntp-net/poll/record/writer.o \
	ntp-net/poll/refid.o \
	ntp-net/poll/report.o \
	ntp-net/poll/status_log.o \
	ntp-net/poll/query_mac.o \
	ntp-net/poll/silent.o \
	ntp-net/poll/status.o \
	ntp-net/poll/table.o \
	ntp-net/poll/why.o \
	$(RECORD) \
	$(CORE_CLIENT) \
	$(COMMON)
ntp-net_LIBS := $(SANDBOX_LIBS) -lnettle

ntp-resolve_OBJS := \
	common/addr.o \
	ntp-net/resolve/files.o \
	ntp-net/resolve/main.o \
	ntp-net/resolve/profile.o \
	$(COMMON)
ntp-resolve_LIBS := $(SANDBOX_LIBS)

ntp-serve_OBJS := \
	common/addr.o \
	common/counts.o \
	common/keyring.o \
	common/loop.o \
	common/mac.o \
	common/page.o \
	common/random.o \
	core/leap/smear.o \
	core/packet/auth.o \
	core/packet/packet.o \
	core/packet/timestamp.o \
	core/serve/access.o \
	core/serve/xleave.o \
	core/serve/limit.o \
	core/serve/serve.o \
	ntp-net/serve/answer.o \
	ntp-net/serve/batch.o \
	ntp-net/serve/draw.o \
	ntp-net/serve/fast.o \
	ntp-net/serve/admission.o \
	ntp-net/serve/txstamp.o \
	ntp-net/serve/main.o \
	ntp-net/serve/profile.o \
	ntp-net/serve/reply_mac.o \
	ntp-net/serve/served_time.o \
	$(COMMON)
ntp-serve_LIBS := $(SANDBOX_LIBS) -lnettle

ntp-observe_OBJS := \
	common/fastcount.o \
	common/loop.o \
	common/page.o \
	common/status.o \
	ntp-net/observe/absent.o \
	ntp-net/observe/client.o \
	ntp-net/observe/main.o \
	ntp-net/observe/profile.o \
	ntp-net/observe/stats.o \
	$(COMMON)
ntp-observe_LIBS := $(SANDBOX_LIBS)

ntpctl_OBJS := \
	common/addr.o \
	common/clock.o \
	common/escape.o \
	common/msg.o \
	common/status.o \
	ntp-net/ctl/agree.o \
	ntp-net/ctl/change.o \
	ntp-net/ctl/client.o \
	ntp-net/ctl/json.o \
	ntp-net/ctl/lists.o \
	ntp-net/ctl/main.o \
	ntp-net/ctl/server.o \
	ntp-net/ctl/show.o \
	ntp-net/ctl/standing.o \
	ntp-net/ctl/table.o \
	ntp-net/ctl/text.o
ntpctl_LIBS := -ljansson -lbsd

# The names of ntpd-rs's programs, in the image only.
ntp-compat_OBJS := \
	packaging/compat/main.o \
	packaging/compat/theirs.o
ntp-compat_LIBS :=

PROGRAMS := ntpd ntpctl $(DAEMONS) ntp-compat

.PHONY: all
all: $(PROGRAMS:%=$(BUILD)/%)

# An include names its folder, from the root of the tree or of the generated
# files; tests/lint/includes.sh checks who may include whom.
INC := -iquote . -iquote $(OBJ)

ntpd_DEFS := -DLIBEXECDIR='"$(LIBEXECDIR)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' \
	-DLOCALSTATEDIR='"$(LOCALSTATEDIR)"'

compat_DEFS := -DPREFIX='"$(PREFIX)"' -DSYSCONFDIR='"$(SYSCONFDIR)"'

# Rebuild everything if flags or folders have changed.
FLAGS = $(OBJ)/flags
$(FLAGS): export FLAGS_TEXT = $(CC) $(BASE_CFLAGS) $(ntpd_DEFS) $(compat_DEFS)
$(FLAGS): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_TEXT" | cmp -s - $@ || \
		printf '%s\n' "$$FLAGS_TEXT" >$@
.PHONY: FORCE
FORCE:

$(OBJ)/ntpd/%.o: DEFS = $(ntpd_DEFS)
$(OBJ)/packaging/compat/%.o: DEFS = $(compat_DEFS)
$(OBJ)/%.o: %.c Makefile $(FLAGS)
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(BASE_CFLAGS) $(DEFS) $(INC) -MMD -MP -c -o $@ $<

$(OBJ)/ntpd/conf/parse.c: ntpd/conf/parse.y Makefile
	@mkdir -p $(@D)
	@echo "  BISON $@"
	$(Q)bison -Wall -Werror -Wno-yacc -d -o $@ $<
$(OBJ)/ntpd/conf/token.o: $(OBJ)/ntpd/conf/parse.c # and parse.h with it
$(OBJ)/ntpd/conf/parse.o: $(OBJ)/ntpd/conf/parse.c Makefile $(FLAGS)
	@echo "  CC $@"
	$(Q)$(CC) $(BASE_CFLAGS) $(DEFS) $(INC) -MMD -MP -c -o $@ $<

# The time of the sources; no correct clock is before it.  SOURCE_DATE_EPOCH,
# else that of the last commit, else a constant.
SOURCES_EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell \
	git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
	git log -1 --format=%ct 2>/dev/null),1767225600)
$(OBJ)/ntpd/kept/release.h: FORCE
	@mkdir -p $(@D)
	@echo '#define RELEASE_EPOCH INT64_C($(SOURCES_EPOCH))' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(OBJ)/ntpd/kept/known_time.o: $(OBJ)/ntpd/kept/release.h

# The program in the kernel (the fast path), which only clang can compile.
BPF_CC ?= clang
BPF_STRIP ?= llvm-strip
# The BPF target has no asm/types.h; any machine's will do.  It is in
# /usr/include, or in a folder there or in /usr that is named after the target
# without the vendor (x86_64-pc-linux-gnu).
TRIPLET := $(subst -pc-,-,$(subst -unknown-,-,$(TARGET)))
BPF_INCLUDE := -idirafter /usr/include/$(TRIPLET) \
	-idirafter /usr/$(TRIPLET)/include
BPF_PROGRAM := $(OBJ)/ntpd/fast/fast.bpf.o
$(BPF_PROGRAM): ntpd/fast/fast.bpf.c common/fastmap.h Makefile
	@mkdir -p $(@D)
	@$(BPF_CC) -print-targets 2>/dev/null | grep -q 'bpf ' || { \
		echo "$(BPF_CC) with its BPF target is needed: apt install clang" \
		>&2; exit 1; }
	@echo "  BPF $@"
	$(Q)$(BPF_CC) -target bpf -mcpu=v3 -O2 -g -std=gnu17 -fno-strict-aliasing -ffreestanding \
		-Wall -Wextra $(WERROR) $(MAP) -iquote . \
		$(BPF_INCLUDE) \
		-c -o $@ $<
	$(Q)$(BPF_STRIP) -g $@ # its types (BTF) stay
ntpd_DEFS += -DFAST_PROGRAM='"$(BPF_PROGRAM)"'
$(OBJ)/ntpd/fast/xdp_object.o: $(BPF_PROGRAM)

define PROGRAM_RULE
$(BUILD)/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -Wl,-Map=$(OBJ)/$(1).map \
		-o $$@ $$^ $$($(1)_LIBS) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM_RULE,$(p))))

include tests/tests.mk packaging/image/image.mk

# What each object was made of, as the compiler told.
-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

# --- installing -----------------------------------------------------------
# install: programs, manual pages, and a configuration if there is none.
# install-init: also the files for INIT, which is one or more of systemd,
# sysvinit, openrc, runit, s6 and apparmor; enables and starts nothing.
# uninstall: removes all of these, except the configuration and the state.
INIT ?=
INSTALL_ENV = DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" \
	SYSCONFDIR="$(SYSCONFDIR)" LOCALSTATEDIR="$(LOCALSTATEDIR)" \
	LIBEXECDIR="$(LIBEXECDIR)"

.PHONY: install install-init uninstall clean deps demo test
install: all
ifneq ($(SAN)$(FUZZ),)
	$(error a build with sanitizers has no sandbox and is not installed)
endif
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin \
		$(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(SYSCONFDIR) \
		$(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(MANDIR)/man5
	install -m 755 $(BUILD)/ntpd $(DESTDIR)$(PREFIX)/sbin/ntpd
	install -m 755 $(BUILD)/ntpctl $(DESTDIR)$(PREFIX)/bin/ntpctl
	install -m 755 $(DAEMONS:%=$(BUILD)/%) $(DESTDIR)$(LIBEXECDIR)
	install -m 644 man/*.8 $(DESTDIR)$(MANDIR)/man8
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5
	test -e $(DESTDIR)$(SYSCONFDIR)/ntpd.conf || \
		install -m 644 ntpd/ntpd.conf $(DESTDIR)$(SYSCONFDIR)/ntpd.conf
	@$(INSTALL_ENV) sh packaging/install.sh capability

install-init:
	@$(INSTALL_ENV) sh packaging/install.sh install $(INIT)

uninstall:
	@$(INSTALL_ENV) sh packaging/install.sh uninstall
	rm -f $(DESTDIR)$(PREFIX)/sbin/ntpd $(DESTDIR)$(PREFIX)/bin/ntpctl \
		$(DAEMONS:%=$(DESTDIR)$(LIBEXECDIR)/%) \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man8/%,$(wildcard man/*.8)) \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man5/%,$(wildcard man/*.5))
	-test ! -d $(DESTDIR)$(LIBEXECDIR) || \
		rmdir --ignore-fail-on-non-empty $(DESTDIR)$(LIBEXECDIR)

clean:
	rm -rf build

# --- what the README promises ---------------------------------------------
# Separate steps, because what is installed first decides how the rest is
# built.
deps:
	@sh tests/deps.sh

demo:
	@sh tests/deps.sh build
	@$(MAKE) all
	@sh tests/demo.sh $(BUILD)

test:
	@sh tests/deps.sh
	@$(MAKE) all
	@$(MAKE) suite
