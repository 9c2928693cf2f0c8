# Who is answered by a server, and how often.
UNIT_TESTS += access
test_access_OBJS := core/access.o
