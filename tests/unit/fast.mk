# The fast path: the program in the kernel, and the time that it gets.
UNIT_TESTS += fast fast_slot interface
test_fast_OBJS := common/addr.o ntpd/fast/fast.o ntpd/fast/bpflib.o ntpd/sockets/interface.o ntpd/conf/listen.o ntpd/fast/xdp_object.o ntp-net/serve/fast.o core/serve/serve.o core/leap/smear.o core/packet/auth.o \
	core/packet/packet.o core/packet/timestamp.o common/clock.o common/fastcount.o \
	ntpd/daemon_log.o ntpd/logsock.o ntpd/children/death.o common/log.o common/escape.o common/msg.o
test_fast_LIBS := -lbpf
test_fast_slot_OBJS := ntp-net/serve/fast.o core/serve/serve.o core/leap/smear.o core/packet/auth.o core/packet/packet.o \
	core/packet/timestamp.o common/clock.o
test_interface_OBJS := ntpd/sockets/interface.o common/addr.o ntpd/conf/listen.o
