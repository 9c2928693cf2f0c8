# The pure core of the client.
UNIT_TESTS += grain oscillator fmath timestamp packet poll filter_bank min_delay estimator select joint \
	source bias leap anomaly vote
test_oscillator_OBJS := core/filter/oscillator.o
test_grain_OBJS := core/filter/grain.o core/packet/timestamp.o tests/sim/rng.o tests/sim/arith.o
test_timestamp_OBJS := core/packet/timestamp.o
test_packet_OBJS := core/packet/packet.o
test_poll_OBJS := core/source/poll.o
test_fmath_OBJS := core/fmath.o
test_filter_bank_OBJS := core/filter/filter_bank.o core/filter/noise.o core/fmath.o
test_min_delay_OBJS := core/filter/min_delay.o core/fmath.o
test_estimator_OBJS := core/filter/estimator.o core/filter/filter_bank.o core/filter/noise.o core/filter/min_delay.o core/fmath.o
test_source_OBJS := core/source/interleave.o core/source/source.o core/source/query.o core/source/distance.o core/filter/grain.o core/packet/packet.o core/source/poll.o core/filter/estimator.o \
	core/filter/filter_bank.o core/filter/noise.o core/filter/min_delay.o core/fmath.o core/packet/timestamp.o
SELECT := core/select/select.o core/select/bias_vote.o core/select/interval.o
test_select_OBJS := $(SELECT) core/select/quorum.o $(test_source_OBJS)
VOTE := core/select/vote.o core/select/anomaly.o core/select/agreement.o core/select/quorum.o $(SELECT) \
	core/select/bias.o core/filter/joint.o $(test_source_OBJS)
test_anomaly_OBJS := $(VOTE)
test_vote_OBJS := $(VOTE) core/select/speed.o core/filter/oscillator.o
test_joint_OBJS := core/filter/joint.o core/filter/estimator.o core/filter/filter_bank.o core/filter/noise.o core/filter/min_delay.o core/fmath.o
test_bias_OBJS := core/select/bias.o
test_leap_OBJS := core/leap/leap.o core/packet/timestamp.o

UNIT_TESTS += interleave
test_interleave_OBJS := $(test_source_OBJS)

FUZZ_TARGETS += source
fuzz_source_OBJS := $(test_source_OBJS)
