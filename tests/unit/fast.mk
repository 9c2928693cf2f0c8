# The fast path: the program in the kernel, and what ntp-serve tells it.
UNIT_TESTS += fast fast_slot interface
test_fast_OBJS := ntpd/fast.o ntpd/bpflib.o ntpd/interface.o ntpd/program.o ntp-net/serve/fast.o core/serve.o core/smear.o core/auth.o \
	core/packet.o core/timestamp.o common/clock.o common/fastcount.o \
	ntpd/journal.o ntpd/logsock.o ntpd/death.o common/log.o common/msg.o
test_fast_LIBS := -lbpf
test_fast_slot_OBJS := ntp-net/serve/fast.o core/serve.o core/smear.o core/auth.o core/packet.o \
	core/timestamp.o common/clock.o
test_interface_OBJS := ntpd/interface.o
