# Leap seconds: the file that lists them, and the smear.
UNIT_TESTS += leapfile smear
test_leapfile_OBJS := core/leapfile.o core/timestamp.o
test_leapfile_LIBS := -lmd
test_smear_OBJS := core/smear.o

FUZZ_TARGETS += leapfile
fuzz_leapfile_OBJS := $(test_leapfile_OBJS)
