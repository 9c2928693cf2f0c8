# The sandboxes, entered for real.
SANDBOX_TEST := $(BUILD)/tests/sandbox/sandbox.t
$(SANDBOX_TEST): $(OBJ)/tests/sandbox/test_sandbox.o \
		$(addprefix $(OBJ)/,common/sandbox.o common/landlock.o ntp-clock/profile.o \
		ntp-net/poll/profile.o ntp-net/serve/profile.o \
		ntp-net/resolve/profile.o ntp-net/resolve/files.o ntp-net/observe/profile.o)
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS) -lm
ALL_OBJS += $(OBJ)/tests/sandbox/test_sandbox.o
PROGRAM_TESTS += $(SANDBOX_TEST)
