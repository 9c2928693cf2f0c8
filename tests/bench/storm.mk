# The storm of `make hostile`, with honest clients in it.
STORM_TOOLS := storm honest
storm_OBJS := tests/bench/storm.o tests/bench/kinds.o
honest_OBJS := tests/bench/honest.o
define STORM_RULE
$(BUILD)/tests/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^
endef
$(foreach t,$(STORM_TOOLS),$(eval $(call STORM_RULE,$(t))))

suite-programs: $(STORM_TOOLS:%=$(BUILD)/tests/%)
san-programs: $(DAEMONS:%=build/san/%) build/san/ntpctl

# Each for HOSTILE_SECONDS, with a release build and under sanitizers.
HOSTILE_SECONDS ?= 600
.PHONY: hostile
hostile:
	@sh tests/deps.sh
	@$(MAKE) all $(STORM_TOOLS:%=$(BUILD)/tests/%) \
		$(PEER_TOOLS:%=$(BUILD)/tests/%)
	@$(MAKE) SAN=1 all
	@HOSTILE_SECONDS=$(HOSTILE_SECONDS) BUILD=$(abspath $(BUILD)) \
		sh tests/bench/hostile.sh
