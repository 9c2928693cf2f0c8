UNIT_TESTS += serve xleave txstamp ctl_text page msg dispatch files loop
test_loop_OBJS := common/loop.o common/clock.o
test_files_OBJS := ntp-net/resolve/files.o ntp-net/resolve/profile.o
test_xleave_OBJS := core/serve/xleave.o
test_txstamp_OBJS := ntp-net/serve/txstamp.o ntp-net/serve/batch.o
test_serve_OBJS := core/packet/auth.o core/serve/serve.o core/leap/smear.o core/packet/packet.o core/packet/timestamp.o
test_ctl_text_OBJS := ntp-net/ctl/text.o common/escape.o common/addr.o
UNIT_TESTS += standing
test_standing_OBJS := common/addr.o ntp-net/ctl/text.o common/escape.o ntp-net/ctl/standing.o common/msg.o
test_page_OBJS := common/page.o
test_msg_OBJS := common/msg.o
test_dispatch_OBJS := common/dispatch.o common/msg.o common/log.o common/escape.o common/clock.o

FUZZ_TARGETS += serve
fuzz_serve_OBJS := $(test_serve_OBJS)
