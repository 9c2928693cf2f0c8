# The load generator and the bare responder of `make bench`.
BENCH_TOOLS := load bare stamps
define BENCH_RULE
$(BUILD)/tests/$(1): $(OBJ)/tests/bench/$(1).o
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	$$(Q)$$(CC) $$(OPT) $$(LINK) $$(LDFLAGS) -o $$@ $$^
endef
$(foreach t,$(BENCH_TOOLS),$(eval $(call BENCH_RULE,$(t))))

.PHONY: bench
bench:
	@sh tests/deps.sh
	@$(MAKE) all $(BENCH_TOOLS:%=$(BUILD)/tests/%) $(BUILD)/tests/forwarder
	@BUILD=$(abspath $(BUILD)) bash tests/bench/bench.sh
