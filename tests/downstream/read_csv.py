# SPDX-License-Identifier: MIT
"""Print the last counts of all series that collectd's csv plugin wrote.

usage: read_csv.py DIR [SINCE]     of one host; of reads since that time
"""
import pathlib
import re
import sys

from series import Series


def lines_of(file):
    """[(time, value...)] of the lines that are whole, by time: the daemon's
    threads may write two reads in any order, and the head of a new file twice.
    """
    lines = re.findall(r"^[0-9.]+(?:,[0-9.]+)+(?=\n)", file.read_text(), re.M)
    return sorted(tuple(float(word) for word in line.split(","))
                  for line in lines)


COUNTED = "ps_pagefaults", "operations-", "objects-", "memory-"


def history(directory, kinds=COUNTED):
    """{(plugin, instance, column): [(time, value)]}, of all days."""
    points = {}
    for file in pathlib.Path(directory).glob("*/*"):
        plugin, _, instance = file.parent.name.partition("-")
        kind = file.name[:-len("-2026-11-22")]
        columns = kind.split("-", 1)[1:] or ["minflt", "majflt"]
        if not kind.startswith(kinds):
            continue
        for when, *values in lines_of(file):
            for column, value in zip(columns, values):
                points.setdefault((plugin, instance, column), []).append(
                    (when, value))
    return {key: sorted(values) for key, values in points.items()}


if __name__ == "__main__":
    since = float(sys.argv[2]) if sys.argv[2:] else 0
    series = Series()
    for key, values in history(sys.argv[1]).items():
        if values[-1][0] >= since:
            series.put(*key, values[-1][1])
    series.write()
