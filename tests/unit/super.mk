# The supervisor: who is started again, and when; the lock.
UNIT_TESTS += death lock watch
test_watch_OBJS := ntpd/watch.o common/msg.o
test_death_OBJS := ntpd/death.o ntpd/accuse.o common/msg.o
test_lock_OBJS := ntpd/lock.o common/clock.o
