# A program that breaks the supervisor's rules: flood.t.sh, crash.t.sh.
flood_OBJS := tests/attack/flood.o common/clock.o common/msg.o common/log.o common/escape.o common/sandbox.o common/landlock.o \
	common/child.o ntp-clock/profile.o ntp-net/poll/profile.o \
	ntp-net/resolve/profile.o ntp-net/observe/profile.o
$(BUILD)/attack/flood: $(flood_OBJS:%=$(OBJ)/%)
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)
suite-programs: $(BUILD)/attack/flood
