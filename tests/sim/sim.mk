# The simulator: the programs' own objects, with other system calls and another
# start (begin.c instead of child.c and the sandbox).
SIM_OBJS := $(addprefix tests/sim/,world.o calls.o ntpd.o machine.o network.o \
	measure.o reference.o scenario.o jobs.o table.o rng.o arith.o writers.o reader.o decode.o \
	replay.o replay_calls.o story.o)
SIM_LINKED := $(CORE_CLIENT) $(CODEC) common/addr.o common/page.o \
	common/msg.o
SIM_NOT := common/random.o common/child.o common/sandbox.o common/landlock.o
SIM_SCENARIOS := $(sort $(wildcard tests/sim/scenarios/*.sim))
SIM_SEEDS ?= 5
SIM_JOBS ?= 2

# One relocatable object of a whole program, with one global name, $(1)_main.
# $(2) is the program, $(3) the list of calls, $(4) objects to leave out.
define SIM_PROGRAM_RULE
$(OBJ)/tests/sim/$(1).prog.o: tests/sim/$(3).syms $(OBJ)/tests/sim/begin.o \
		$$(patsubst %,$(OBJ)/%,$$(filter-out $(SIM_NOT) $(4),$$($(2)_OBJS)))
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(LD) -r -o $$@.tmp $$(filter %.o,$$^)
	$$(Q)$$(OBJCOPY) --redefine-syms=tests/sim/$(3).syms \
		--redefine-sym main=$(1)_main \
		--keep-global-symbol=$(1)_main $$@.tmp $$@
	$$(Q)rm -f $$@.tmp
endef
$(eval $(call SIM_PROGRAM_RULE,net,ntp-net,calls))
$(eval $(call SIM_PROGRAM_RULE,clock,ntp-clock,calls))
$(eval $(call SIM_PROGRAM_RULE,replay_net,ntp-net,replay,common/clock.o \
	ntp-net/poll/record/writer.o ntp-net/poll/query_mac.o))

SIM_ALL := $(OBJ)/tests/sim/net.prog.o $(OBJ)/tests/sim/clock.prog.o \
	$(OBJ)/tests/sim/replay_net.prog.o \
	$(SIM_OBJS:%=$(OBJ)/%) $(SIM_LINKED:%=$(OBJ)/%)

$(BUILD)/sim: $(OBJ)/tests/sim/main.o $(SIM_ALL)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle -lm

SIM_PROPERTIES := $(BUILD)/tests/sim/properties.t
$(SIM_PROPERTIES): $(OBJ)/tests/sim/properties.o $(OBJ)/tests/sim/chance.o \
		$(SIM_ALL)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle -lm
PROGRAM_TESTS += $(SIM_PROPERTIES)

SIM_CONTEST := $(BUILD)/tests/sim/contest
$(SIM_CONTEST): $(OBJ)/tests/sim/contest.o $(OBJ)/tests/sim/kinds.o $(SIM_ALL)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle -lm
suite-programs: $(SIM_CONTEST)

SIM_REPLAYS := $(BUILD)/tests/sim/replays.t
$(SIM_REPLAYS): $(OBJ)/tests/sim/replays.o $(OBJ)/tests/sim/chance.o $(SIM_ALL)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle -lm
PROGRAM_TESTS += $(SIM_REPLAYS)

.PHONY: sim
sim: $(BUILD)/sim
	@$(BUILD)/sim -a -j $(SIM_JOBS) -n $(SIM_SEEDS) $(SIM_SCENARIOS)

SIM_SOAK ?= 20000
.PHONY: sim-soak
SIM_CONTESTS ?= 2000
sim-soak: $(SIM_PROPERTIES) $(SIM_CONTEST)
	@$(SIM_PROPERTIES) -j $(SIM_JOBS) -n $(SIM_SOAK)
	@$(SIM_CONTEST) -j $(SIM_JOBS) -n $(SIM_CONTESTS)

# One plot of each scenario, in build/sim-plots.
.PHONY: sim-plots
sim-plots: $(BUILD)/sim
	@sh tests/sim/plots.sh $(BUILD)/sim $(BUILD)/sim-plots $(SIM_SCENARIOS)

SIM_CONF := $(addprefix ntpd/conf/,keyfile.o read_whole.o listen.o conf.o conf_read.o reader.o parse.o token.o lex.o value.o \
	statement.o statement_listen.o limit.o prefix.o) common/keyring.o common/addr.o

# Both programs in one process, for clknetsim and similar tools.
$(BUILD)/ntp-sim-client: $(OBJ)/tests/sim/client.o \
		$(OBJ)/tests/sim/net.prog.o $(OBJ)/tests/sim/clock.prog.o \
		$(SIM_CONF:%=$(OBJ)/%) $(OBJ)/common/page.o
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle -lm
suite-programs: $(BUILD)/ntp-sim-client $(BUILD)/sim
