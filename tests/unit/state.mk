UNIT_TESTS += state
test_state_OBJS := ntpd/kept/state.o ntpd/kept/known_time.o ntpd/file.o ntpd/conf/read_whole.o ntpd/daemon_log.o ntpd/logsock.o ntpd/children/death.o common/log.o common/escape.o \
	core/steer/ledger.o core/steer/steer.o \
	common/msg.o common/clock.o
