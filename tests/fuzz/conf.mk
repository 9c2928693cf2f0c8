# The configuration of ntpd.
FUZZ_TARGETS += conf
fuzz_conf_OBJS = $(CONF_PARSER)
