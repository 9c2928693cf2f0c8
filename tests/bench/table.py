#!/usr/bin/env python3
"""The medians of what bench.sh measured, as ratios.  table.py FILE"""
import collections
import statistics
import sys

rows = collections.OrderedDict()
for line in open(sys.argv[1], encoding="ascii"):
    name, *values = line.split()
    if len(values) == 4:
        rows.setdefault(name, []).append([float(v) for v in values])
median = {
    name: [statistics.median(column) for column in zip(*values)]
    for name, values in rows.items()
}


def ratio(name, other):
    """Of costs, as text; rounds are paired, since they met the same machine."""
    if other not in rows:
        return "-"
    pairs = [a[0] / b[0] for a, b in zip(rows[name], rows[other])]
    return f"{statistics.median(pairs):.2f}"


print("server       CPU/request  requests/s  lost %  of bare  of chrony")
for name, (cost, rate, lost, _) in median.items():
    print(
        f"{name:12} {cost / 1000:8.2f} us {rate:11.0f} {lost:7.2f}"
        f"  {ratio(name, 'bare'):>7}  {ratio(name, 'chrony'):>9}"
    )
