# The files of a recording, as the simulator reads them.
FUZZ_TARGETS += record
fuzz_record_OBJS = tests/sim/reader.o tests/sim/decode.o tests/sim/story.o $(CODEC) \
	common/addr.o common/msg.o $(CORE_CLIENT)
fuzz_record_LIBS := -lnettle
