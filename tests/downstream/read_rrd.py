# SPDX-License-Identifier: MIT
"""Print the counts that the rates in RRD files add up to.

usage: read_rrd.py DIR START    DIR of one host; needs rrdtool, which asks the
                                rrdcached that RRDCACHED_ADDRESS names
"""
import math
import pathlib
import subprocess
import sys

from series import Series


def sums(file, start):
    """[(data source, sum of rate times step)]; unknown rates are nothing."""
    text = subprocess.run(
        ["rrdtool", "fetch", str(file), "AVERAGE", "--resolution", "1",
         "--start", start], check=True, capture_output=True, text=True).stdout
    head, _, *rows = text.splitlines()
    totals = [0.0] * len(head.split())
    times = [int(row.split(":")[0]) for row in rows]
    step = times[1] - times[0]
    for row in rows:
        for i, word in enumerate(row.split(":")[1].split()):
            if not math.isnan(float(word)):
                totals[i] += float(word) * step
    return zip(head.split(), totals)


series = Series()
for file in pathlib.Path(sys.argv[1]).glob("*/*.rrd"):
    plugin, _, instance = file.parent.name.partition("-")
    kind, _, column = file.stem.partition("-")
    if kind in ("ps_pagefaults", "operations"):
        for source, total in sums(file, sys.argv[2]):
            series.put(plugin, instance, column or source, total)
series.write()
