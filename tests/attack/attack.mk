# Programs that were taken over, and others that attack: vm.t.sh.
HOSTILE := common/clock.o common/msg.o common/log.o common/escape.o common/sandbox.o common/landlock.o common/child.o \
	tests/attack/hostile.o
hostile_net_OBJS := tests/attack/hostile_net.o ntp-net/poll/profile.o \
	$(HOSTILE)
hostile_resolve_OBJS := tests/attack/hostile_resolve.o tests/attack/asking.o \
	tests/attack/lingering.o ntp-net/resolve/profile.o $(HOSTILE)
hostile_serve_OBJS := tests/attack/hostile_serve.o ntp-net/serve/profile.o $(HOSTILE)
hostile_observe_OBJS := tests/attack/hostile_observe.o ntp-net/observe/profile.o \
	$(HOSTILE)
hostile_user_OBJS := tests/attack/hostile_user.o tests/attack/asking.o \
	tests/attack/lingering.o $(HOSTILE)
clockwatch_OBJS := tests/attack/watch.o
outside_OBJS := tests/attack/outside.o

ATTACK_TOOLS := hostile_net hostile_resolve hostile_serve hostile_observe hostile_user \
	clockwatch outside
define ATTACK_RULE
$(BUILD)/attack/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@echo "  LINK $$@"
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(SANDBOX_LIBS)
endef
$(foreach t,$(ATTACK_TOOLS),$(eval $(call ATTACK_RULE,$(t))))

.PHONY: attack-programs attack
attack-programs: $(ATTACK_TOOLS:%=$(BUILD)/attack/%)
suite-programs: attack-programs
# Only the attacks, each with every way to start.
attack: all attack-programs $(VM_TOOL) $(SANDBOX_TESTS)
	ATTACKS=all BUILD=$(abspath $(BUILD)) prove -v --exec '' tests/attack/vm.t.sh
