#!/bin/sh
# The table of the checklist's rows and their tests is true.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
table=tests/peers/ROWS
wrong=$(grep -E '^[A-Z]-[0-9]+ ' $table | while read -r row file word; do
	grep -qw -e "$word" "$file" || echo "# $row: no $word in $file"
done)
[ -z "$wrong" ]
report $? "every row has its test where $table says"
[ -z "$wrong" ] || echo "$wrong"
wrong=$(grep -vnE '^([A-Z]-[0-9]{2} tests/[^ ]+ [^ ]+)?$' $table | tail -n +4)
[ -z "$wrong" ] && [ "$(grep -c '^S-[0-9][0-9] ' $table)" -ge 24 ]
report $? "and reads as it should"
[ -z "$wrong" ] || echo "# $wrong"
wrong=$(for i in $(seq -w 1 24); do
	grep -q "^S-$i " $table || echo "# S-$i"
done)
[ -z "$wrong" ]
report $? "none of the server's rows is missing"
[ -z "$wrong" ] || echo "$wrong"
done_testing
