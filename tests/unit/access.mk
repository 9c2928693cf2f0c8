# Whom a server answers, and how often.
UNIT_TESTS += access limit admission prefix
test_access_OBJS := core/serve/access.o
test_limit_OBJS := core/serve/limit.o
test_admission_OBJS := ntp-net/serve/admission.o ntp-net/serve/draw.o core/serve/access.o core/serve/limit.o
test_admission_LIBS := -lnettle
test_prefix_OBJS = $(CONF_PARSER) ntpd/sockets/memory.o ntpd/file.o

FUZZ_TARGETS += access
fuzz_access_OBJS := core/serve/access.o
