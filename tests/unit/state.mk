UNIT_TESTS += state
test_state_OBJS := ntpd/state.o ntpd/epoch.o ntpd/journal.o ntpd/logsock.o ntpd/death.o common/log.o \
	core/ledger.o core/steer.o \
	common/msg.o common/clock.o
