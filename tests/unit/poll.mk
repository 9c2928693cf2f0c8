# All of ntp-net, except its loop and its sandbox.
UNIT_TESTS += heritage addr exchange table names flood decide report
POLL_TESTED := ntp-net/poll/table.o ntp-net/poll/exchange.o \
	ntp-net/poll/names.o ntp-net/poll/decide.o ntp-net/poll/known.o ntp-net/poll/status.o ntp-net/poll/publish.o \
	ntp-net/poll/leaps.o ntp-net/poll/heritage.o ntp-net/poll/silent.o \
	ntp-net/poll/say.o ntp-net/poll/report.o common/status.o ntp-net/poll/why.o common/addr.o ntp-net/poll/refid.o \
	$(RECORD) ntp-net/poll/record/tape.o ntp-net/poll/signing.o common/keyring.o \
	common/mac.o $(CORE_CLIENT) \
	common/page.o common/clock.o common/random.o common/msg.o common/log.o common/escape.o
test_heritage_OBJS := ntp-net/poll/heritage.o common/page.o
test_addr_OBJS := common/addr.o ntp-net/poll/refid.o
test_addr_LIBS := -lnettle
test_exchange_OBJS := $(POLL_TESTED)
test_exchange_LIBS := -lnettle
test_table_OBJS := $(POLL_TESTED)
test_table_LIBS := -lnettle
test_names_OBJS := $(POLL_TESTED)
test_names_LIBS := -lnettle
test_flood_OBJS := $(POLL_TESTED)
test_flood_LIBS := -lnettle
test_decide_OBJS := $(POLL_TESTED)
test_decide_LIBS := -lnettle
test_report_OBJS := $(POLL_TESTED)
test_report_LIBS := -lnettle
