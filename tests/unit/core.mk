# The pure core of the client.
UNIT_TESTS += grain oscillator real timestamp packet poll bank floor estimator select joint \
	source habit leap
test_oscillator_OBJS := core/oscillator.o
test_grain_OBJS := core/grain.o core/timestamp.o tests/sim/rng.o tests/sim/arith.o
test_timestamp_OBJS := core/timestamp.o
test_packet_OBJS := core/packet.o
test_poll_OBJS := core/poll.o
test_real_OBJS := core/real.o
test_bank_OBJS := core/bank.o core/real.o
test_floor_OBJS := core/floor.o core/real.o
test_estimator_OBJS := core/estimator.o core/bank.o core/floor.o core/real.o
test_select_OBJS := core/select.o core/real.o
test_joint_OBJS := core/joint.o core/estimator.o core/bank.o core/floor.o core/real.o
test_habit_OBJS := core/habit.o
test_leap_OBJS := core/leap.o core/timestamp.o
test_source_OBJS := core/interleave.o core/verdict.o core/source.o core/query.o core/distance.o core/grain.o core/packet.o core/poll.o core/estimator.o \
	core/bank.o core/floor.o core/real.o core/timestamp.o

UNIT_TESTS += interleave
test_interleave_OBJS := $(test_source_OBJS)

FUZZ_TARGETS += source
fuzz_source_OBJS := $(test_source_OBJS)
