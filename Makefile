# ntpd: GNU make, not recursive.  One object list per program: it is the
# dependency diagram of the program.
#
#   make            every program, in build/
#   make test       the whole suite (installs what is missing first)
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
# $(call accepted,FLAG): the flag, if the compiler takes it.
accepted = $(if $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>&1),,$(1))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wformat=2 -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings \
	-Wundef -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough \
	-Wdouble-promotion -Wunused-result
HARDEN := -fstack-protector-strong -fstack-clash-protection \
	-fno-strict-aliasing -fno-delete-null-pointer-checks -fPIE -fno-plt
# Wrapping is defined in a release, and looked for by the sanitizers.
HARDEN += $(if $(SAN)$(FUZZ),,-fno-strict-overflow)
# For which machine: the compiler says, not the machine that it runs on.
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
# Up to clang 15 the second has to be said for the first, from 18 on it is gone.
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
# Nobody unwinds these programs but a debugger, which has tables of its own.
HARDEN += -fno-asynchronous-unwind-tables
# ntpd waits nearly always: what counts is how much memory it takes.
SMALL :=
ifeq ($(SAN)$(FUZZ),)
$(BUILD)/obj/ntpd/%.o: SMALL := -Os
endif
# The same programs, byte for byte, wherever the sources lie.
MAP := -ffile-prefix-map=$(CURDIR)=.
# No errno from sqrt: it is one instruction, and libm is not needed.
BASE_CFLAGS = -std=c17 -D_GNU_SOURCE -fno-math-errno -ffp-contract=off $(OPT) $(SMALL) $(WARN) $(WERROR) $(HARDEN) \
	-DVERSION='"$(VERSION)"' $(MAP) $(CFLAGS)

# Objects lie apart from the programs, whose names are those of folders.
OBJ = $(BUILD)/obj

# --- programs -------------------------------------------------------------
# name:folder:start of each.
PROGRAM_ROWS := $(shell sed -n 's/^PROGRAM([A-Z]*, *"\([^"]*\)", *"\([^"]*\)", *\([A-Z_]*\))$$/\1:\2:\3/p' common/programs.def)
PROGRAM_FOLDERS := $(foreach r,$(PROGRAM_ROWS),$(word 2,$(subst :, ,$(r))))
DAEMONS := $(foreach r,$(filter-out %:NO_CHILD,$(PROGRAM_ROWS)),$(firstword \
	$(subst :, ,$(r))))
COMMON := common/msg.o common/dispatch.o common/log.o common/sandbox.o common/landlock.o common/child.o
SANDBOX_LIBS := -lseccomp -lcap-ng

ntpd_OBJS := ntpd/main.o ntpd/inherited.o ntpd/checkup.o ntpd/options.o ntpd/parse.o ntpd/conf.o ntpd/fill.o \
	ntpd/token.o ntpd/lex.o ntpd/value.o ntpd/statement.o ntpd/statement_serve.o \
	ntpd/keyfile.o common/keyring.o \
	ntpd/supervise.o ntpd/reload.o ntpd/spawn.o ntpd/reap.o ntpd/death.o ntpd/accuse.o ntpd/watch.o ntpd/alive.o ntpd/helpers.o ntpd/lock.o ntpd/stop.o ntpd/relay.o ntpd/view.o ntpd/control.o ntpd/kin.o ntpd/letgo.o \
	ntpd/sockets.o ntpd/listens.o ntpd/await.o ntpd/taken.o ntpd/recording.o ntpd/prefix.o ntpd/journal.o ntpd/logsock.o ntpd/state.o ntpd/epoch.o ntpd/profile.o \
	common/page.o ntpd/users.o ntpd/idmap.o ntpd/notify.o ntpd/leaplist.o ntpd/leaps.o ntpd/interface.o ntpd/links.o ntpd/notices.o ntpd/answers.o ntpd/ways.o ntpd/fast.o ntpd/bpflib.o ntpd/fastgate.o ntpd/program.o \
	common/fastcount.o common/msg.o common/sandbox.o common/landlock.o common/clock.o common/random.o common/log.o \
	core/timestamp.o core/leapfile.o core/ledger.o core/steer.o
ntpd_LIBS := $(SANDBOX_LIBS) -lbsd -lmd

ntp-clock_OBJS := ntp-clock/main.o ntp-clock/policy.o ntp-clock/kernel.o \
	ntp-clock/profile.o core/permit.o core/ledger.o core/resume.o core/steer.o core/quality.o core/leap.o core/timestamp.o \
	common/clock.o common/page.o common/seconds.o $(COMMON)
ntp-clock_LIBS := $(SANDBOX_LIBS)

