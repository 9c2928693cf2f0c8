# Whom a server answers, and how often.
UNIT_TESTS += access limit gate prefix
test_access_OBJS := core/serve/access.o
test_limit_OBJS := core/serve/limit.o
test_gate_OBJS := ntp-net/serve/gate.o ntp-net/serve/draw.o core/serve/access.o core/serve/limit.o
test_gate_LIBS := -lnettle
test_prefix_OBJS = $(CONF_PARSER) ntpd/sockets/memory.o ntpd/file.o

FUZZ_TARGETS += access
fuzz_access_OBJS := core/serve/access.o
