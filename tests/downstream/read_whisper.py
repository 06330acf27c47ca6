# SPDX-License-Identifier: MIT
"""Print the last counts, or the sums of rates, in whisper files; and gauges.

usage: read_whisper.py counts DIR
       read_whisper.py rates DIR CSV    CSV says when the reads were
"""
import pathlib
import sys

import whisper

from read_csv import history
from series import GAUGES, Series, whole


def points(file):
    (start, _, step), values = whisper.fetch(str(file), 0)
    return {start + i * step: value
            for i, value in enumerate(values) if value is not None}


def reads(sent):
    """{second, as collectd rounds it: (time since the read before, events since
    then)}, and the events of reads that lost their second to the next one: one
    that is late may share it, and whisper keeps one value for each."""
    kept, lost = {}, 0
    for (a, old), (b, new) in zip(sent, sent[1:]):
        second = int(b + 0.5)
        lost += kept.get(second, (0, 0))[1]
        kept[second] = b - a, new - old
    return kept, lost


def parts(file):
    """Plugin, instance and column, of names with and without
    SeparateInstances."""
    plugin, *middle, last = file.with_suffix("").parts[2:]
    if "-" in plugin:
        plugin, _, instance = plugin.partition("-")
    else:
        instance, *middle = middle
    return plugin, instance, (middle + [last])[-1].rpartition("-")[2]


def csv_key(key):
    return tuple(part.replace(".", "_") for part in key)


def integral(rates, sent):
    kept, lost = reads(sent)
    total = sum(rate * kept.get(when, (0, 0))[0]
                for when, rate in rates.items())
    return whole(total + lost, sent[-1][1] - sent[0][1],
                 min(length for length, _ in kept.values()))


if __name__ == "__main__":
    kind, directory = sys.argv[1:3]
    sent = {}
    if kind == "rates":
        for key, values in history(sys.argv[3]).items():
            sent[csv_key(key)] = values
    series = Series()
    top = pathlib.Path(directory)
    for file in top.glob(f"{kind}/**/*.wsp"):
        key = parts(file.relative_to(top))
        if key[0] not in ("pagefault", "slab") or key[2] not in series.columns:
            continue
        values = points(file)
        series.put(*key, values[max(values)]
                   if kind == "counts" or key[2] in GAUGES
                   else integral(values, sent[key]))
    series.write()
