# SPDX-License-Identifier: MIT
"""Run every query of a dashboard against the real server: each must answer with
data, and some figures must be those that csv has.

usage: check_dashboards.py DASHBOARD SERVER START MIDDLE CSV FILE CACHE

SERVER is prometheus, split, join, or the directory of graphite_settings.py.
START is a second before the first read; at MIDDLE nothing grew. FILE is the
label of a file that had major faults, CACHE one that grew.
"""
import sys

from grafana import (Dashboard, Graphite, InfluxDB, Prometheus, Range, connect,
                     now)
from read_csv import COUNTED, history
from series import CLASSES

HOST = "web01.example.com"
STALLS = "Files by time stalled in the range"
MAJORS = "Files by major faults in the range"
MINORS = "Files by minor faults in the range"
GROWN = "Caches by growth in the range"
KEPT = {"Memory held by cache": "held", "Objects in use by cache": "active"}


class Check:
    def __init__(self, path, server, start, middle, csv, file, cache):
        self.source = connect(server)
        self.when = Range(int(start), now(), step=1)
        self.board = Dashboard(path, self.source, self.when, {"step": "1s"})
        self.middle = int(middle)
        self.sent = history(csv, (*COUNTED, "total_time_in_ms-"))
        self.file, self.cache = file, cache
        self.queries = self.asked = 0

    def expect(self, what, good, *more):
        if not good:
            sys.exit(f"{self.board.chosen}: {what}: {more}")

    def offers(self):
        """What the variables let one choose."""
        host = self.name(HOST)
        for name, wanted, strange in (("host", [host], []),
                                      ("file", [self.name(self.file), "other"],
                                       CLASSES[:1]),
                                      ("cache", [self.cache], ["other"])):
            found = self.board.offers(name)
            self.queries += 1
            self.expect(f"variable {name}", set(wanted) <= set(found), found)
            self.expect(f"classes are no {name}",
                        name != "file" or not {"anon", "heap", "unattributed"}
                        & set(found), found)
            self.board.choose(name, None)
        return host

    def name(self, text):
        return text.replace(".", "_") if isinstance(self.source, Graphite) \
            else text

    def all_answer(self):
        """Every panel's queries have data; but memory that is no file need not have
        been swapped."""
        for title in self.board.panels:
            for i, found in enumerate(self.board.ask(title)):
                self.asked += 1
                self.expect(title, any(found.values()) or
                            (title, i) == ("Major faults by class", 0), found)

    def total(self, *key):
        """What a dashboard can know of a counter that began with zero."""
        points = self.sent[key]
        if not isinstance(self.source, Graphite):
            return points[-1][1]
        # whisper keeps one rate per second, the last: see write_graphite.
        rates = {int(b[0] + 0.5): (b[1] - a[1]) / (b[0] - a[0])
                 for a, b in zip(points, points[1:])}
        return sum(rates.values())

    def levels(self, column, since=0):
        """What csv has of a gauge of the cache."""
        return [value for when, value in self.sent["slab", self.cache, column]
                if when >= since]

    def tolerance(self, *key):
        """Of 1. Prometheus' increase() goes on from the first and the last
        scrape to the ends of the range, by up to 1.1 times what is between two
        scrapes; it may have seen a read less. csv and Graphite tell times to
        the millisecond, of a second."""
        return {Prometheus: 2.2 / (len(self.sent[key]) - 2), InfluxDB: 0,
                Graphite: 0.002}[type(self.source)]

    def same(self, title, name, key):
        found = self.board.ask(title)[0].get(self.name(name))
        wanted = self.total(*key) * (0.001 if title == STALLS else 1)
        self.expect(f"{title}: no {name}", found, self.board.ask(title))
        self.expect(f"{title}: {name}", wanted > 0 and
                    abs(sum(found) - wanted) <=
                    wanted * (self.tolerance(*key) + 1e-9),
                    sum(found), wanted)
        return sum(found)

    def figures(self):
        for title, column in ((STALLS, "stalled"), (MAJORS, "majflt"),
                              (MINORS, "minflt")):
            figure = self.same(title, self.file,
                               ("pagefault", self.file, column))
            shown = self.board.shown(title, self.name(self.file))
            path = "/" + self.name(self.file).replace("~", "/")
            self.expect(f"{title}: {shown}", len(shown) < 43 and
                        path.endswith(shown.lstrip("\u2026")))
            print(f"  {title}: {figure:.6g} {self.file[-20:]}")

    def kept(self):
        for title, column in KEPT.items():
            found = self.board.ask(title)[0].get(self.cache)
            wanted = self.levels(column)[-1]
            self.expect(f"{title}: no {self.cache}", found)
            self.expect(title, found[-1] == wanted, found, wanted)
            print(f"  {title}: {found[-1]:.6g} {self.cache}")

    def grown(self, since=0):
        """As the panel reduces it: the last value less the first."""
        name = f"{self.name(HOST)} {self.cache}"
        found = self.board.ask(GROWN)[0].get(name)
        levels = self.levels("held", since)
        self.expect(f"{GROWN}: no {name}", found, self.board.ask(GROWN))
        self.expect(GROWN, self.board.reducer(GROWN) == "diff" and
                    0 < found[-1] - found[0] == levels[-1] - levels[0],
                    found, levels)
        print(f"  {GROWN}: {found[-1] - found[0]:.6g} {name}")

    def grown_since(self):
        """In a range that begins later."""
        self.board.when = Range(self.middle, self.when.end, step=1)
        self.grown(self.middle)
        self.board.when = self.when

    def run(self):
        host = self.offers()
        self.all_answer()
        self.figures()
        self.kept()
        self.grown()
        self.grown_since()
        # Several values, one that is not there among them, and then one.
        file, cache = self.name(self.file), self.cache
        for more in ["no+such"], []:
            self.board.choose("host", [host] + more)
            self.board.choose("file", [file] + more)
            self.board.choose("cache", [cache] + more)
            self.all_answer()
            self.expect("a file is chosen", [file] ==
                        list(self.board.ask(MAJORS)[0]), self.board.ask(MAJORS))
            self.expect("a cache is chosen", [f"{host} {cache}"] ==
                        list(self.board.ask(GROWN)[0]), self.board.ask(GROWN))
        print(f"  {self.asked} queries of {len(self.board.panels)} panels and "
              f"{self.queries} of variables have data")


Check(*sys.argv[1:]).run()
