# The pure core of the client.
UNIT_TESTS += grain oscillator real timestamp packet poll bank floor estimator select joint \
	source habit leap anomaly vote
test_oscillator_OBJS := core/filter/oscillator.o
test_grain_OBJS := core/filter/grain.o core/packet/timestamp.o tests/sim/rng.o tests/sim/arith.o
test_timestamp_OBJS := core/packet/timestamp.o
test_packet_OBJS := core/packet/packet.o
test_poll_OBJS := core/source/poll.o
test_real_OBJS := core/real.o
test_bank_OBJS := core/filter/bank.o core/filter/noise.o core/real.o
test_floor_OBJS := core/filter/floor.o core/real.o
test_estimator_OBJS := core/filter/estimator.o core/filter/bank.o core/filter/noise.o core/filter/floor.o core/real.o
test_source_OBJS := core/source/interleave.o core/source/source.o core/source/query.o core/source/distance.o core/filter/grain.o core/packet/packet.o core/source/poll.o core/filter/estimator.o \
	core/filter/bank.o core/filter/noise.o core/filter/floor.o core/real.o core/packet/timestamp.o
SELECT := core/select/select.o core/select/habit_vote.o core/select/interval.o
test_select_OBJS := $(SELECT) core/select/quorum.o $(test_source_OBJS)
VOTE := core/select/vote.o core/select/anomaly.o core/select/agreement.o core/select/quorum.o $(SELECT) \
	core/select/habit.o core/filter/joint.o $(test_source_OBJS)
test_anomaly_OBJS := $(VOTE)
test_vote_OBJS := $(VOTE) core/select/speed.o core/filter/oscillator.o
test_joint_OBJS := core/filter/joint.o core/filter/estimator.o core/filter/bank.o core/filter/noise.o core/filter/floor.o core/real.o
test_habit_OBJS := core/select/habit.o
test_leap_OBJS := core/leap/leap.o core/packet/timestamp.o

UNIT_TESTS += interleave
test_interleave_OBJS := $(test_source_OBJS)

FUZZ_TARGETS += source
fuzz_source_OBJS := $(test_source_OBJS)
