# A recording: its encoding, and its files.
UNIT_TESTS += codec writer
test_codec_OBJS := $(CODEC) tests/sim/decode.o
test_writer_OBJS := ntp-net/poll/record/writer.o $(CODEC) tests/sim/reader.o tests/sim/decode.o \
	common/msg.o common/log.o common/escape.o