CORE_CLIENT := core/timestamp.o core/packet.o core/auth.o core/interleave.o core/verdict.o core/source.o core/query.o core/distance.o core/grain.o core/oscillator.o core/poll.o \
	core/bank.o core/floor.o core/estimator.o core/real.o \
	core/select.o core/joint.o core/habit.o core/leap.o core/smear.o
CODEC := ntp-net/poll/codec.o ntp-net/poll/codec_walk.o \
	ntp-net/poll/codec_file.o ntp-net/poll/layout.o
RECORD := ntp-net/poll/record.o $(CODEC)
ntp-net_OBJS := ntp-net/poll/main.o ntp-net/poll/table.o \
	ntp-net/poll/exchange.o ntp-net/poll/names.o ntp-net/poll/decide.o ntp-net/poll/sample.o ntp-net/poll/bound.o ntp-net/poll/quorum.o \
	ntp-net/poll/heritage.o \
	ntp-net/poll/silent.o ntp-net/poll/speed.o \
	ntp-net/poll/notice.o ntp-net/poll/leaps.o ntp-net/poll/say.o \
	ntp-net/poll/report.o ntp-net/poll/why.o ntp-net/poll/holdover.o ntp-net/poll/addr.o ntp-net/poll/profile.o \
	ntp-net/poll/signing.o common/keyring.o common/mac.o \
	$(RECORD) ntp-net/poll/tape.o \
	$(CORE_CLIENT) common/page.o common/clock.o common/random.o $(COMMON)
ntp-net_LIBS := $(SANDBOX_LIBS) -lnettle

ntp-resolve_OBJS := ntp-net/resolve/main.o ntp-net/resolve/files.o \
	ntp-net/resolve/profile.o $(COMMON)
ntp-resolve_LIBS := $(SANDBOX_LIBS)

ntp-serve_OBJS := ntp-net/serve/main.o ntp-net/serve/answer.o \
	ntp-net/serve/batch.o ntp-net/serve/served.o ntp-net/serve/gate.o ntp-net/serve/draw.o ntp-net/serve/profile.o ntp-net/serve/fast.o common/counts.o \
	ntp-net/serve/leaving.o ntp-net/serve/seal.o common/keyring.o common/mac.o core/auth.o \
	core/serve.o core/smear.o core/departure.o core/access.o core/limit.o \
	core/packet.o core/timestamp.o \
	common/page.o common/clock.o common/random.o $(COMMON)
ntp-serve_LIBS := $(SANDBOX_LIBS) -lnettle

ntp-observe_OBJS := ntp-net/observe/main.o ntp-net/observe/client.o \
	ntp-net/observe/absent.o \
	ntp-net/observe/stats.o ntp-net/observe/profile.o \
	common/fastcount.o common/clock.o common/page.o $(COMMON)
ntp-observe_LIBS := $(SANDBOX_LIBS)

ntpctl_OBJS := ntp-net/ctl/main.o ntp-net/ctl/client.o ntp-net/ctl/agree.o ntp-net/ctl/text.o \
	ntp-net/ctl/standing.o \
	ntp-net/ctl/show.o ntp-net/ctl/table.o ntp-net/ctl/change.o ntp-net/ctl/json.o ntp-net/ctl/server.o \
	ntp-net/ctl/show_server.o ntp-net/ctl/json_server.o common/msg.o
ntpctl_LIBS := -ljansson -lbsd -lm

# The names of ntpd-rs, in the image only.
ntp-compat_OBJS := packaging/compat/main.o packaging/compat/theirs.o
ntp-compat_LIBS :=

PROGRAMS := ntpd ntpctl $(DAEMONS) ntp-compat

.PHONY: all
all: $(PROGRAMS:%=$(BUILD)/%)

# What a folder may include is what its -iquote lets it find (DESIGN: include
# rules); tests/lint/includes.sh checks the finer ones.
INC_core := -iquote core
INC_common := -iquote common
$(foreach f,$(PROGRAM_FOLDERS),$(eval INC_$(f) := -iquote $(f) \
	-iquote common -iquote core))
INC_ntpd += -iquote $(OBJ)/ntpd
INC_packaging/compat := -iquote packaging/compat -iquote common
FOLDERS := core common $(PROGRAM_FOLDERS) packaging/compat

ntpd_DEFS := -DLIBEXECDIR='"$(LIBEXECDIR)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' \
	-DLOCALSTATEDIR='"$(LOCALSTATEDIR)"'

compat_DEFS := -DPREFIX='"$(PREFIX)"' -DSYSCONFDIR='"$(SYSCONFDIR)"'

