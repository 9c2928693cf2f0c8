# The supervisor: which programs it restarts, and when; the lock.
UNIT_TESTS += death kept lock logsock users watch
test_users_OBJS := ntpd/users.o ntpd/idmap.o ntpd/file.o ntpd/conf/read_whole.o common/msg.o
test_users_LIBS := -lcap-ng
test_watch_OBJS := ntpd/children/watch.o common/msg.o
test_death_OBJS := ntpd/children/death.o ntpd/children/accuse.o common/msg.o
test_lock_OBJS := ntpd/kept/lock.o ntpd/file.o ntpd/conf/read_whole.o common/clock.o
test_logsock_OBJS := ntpd/logsock.o common/clock.o
test_kept_OBJS := ntpd/children/inbox.o ntpd/children/clock.o ntpd/children/heard.o ntpd/children/tell.o ntpd/children/accuse.o ntpd/children/watch.o \
	ntpd/kept/kept.o ntpd/kept/known_time.o ntpd/kept/state.o ntpd/file.o ntpd/conf/read_whole.o common/clock.o common/msg.o core/steer/ledger.o core/steer/steer.o
