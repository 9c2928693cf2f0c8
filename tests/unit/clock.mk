UNIT_TESTS += steer policy clock
test_steer_OBJS := core/steer.o
test_policy_OBJS := ntp-clock/policy.o core/steer.o
# The whole of ntp-clock but its sandbox and the kernel, which the test plays.
test_clock_OBJS := tests/unit/clock_world.o tests/unit/clock_main.o \
	ntp-clock/policy.o ntp-clock/kernel.o ntp-clock/profile.o \
	core/steer.o core/leap.o core/timestamp.o \
	common/clock.o common/msg.o common/log.o

$(OBJ)/tests/unit/clock_main.o: $(OBJ)/ntp-clock/main.o
	@mkdir -p $(@D)
	@echo "  OBJCOPY $@"
	$(Q)objcopy --redefine-sym main=clock_main $< $@
