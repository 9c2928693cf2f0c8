# The cost of the access list and the rate limit: make bench-admission.
bench_admission_OBJS := tests/bench/admission.o ntp-net/serve/admission.o ntp-net/serve/draw.o core/serve/access.o \
	core/serve/limit.o
$(BUILD)/tests/bench/admission: $(bench_admission_OBJS:%=$(OBJ)/%)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(OPT) $(LINK) $(LDFLAGS) -o $@ $^ -lnettle
.PHONY: bench-admission
bench-admission: $(BUILD)/tests/bench/admission
	$(BUILD)/tests/bench/admission
