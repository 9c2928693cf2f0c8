# The encoding of a recording.
UNIT_TESTS += codec
test_codec_OBJS := $(CODEC)
