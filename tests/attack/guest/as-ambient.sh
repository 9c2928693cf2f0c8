#!/bin/sh
# ntpd was started by an ordinary user who holds CAP_SYS_TIME: one uid.
way=ambient
# shellcheck source=tests/attack/guest/attack.sh
. /test/attack.sh
# shellcheck source=tests/attack/guest/net.sh
. /test/net.sh
# shellcheck source=tests/attack/guest/siblings.sh
. /test/siblings.sh
attacks_by_net
attacks_by_siblings
