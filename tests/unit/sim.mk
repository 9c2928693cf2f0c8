# The simulator's own parts.
UNIT_TESTS += sim reference
test_reference_OBJS := tests/sim/reference.o tests/sim/rng.o tests/sim/arith.o
test_sim_OBJS := tests/sim/rng.o tests/sim/arith.o tests/sim/machine.o \
	tests/sim/network.o tests/sim/scenario.o core/packet/packet.o core/packet/timestamp.o
