# The tests' own servers and clients, good and bad: tests/peers/*.t.sh.
PEER_TOOLS := liar_server probe fakedns asker forwarder drop_caps

liar_server_OBJS := tests/peers/liar_server.o
forwarder_OBJS := tests/peers/forwarder.o
forwarder_LIBS := -lbpf
drop_caps_OBJS := tests/peers/drop_caps.o
drop_caps_LIBS := -lseccomp
probe_OBJS := tests/peers/probe.o tests/peers/header.o tests/peers/fields.o \
	tests/peers/spoofed_client.o tests/peers/queue.o
fakedns_OBJS := tests/peers/fakedns.o
asker_OBJS := tests/peers/asker.o

define PEER_RULE
$(BUILD)/tests/$(1): $$($(1)_OBJS:%=$(OBJ)/%)
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$($(1)_LIBS)
endef
$(foreach t,$(PEER_TOOLS),$(eval $(call PEER_RULE,$(t))))

suite-programs: $(PEER_TOOLS:%=$(BUILD)/tests/%)
.PHONY: peers
peers: all $(PEER_TOOLS:%=$(BUILD)/tests/%)
	$(PROVE) $(sort $(wildcard tests/peers/*.t.sh))
