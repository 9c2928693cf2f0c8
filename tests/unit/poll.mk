# All of ntp-net, except its loop and its sandbox.
UNIT_TESTS += handover addr exchange table lookup flood decide report
POLL_TESTED := ntp-net/poll/table.o ntp-net/poll/exchange.o \
	ntp-net/poll/lookup.o ntp-net/poll/decide.o ntp-net/poll/known.o ntp-net/poll/status.o ntp-net/poll/publish.o \
	ntp-net/poll/leaps.o ntp-net/poll/handover.o ntp-net/poll/silent.o \
	ntp-net/poll/status_log.o ntp-net/poll/report.o common/status.o ntp-net/poll/why.o common/addr.o ntp-net/poll/refid.o \
	$(RECORD) ntp-net/poll/record/writer.o ntp-net/poll/query_mac.o common/keyring.o \
	common/mac.o $(CORE_CLIENT) \
	common/page.o common/clock.o common/random.o common/msg.o common/log.o common/escape.o
test_handover_OBJS := ntp-net/poll/handover.o common/page.o
test_addr_OBJS := common/addr.o ntp-net/poll/refid.o
test_addr_LIBS := -lnettle
test_exchange_OBJS := $(POLL_TESTED)
test_exchange_LIBS := -lnettle
test_table_OBJS := $(POLL_TESTED)
test_table_LIBS := -lnettle
test_lookup_OBJS := $(POLL_TESTED)
test_lookup_LIBS := -lnettle
test_flood_OBJS := $(POLL_TESTED)
test_flood_LIBS := -lnettle
test_decide_OBJS := $(POLL_TESTED)
test_decide_LIBS := -lnettle
test_report_OBJS := $(POLL_TESTED)
test_report_LIBS := -lnettle
