# The attacker of control.t.sh.
EVIL := $(BUILD)/tests/attack
EVIL_RESOLVE_OBJS := $(addprefix $(OBJ)/,common/clock.o common/msg.o common/log.o common/escape.o \
	common/sandbox.o common/landlock.o common/child.o ntp-net/resolve/profile.o)

$(EVIL)/ntp-resolve: $(OBJ)/tests/attack/evil_resolve.o $(EVIL_RESOLVE_OBJS)
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)
$(OBJ)/tests/attack/evil_resolve_loose.o: tests/attack/evil_resolve.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(BASE_CFLAGS) $(INC) -DEVIL_LOOSE -MMD -MP -c -o $@ $<
$(EVIL)/ntp-resolve-loose: $(OBJ)/tests/attack/evil_resolve_loose.o \
		$(EVIL_RESOLVE_OBJS)
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)
$(EVIL)/control_linger: $(OBJ)/tests/attack/control_linger.o
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^
$(EVIL)/control_old: $(OBJ)/tests/attack/control_old.o
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lseccomp
CONTROL_ATTACKS := $(addprefix $(EVIL)/,ntp-resolve ntp-resolve-loose \
	control_linger control_old)
.PHONY: attack-control
attack-control: all $(CONTROL_ATTACKS)
	$(PROVE) tests/attack/control.t.sh
suite-programs: $(CONTROL_ATTACKS)
