# The configuration and the command line of ntpd.
UNIT_TESTS += conf options udp_table
CONF_PARSER := common/addr.o common/keyring.o ntpd/conf/keyfile.o ntpd/conf/conf.o ntpd/conf/read_whole.o ntpd/conf/listen.o ntpd/conf/conf_read.o ntpd/conf/reader.o ntpd/conf/parse.o ntpd/conf/token.o ntpd/conf/lex.o ntpd/conf/value.o \
	ntpd/conf/statement.o ntpd/conf/statement_listen.o ntpd/conf/limit.o ntpd/conf/prefix.o
test_conf_OBJS := $(CONF_PARSER)
test_options_OBJS := ntpd/options.o $(CONF_PARSER)
test_udp_table_OBJS := common/addr.o ntpd/sockets/udp_table.o ntpd/sockets/sockets.o ntpd/conf/listen.o ntpd/file.o ntpd/conf/read_whole.o common/random.o common/msg.o
