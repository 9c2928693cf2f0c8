# Tests of the clock itself, in a virtual machine: tests/vm/run.sh.
VM_TOOL := $(BUILD)/tests/ntpask
$(VM_TOOL): $(OBJ)/tests/vm/ntpask.o
	@echo "  LINK $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^

suite-programs: $(VM_TOOL)
.PHONY: vm
vm: all $(VM_TOOL) $(SANDBOX_TESTS)
	BUILD=$(abspath $(BUILD)) prove -v --exec '' tests/vm/run.sh
