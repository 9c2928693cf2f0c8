# Leap seconds: the file that lists them, and the smear.
UNIT_TESTS += leapfile smear believe smeared
test_leapfile_OBJS := core/leap/leapfile.o core/packet/timestamp.o
test_leapfile_LIBS := -lmd
test_smear_OBJS := core/leap/smear.o
test_believe_OBJS := core/leap/believe.o core/leap/smear.o core/packet/timestamp.o
test_smeared_OBJS = core/leap/smeared.o $(test_believe_OBJS) core/select/agreement.o core/filter/joint.o \
	$(filter-out core/packet/timestamp.o,$(test_source_OBJS))

FUZZ_TARGETS += leapfile
fuzz_leapfile_OBJS := $(test_leapfile_OBJS)

# ntp-net's part and ntpd's.
UNIT_TESTS += leaps read_leapfile
test_leaps_OBJS := ntp-net/poll/leaps.o common/clock.o common/log.o common/escape.o common/msg.o $(test_believe_OBJS)
test_read_leapfile_OBJS := ntpd/conf/leapfile.o ntpd/conf/read_whole.o core/leap/leapfile.o core/packet/timestamp.o
test_read_leapfile_LIBS := -lmd
