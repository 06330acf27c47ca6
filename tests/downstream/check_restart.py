# SPDX-License-Identifier: MIT
"""Compare what RRD or whisper files have of several lives of a collectd, value
by value, with its csv files.

usage: check_restart.py rrd|peaks|counts|rates DIR CSV START...
                        each START when a life began, CSV and RRDs of one host

rrd: what happened between two reads of a life, nothing between two lives.
peaks: as an RRD whose updates are not at whole seconds goes on with the rate
before a gap of less than its heartbeat, but has no rate that never was.
counts, rates: whisper has each read, or each but the first of a life.
Gauges are the same everywhere; RRD has each from the read before on, also of the
life before.
What csv has of the last read of a life may have ended with the daemon on the way
to the others.
"""
import bisect
import itertools
import math
import pathlib
import sys

from read_csv import history
from read_rrd import columns
from read_whisper import csv_key, parts, points
from series import GAUGES, Series, whole

HEARTBEAT = 30
PLUGINS = "pagefault", "slab"


def lives_of(values, begins):
    lives = [[] for _ in begins]
    for when, value in values:
        lives[bisect.bisect(begins, when) - 1].append((when, value))
    return [life for life in lives if life]


def steps_of(lives):
    """(time of a read, events since the one before, in which time)"""
    for life in lives:
        for (a, old), (b, new) in zip(life, life[1:]):
            yield b, new - old, b - a


def unlike(found, wanted, equal):
    return [f"{key}: {found.get(key)} not {wanted.get(key)}"
            for key in sorted(found.keys() | wanted.keys())
            if key not in found or key not in wanted or
            not equal(found[key], wanted[key])]


def increase(old, new, time):
    return (new - old) / time


def rrd(found, lives, second, rate_of=increase, last=None):
    """A value of the same second as the one before is refused."""
    wanted = {}
    for when, value in itertools.chain(*lives):
        now = second(when)
        if last and now <= last[0]:
            continue
        if last and now - last[0] <= HEARTBEAT:
            rate = rate_of(last[1], value, now - last[0])
            if rate >= 0:
                wanted.update(dict.fromkeys(range(last[0] + 1, now + 1), rate))
        last = now, value
    return unlike(found, wanted, lambda a, b: math.isclose(a, b, rel_tol=1e-9))


def peaks(found, lives, _):
    """csv tells times to the millisecond."""
    most = max((events / (time - 0.001) for _, events, time in steps_of(lives)),
               default=0)
    return above(found, most)


def above(found, most):
    return [f"{key}: {rate} of {most}" for key, rate in found.items()
            if not 0 <= rate <= most]


def counts(found, lives, second):
    wanted = {second(when): value for when, value in itertools.chain(*lives)}
    return unlike(found, wanted, float.__eq__)


def rates(found, lives, second):
    wanted = {second(when): step for when, *step in steps_of(lives)}
    return unlike(found, wanted, lambda rate, step:
                  whole(rate * step[1], step[0], step[1]) == step[0])


def gauge_in_rrd(found, lives, second):
    """A new file begins a second before its first value."""
    first = next(itertools.chain(*lives), None)
    return rrd(found, lives, second, lambda old, new, time: new,
               first and (second(first[0]) - 1, 0))


def gauge_peaks(found, lives, _):
    """rrdtool tells 11 digits."""
    return above(found, max(value for _, value in itertools.chain(*lives)) *
                 (1 + 1e-10))


def complaints(check, found, lives):
    """Of the variant that fits best: whether the last reads of lives arrived;
    and what csv has as .500 may have been less."""
    def variants():
        for half, *cuts in itertools.product((0.5, 0.4999),
                                             *[(0, 1)] * len(lives)):
            yield (check(found, [life[:len(life) - cut]
                                 for life, cut in zip(lives, cuts)],
                         lambda when: int(when + half)), any(cuts))
    return min(variants(), key=lambda variant: len(variant[0]))


def rrd_files(directory, start):
    """{key: {second: rate}} of the rates that are known."""
    return {key: {when: rate for when, rate in rates if not math.isnan(rate)}
            for key, _, rates in columns(directory, start)
            if key[0] in PLUGINS}


def whisper_files(directory, _):
    top = pathlib.Path(directory)
    found = {parts(file.relative_to(top.parent)): points(file)
             for plugin in PLUGINS
             for file in top.glob(f"*/{plugin}*/**/*.wsp")}
    return {key: values for key, values in found.items()
            if key[2] in Series.columns}


check = {"rrd": rrd, "peaks": peaks, "counts": counts,
         "rates": rates}[sys.argv[1]]
of_gauges = {"rrd": gauge_in_rrd, "peaks": gauge_peaks, "counts": counts,
             "rates": counts}[sys.argv[1]]
directory, csv, *begins = sys.argv[2:]
begins = [float(begin) for begin in begins]
in_rrd = check in (rrd, peaks)
files = (rrd_files if in_rrd else whisper_files)(directory,
                                                 str(int(begins[0]) - 1))
series = {key if in_rrd else csv_key(key): lives_of(values, begins)
          for key, values in history(csv).items() if key[0] in PLUGINS}
bad = [f"only here or there: {key}" for key in files.keys() ^ series.keys()]
late = 0
for key in files.keys() & series.keys():
    is_gauge = key[2] in GAUGES
    if not is_gauge and any(life[0][1] for life in series[key]):
        bad.append(f"{key}: a life that does not start at zero")
    wrong, lacks = complaints(of_gauges if is_gauge else check, files[key],
                              series[key])
    late += lacks
    if wrong:
        bad.append(f"{key}: {', '.join(wrong)}")
print(f"{directory}: {len(files)} series of {len(begins)} lives; "
      f"{late} without the last read of a life")
sys.exit("\n".join(bad) or None)
