# SPDX-License-Identifier: MIT
"""Labels as collectd-bpfmem(5) says they are made, and series as the tests compare them.

usage: series.py PATH...    prints "pagefault-LABEL" of each
"""
import os
import re
import sys

CLASSES = (b"anon heap hugetlb other root shmem special stack "
           b"unattributed").split()
MAX = 127
# Columns of series that are levels, not counts: the last value is all of it.
GAUGES = "active", "held"


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


def label(path):
    """Not a copy of plugin/core/label.c: written from the manual page."""
    body = path[1:] if path.startswith(b"/") else path
    exact = re.fullmatch(rb"[A-Za-z0-9._+/-]{1,%d}" % MAX, body)
    if not exact or body in CLASSES or body.endswith(b"."):
        value = fnv1a(path)
        mark = b"@%08x" % (value >> 32 ^ value & 0xFFFFFFFF)
        while len(body) > MAX - len(mark) and b"/" in body:
            body = body.split(b"/", 1)[1]
        body = body[-(MAX - len(mark)):].replace(b"~", b"_")
        body = re.sub(rb"[^A-Za-z0-9._+/-]", b"_", body) + mark
    return body.replace(b"/", b"~").decode("ascii")


def whole(total, count, shortest):
    """What rates add up to, or the count that was sent, if that is the same
    but for the millisecond to which collectd tells times. `shortest` is the
    least time between two reads."""
    return count if abs(total - count) <= count * 0.001 / shortest else total


class Series:
    """Two counts per series, and two gauges of those that have them; those of
    classes and of the plugin itself are left out, and the time stalled, which only
    files have that were waited for."""

    columns = {"minflt": 0, "majflt": 1, "alloc": 0, "free": 1,
               "active": 0, "held": 1}

    def __init__(self):
        self.counts = {}

    def put(self, plugin, instance, column, value):
        if plugin not in ("pagefault", "slab") or \
                instance.encode() in CLASSES or column not in self.columns:
            return
        name = f"{plugin}-{instance}" + "/gauges" * (column in GAUGES)
        row = self.counts.setdefault(name, ["-", "-"])
        row[self.columns[column]] = value if value == "-" else round(value)

    def write(self):
        lines = (f"{name} {a} {b}\n" for name, (a, b) in self.counts.items())
        sys.stdout.writelines(sorted(lines))


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print("pagefault-" + label(os.fsencode(path)))
