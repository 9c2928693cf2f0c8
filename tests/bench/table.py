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


def ratio(name, other, column):
    """Of costs, as text; rounds are paired, since they met the same machine."""
    if other not in rows:
        return "-"
    pairs = [a[column] / b[column] for a, b in zip(rows[name], rows[other])]
    return f"{statistics.median(pairs):.2f}"


print(
    "server       CPU/request  of bare  of chrony"
    "       busy  of chrony  requests/s  lost %"
)
for name, (cost, rate, lost, busy) in median.items():
    print(
        f"{name:12} {cost / 1000:8.2f} us {ratio(name, 'bare', 0):>8}"
        f" {ratio(name, 'chrony', 0):>10}"
        f" {busy / 1000:7.2f} us {ratio(name, 'chrony', 3):>10}"
        f" {rate:11.0f} {lost:7.2f}"
    )
if "apart" in rows and "interleaved" in rows:
    print(f"interleaved, of apart: {ratio('interleaved', 'apart', 0)}")
if "two" in rows and "ours" in rows:
    print(f"two workers, of one: {ratio('two', 'ours', 0)}")
