# The supervisor: who is started again, and when; the lock.
UNIT_TESTS += death lock logsock relay users watch
test_users_OBJS := ntpd/users.o ntpd/idmap.o common/msg.o
test_users_LIBS := -lcap-ng
test_watch_OBJS := ntpd/watch.o common/msg.o
test_death_OBJS := ntpd/death.o ntpd/accuse.o common/msg.o
test_lock_OBJS := ntpd/lock.o common/clock.o
test_logsock_OBJS := ntpd/logsock.o
test_relay_OBJS := ntpd/relay.o ntpd/accuse.o ntpd/watch.o ntpd/epoch.o ntpd/state.o \
	common/fastcount.o common/clock.o common/msg.o core/ledger.o core/steer.o
