# Tests.  Each tests/unit/*.mk adds its tests: names to UNIT_TESTS, and lists
# of objects test_NAME_OBJS, each the dependency diagram of its test.

UNIT_TESTS :=
PROGRAM_TESTS :=
FUZZ_TARGETS :=
include $(wildcard tests/*/*.mk)

# A unit test is tests/unit/test_NAME.c and becomes build/tests/unit/NAME.t.
define UNIT_RULE
$(BUILD)/tests/unit/$(1).t: $(OBJ)/tests/unit/test_$(1).o \
		$$(test_$(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(test_$(1)_LIBS) -lm
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call UNIT_RULE,$(t))))

# A fuzz target is tests/fuzz/fuzz_NAME.c (LLVMFuzzerTestOneInput), listed in
# FUZZ_TARGETS with fuzz_NAME_OBJS.  With replay_main.c it is a test that runs
# its corpus (tests/fuzz/corpus/NAME, if there is one) and random inputs; with
# libFuzzer (make fuzz) it runs for a long time.
define FUZZ_RULE
$(BUILD)/tests/fuzz/$(1).t: $(OBJ)/tests/fuzz/fuzz_$(1).o \
		$(OBJ)/tests/fuzz/replay_main.o $$(fuzz_$(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(fuzz_$(1)_LIBS) -lm
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call FUZZ_RULE,$(t))))

# Scripts that print TAP themselves, slowest first.  Only one of those with
# virtual machines runs at a time (tests/vm/run.sh): other tests stand in
# between.
VM_TESTS := $(wildcard tests/vm/run.sh tests/init/vm-*.t.sh)
SCRIPT_TESTS := $(wildcard tests/attack/vm.t.sh) \
	$(wildcard tests/debian13/*.t.sh) $(filter-out $(VM_TESTS) \
	tests/attack/vm.t.sh,$(wildcard tests/attack/*.t.sh tests/image/*.t.sh \
	tests/container/*.t.sh tests/sandbox/*.t.sh tests/peers/*.t.sh \
	tests/system/*.sh tests/init/*.t.sh tests/packaging/*.t.sh \
	tests/sim/*.t.sh tests/lint/*.sh)) $(VM_TESTS)
UNIT_PROGRAMS := $(UNIT_TESTS:%=$(BUILD)/tests/unit/%.t)

# prove runs a script by its interpreter line, and a program directly.
PROVE = BUILD=$(abspath $(BUILD)) prove -j2 --failures --exec '' --timer

# The quick check after a change: units, lints except those that build, and a
# short simulation.  Builds only what these need.
CHECK_SCRIPTS := $(filter-out tests/lint/clang.sh tests/lint/examples.sh,$(wildcard tests/lint/*.sh)) \
	tests/sim/rows.t.sh
.PHONY: unit check
unit: $(UNIT_PROGRAMS)
	$(PROVE) $(UNIT_PROGRAMS:%=./%)
# Tests that mostly wait come first.
CHECK_SLOW := $(patsubst %,$(BUILD)/tests/unit/%.t,state ctl_client lock)
check: all $(UNIT_PROGRAMS) $(BUILD)/sim
	$(PROVE) $(CHECK_SLOW:%=./%) $(CHECK_SCRIPTS:%=./%) \
		$(patsubst %,./%,$(filter-out $(CHECK_SLOW),$(UNIT_PROGRAMS)))

# The whole suite, once all is built: what `make test' runs.
.PHONY: suite suite-programs
suite-programs: all $(UNIT_PROGRAMS) $(PROGRAM_TESTS)
	@$(MAKE) SAN=1 san-programs
suite: suite-programs
	$(PROVE) $(SCRIPT_TESTS:%=./%) $(PROGRAM_TESTS:%=./%) \
		$(UNIT_PROGRAMS:%=./%) $(SAN_TESTS:%=./%)

# The tests of one folder: make test-vm.
define PART_RULE
.PHONY: test-$(1)
test-$(1): suite-programs
	$$(PROVE) $$(patsubst %,./%,$$(filter tests/$(1)/%,$$(SCRIPT_TESTS)) \
		$$(filter $$(BUILD)/tests/$(1)/%,$$(PROGRAM_TESTS)))
endef
$(foreach p,$(sort $(foreach s,$(SCRIPT_TESTS),$(word 2,$(subst /, ,$(s))))),\
	$(eval $(call PART_RULE,$(p))))

# How often an idle client wakes up, see tests/system/idle.sh.
IDLE_SECONDS ?= 3000
.PHONY: idle
idle: all
	@BUILD=$(abspath $(BUILD)) IDLE_SECONDS=$(IDLE_SECONDS) \
		tests/system/idle.sh

# The unit tests and fuzz targets again, under ASan and UBSan.
SAN_TESTS := $(UNIT_TESTS:%=build/san/tests/unit/%.t) \
	$(FUZZ_TARGETS:%=build/san/tests/fuzz/%.t)
.PHONY: san-programs
san-programs: $(SAN_TESTS) build/san/ntpd

# libFuzzer, for FUZZ_SECONDS; its findings and corpus stay in build/fuzz.
FUZZ_SECONDS ?= 60
define FUZZER_RULE
$(BUILD)/$(1).fuzzer: $(OBJ)/tests/fuzz/fuzz_$(1).o \
		$$(fuzz_$(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) -fsanitize=fuzzer -o $$@ $$^ \
		$$(fuzz_$(1)_LIBS) -lm
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call FUZZER_RULE,$(t))))
.PHONY: fuzz fuzzers
fuzzers: $(FUZZ_TARGETS:%=$(BUILD)/%.fuzzer)
fuzz:
	@sh tests/deps.sh fuzz
	@$(MAKE) CC=clang FUZZ=1 fuzzers
	@for t in $(FUZZ_TARGETS); do \
		mkdir -p build/fuzz/corpus/$$t && \
		build/fuzz/$$t.fuzzer -max_total_time=$(FUZZ_SECONDS) \
			-artifact_prefix=build/fuzz/$$t- -verbosity=0 \
			build/fuzz/corpus/$$t \
			$$(ls -d tests/fuzz/corpus/$$t 2>/dev/null) || exit 1; \
		echo "$$t: nothing found in $(FUZZ_SECONDS) s"; \
	done

# Debian 13 in a folder: build there, and run what can run in a chroot.
.PHONY: debian13
debian13:
	@sh tests/deps.sh
	@prove -v --exec '' tests/debian13/debian13.t.sh

# What tests/debian13 runs in a Debian 13: the programs, their sandboxes, and
# the units.
PART_TESTS := $(wildcard tests/system/*.sh tests/sandbox/*.t.sh)
.PHONY: part
part: all $(UNIT_PROGRAMS) $(SANDBOX_TESTS) $(PEER_TOOLS:%=$(BUILD)/tests/%) \
		$(STORM_TOOLS:%=$(BUILD)/tests/%) $(BUILD)/tests/load $(BUILD)/sim
	$(PROVE) --directives $(PART_TESTS:%=./%) \
		$(SANDBOX_TESTS:%=./%) $(UNIT_PROGRAMS:%=./%)

# What runs in an emulator of another machine's programs, such as qemu-aarch64.
# The other units need parts of the kernel that it does not pass on: BPF
# (fast), filters (kin), user name spaces (lock), transmit timestamps
# (txstamp), truncated descriptors (msg).
EMULATOR ?=
NOT_EMULATED := fast kin lock msg txstamp
EMULATED := $(patsubst %,$(BUILD)/tests/unit/%.t, \
	$(filter-out $(NOT_EMULATED),$(UNIT_TESTS)))
.PHONY: emulated
emulated: all $(EMULATED) $(BUILD)/sim
	prove -j2 --exec '$(EMULATOR)' --timer --directives --failures \
		$(EMULATED:%=./%)
