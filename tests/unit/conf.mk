# The configuration and the command line of ntpd.
UNIT_TESTS += conf options taken
CONF_PARSER := common/keyring.o ntpd/keyfile.o ntpd/conf.o ntpd/fill.o ntpd/parse.o ntpd/token.o ntpd/lex.o ntpd/value.o \
	ntpd/statement.o ntpd/statement_serve.o ntpd/prefix.o
test_conf_OBJS := $(CONF_PARSER)
test_options_OBJS := ntpd/options.o $(CONF_PARSER)
test_taken_OBJS := ntpd/taken.o ntpd/sockets.o common/random.o common/msg.o
