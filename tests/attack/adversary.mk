# A random adversary in place of ntp-net, against the whole of ntp-clock except
# its sandbox, in a simulated world: 24 hours take some milliseconds.
ADV_NAMES := adversary adv_world adv_calls adv_machine adv_ntpd adv_net adv_check \
	adv_run
ADV_OBJS := $(ADV_NAMES:%=tests/attack/%.o)
ADV_LINKED := common/clock.o tests/sim/rng.o tests/sim/arith.o ntpd/kept/state.o ntpd/file.o ntpd/conf/read_whole.o core/steer/ledger.o \
	core/steer/steer.o
ADVERSARY_RUNS ?= 10000
ADVERSARY_JOBS ?= 2

# One relocatable object of the program, with only one global name.
$(OBJ)/tests/attack/clock.prog.o: tests/attack/adversary.syms \
		$(patsubst %,$(OBJ)/%,$(filter-out common/child.o common/sandbox.o,$(ntp-clock_OBJS)))
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LD) -r -o $@.tmp $(filter %.o,$^)
	$(Q)$(OBJCOPY) --redefine-syms=tests/attack/adversary.syms \
		--redefine-sym main=adv_clock_main \
		--keep-global-symbol=adv_clock_main $@.tmp $@
	$(Q)rm -f $@.tmp

ADVERSARY := $(BUILD)/tests/attack/adversary.t
$(ADVERSARY): $(ADV_OBJS:%=$(OBJ)/%) $(ADV_LINKED:%=$(OBJ)/%) \
		$(OBJ)/tests/attack/clock.prog.o
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lm
PROGRAM_TESTS += $(ADVERSARY)

.PHONY: adversary
adversary: $(ADVERSARY)
	@$(ADVERSARY) -j $(ADVERSARY_JOBS) -n $(ADVERSARY_RUNS) -c 40
