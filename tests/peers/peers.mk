# The tests' own servers and clients, good and bad: tests/peers/*.t.sh.
PEER_TOOLS := rogue probe fakedns asker passer lack

rogue_OBJS := tests/peers/rogue.o
passer_OBJS := tests/peers/passer.o
passer_LIBS := -lbpf
lack_OBJS := tests/peers/lack.o
lack_LIBS := -lseccomp
probe_OBJS := tests/peers/probe.o tests/peers/header.o tests/peers/fields.o \
	tests/peers/forged.o tests/peers/queue.o
fakedns_OBJS := tests/peers/fakedns.o
asker_OBJS := tests/peers/asker.o

define PEER_RULE
$(BUILD)/tests/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$($(1)_LIBS)
ALL_OBJS += $$($(1)_OBJS:%=$(OBJ)/%)
endef
$(foreach t,$(PEER_TOOLS),$(eval $(call PEER_RULE,$(t))))

suite-programs: $(PEER_TOOLS:%=$(BUILD)/tests/%)
.PHONY: peers
peers: all $(PEER_TOOLS:%=$(BUILD)/tests/%)
	$(PROVE) $(sort $(wildcard tests/peers/*.t.sh))
