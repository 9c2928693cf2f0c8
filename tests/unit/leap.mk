# Leap seconds: the file that lists them, and the smear.
UNIT_TESTS += leapfile smear
test_leapfile_OBJS := core/leap/leapfile.o core/packet/timestamp.o
test_leapfile_LIBS := -lmd
test_smear_OBJS := core/leap/smear.o

FUZZ_TARGETS += leapfile
fuzz_leapfile_OBJS := $(test_leapfile_OBJS)

# ntp-net's part and ntpd's.
UNIT_TESTS += leaps leaplist
test_leaps_OBJS = $(POLL_TESTED)
test_leaps_LIBS := -lnettle
test_leaplist_OBJS := ntpd/conf/leaplist.o ntpd/conf/fill.o core/leap/leapfile.o core/packet/timestamp.o
test_leaplist_LIBS := -lmd
