# SPDX-License-Identifier: MIT
"""Print the counts that the rates in RRD files add up to, and the last gauges.

usage: read_rrd.py DIR START    DIR of one host; needs rrdtool, which asks the
                                rrdcached that RRDCACHED_ADDRESS names
"""
import math
import pathlib
import subprocess
import sys

from series import GAUGES, Series


def rows(file, start):
    """[(data source, [(time, rate)])], a rate for each step."""
    text = subprocess.run(
        ["rrdtool", "fetch", str(file), "AVERAGE", "--resolution", "1",
         "--start", start], check=True, capture_output=True, text=True).stdout
    head, _, *lines = text.splitlines()
    times = [int(line.split(":")[0]) for line in lines]
    columns = zip(*(line.split(":")[1].split() for line in lines))
    return [(source, list(zip(times, map(float, column))))
            for source, column in zip(head.split(), columns)]


def total(rates):
    """Sum of rate times step; unknown rates are nothing."""
    step = rates[1][0] - rates[0][0]
    return sum(rate * step for _, rate in rates if not math.isnan(rate))


def last(levels):
    return [level for _, level in levels if not math.isnan(level)][-1]


def columns(directory, start):
    """((plugin, instance, column), file, rates) of all series of a host."""
    for file in pathlib.Path(directory).glob("*/*.rrd"):
        plugin, _, instance = file.parent.name.partition("-")
        kind, _, column = file.stem.partition("-")
        if kind in ("ps_pagefaults", "operations", "objects", "memory"):
            for source, rates in rows(file, start):
                yield (plugin, instance, column or source), file, rates


if __name__ == "__main__":
    series = Series()
    for key, _, rates in columns(*sys.argv[1:3]):
        series.put(*key, (last if key[2] in GAUGES else total)(rates))
    series.write()
