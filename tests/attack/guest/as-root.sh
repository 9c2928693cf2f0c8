#!/bin/sh
# ntpd was started by root: each program has a uid of its own.
way=root
# shellcheck source=tests/attack/guest/attack.sh
. /test/attack.sh
# shellcheck source=tests/attack/guest/net.sh
. /test/net.sh
# shellcheck source=tests/attack/guest/siblings.sh
. /test/siblings.sh
attacks_by_net
attacks_by_siblings
