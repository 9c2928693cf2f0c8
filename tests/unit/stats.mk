# ntp-serve's counters: written, read, sent, added up.
UNIT_TESTS += counts observe server
STATS := ntp-net/observe/stats.o common/clock.o common/counts.o
test_counts_OBJS := $(STATS) core/serve/limit.o
test_observe_OBJS := ntp-net/observe/client.o ntp-net/observe/absent.o common/status.o common/msg.o common/fastcount.o $(STATS)
test_server_OBJS := common/addr.o ntp-net/ctl/server.o ntp-net/ctl/text.o common/escape.o ntp-net/ctl/standing.o ntp-net/ctl/show.o ntp-net/ctl/lists.o ntp-net/ctl/table.o \
	ntp-net/ctl/json.o \
	common/msg.o
test_server_LIBS := -ljansson -lbsd

UNIT_TESTS += ctl_agree ctl_client ctl_clock ctl_status
test_ctl_agree_OBJS := common/addr.o ntp-net/ctl/agree.o ntp-net/ctl/text.o common/escape.o
test_ctl_client_OBJS := common/addr.o ntp-net/ctl/client.o common/status.o ntp-net/ctl/server.o ntp-net/ctl/text.o common/escape.o common/msg.o common/clock.o
test_ctl_client_LIBS := -lbsd
test_ctl_status_OBJS := $(test_server_OBJS)
test_ctl_status_LIBS := $(test_server_LIBS)
test_ctl_clock_OBJS := $(test_server_OBJS)
test_ctl_clock_LIBS := $(test_server_LIBS)

FUZZ_TARGETS += stats
fuzz_stats_OBJS = common/addr.o $(STATS) ntp-net/ctl/server.o ntp-net/ctl/text.o common/escape.o

# ntp-serve's clients in interleaved mode.
suite-programs: $(BUILD)/tests/load
