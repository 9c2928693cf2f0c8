# Tests.  Every folder tests/unit/*.mk adds its tests: a name to UNIT_TESTS and
# a list of objects, test_NAME_OBJS, which is the test's dependency diagram.

UNIT_TESTS :=
include $(wildcard tests/unit/*.mk)

# Tests may look into every folder; what they include says which.
TEST_INC := -Itests -Icore -Icommon -Intpd -Intp-clock -Intp-net/poll \
	-Intp-net/serve -Intp-net/observe -Intp-net/ctl -Intp-net/resolve

$(BUILD)/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(TEST_INC) -MMD -MP -c -o $@ $<

# A unit test is tests/unit/test_NAME.c and becomes build/tests/unit/NAME.t.
define UNIT_RULE
$(BUILD)/tests/unit/$(1).t: $(BUILD)/tests/unit/test_$(1).o \
		$$(test_$(1)_OBJS:%=$(BUILD)/%)
	$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(test_$(1)_LIBS) -lm
ALL_OBJS += $(BUILD)/tests/unit/test_$(1).o
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call UNIT_RULE,$(t))))

.PHONY: unit check
unit: $(UNIT_TESTS:%=$(BUILD)/tests/unit/%.t)
	prove -j2 --exec '' $^
