#!/bin/sh
# The examples of ARCHITECTURE: a statement, a counter, a member of the status,
# a message and a program are added to a copy of the sources, in only the
# places that it names, and then they work.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
copy=$dir/copy
mkdir "$copy"
find . -mindepth 1 -maxdepth 1 ! -name build ! -name .git \
    -exec cp -a {} "$copy" \;
cd "$copy" || exit 1

# after FILE PATTERN TEXT: the text comes after the first line of that kind.
after() {
	awk -v pattern="$2" -v text="$3" '{ print }
	    !done && $0 ~ pattern { print text; done = 1 }
	    END { exit !done }' "$1" >"$1.new" && mv "$1.new" "$1"
}
# before FILE PATTERN TEXT: likewise before it.
before() {
	awk -v pattern="$2" -v text="$3" '!done && $0 ~ pattern {
	    print text; done = 1 } { print }
	    END { exit !done }' "$1" >"$1.new" && mv "$1.new" "$1"
}
# added NAME MOST: what was changed since the last time, and in how many places; what
# stands together is one.
git init -q . && git add -A && git -c user.name=t -c user.email=t commit -qm base
added() {
	git add -A
	places=$(git diff --cached -U0 --inter-hunk-context=8 | grep -c '^@@')
	git -c user.name=t -c user.email=t commit -qm "$1"
	[ "$places" -le "$2" ]
	report $? "$1 is added in $places places, $2 at most"
}

after common/limits.def '^NET_SETTING.U32.min_sources' \
    'NET_SETTING(I64(rest_ns), REST, "minimum rest", duration, "a duration", "5s", SEC(1), DAYS(1), SEC(2))' &&
    after ntpd/conf/parse.y '^%token DIRECTORY' '%token REST "rest"' &&
    after ntpd/conf/parse.y 'statement_set.p, .WORD, &@WORD, &CONF->max_distance' \
	'	}
	| MINIMUM REST { WANT_LIMIT(REST); } WORD
	{
		statement_set(p, $WORD, &@WORD, &CONF->rest_ns);' &&
    after ntp-net/poll/report.c 'm->max_distance_ns = ' \
	'	m->resting_ns = n->table.config.rest_ns;'
report $? "a statement that ntp-net obeys"
added "a statement" 4
after common/status.def '^SUMMARY."maximum_distance_ns"' \
    'SUMMARY("rest_ns", time, I64(resting_ns), true, "the rest in nanoseconds")'
report $? "a member of the status, which is filled already"
added "a member of the status" 1
after common/counters.def '^COUNTER.MAC_FAILED' \
    'COUNTER(TOO_SHORT,    "too_short",    "short",       0, "requests that were too short")' &&
    after ntp-net/serve/answer.c 'n.COUNT_MAC_ANSWERED. ' \
	'		n[COUNT_TOO_SHORT] += r->reply_mac.kind == REPLY_MAC_KEY;'
report $? "a counter"
added "a counter" 2
after common/messages.def '^MESSAGE.AWAITED' \
    'MESSAGE(REST, rest, NULL, PLAIN, WAY(NTPD, NET))' &&
    after common/msg.h '^struct msg_net_commit' \
	'	struct msg_header h;
	uint32_t sources;
	uint32_t reserved;
};

struct msg_rest {' &&
    after ntpd/children/net.c 'MSG_NET_COMMIT, &commit' \
	'	tell(all, PROC_NET, MSG_REST, &(struct msg_rest){ .sources = 7 }, -1);' &&
    before ntp-net/poll/main.c '^static const struct handler handlers' \
	'static int
take_rest(struct received *r)
{
	log_info("there is a rest: %u", r->m.rest.sources);
	return 0;
}
' && after ntp-net/poll/main.c 'MSG_PEER. = { .take' \
	'	[MSG_REST] = { .take = take_rest },'
report $? "a message"
added "a message" 4
mkdir ntp-net/rest
cat >ntp-net/rest/main.c <<'PROGRAM'
#include "common/child.h"
#include "common/dispatch.h"
#include "ntp-net/rest/profile.h"

static const struct handler handlers[MSG_COUNT] = { { NULL, NULL } };

int
main(void)
{
	struct channel parent;

	child_begin(PROC_REST, &rest_profile, &parent, NULL);
	for (;;) {
		struct pollfd p = { .fd = parent.fd, .events = POLLIN };

		(void)ppoll(&p, 1, NULL, NULL);
		dispatch_all(&parent, handlers);
	}
}
PROGRAM
sed -e 's/OBSERVE_CLIENTS_MAX + WORKERS_MAX/0/' -e 's/ntp-net.observe/ntp-net\/rest/' \
    -e 's/observe_profile/rest_profile/' -e 's/"ntp-observe"/"ntp-rest"/' \
    ntp-net/observe/profile.c >ntp-net/rest/profile.c
sed -e '/define OBSERVE/d' -e 's/OBSERVE/REST/' -e 's/observe_profile/rest_profile/' \
    ntp-net/observe/profile.h >ntp-net/rest/profile.h
sed -i 's/^#include "common.child.h"/#include <poll.h>\n\n&/' ntp-net/rest/main.c
after common/programs.def '^PROGRAM.OBSERVE' \
    'PROGRAM(REST,    "ntp-rest",    "ntp-net/rest",    ALWAYS)' &&
    after Makefile '^ntp-observe_LIBS' 'ntp-rest_OBJS := ntp-net/rest/main.o ntp-net/rest/profile.o $(COMMON)
ntp-rest_LIBS := $(SANDBOX_LIBS)' &&
    after Makefile '^	ntpd/children/observe.o' '	ntpd/children/rest.o \\'
printf '%s\n' '#include "ntpd/children/program.h"' '' \
    'const struct program program_REST = { .give = NULL };' >ntpd/children/rest.c
report $? "a program"
git add -A
places=$(git diff --cached --name-only | sed 's|^ntp-net/rest/.*|ntp-net/rest|' |
    sort -u | wc -l)
[ "$places" -le 5 ]
report $? "a program is added in $places places, 5 at most"

env -u BUILD -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -j2 all >make.log 2>&1
status=$?
report $status "and all that is built"
[ $status = 0 ] || grep -E 'error|\*\*\*' make.log | head | sed 's/^/# /'

BUILD=$copy/build
next_port
conf c <<CONF
server 127.0.0.1 port 9
listen on 127.0.0.1 port $port
minimum rest 7s
CONF
"$BUILD/ntpd" -n -f "$dir/c.conf" >/dev/null 2>&1
report $? "the statement is accepted"
echo "minimum rest 9999d" | conf bad
"$BUILD/ntpd" -n -f "$dir/bad.conf" 2>&1 | grep -q 'from 1s to 1d'
report $? "and its limits are told"
start c
status_says() { # JQ-FILTER
	ctl c -j status 2>/dev/null | jq -e "$1"
}
until_ok 10 status_says '.rest_ns == 7000000000'
report $? "ntp-net has it, and the status shows it"
grep -q 'there is a rest: 7' "$dir/c.log"
report $? "the message came"
status_says 'any(.processes[]; .name == "ntp-rest")' >/dev/null
report $? "the program runs"
ctl c -j server | grep -q '"too_short"'
report $? "the counter is shown"
done_testing
