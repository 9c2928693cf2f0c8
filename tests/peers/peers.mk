# The tests' own servers and clients, good and evil: tests/peers/*.t.sh.
PEER_TOOLS := rogue probe fakedns

define PEER_RULE
$(BUILD)/tests/$(1): $(OBJ)/tests/peers/$(1).o
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^
ALL_OBJS += $(OBJ)/tests/peers/$(1).o
endef
$(foreach t,$(PEER_TOOLS),$(eval $(call PEER_RULE,$(t))))

check: $(PEER_TOOLS:%=$(BUILD)/tests/%)
.PHONY: peers
peers: all $(PEER_TOOLS:%=$(BUILD)/tests/%)
	$(PROVE) $(sort $(wildcard tests/peers/*.t.sh))