# Other flags or folders than the last time: all is built anew.
FLAGS = $(OBJ)/flags
$(FLAGS): export FLAGS_TEXT = $(CC) $(BASE_CFLAGS) $(ntpd_DEFS) $(compat_DEFS)
$(FLAGS): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_TEXT" | cmp -s - $@ || \
		printf '%s\n' "$$FLAGS_TEXT" >$@
.PHONY: FORCE
FORCE:

define FOLDER_RULE
$(OBJ)/$(1)/%.o: $(1)/%.c Makefile $(FLAGS)
	@mkdir -p $$(@D)
	@echo "  CC $$@"
	$$(Q)$$(CC) $$(BASE_CFLAGS) $$($(notdir $(1))_DEFS) $$(INC_$(1)) -MMD -MP \
		-c -o $$@ $$<
endef
$(foreach f,$(FOLDERS),$(eval $(call FOLDER_RULE,$(f))))

$(OBJ)/ntpd/parse.c: ntpd/parse.y Makefile
	@mkdir -p $(@D)
	@echo "  BISON $@"
	$(Q)bison -Wall -Werror -Wno-yacc -d -o $@ $<
$(OBJ)/ntpd/token.o: $(OBJ)/ntpd/parse.c # and parse.h with it
$(OBJ)/ntpd/parse.o: $(OBJ)/ntpd/parse.c Makefile $(FLAGS)
	@echo "  CC $@"
	$(Q)$(CC) $(BASE_CFLAGS) $(ntpd_DEFS) $(INC_ntpd) -MMD -MP \
		-c -o $@ $<

# The time of the sources, before which no clock can be: SOURCE_DATE_EPOCH,
# else that of the last commit, else a constant.
SOURCES_EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell \
	git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
	git log -1 --format=%ct 2>/dev/null),1767225600)
$(OBJ)/ntpd/release.h: FORCE
	@mkdir -p $(@D)
	@echo '#define RELEASE_EPOCH INT64_C($(SOURCES_EPOCH))' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(OBJ)/ntpd/epoch.o: $(OBJ)/ntpd/release.h

# The program in the kernel, which only clang compiles: a part of ntpd.
BPF_CC ?= clang
BPF_STRIP ?= llvm-strip
# Its target has no asm/types.h; that of any machine will do.  It lies in
# /usr/include itself, or in a folder there or in /usr that has the target's name
# without the maker of the machine (x86_64-pc-linux-gnu).
TRIPLET := $(subst -pc-,-,$(subst -unknown-,-,$(TARGET)))
BPF_INCLUDE := -idirafter /usr/include/$(TRIPLET) \
	-idirafter /usr/$(TRIPLET)/include
BPF_PROGRAM := $(OBJ)/ntp-net/fast/fast.bpf.o
$(BPF_PROGRAM): ntp-net/fast/fast.bpf.c common/fastmap.h Makefile
	@mkdir -p $(@D)
	@$(BPF_CC) -print-targets 2>/dev/null | grep -q 'bpf ' || { \
		echo "$(BPF_CC) with its BPF target is needed: apt install clang" \
		>&2; exit 1; }
	@echo "  BPF $@"
	$(Q)$(BPF_CC) -target bpf -mcpu=v3 -O2 -g -std=gnu17 -fno-strict-aliasing -ffreestanding \
		-Wall -Wextra $(WERROR) $(MAP) -iquote common \
		$(BPF_INCLUDE) \
		-c -o $@ $<
	$(Q)$(BPF_STRIP) -g $@ # its types (BTF) stay
ntpd_DEFS += -DFAST_PROGRAM='"$(BPF_PROGRAM)"'
$(OBJ)/ntpd/program.o: $(BPF_PROGRAM)

define PROGRAM_RULE
$(BUILD)/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$($(1)_LIBS)
ALL_OBJS += $$($(1)_OBJS:%=$(OBJ)/%)
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM_RULE,$(p))))

include tests/tests.mk packaging/image/image.mk

-include $(sort $(ALL_OBJS:.o=.d))

# --- installing -----------------------------------------------------------
# install: programs, manual pages, and a configuration if there is none.
# install-init: also the files for INIT, one or more of systemd, sysvinit,
# openrc, runit, s6 and apparmor; nothing is enabled or started.
# uninstall: all of these, but for the configuration and the state.
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
# In steps of their own, since what is installed first decides how the rest
# is built.
deps:
	@sh tests/deps.sh

demo:
	@sh tests/deps.sh build
	@$(MAKE) all
	@sh tests/demo.sh $(BUILD)

test:
	@sh tests/deps.sh
	@$(MAKE) all
	@$(MAKE) check
