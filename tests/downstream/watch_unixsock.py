# SPDX-License-Identifier: MIT
"""Add up the rates that collectd's unixsock plugin tells, which are all it has,
and keep the sums in a file, as series, beside the last gauges. CSV is where csv keeps the counts.

usage: watch_unixsock.py SOCKET FILE CSV INTERVAL
"""
import contextlib
import os
import re
import socket
import sys
import time

from read_csv import history
from series import GAUGES, Series, whole


def ask(stream, command):
    stream.write(command + "\n")
    stream.flush()
    count, text = stream.readline().split(" ", 1)
    if int(count) < 0:
        raise ValueError(f"{command}: {text}")
    return [stream.readline().rstrip("\n") for _ in range(int(count))]


def values(stream):
    """{identifier: time}"""
    lines = (line.split(" ", 1) for line in ask(stream, "LISTVAL"))
    return {identifier: float(when) for when, identifier in lines
            if re.search("/(ps_pagefaults|operations|objects|memory)",
                         identifier)}


def save(totals, path, directory, interval):
    sent = history(directory)
    series = Series()
    for (identifier, source), total in totals.items():
        _, plugin, kind = identifier.split("/")
        key = *plugin.split("-", 1), kind.partition("-")[2] or source
        counts = sent.get(key, [(0, 0)])
        series.put(*key, total if key[2] in GAUGES
                   else whole(total, counts[-1][1], interval))
    with open(path + ".new", "w") as out, contextlib.redirect_stdout(out):
        series.write()
    os.rename(path + ".new", path)


connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
stream = connection.makefile("rw", encoding="ascii")
seen, totals = {}, {}
interval = float(sys.argv[4])
while True:
    changed = False
    for identifier, when in values(stream).items():
        if when == seen.get(identifier):
            continue
        if when - seen.get(identifier, when) > 1.7 * interval:
            print(f"{identifier}: not asked in time", flush=True)
        for line in ask(stream, f'GETVAL "{identifier}"'):
            source, rate = line.split("=")
            key = identifier, source
            totals.setdefault(key, 0)
            if re.search("/(objects|memory)-", identifier):
                totals[key] = float(rate)
            elif rate != "NaN" and identifier in seen:
                totals[key] += float(rate) * (when - seen[identifier])
        seen[identifier] = when
        changed = True
    if changed or not os.path.exists(sys.argv[2]):
        save(totals, *sys.argv[2:4], float(sys.argv[4]))
    time.sleep(0.05)
