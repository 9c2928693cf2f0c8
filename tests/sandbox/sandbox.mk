# The sandboxes, really entered.
SANDBOX_TESTS := $(addprefix $(BUILD)/tests/sandbox/,sandbox.t arguments.t)
$(SANDBOX_TESTS): $(BUILD)/tests/sandbox/%.t: $(OBJ)/tests/sandbox/test_%.o \
		$(addprefix $(OBJ)/,tests/sandbox/inside.o common/sandbox.o \
		common/landlock.o ntp-clock/profile.o ntpd/profile.o \
		ntp-net/poll/profile.o ntp-net/serve/profile.o \
		ntp-net/resolve/profile.o \
		ntp-net/observe/profile.o)
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS) -lm
PROGRAM_TESTS += $(SANDBOX_TESTS)
