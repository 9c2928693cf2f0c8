# Symmetric keys: digests, the MAC of a packet, the file, and both ends.
UNIT_TESTS += mac auth keyring keyfile reply_mac query_mac
test_mac_OBJS := common/mac.o
test_mac_LIBS := -lnettle
test_auth_OBJS := core/packet/auth.o
test_keyring_OBJS := common/keyring.o
test_keyfile_OBJS := $(CONF_PARSER)
test_reply_mac_OBJS := ntp-net/serve/reply_mac.o common/keyring.o common/mac.o \
	core/packet/auth.o core/serve/serve.o core/leap/smear.o core/packet/packet.o core/packet/timestamp.o
test_reply_mac_LIBS := -lnettle
test_query_mac_OBJS := ntp-net/poll/query_mac.o common/keyring.o common/mac.o \
	core/packet/auth.o
test_query_mac_LIBS := -lnettle

FUZZ_TARGETS += auth keyfile
fuzz_auth_OBJS := $(test_reply_mac_OBJS)
fuzz_auth_LIBS := -lnettle
fuzz_keyfile_OBJS = $(CONF_PARSER)
