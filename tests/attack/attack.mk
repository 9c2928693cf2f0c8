# Programs that were broken into, and others that mean harm: vm.t.sh.
HOSTILE := common/msg.o common/log.o common/sandbox.o common/child.o \
	tests/attack/hostile.o
evil_net_OBJS := tests/attack/evil_net.o ntp-net/poll/profile.o \
	common/clock.o $(HOSTILE)
evil_resolve_OBJS := tests/attack/evil_resolve.o tests/attack/asking.o \
	tests/attack/lingering.o ntp-net/resolve/profile.o $(HOSTILE)
evil_serve_OBJS := tests/attack/evil_serve.o ntp-net/serve/profile.o $(HOSTILE)
evil_observe_OBJS := tests/attack/evil_observe.o ntp-net/observe/profile.o \
	$(HOSTILE)
evil_user_OBJS := tests/attack/evil_user.o tests/attack/asking.o \
	tests/attack/lingering.o $(HOSTILE)
clockwatch_OBJS := tests/attack/watch.o
outside_OBJS := tests/attack/outside.o

ATTACK_TOOLS := evil_net evil_resolve evil_serve evil_observe evil_user \
	clockwatch outside
define ATTACK_RULE
$(BUILD)/attack/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(SANDBOX_LIBS)
ALL_OBJS += $$($(1)_OBJS:%=$(OBJ)/%)
endef
$(foreach t,$(ATTACK_TOOLS),$(eval $(call ATTACK_RULE,$(t))))

.PHONY: attack-programs attack
attack-programs: $(ATTACK_TOOLS:%=$(BUILD)/attack/%)
check: attack-programs
# The attacks alone, all of them in each of the ways to start.
attack: all attack-programs $(VM_TOOL) $(SANDBOX_TEST)
	ATTACKS=all BUILD=$(abspath $(BUILD)) prove -v --exec '' tests/attack/vm.t.sh
