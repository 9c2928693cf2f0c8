UNIT_TESTS += state
test_state_OBJS := ntpd/kept/state.o ntpd/kept/epoch.o ntpd/file.o ntpd/conf/fill.o ntpd/journal.o ntpd/logsock.o ntpd/children/death.o common/log.o common/escape.o \
	core/steer/ledger.o core/steer/steer.o \
	common/msg.o common/clock.o
