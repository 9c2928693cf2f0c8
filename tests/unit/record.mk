# A recording: its encoding, and its files.
UNIT_TESTS += codec tape
test_codec_OBJS := $(CODEC)
test_tape_OBJS := ntp-net/poll/record/tape.o $(CODEC) tests/sim/reader.o \
	common/msg.o common/log.o common/escape.o common/clock.o
