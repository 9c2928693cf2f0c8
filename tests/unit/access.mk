# Who is answered by a server, and how often.
UNIT_TESTS += access limit
test_access_OBJS := core/access.o
test_limit_OBJS := core/limit.o
