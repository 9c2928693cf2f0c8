# Who may ask for a change, and descriptors that nobody asked for.
UNIT_TESTS += rights kin
test_rights_OBJS := ntpd/sockets/letgo.o ntp-net/observe/client.o ntp-net/observe/absent.o common/status.o common/msg.o \
	common/fastcount.o ntp-net/observe/stats.o \
	common/clock.o common/counts.o
test_kin_OBJS := ntpd/kin.o ntpd/file.o ntpd/conf/read_whole.o
test_kin_LIBS := -lseccomp
