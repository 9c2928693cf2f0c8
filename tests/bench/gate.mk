# The cost of the access list and the rate limit: make bench-gate.
bench_gate_OBJS := tests/bench/gate.o ntp-net/serve/gate.o ntp-net/serve/draw.o core/serve/access.o \
	core/serve/limit.o
$(BUILD)/tests/bench/gate: $(bench_gate_OBJS:%=$(OBJ)/%)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle
ALL_OBJS += $(OBJ)/tests/bench/gate.o
.PHONY: bench-gate
bench-gate: $(BUILD)/tests/bench/gate
	$(BUILD)/tests/bench/gate
