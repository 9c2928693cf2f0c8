UNIT_TESTS += timeline steer quality ledger resume permit policy clock
RANDOM := tests/sim/rng.o tests/sim/arith.o
PERMIT := core/steer/permit.o core/steer/ledger.o core/steer/resume.o
test_timeline_OBJS := common/clock.o
test_steer_OBJS := core/steer/steer.o
test_quality_OBJS := core/steer/quality.o
test_ledger_OBJS := core/steer/ledger.o $(RANDOM)
test_resume_OBJS := core/steer/resume.o $(RANDOM)
test_permit_OBJS := $(PERMIT) $(RANDOM)
test_policy_OBJS := ntp-clock/policy.o common/seconds.o core/steer/steer.o $(PERMIT) common/msg.o
# All of ntp-clock except its sandbox; the test plays the kernel.
test_clock_OBJS := tests/unit/clock_world.o tests/unit/clock_main.o \
	ntp-clock/policy.o ntp-clock/kernel.o ntp-clock/profile.o \
	core/steer/steer.o core/steer/quality.o core/leap/leap.o core/packet/timestamp.o $(PERMIT) \
	common/page.o common/seconds.o common/clock.o common/msg.o common/dispatch.o common/log.o common/escape.o

$(OBJ)/tests/unit/clock_main.o: $(OBJ)/ntp-clock/main.o
	@mkdir -p $(@D)
	@echo "  OBJCOPY $@"
	$(Q)$(OBJCOPY) --redefine-sym main=clock_main $< $@
